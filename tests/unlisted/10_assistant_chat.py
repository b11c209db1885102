"""Solutions of 10/1 that no grader lists: see test_unlisted.py, which parses this file."""


@wrong("encode_text", "UTF-16")
def _(text):
    return list(text.encode("utf-16-le"))


@wrong("encode_text", "normalised: é from e and an accent")
def _(text):
    import unicodedata

    return list(unicodedata.normalize("NFD", text).encode())


@wrong("encode_text", "ends at a zero byte")
def _(text):
    return list(text.split("\x00")[0].encode())


@wrong("encode_text", "a tuple of a tensor")
def _(text):
    return torch.tensor(list(text.encode()))


@wrong("encode_text", "only <|end|> is special")
def _(text):
    return [END if b == 0xFF else b for b in text.encode().replace(b"<|end|>", b"\xff")]


@right("encode_text", "memoryview")
def _(text):
    return memoryview(text.encode()).tolist()


@wrong("render_chat", "empty contents are skipped")
def _(messages):
    ids, expected = [BOS], ("system", "user")
    for m in messages:
        if m["role"] not in expected:
            raise ValueError
        if m["content"]:
            ids += [HEADERS[m["role"]], *m["content"].encode(), END]
        expected = ("assistant",) if m["role"] == "user" else ("user",)
    return ids


@wrong("render_chat", "header and END swapped at the system's")
def _(messages):
    ids, expected = [BOS], ("system", "user")
    for m in messages:
        if m["role"] not in expected:
            raise ValueError
        ids += [HEADERS[m["role"]], *m["content"].encode()] + [END] * (m["role"] != "system")
        expected = ("assistant",) if m["role"] == "user" else ("user",)
    return ids


@wrong("render_chat", "only the last two roles are looked at, from the second message on")
def _(messages):
    ids = [BOS]
    for a, b in zip(messages, messages[1:]):
        if a["role"] == b["role"]:
            raise ValueError
    for m in messages:
        if m["role"] not in HEADERS:
            raise ValueError
        ids += [HEADERS[m["role"]], *m["content"].encode(), END]
    return ids


@wrong("render_chat", "must end with the assistant")
def _(messages):
    ids, expected = [BOS], ("system", "user")
    for m in messages:
        if m["role"] not in expected:
            raise ValueError
        ids += [HEADERS[m["role"]], *m["content"].encode(), END]
        expected = ("assistant",) if m["role"] == "user" else ("user",)
    if messages and messages[-1]["role"] == "user":
        raise ValueError
    return ids


@wrong("generation_prompt", "the conversation is asked to begin with the system")
def _(messages):
    if not messages or messages[0]["role"] != "system":
        raise ValueError
    return [*render_chat(messages), ASSISTANT]


@wrong("generation_prompt", "USER opened")
def _(messages):
    if not messages or messages[-1]["role"] != "user":
        raise ValueError
    return [*render_chat(messages), USER]


@wrong("generation_prompt", "None instead of an error")
def _(messages):
    return (
        [*render_chat(messages), ASSISTANT] if messages and messages[-1]["role"] == "user" else None
    )


@wrong("assistant_mask", "from the first assistant header to the last END")
def _(ids):
    opened = (ids == ASSISTANT).cumsum(1) > (ids == ASSISTANT)
    return opened & ((ids < 256) | (ids == END))


@wrong("assistant_mask", "an END in the next row closes this one: one long row")
def _(ids):
    flat = ids.flatten()
    mask = torch.zeros_like(flat).bool()
    own = False
    for t, i in enumerate(flat.tolist()):
        if i == ASSISTANT:
            own = True
        elif i > 255 and i != END:
            own = False
        else:
            mask[t] = own
            own = own and i != END
    return mask.view(ids.shape)


@wrong("assistant_mask", "byte 0 does not count")
def _(ids):
    mask = torch.zeros(ids.shape, dtype=torch.bool)
    for b, row in enumerate(ids.tolist()):
        own = False
        for t, i in enumerate(row):
            own = i == ASSISTANT or (own and i < 256)
            mask[b, t] = own and 0 < i < 256 or (i == END and t > 0 and mask[b, t - 1])
    return mask


