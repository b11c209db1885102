"""Conversations as ids: solutions written from the docstrings alone, as a class might hand them in."""


@wrong("encode_text", "strips white space around the text")
def _(text):
    return list(text.strip().encode())


@wrong("encode_text", "one id a character, where it fits (latin-1), UTF-8 for others")
def _(text):
    try:
        return list(text.encode("latin-1"))
    except UnicodeEncodeError:
        return list(text.encode())


@wrong("encode_text", "gives bytes, not a list")
def _(text):
    return text.encode("utf-8")


@wrong("encode_text", "normalizes line ends")
def _(text):
    return list("\n".join(text.splitlines()).encode())


@wrong("encode_text", "normalizes to NFC first")
def _(text):
    import unicodedata

    return list(unicodedata.normalize("NFC", text).encode())


@wrong("encode_text", "removes names of special tokens from the text")
def _(text):
    for name in NAMES.values():
        text = text.replace(name, "")
    return list(text.encode())


@wrong("encode_text", "escapes the bar in names of special tokens")
def _(text):
    return list(text.replace("<|", "< |").encode())


@wrong("encode_text", "leaves out the zero byte")
def _(text):
    return [b for b in text.encode() if b]


@right("encode_text", "by hand, bit by bit")
def _(text):
    ids = []
    for c in text:
        n = ord(c)
        if n < 0x80:
            ids.append(n)
        elif n < 0x800:
            ids += [0xC0 | n >> 6, 0x80 | n & 63]
        elif n < 0x10000:
            ids += [0xE0 | n >> 12, 0x80 | n >> 6 & 63, 0x80 | n & 63]
        else:
            ids += [0xF0 | n >> 18, 0x80 | n >> 12 & 63, 0x80 | n >> 6 & 63, 0x80 | n & 63]
    return ids


@right("encode_text", "comprehension over characters")
def _(text):
    return [b for c in text for b in bytes(c, "utf8")]


@wrong("render_chat", "allows a system message anywhere")
def _(messages):
    ids, want = [BOS], "user"
    for m in messages:
        role = m["role"]
        if role not in HEADERS:
            raise ValueError(role)
        if role != "system":
            if role != want:
                raise ValueError(role)
            want = "assistant" if want == "user" else "user"
        ids += [HEADERS[role], *encode_text(m["content"]), END]
    return ids


@wrong("render_chat", "allows two system messages at the start")
def _(messages):
    ids, before = [BOS], None
    for m in messages:
        role = m["role"]
        follows = {
            None: ("system", "user"),
            "system": ("system", "user"),
            "user": ("assistant",),
            "assistant": ("user",),
        }
        if role not in follows[before]:
            raise ValueError(role)
        before = role
        ids += [HEADERS[role], *encode_text(m["content"]), END]
    return ids


@wrong("render_chat", "with a system message in front, the assistant may begin")
def _(messages):
    ids, before = [BOS], None
    for m in messages:
        role = m["role"]
        if role not in HEADERS or role == before or (role == "system" and before):
            raise ValueError(role)
        if role == "assistant" and before is None:
            raise ValueError(role)
        before = role
        ids += [HEADERS[role], *encode_text(m["content"]), END]
    return ids


@wrong("render_chat", "an unknown role gives a KeyError")
def _(messages):
    ids, want = [BOS], ("system", "user")
    for m in messages:
        header = HEADERS[m["role"]]
        if m["role"] not in want:
            raise ValueError(m["role"])
        want = ("assistant",) if m["role"] == "user" else ("user",)
        ids += [header, *encode_text(m["content"]), END]
    return ids


@wrong("render_chat", "an empty message is left out")
def _(messages):
    ids, want = [BOS], ("system", "user")
    for m in messages:
        if m["role"] not in want:
            raise ValueError(m["role"])
        want = ("assistant",) if m["role"] == "user" else ("user",)
        if m["content"]:
            ids += [HEADERS[m["role"]], *encode_text(m["content"]), END]
    return ids


