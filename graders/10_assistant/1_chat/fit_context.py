"""10.fit_context: a conversation that has become too long."""

from graders.authoring import Raises, exercise

from .part import chat, rendered, talk

ex = exercise("fit_context", title="fit into the context", points=2)


def lengths(messages):
    """How many ids the prompt has without the oldest 0, 1, 2, ... exchanges."""
    n = int(messages[0]["role"] == "system")
    turns = messages[n:]
    return [len(rendered(messages[:n] + turns[k:])) + 1 for k in range(0, len(turns), 2)]


@ex.cases
def _(rng):
    long = chat(
        ("system", "é" * 5), ("user", "q1"), ("assistant", "a" * 40), ("user", "q2"),
        ("assistant", "né" * 2), ("user", "日?"),
    )  # fmt: skip
    # a large pair between small ones: what is older than a dropped pair must go, too
    uneven = chat(
        ("user", "a"), ("assistant", "b"), ("user", "c" * 30), ("assistant", "d" * 30),
        ("user", "e"), ("assistant", "f"), ("user", "g"),
    )  # fmt: skip
    for messages in (long, uneven, talk(rng, 7), talk(rng, 9, system=False)):
        for n in lengths(messages):
            yield dict(messages=messages, budget=n)
            yield dict(messages=messages, budget=n - 1)
    yield dict(messages=long, budget=10**6)
    yield dict(messages=chat(("user", "ab")), budget=6)
    yield dict(messages=chat(("user", "ab")), budget=5)
    yield dict(messages=chat(("user", "ab")), budget=0)
    yield dict(messages=[], budget=50)
    yield dict(messages=long[:-1], budget=50)
    yield dict(messages=[*long[:2], *long[3:]], budget=200)
    yield dict(messages=[*long[:3], *long[4:]], budget=30)
    # an unknown role among what would go
    yield dict(messages=[*long[:1], {"role": "User", "content": "x" * 60}, *long[2:]], budget=40)
    yield dict(messages=[*long[:2], {"role": "bot", "content": ""}, *long[3:]], budget=40)
    # the system message stays, be it empty or too long
    kept = chat(("system", ""), ("user", "ab"))
    for n in (8, 7, 6):
        yield dict(messages=kept, budget=n)


@ex.oracle
def _(messages, budget):
    if not messages or messages[-1]["role"] != "user" or isinstance(rendered(messages), Raises):
        return Raises("ValueError")
    n = int(messages[0]["role"] == "system")
    for k, length in enumerate(lengths(messages)):
        if length <= budget:
            return messages[:n] + messages[n:][2 * k :]
    return Raises("ValueError")


def roomy(rng):
    yield dict(messages=talk(rng, 3), budget=10**4)
    yield dict(messages=talk(rng, 5, system=False), budget=10**4)


@ex.check("a new list", cases=roomy)
def _(m, messages, budget):
    """What is put behind the result is not put behind the conversation."""
    found = m.fit_context(messages, budget)
    found.append("one more")
    return messages


@ex.oracle("a new list")
def _(messages, budget):
    return messages


ex.hint("How long is the prompt? generation_prompt knows. While it is too long, what goes first?")
ex.hint(
    "Cut the list into [system] and the turns behind it; turns = turns[2:] drops the oldest exchange."
)
ex.hint(
    "while len(generation_prompt(system + turns)) > budget: raise ValueError if len(turns) < 2, else "
    "turns = turns[2:]."
)