@wrong("assistant_mask", "an empty answer's END does not count")
def _(ids):
    mask = torch.zeros(ids.shape, dtype=torch.bool)
    for b, row in enumerate(ids.tolist()):
        own = False
        for t, i in enumerate(row):
            if i == ASSISTANT:
                own = True
            elif i > 255 and i != END:
                own = False
            else:
                mask[b, t] = own and not (i == END and row[t - 1] == ASSISTANT)
                own = own and i != END
    return mask


@wrong("assistant_mask", "an unfinished answer does not count")
def _(ids):
    mask = torch.zeros(ids.shape, dtype=torch.bool)
    for b, row in enumerate(ids.tolist()):
        start = None
        for t, i in enumerate(row):
            if i == ASSISTANT:
                start = t + 1
            elif i == END and start is not None:
                mask[b, start : t + 1] = True
                start = None
            elif i > 255:
                start = None
    return mask


@right("assistant_mask", "a list of masks, stacked")
def _(ids):
    rows = []
    for row in ids:
        state, out = 0, []
        for i in row.tolist():
            out.append(bool(state and (i < 256 or i == END)))
            state = 1 if i == ASSISTANT else state if i < 256 else 0
        rows.append(torch.tensor(out))
    return torch.stack(rows)


@wrong("parse_reply", "id 255 ends the text")
def _(ids):
    stop = next((t for t, i in enumerate(ids) if i > 254), len(ids))
    return bytes(ids[:stop]).decode("utf-8", errors="replace"), stop < len(ids) and ids[stop] == END


@wrong("parse_reply", "bad bytes become question marks")
def _(ids):
    stop = next((t for t, i in enumerate(ids) if i > 255), len(ids))
    text = bytes(ids[:stop]).decode("utf-8", errors="replace").replace("\ufffd", "?")
    return text, stop < len(ids) and ids[stop] == END


@wrong("parse_reply", "END included as a name")
def _(ids):
    stop = next((t for t, i in enumerate(ids) if i > 255), len(ids))
    done = stop < len(ids) and ids[stop] == END
    return bytes(ids[:stop]).decode("utf-8", errors="replace") + "<|end|>" * done, done


@wrong("parse_reply", "finished is 0 or 1")
def _(ids):
    stop = next((t for t, i in enumerate(ids) if i > 255), len(ids))
    return bytes(ids[:stop]).decode("utf-8", errors="replace"), int(END in ids[stop : stop + 1])


@wrong("parse_reply", "finished when nothing more comes")
def _(ids):
    stop = next((t for t, i in enumerate(ids) if i > 255), len(ids))
    return bytes(ids[:stop]).decode("utf-8", errors="replace"), stop >= len(ids) or ids[stop] == END


@wrong("fit_context", "one exchange at most is dropped")
def _(messages, budget):
    n = int(bool(messages) and messages[0]["role"] == "system")
    kept = messages[:]
    if len(generation_prompt(kept)) > budget and len(kept) > n + 2:
        kept = kept[:n] + kept[n + 2 :]
    if len(generation_prompt(kept)) > budget:
        raise ValueError
    return kept