@wrong("render_chat", "no messages give an error")
def _(messages):
    if not messages:
        raise ValueError("nothing said")
    ids, want = [BOS], ("system", "user")
    for m in messages:
        if m["role"] not in want:
            raise ValueError(m["role"])
        want = ("assistant",) if m["role"] == "user" else ("user",)
        ids += [HEADERS[m["role"]], *encode_text(m["content"]), END]
    return ids


@wrong("render_chat", "contents are stripped, as many templates do")
def _(messages):
    ids, want = [BOS], ("system", "user")
    for m in messages:
        if m["role"] not in want:
            raise ValueError(m["role"])
        want = ("assistant",) if m["role"] == "user" else ("user",)
        ids += [HEADERS[m["role"]], *encode_text(m["content"].strip()), END]
    return ids


@wrong("render_chat", "a conversation that ends with a system message alone is an error")
def _(messages):
    ids, want = [BOS], ("system", "user")
    for m in messages:
        if m["role"] not in want:
            raise ValueError(m["role"])
        want = ("assistant",) if m["role"] == "user" else ("user",)
        ids += [HEADERS[m["role"]], *encode_text(m["content"]), END]
    if messages and messages[-1]["role"] == "system":
        raise ValueError("nobody asked")
    return ids


@wrong("render_chat", "takes the system message out of the list with pop")
def _(messages):
    ids = [BOS]
    if messages and messages[0]["role"] == "system":
        ids += [SYSTEM, *encode_text(messages.pop(0)["content"]), END]
    for t, m in enumerate(messages):
        if m["role"] != ("user", "assistant")[t % 2]:
            raise ValueError(m["role"])
        ids += [HEADERS[m["role"]], *encode_text(m["content"]), END]
    return ids


@right("render_chat", "the whole order checked first, then one comprehension")
def _(messages):
    roles = [m["role"] for m in messages]
    turns = roles[1:] if roles[:1] == ["system"] else roles
    if turns != [("user", "assistant")[t % 2] for t in range(len(turns))]:
        raise ValueError("roles out of order")
    return [BOS] + [
        i for m in messages for i in (HEADERS[m["role"]], *encode_text(m["content"]), END)
    ]


@right("render_chat", "a regular expression over letters of the roles")
def _(messages):
    import re

    letters = "".join(
        {"system": "s", "user": "u", "assistant": "a"}.get(m["role"], "?") for m in messages
    )
    if not re.fullmatch(r"s?(ua)*u?", letters):
        raise ValueError(letters)
    ids = [BOS]
    for m in messages:
        ids.append(HEADERS[m["role"]])
        ids.extend(m["content"].encode("utf-8"))
        ids.append(END)
    return ids


@wrong("generation_prompt", "no messages: gives BOS and the header")
def _(messages):
    if messages and messages[-1]["role"] != "user":
        raise ValueError("not the user's turn")
    return render_chat(messages) + [ASSISTANT]


@wrong("generation_prompt", "no messages give an IndexError")
def _(messages):
    if messages[-1]["role"] != "user":
        raise ValueError("not the user's turn")
    return render_chat(messages) + [ASSISTANT]


@wrong("generation_prompt", "only an assistant's message last is an error, a system message is not")
def _(messages):
    if not messages or messages[-1]["role"] == "assistant":
        raise ValueError("not the user's turn")
    return render_chat(messages) + [ASSISTANT]


@wrong("generation_prompt", "the opened turn is written as text")
def _(messages):
    if not messages or messages[-1]["role"] != "user":
        raise ValueError("not the user's turn")
    return render_chat(messages) + encode_text("<|assistant|>")


@wrong("generation_prompt", "replaces the END of the user's turn by the header")
def _(messages):
    if not messages or messages[-1]["role"] != "user":
        raise ValueError("not the user's turn")
    ids = render_chat(messages)
    ids[-1] = ASSISTANT
    return ids


