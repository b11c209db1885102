"""Conversations as ids: random messages, and the template written down once more."""

from graders.authoring import Raises

ROLES = {"system": 257, "user": 258, "assistant": 259}
PIECES = [
    "a", "Zoë", " ", "\n", "<|end|>", "<|user|>", "<|bos|>", "?", "été", "日本", "🙂", "  ok  ",
    "\x00", "<s>", "<|assistant|>", "e\u0301", "\ufeff", "\r\n",
]  # fmt: skip


def words(rng, n=3):
    """A text of up to n pieces, some of which look like special tokens."""
    return "".join(rng.choice(PIECES) for _ in range(rng.integer(0, n + 1)))


def chat(*turns):
    """Messages from pairs such as ("user", "Hi")."""
    return [{"role": role, "content": content} for role, content in turns]


def talk(rng, turns, system=True):
    """A random conversation: perhaps a system message, then so many turns, the user's first."""
    made = [("system", words(rng))] if system else []
    made += [(("user", "assistant")[i % 2], words(rng)) for i in range(turns)]
    return chat(*made)


WRONG_ORDERS = [
    chat(("user", "a"), ("user", "b")),
    chat(("user", "a"), ("assistant", "b"), ("assistant", "c"), ("user", "d")),
    chat(("assistant", "a"), ("user", "b")),
    chat(("system", "a"), ("assistant", "b"), ("user", "c")),
    chat(("system", "a"), ("system", "b"), ("user", "c")),
    chat(("user", "a"), ("system", "b"), ("user", "c")),
    chat(("user", "a"), ("assistant", "b"), ("system", "c"), ("user", "d")),
    chat(("user", "a"), *[("assistant", "b"), ("user", "c")] * 6, ("user", "d")),
]
UNKNOWN_ROLES = [
    chat(("tool", "a"), ("user", "b")),
    chat(("user", "a"), ("bot", "b"), ("user", "c")),
    chat(("system", "a"), ("User", "b")),
    chat(("user", "a"), ("tool", ""), ("assistant", "b"), ("user", "c")),  # nothing said, yet there
    chat(("user ", "a")),
    chat(("u", "a")),
    chat(("", "a"), ("user", "b")),
]


def rendered(messages):
    """The template by hand: ids, or what is raised."""
    roles = [message["role"] for message in messages]
    turns = roles[1:] if roles[:1] == ["system"] else roles
    if turns != (["user", "assistant"] * len(turns))[: len(turns)]:
        return Raises("ValueError")
    ids = [256]
    for message in messages:
        ids.append(ROLES[message["role"]])
        ids.extend(bytearray(message["content"], "utf-8"))
        ids.append(260)
    return ids
