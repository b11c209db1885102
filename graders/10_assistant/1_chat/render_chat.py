"""10.render_chat: messages become one row of ids."""

from graders.authoring import exercise

from .part import UNKNOWN_ROLES, WRONG_ORDERS, chat, rendered, talk

ex = exercise("render_chat", title="the chat template", points=2)


@ex.cases
def _(rng):
    yield dict(messages=chat(("user", "Hi"), ("assistant", "Oh")))
    yield dict(messages=chat(("system", "Be kind."), ("user", " né ")))
    yield dict(messages=[])
    yield dict(messages=chat(("system", "")))
    yield dict(messages=chat(("user", "")))
    yield dict(messages=chat(("user", "a\n"), ("assistant", "\n b \n\n"), ("user", "\t")))
    yield dict(messages=chat(("user", "a<|end|><|system|>b"), ("assistant", "<|bos|>")))
    for n in (5, 4, 6):
        yield dict(messages=talk(rng, n, system=n != 4))
    for messages in (*WRONG_ORDERS, *UNKNOWN_ROLES):
        yield dict(messages=messages)


@ex.oracle
def _(messages):
    return rendered(messages)


ex.hint(
    "Start with [BOS]; then three things for each message. Which role may come next depends on the "
    "one before."
)
ex.hint(
    "HEADERS[role], encode_text(content), END. Keep what is expected next: at first system or user."
)
ex.hint(
    "expected = ('system', 'user') at first, ('assistant',) behind a user, ('user',) behind the others; "
    "if role not in expected: raise ValueError."
)

ex.misconception(
    """BOS stands in front of every message. It says that a sequence begins, once, whatever the number of
    messages.""",
    name="bos_each",
    edits=[
        ("ids += [HEADERS", "ids += [BOS, HEADERS"),
        ("ids, expected = [BOS]", "ids, expected = []"),
    ],
)
ex.misconception(
    """BOS is there twice: template and tokenizer both wrote one. The model never saw that in training; it
    belongs at the beginning, once.""",
    name="bos_twice",
    replace="[BOS], (",
    by="[BOS, BOS], (",
)
ex.misconception(
    """The role of a message without content was not looked at. It has a turn of its own like any other, and a
    role that is unknown is an error there, too.""",
    name="empty_unseen",
    replace='        role = message["role"]\n',
    by='        role = message["role"]\n        if not message["content"] and role not in HEADERS:\n'
    "            continue\n",
)
ex.misconception(
    """BOS is missing: the row begins with it, before the first turn is opened.""",
    name="no_bos",
    replace="[BOS], (",
    by="[], (",
)
ex.misconception(
    """Only the assistant's turns are closed. Every turn ends with END, or it cannot be told where the next
    begins.""",
    name="end_assistant_only",
    replace='message["content"]), END]',
    by='message["content"]), *([END] if role == "assistant" else [])]',
)
ex.misconception(
    """The last turn is not closed. Every message here is complete: END behind each.""",
    name="last_open",
    replace="    return ids",
    by="    return ids[:-1] if messages else ids",
)
ex.misconception(
    """Something stands between END and the next turn. This template has neither newlines nor spaces.""",
    name="newlines",
    replace='message["content"]), END]',
    by='message["content"]), END, 10]',
)
ex.misconception(
    """A special token was written in letters: <|user|> as bytes is what any user can type. Append the
    id.""",
    name="letters",
    replace="[HEADERS[role],",
    by="[*NAMES[HEADERS[role]].encode(),",
)
ex.misconception(
    """What a user typed became special tokens: the conversation was glued to one string and searched.
    Encode each content by itself, with encode_text.""",
    name="glued",
    source="""def render_chat(messages):
    import re
    expected, ids, text = ("system", "user"), [], NAMES[BOS]
    for message in messages:
        role = message["role"]
        if role not in expected:
            raise ValueError(role)
        text += NAMES[HEADERS[role]] + message["content"] + NAMES[END]
        expected = ("assistant",) if role == "user" else ("user",)
    back = {name: i for i, name in NAMES.items()}
    for piece in re.split(r"(<[|]\\w+[|]>)", text):
        ids += [back[piece]] if piece in back else piece.encode()
    return ids
""",
)
ex.misconception(
    """Content is stripped of its spaces. What somebody wrote stays as it is.""",
    name="stripped",
    replace='message["content"])',
    by='message["content"].strip())',
)
ex.misconception(
    """Two messages of one role in a row, or a wrong role at the beginning, go through. Roles take turns:
    raise ValueError.""",
    name="any_order",
    replace="if role not in expected:",
    by="if role not in HEADERS:",
)
ex.misconception(
    """An unknown role raises something else than ValueError (a KeyError, say). Look at the role before you
    use it.""",
    name="key_error",
    replace="if role not in expected:",
    by="if HEADERS[role] not in [HEADERS[r] for r in expected]:",
)
ex.misconception(
    """A system message is accepted in the midst of a conversation. It stands first or nowhere.""",
    name="system_anywhere",
    replace="if role not in expected:",
    by='if role != "system" and role not in expected:',
)
ex.misconception(
    """A conversation that the assistant begins goes through. The first turn, behind the system message if
    there is one, is the user's.""",
    name="assistant_begins",
    replace='[BOS], ("system", "user")',
    by='[BOS], ("system", "user", "assistant")',
)
ex.misconception(
    """A conversation must have a system message here. It may, and it may begin with the user at once.""",
    name="system_needed",
    replace='[BOS], ("system", "user")',
    by='[BOS], ("system",)',
)
ex.misconception(
    """A message without content was left out. It is a turn like any other: its header, and END.""",
    name="empty_left_out",
    replace="        ids += [HEADERS",
    by='        if message["content"]:\n            ids += [HEADERS',
)
ex.misconception(
    """Only a role that repeats the one before is refused. Who comes next is fixed: the user first, then by
    turns, and a system message stands in front of all.""",
    name="only_repeats",
    source="""def render_chat(messages):
    ids, before = [BOS], None
    for message in messages:
        role = message["role"]
        if role not in HEADERS or role == before:
            raise ValueError(f"{role!r} behind {before!r}")
        ids += [HEADERS[role], *encode_text(message["content"]), END]
        before = role
    return ids
""",
)
ex.misconception(
    """An empty conversation raises an error. No messages give [BOS].""",
    name="empty_fails",
    replace="    ids, expected",
    by='    messages[0]["role"]\n    ids, expected',
)

ex.misconception(
    """The system message decides nothing here: behind it, or without one, any role may begin. The first turn
    is the user's.""",
    name="any_begins",
    source="""def render_chat(messages):
    ids, before = [BOS], None
    for i, message in enumerate(messages):
        role = message["role"]
        if role not in HEADERS or role == before or (role == "system" and i):
            raise ValueError(role)
        ids += [HEADERS[role], *encode_text(message["content"]), END]
        before = role
    return ids
""",
)

ex.variant(
    "first all roles, then the ids",
    name="two_passes",
    source="""def render_chat(messages):
    roles = [m["role"] for m in messages]
    n = int(bool(roles) and roles[0] == "system")
    for i, role in enumerate(roles[n:]):
        if role != ["user", "assistant"][i % 2]:
            raise ValueError("roles take turns")
    return [BOS] + sum(([HEADERS[m["role"]]] + encode_text(m["content"]) + [END] for m in messages), [])
""",
)