@wrong("generation_prompt", "appends an empty assistant message to the caller's list")
def _(messages):
    if not messages or messages[-1]["role"] != "user":
        raise ValueError("not the user's turn")
    messages.append({"role": "assistant", "content": ""})
    return render_chat(messages)[:-1]


@wrong("generation_prompt", "renders only the last message")
def _(messages):
    if not messages or messages[-1]["role"] != "user":
        raise ValueError("not the user's turn")
    render_chat(messages)
    return [BOS, USER, *encode_text(messages[-1]["content"]), END, ASSISTANT]


@right("generation_prompt", "an empty assistant message, its END cut off")
def _(messages):
    if len(messages) == 0 or messages[-1]["role"] != "user":
        raise ValueError("not the user's turn")
    return render_chat([*messages, {"role": "assistant", "content": ""}])[:-1]


@right("generation_prompt", "looks at the rendered ids for the last header")
def _(messages):
    ids = render_chat(messages)
    headers = [i for i in ids if i in (SYSTEM, USER, ASSISTANT)]
    if headers[-1:] != [USER]:
        raise ValueError("not the user's turn")
    ids.append(HEADERS["assistant"])
    return ids


@wrong("assistant_mask", "the END without its turn in the row counts")
def _(ids):
    mask = torch.zeros_like(ids, dtype=torch.bool)
    for b, row in enumerate(ids.tolist()):
        role = ASSISTANT
        for t, i in enumerate(row):
            if i in (SYSTEM, USER, ASSISTANT):
                role = i
            elif i not in (BOS, PAD):
                mask[b, t] = role == ASSISTANT
    return mask


@wrong("assistant_mask", "only the last assistant turn")
def _(ids):
    mask = torch.zeros_like(ids, dtype=torch.bool)
    for b, row in enumerate(ids.tolist()):
        starts = [t for t, i in enumerate(row) if i == ASSISTANT]
        if starts:
            t = starts[-1] + 1
            while t < len(row) and row[t] < 256:
                mask[b, t] = True
                t += 1
            if t < len(row) and row[t] == END:
                mask[b, t] = True
    return mask


@wrong("assistant_mask", "a turn without END does not count")
def _(ids):
    mask = torch.zeros_like(ids, dtype=torch.bool)
    for b, row in enumerate(ids.tolist()):
        start = None
        for t, i in enumerate(row):
            if i == ASSISTANT:
                start = t
            elif i == END:
                if start is not None:
                    mask[b, start + 1 : t + 1] = True
                start = None
    return mask


@wrong("assistant_mask", "padding behind a turn without END counts")
def _(ids):
    mask = torch.zeros_like(ids, dtype=torch.bool)
    for b, row in enumerate(ids.tolist()):
        own = False
        for t, i in enumerate(row):
            if i in (SYSTEM, USER, ASSISTANT, BOS):
                own = i == ASSISTANT
            else:
                mask[b, t] = own
                own = own and i != END
    return mask


@wrong("assistant_mask", "the state goes on from row to row")
def _(ids):
    flat = torch.zeros(ids.numel(), dtype=torch.bool)
    own = False
    for t, i in enumerate(ids.flatten().tolist()):
        if i == ASSISTANT:
            own = True
        elif i == END:
            flat[t], own = own, False
        elif i > 255:
            own = own and i == PAD
        else:
            flat[t] = own
    return flat.view(ids.shape)


@wrong("assistant_mask", "END after an empty answer does not count")
def _(ids):
    mask = torch.zeros_like(ids, dtype=torch.bool)
    for b, row in enumerate(ids.tolist()):
        own = False
        for t, i in enumerate(row):
            if i == ASSISTANT:
                own = True
            elif i == END:
                mask[b, t] = own and row[t - 1] != ASSISTANT
                own = False
            elif i > 255:
                own = False
            else:
                mask[b, t] = own
    return mask