ex.misconception(
    """The system message is gone. It says how to behave, and stays whatever else has to go.""",
    name="no_system",
    replace="    return system + turns",
    by="    return turns if len(turns) < len(messages) - n_system else system + turns",
)
ex.misconception(
    """A message went alone, so that an answer stands first, without its question. Drop pairs: what remains
    begins with a user.""",
    name="one_by_one",
    source="""def fit_context(messages, budget):
    n = int(bool(messages) and messages[0]["role"] == "system")
    generation_prompt(messages)
    kept = list(messages)
    size = lambda: 2 + sum(2 + len(encode_text(m["content"])) for m in kept)
    while size() > budget:
        if len(kept) == n + 1:
            raise ValueError("too long")
        del kept[n]
    return kept
""",
)
ex.misconception(
    """The newest messages were dropped. The oldest go: the last question is the one to be answered.""",
    name="newest_dropped",
    replace="turns = turns[2:]",
    by="turns = turns[:-2]",
)
ex.misconception(
    """A prompt of exactly `budget` ids fits.""",
    name="strictly",
    replace="turns)) > budget",
    by="turns)) >= budget",
)
ex.misconception(
    """The opened turn of the assistant was not counted: the prompt is one id longer than the
    conversation.""",
    name="header_not_counted",
    replace="len(generation_prompt(system + turns))",
    by="len(render_chat(system + turns))",
)
ex.misconception(
    """Characters were counted. The budget is in ids: "é" is two of them, and each message has a header and
    an END.""",
    name="characters",
    replace="len(generation_prompt(system + turns)) > budget",
    by='sum(len(m["content"]) for m in generation_prompt(system + turns) and system + turns) > budget',
)
ex.misconception(
    """Only the contents were counted. BOS, each header and each END take an id, and so does the opened
    turn.""",
    name="contents_only",
    replace="len(generation_prompt(system + turns)) > budget",
    by="sum(i < 256 for i in generation_prompt(system + turns)) > budget",
)
ex.misconception(
    """The system message was not counted, so that the prompt is too long by it. It stays, and needs its
    room.""",
    name="system_not_counted",
    replace="len(generation_prompt(system + turns))",
    by="len(generation_prompt(turns) if generation_prompt(system + turns) else [])",
)
ex.misconception(
    """More was dropped than necessary: stop as soon as the prompt fits.""",
    name="too_much",
    replace="turns = turns[2:]",
    by="turns = turns[-1:]",
)
ex.misconception(
    """An older exchange was kept although a newer one is gone: the conversation has a hole. Drop the
    oldest ones only.""",
    name="hole",
    source="""def fit_context(messages, budget):
    generation_prompt(messages)
    n = int(messages[0]["role"] == "system")
    system, turns = messages[:n], messages[n:]
    kept = turns[-1:]
    if len(generation_prompt(system + kept)) > budget:
        raise ValueError("too long")
    for i in range(len(turns) - 3, -1, -2):
        if len(generation_prompt(system + turns[i : i + 2] + kept)) <= budget:
            kept = turns[i : i + 2] + kept
    return system + kept
""",
)
ex.misconception(
    """What does not fit at all comes back nevertheless. If the system message and the last question are
    too long, raise ValueError.""",
    name="never_raises",
    replace='            raise ValueError(f"the last message does not fit into {budget} ids")\n',
    by="            break\n",
)
ex.misconception(
    """The last question was dropped, too, when nothing fits. Without it there is nothing to answer: raise
    ValueError.""",
    name="nothing_left",
    replace="    while len",
    by="    if len(generation_prompt(system + turns[-1:])) > budget:\n        return system\n    while len",
)
ex.misconception(
    """The conversation itself was shortened. It is the caller's (and on screen): return a new list.""",
    name="in_place",
    replace="    return system + turns",
    by="    messages[:] = system + turns\n    return messages",
)
ex.misconception(
    """The very list that was given came back where all of it fits: what is put behind one is behind the
    other. Return a new list.""",
    name="same_list",
    replace="    return system + turns",
    by="    return messages if len(turns) + n_system == len(messages) else system + turns",
)
ex.misconception(
    """The marks were counted, but characters instead of bytes. "é" is two ids, "日" three.""",
    name="characters_and_marks",
    replace="len(generation_prompt(system + turns)) > budget",
    by='len(generation_prompt(system + turns)[:2]) + sum(len(m["content"]) + 2 for m in system + turns)'
    " > budget",
)
ex.misconception(
    """The system message went when nothing else was left to drop. It stays: if it does not fit with the
    last question, raise ValueError.""",
    name="system_last_resort",
    replace="        if len(turns) < 2:\n",
    by="        if len(turns) < 2 and system:\n            system = []\n            continue\n"
    "        if len(turns) < 2:\n",
)

ex.variant(
    "the first start that fits",
    name="next",
    source="""def fit_context(messages, budget):
    generation_prompt(messages)
    n = [m["role"] for m in messages].index("user")
    for start in range(n, len(messages), 2):
        kept = [*messages[:n], *messages[start:]]
        if len(generation_prompt(kept)) <= budget:
            return kept
    raise ValueError("too long")
""",
)
ex.variant(
    "copies, popped",
    name="popped",
    source="""def fit_context(messages, budget):
    kept = [dict(m) for m in messages]
    n = len([m for m in kept[:1] if m["role"] == "system"])
    while len(generation_prompt(kept)) > budget:
        if len(kept) <= n + 2:
            raise ValueError("too long")
        kept.pop(n)
        kept.pop(n)
    return kept
""",
)

ex.equivalent(
    "if len(turns) < 2: ...  ->  (left out)",
    "without a user's message at the end generation_prompt raises ValueError itself",
)
ex.equivalent(
    "len(turns) < 2  ->  len(turns) <= 2",
    "from user to user their number is odd",
)
ex.equivalent(
    "2  ->  3",
    "from user to user their number is odd",
)
ex.equivalent(
    "2  ->  1",
    "without a user's message at the end generation_prompt raises ValueError itself",
)
ex.equivalent(
    "raise ValueError(f'the last message does not fit into {budget} ids')  ->  (left out)",
    "without a user's message at the end generation_prompt raises ValueError itself",
)
