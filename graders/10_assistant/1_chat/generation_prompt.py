"""10.generation_prompt: the assistant's turn, opened."""

from graders.authoring import Raises, exercise

from .part import UNKNOWN_ROLES, WRONG_ORDERS, chat, rendered, talk

ex = exercise("generation_prompt", title="the opened turn")


@ex.cases
def _(rng):
    yield dict(messages=chat(("user", "Hi")))
    yield dict(messages=chat(("user", "")))
    yield dict(messages=chat(("system", "Be <|end|>"), ("user", "né")))
    for n in (3, 5):
        yield dict(messages=talk(rng, n, system=n == 5))
    yield dict(messages=[])
    yield dict(messages=chat(("system", "a")))
    yield dict(messages=chat(("user", "a"), ("assistant", "b")))
    for messages in (*WRONG_ORDERS, *UNKNOWN_ROLES):
        yield dict(messages=messages)


@ex.oracle
def _(messages):
    ids = rendered(messages)
    ends_well = bool(messages) and messages[-1]["role"] == "user"
    return [*ids, 259] if ends_well and isinstance(ids, list) else Raises("ValueError")


ex.hint("render_chat does nearly all of it. What opens the assistant's turn?")
ex.hint("Look at messages[-1] first: a list may be empty, and its last message somebody else's.")
ex.hint("[*render_chat(messages), ASSISTANT]")

ex.misconception(
    """The assistant's turn is not opened: the model may as well write another question. Put ASSISTANT
    behind the conversation.""",
    name="not_opened",
    replace="[*render_chat(messages), ASSISTANT]",
    by="render_chat(messages)",
)
ex.misconception(
    """The assistant's turn is closed again: with END behind the header the answer is over before it
    began.""",
    name="closed",
    replace="[*render_chat(messages), ASSISTANT]",
    by='render_chat([*messages, {"role": "assistant", "content": ""}])',
)
ex.misconception(
    """The END of the user's turn is missing. The user has finished; only the assistant's turn is open.""",
    name="user_open",
    replace="[*render_chat(messages), ASSISTANT]",
    by="[*render_chat(messages)[:-1], ASSISTANT]",
)
ex.misconception(
    """A second BOS stands in the prompt. render_chat has written it already.""",
    name="bos_again",
    replace="[*render_chat",
    by="[BOS, *render_chat",
)
ex.misconception(
    """BOS stands behind the conversation, or before the opened turn. It begins the sequence, once.""",
    name="bos_before_turn",
    replace="messages), ASSISTANT]",
    by="messages), BOS, ASSISTANT]",
)
ex.misconception(
    """The opening token is written in letters. Those are bytes that anybody can type: append the id
    ASSISTANT.""",
    name="letters",
    replace="messages), ASSISTANT]",
    by="messages), *NAMES[ASSISTANT].encode()]",
)
ex.misconception(
    """A conversation whose last message is not the user's goes through. The assistant would answer
    itself, or nobody: raise ValueError.""",
    name="anyone_last",
    replace='if not messages or messages[-1]["role"] != "user":',
    by="if not messages:",
)
ex.misconception(
    """No message at all raises something else than ValueError, an IndexError for example: look whether
    there is one.""",
    name="index_error",
    replace='if not messages or messages[-1]["role"] != "user":',
    by='if messages[-1]["role"] != "user":',
)
ex.misconception(
    """The list that was given has changed. It is the caller's: make a new one.""",
    name="appended",
    replace="    return [*render_chat(messages), ASSISTANT]",
    by="    ids = [*render_chat(messages), ASSISTANT]\n"
    '    messages.append({"role": "assistant", "content": ""})\n    return ids',
)
ex.misconception(
    """Without any message a turn is opened. There is no question then, and nothing to answer: raise
    ValueError.""",
    name="nobody_asked",
    replace="if not messages or messages",
    by="if messages and messages",
)
ex.misconception(
    """A system message alone is taken for a question. Only the assistant as the last speaker was refused:
    the last message must be the user's.""",
    name="system_last",
    replace='messages[-1]["role"] != "user":',
    by='messages[-1]["role"] == "assistant":',
)
ex.misconception(
    """Only the last message is in the prompt. The model remembers nothing: it reads the whole conversation
    each time.""",
    name="last_only",
    replace="    return [*render_chat(messages), ASSISTANT]",
    by="    render_chat(messages)\n    return [*render_chat(messages[-1:]), ASSISTANT]",
)

ex.misconception(
    """Nobody asks here who spoke last: without any message, and behind one that is not the user's, a turn is
    opened all the same. Raise ValueError.""",
    name="no_check",
    replace="""    if not messages or messages[-1]["role"] != "user":
        raise ValueError("the assistant answers a user: the last message must be the user's")
""",
    by="",
)

ex.variant(
    "an empty answer, its END taken away",
    name="without_end",
    source="""def generation_prompt(messages):
    if messages[-1:] == [] or messages[-1]["role"] == "system":
        raise ValueError("no question")
    return render_chat(messages + [{"role": "assistant", "content": ""}])[:-1]
""",
)