@wrong("assistant_mask", "an int mask of ids' type")
def _(ids):
    last = torch.zeros_like(ids)
    role = torch.zeros(len(ids), dtype=torch.int64)
    for t in range(ids.shape[1]):
        column = ids[:, t]
        last[:, t] = ((column < 256) | (column == END)) & (role == ASSISTANT)
        role = torch.where(column > 255, column, role)
    return last


@wrong("assistant_mask", "starts everywhere minus ends: the END left out")
def _(ids):
    open_ = (ids == ASSISTANT).int()
    special = (ids > 255).int()
    T = ids.shape[1]
    at = torch.arange(T).expand_as(ids)
    last = torch.where(special.bool(), at, -1).cummax(1).values
    opened = torch.gather(open_, 1, last.clamp(min=0)).bool() & (last >= 0)
    return opened & (ids < 256)


@wrong("assistant_mask", "zeroes the ids' padding in place")
def _(ids):
    ids[ids == PAD] = 0
    mask = torch.zeros_like(ids, dtype=torch.bool)
    for b, row in enumerate(ids.tolist()):
        own = False
        for t, i in enumerate(row):
            if i > 255 and i != END:
                own = i == ASSISTANT
            else:
                mask[b, t] = own and (i > 0)
                own = own and i != END
    return mask


@right("assistant_mask", "the last special token before each column, by cummax and gather")
def _(ids):
    B, T = ids.shape
    at = torch.arange(T).expand(B, T)
    special = torch.where(ids > 255, at, -1)
    before = torch.cat([torch.full((B, 1), -1), special[:, :-1]], 1).cummax(1).values
    opener = torch.where(before >= 0, ids.gather(1, before.clamp(min=0)), PAD)
    return (opener == ASSISTANT) & ((ids < 256) | (ids == END))


@right("assistant_mask", "search of each header's END with list.index")
def _(ids):
    mask = torch.zeros(ids.shape, dtype=torch.bool)
    for b in range(ids.shape[0]):
        row = ids[b].tolist()
        for start in range(len(row)):
            if row[start] != ASSISTANT:
                continue
            for t in range(start + 1, len(row)):
                if row[t] < 256 or row[t] == END:
                    mask[b, t] = True
                if row[t] > 255:
                    break
    return mask


@wrong("parse_reply", "finished if an END is anywhere")
def _(ids):
    n = next((t for t, i in enumerate(ids) if i > 255), len(ids))
    return bytes(ids[:n]).decode(errors="replace"), END in ids


@wrong("parse_reply", "ends only at END, other special tokens are skipped")
def _(ids):
    finished = END in ids
    ids = ids[: ids.index(END)] if finished else ids
    return bytes(i for i in ids if i < 256).decode(errors="replace"), finished


@wrong("parse_reply", "bad bytes ignored")
def _(ids):
    n = next((t for t, i in enumerate(ids) if i > 255), len(ids))
    return bytes(ids[:n]).decode(errors="ignore"), ids[n : n + 1] == [END]


@wrong("parse_reply", "the text is stripped")
def _(ids):
    n = next((t for t, i in enumerate(ids) if i > 255), len(ids))
    return bytes(ids[:n]).decode(errors="replace").strip(), ids[n : n + 1] == [END]


@wrong("parse_reply", "only ids in NAMES end the text, others are left out")
def _(ids):
    out, finished = bytearray(), False
    for i in ids:
        if i in NAMES:
            finished = i == END
            break
        if i < 256:
            out.append(i)
    return out.decode(errors="replace"), finished


@wrong("parse_reply", "half a character at the end is cut off, for it may come yet")
def _(ids):
    import codecs

    n = next((t for t, i in enumerate(ids) if i > 255), len(ids))
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    return decoder.decode(bytes(ids[:n])), ids[n : n + 1] == [END]