@wrong("fit_context", "halves")
def _(messages, budget):
    n = int(bool(messages) and messages[0]["role"] == "system")
    system, turns = messages[:n], messages[n:]
    while len(generation_prompt(system + turns)) > budget:
        if len(turns) < 2:
            raise ValueError
        turns = turns[2 * max(1, len(turns) // 4) :]
    return system + turns


@wrong("fit_context", "the system message goes last of all, before it fails")
def _(messages, budget):
    n = int(bool(messages) and messages[0]["role"] == "system")
    system, turns = messages[:n], messages[n:]
    while len(generation_prompt(system + turns)) > budget:
        if len(turns) < 2:
            if not system:
                raise ValueError
            system = []
        turns = turns[2:] if len(turns) > 1 else turns
    return system + turns


@wrong("fit_context", "contents cut instead")
def _(messages, budget):
    kept = [dict(m) for m in messages]
    while len(generation_prompt(kept)) > budget:
        longest = max(kept, key=lambda m: len(m["content"]))
        if not longest["content"]:
            raise ValueError
        longest["content"] = longest["content"][1:]
    return kept


@wrong("fit_context", "a wrong order is not noticed when nothing is to be dropped")
def _(messages, budget):
    if (
        sum(2 + len(m["content"].encode()) for m in messages) + 2 <= budget
        and messages
        and messages[-1]["role"] == "user"
    ):
        return messages[:]
    n = int(bool(messages) and messages[0]["role"] == "system")
    system, turns = messages[:n], messages[n:]
    while len(generation_prompt(system + turns)) > budget:
        if len(turns) < 2:
            raise ValueError
        turns = turns[2:]
    return system + turns


@wrong("assistant_mask", "left padding is taken for the end of the row")
def _(ids):
    mask = torch.zeros(ids.shape, dtype=torch.bool)
    for b, row in enumerate(ids.tolist()):
        own = False
        for t, i in enumerate(row):
            if i == PAD:
                break
            if i == ASSISTANT:
                own = True
            elif i in (BOS, SYSTEM, USER):
                own = False
            else:
                mask[b, t] = own
                own = own and i != END
    return mask


@wrong("assistant_mask", "byte 255 is special")
def _(ids):
    mask = torch.zeros(ids.shape, dtype=torch.bool)
    for b, row in enumerate(ids.tolist()):
        own = False
        for t, i in enumerate(row):
            if i == ASSISTANT:
                own = True
            elif i in (BOS, SYSTEM, USER, PAD, 255):
                own = False
            else:
                mask[b, t] = own
                own = own and i != END
    return mask


@wrong("parse_reply", "the prompt's header is expected in front")
def _(ids):
    ids = ids[1:]
    stop = next((t for t, i in enumerate(ids) if i > 255), len(ids))
    return bytes(ids[:stop]).decode("utf-8", errors="replace"), stop < len(ids) and ids[stop] == END


@wrong("parse_reply", "backslashes for bad bytes")
def _(ids):
    stop = next((t for t, i in enumerate(ids) if i > 255), len(ids))
    return bytes(ids[:stop]).decode("utf-8", errors="backslashreplace"), stop < len(ids) and ids[
        stop
    ] == END


@wrong("parse_reply", "pops from the caller's list")
def _(ids):
    out = []
    while ids and ids[0] < 256:
        out.append(ids.pop(0))
    return bytes(out).decode("utf-8", errors="replace"), ids[:1] == [END]


@wrong("render_chat", "role names in any case")
def _(messages):
    ids, expected = [BOS], ("system", "user")
    for m in messages:
        role = m["role"].lower()
        if role not in expected:
            raise ValueError
        ids += [HEADERS[role], *m["content"].encode(), END]
        expected = ("assistant",) if role == "user" else ("user",)
    return ids


@wrong("render_chat", "a second system message right after the first")
def _(messages):
    ids, expected = [BOS], ("system", "user")
    for m in messages:
        role = m["role"]
        if role not in expected:
            raise ValueError
        ids += [HEADERS[role], *m["content"].encode(), END]
        expected = {"user": ("assistant",), "assistant": ("user",), "system": ("system", "user")}[
            role
        ]
    return ids


@wrong("fit_context", "raises when something has to go")
def _(messages, budget):
    if len(generation_prompt(messages)) > budget:
        raise ValueError
    return messages[:]


@wrong("fit_context", "budget below zero only")
def _(messages, budget):
    generation_prompt(messages)
    n = int(messages[0]["role"] == "system")
    system, turns = messages[:n], messages[n:]
    while len(generation_prompt(system + turns)) > budget and len(turns) > 1:
        turns = turns[2:]
    if budget < 1:
        raise ValueError
    return system + turns