@wrong("parse_reply", "PAD counts as finished, too")
def _(ids):
    n = next((t for t, i in enumerate(ids) if i > 255), len(ids))
    return bytes(ids[:n]).decode(errors="replace"), n < len(ids) and ids[n] in (END, PAD)


@wrong("parse_reply", "a reply that begins with BOS loses it first")
def _(ids):
    ids = ids[1:] if ids[:1] == [BOS] else ids
    n = next((t for t, i in enumerate(ids) if i > 255), len(ids))
    return bytes(ids[:n]).decode(errors="replace"), ids[n : n + 1] == [END]


@wrong("parse_reply", "finished is the id, or None, not a bool")
def _(ids):
    n = next((t for t, i in enumerate(ids) if i > 255), len(ids))
    return bytes(ids[:n]).decode(errors="replace"), (ids[n] == END if n < len(ids) else None)


@wrong("parse_reply", "a zero byte ends the text")
def _(ids):
    n = next((t for t, i in enumerate(ids) if i > 255), len(ids))
    return bytes(ids[:n]).decode(errors="replace").split("\0")[0], ids[n : n + 1] == [END]


@wrong("parse_reply", "skips a byte order mark (utf-8-sig)")
def _(ids):
    n = next((t for t, i in enumerate(ids) if i > 255), len(ids))
    return bytes(ids[:n]).decode("utf-8-sig", errors="replace"), ids[n : n + 1] == [END]


@right("parse_reply", "takewhile, and an index of its length")
def _(ids):
    from itertools import takewhile

    own = bytes(takewhile(lambda i: i <= 255, ids))
    return str(own, "utf-8", "replace"), len(own) < len(ids) and ids[len(own)] == END


@right("parse_reply", "a while loop with an early return")
def _(ids):
    text, rest = b"", list(ids)
    while rest:
        i = rest.pop(0)
        if i >= 256:
            return text.decode("utf8", "replace"), i == END
        text += bytes([i])
    return text.decode("utf8", "replace"), False


@wrong("fit_context", "less than the budget, not at most")
def _(messages, budget):
    generation_prompt(messages)
    n = int(messages[0]["role"] == "system")
    head, rest = messages[:n], messages[n:]
    while len(generation_prompt(head + rest)) >= budget:
        rest = rest[2:]
        if not rest:
            raise ValueError("too long")
    return head + rest


@wrong("fit_context", "counts without the opened turn")
def _(messages, budget):
    generation_prompt(messages)
    n = int(messages[0]["role"] == "system")
    head, rest = messages[:n], messages[n:]
    while len(render_chat(head + rest)) > budget:
        rest = rest[2:]
        if not rest:
            raise ValueError("too long")
    return head + rest


@wrong("fit_context", "counts characters, not bytes")
def _(messages, budget):
    generation_prompt(messages)
    n = int(messages[0]["role"] == "system")
    head, rest = messages[:n], messages[n:]
    while 2 + sum(len(m["content"]) + 2 for m in head + rest) > budget:
        rest = rest[2:]
        if not rest:
            raise ValueError("too long")
    return head + rest


@wrong("fit_context", "gives the same list where everything fits")
def _(messages, budget):
    if len(generation_prompt(messages)) <= budget:
        return messages
    n = int(messages[0]["role"] == "system")
    head, rest = messages[:n], messages[n:]
    while len(generation_prompt(head + rest)) > budget:
        rest = rest[2:]
        if not rest:
            raise ValueError("too long")
    return head + rest


@wrong("fit_context", "drops the system message rather than raising")
def _(messages, budget):
    generation_prompt(messages)
    n = int(messages[0]["role"] == "system")
    head, rest = messages[:n], messages[n:]
    while len(generation_prompt(head + rest)) > budget:
        if len(rest) > 1:
            rest = rest[2:]
        elif head:
            head = []
        else:
            raise ValueError("too long")
    return head + rest


@wrong("fit_context", "drops single messages: what remains may begin with the assistant")
def _(messages, budget):
    generation_prompt(messages)
    n = int(messages[0]["role"] == "system")
    head, rest = messages[:n], messages[n:]
    size = lambda ms: 2 + sum(len(encode_text(m["content"])) + 2 for m in ms)
    while size(head + rest) > budget:
        rest = rest[1:]
        if not rest:
            raise ValueError("too long")
    return head + rest


@wrong("fit_context", "removes from the caller's list")
def _(messages, budget):
    n = int(bool(messages) and messages[0]["role"] == "system")
    while len(generation_prompt(messages)) > budget:
        if len(messages) - n < 2:
            raise ValueError("too long")
        del messages[n : n + 2]
    return list(messages)


@wrong("fit_context", "does not check a conversation of which the head is wrong but gets dropped")
def _(messages, budget):
    if not messages or messages[-1]["role"] != "user":
        raise ValueError("not the user's turn")
    n = int(messages[0]["role"] == "system")
    kept, used = [messages[-1]], len(generation_prompt(messages[:n] + messages[-1:]))
    if used > budget:
        raise ValueError("too long")
    for t in range(len(messages) - 2, n, -2):
        pair = messages[t - 1 : t + 1]
        used += sum(len(encode_text(m["content"])) + 2 for m in pair)
        if used > budget:
            break
        kept = pair + kept
    return messages[:n] + kept


@wrong("fit_context", "keeps every pair that fits, also behind one that did not")
def _(messages, budget):
    generation_prompt(messages)
    n = int(messages[0]["role"] == "system")
    head, rest = messages[:n], messages[n:]
    kept = rest[-1:]
    if len(generation_prompt(head + kept)) > budget:
        raise ValueError("too long")
    for t in range(len(rest) - 3, -1, -2):
        if len(generation_prompt(head + rest[t : t + 2] + kept)) <= budget:
            kept = rest[t : t + 2] + kept
    return head + kept


@wrong("fit_context", "too long: gives system and last message nevertheless")
def _(messages, budget):
    generation_prompt(messages)
    n = int(messages[0]["role"] == "system")
    head, rest = messages[:n], messages[n:]
    while len(rest) > 1 and len(generation_prompt(head + rest)) > budget:
        rest = rest[2:]
    return head + rest


@right("fit_context", "from the back, adding pairs while they fit")
def _(messages, budget):
    generation_prompt(messages)
    head = [m for m in messages if m["role"] == "system"]
    body = messages[len(head) :]
    cost = [len(m["content"].encode()) + 2 for m in body]
    used = 2 + sum(len(m["content"].encode()) + 2 for m in head) + cost[-1]
    if used > budget:
        raise ValueError("too long")
    start = len(body) - 1
    while start >= 2 and used + cost[start - 1] + cost[start - 2] <= budget:
        used += cost[start - 1] + cost[start - 2]
        start -= 2
    return head + body[start:]


@right("fit_context", "copies of the messages, tried in a for loop")
def _(messages, budget):
    render_chat(messages)
    copies = [dict(m) for m in messages]
    n = 1 if copies and copies[0]["role"] == "system" else 0
    for start in range(n, max(len(copies), n + 1), 2):
        candidate = copies[:n] + copies[start:]
        if len(generation_prompt(candidate)) <= budget:
            return candidate
    raise ValueError("too long")


@wrong("encode_text", "UTF-8 with surrogates for what lies beyond the plane (utf-16 pairs)")
def _(text):
    raw = text.encode("utf-16-be")
    units = [raw[i] * 256 + raw[i + 1] for i in range(0, len(raw), 2)]
    return [b for u in units for b in chr(u).encode("utf-8", "surrogatepass")]


@wrong("encode_text", "case folded")
def _(text):
    return list(text.lower().encode())


@wrong("render_chat", "roles lowered first")
def _(messages):
    ids, want = [BOS], ("system", "user")
    for m in messages:
        role = m["role"].lower()
        if role not in want:
            raise ValueError("order")
        want = ("assistant",) if role == "user" else ("user",)
        ids += [HEADERS[role], *encode_text(m["content"]), END]
    return ids


@wrong("generation_prompt", "does not check the order of the rest")
def _(messages):
    if not messages or messages[-1]["role"] != "user":
        raise ValueError("nobody asks")
    ids = [BOS]
    for m in messages:
        ids += [HEADERS.get(m["role"], USER), *encode_text(m["content"]), END]
    return ids + [ASSISTANT]


@wrong("assistant_mask", "byte 0 or 255 taken for special")
def _(ids):
    mask = torch.zeros(ids.shape, dtype=torch.bool)
    for b, row in enumerate(ids.tolist()):
        own = False
        for t, i in enumerate(row):
            if i == ASSISTANT:
                own = True
            elif i == END:
                mask[b, t], own = own, False
            elif i >= 255:
                own = False
            else:
                mask[b, t] = own
    return mask


@wrong("assistant_mask", "right for B = 1 only: a flat nonzero")
def _(ids):
    mask = torch.zeros(ids.numel(), dtype=torch.bool)
    flat = ids.flatten()
    for start in (flat == ASSISTANT).nonzero().flatten().tolist():
        stop = start + 1
        while stop < len(flat) and flat[stop] < 256:
            stop += 1
        mask[start + 1 : stop + 1] = True
    return (mask & (flat != PAD) & (flat < 256) | mask & (flat == END)).view(ids.shape)


@wrong("parse_reply", "changes ids with pop")
def _(ids):
    out = bytearray()
    while ids:
        i = ids.pop(0)
        if i > 255:
            return out.decode(errors="replace"), i == END
        out.append(i)
    return out.decode(errors="replace"), False


@wrong("parse_reply", "a list instead of a str")
def _(ids):
    n = next((t for t, i in enumerate(ids) if i > 255), len(ids))
    return ids[:n], ids[n : n + 1] == [END]


@wrong("parse_reply", "backslash escapes for bad bytes")
def _(ids):
    n = next((t for t, i in enumerate(ids) if i > 255), len(ids))
    return bytes(ids[:n]).decode(errors="backslashreplace"), ids[n : n + 1] == [END]


@wrong("fit_context", "a budget of 0 or less means no limit")
def _(messages, budget):
    generation_prompt(messages)
    n = int(messages[0]["role"] == "system")
    head, rest = messages[:n], messages[n:]
    while budget > 0 and len(generation_prompt(head + rest)) > budget:
        rest = rest[2:]
        if not rest:
            raise ValueError("too long")
    return head + rest


@wrong("fit_context", "a tuple of messages")
def _(messages, budget):
    generation_prompt(messages)
    n = int(messages[0]["role"] == "system")
    head, rest = messages[:n], messages[n:]
    while len(generation_prompt(head + rest)) > budget:
        rest = rest[2:]
        if not rest:
            raise ValueError("too long")
    return tuple(head + rest)


@wrong("fit_context", "four messages go at once")
def _(messages, budget):
    generation_prompt(messages)
    n = int(messages[0]["role"] == "system")
    head, rest = messages[:n], messages[n:]
    while len(generation_prompt(head + rest)) > budget:
        rest = rest[4:] if len(rest) > 4 else rest[2:]
        if not rest:
            raise ValueError("too long")
    return head + rest


@wrong("fit_context", "strips the first content that is kept, in place")
def _(messages, budget):
    generation_prompt(messages)
    n = int(messages[0]["role"] == "system")
    head, rest = messages[:n], messages[n:]
    while len(generation_prompt(head + rest)) > budget:
        rest = rest[2:]
        if not rest:
            raise ValueError("too long")
    if len(head) + len(rest) < len(messages):
        rest[0]["content"] = rest[0]["content"].strip()
    return head + rest
