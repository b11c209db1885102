"""03.contexts: a window slides over a name."""

from graders.authoring import exercise

from .part import made_up

contexts = exercise("contexts", title="a window slides over a name")


@contexts.cases
def _(rng):
    yield dict(word="emma", block_size=3)
    yield dict(word=rng.choice(["olivia", "amelia", "sophia"]), block_size=2)
    yield dict(word=made_up(rng, 5), block_size=1)
    yield dict(word=made_up(rng, 2), block_size=5)  # shorter than the context
    yield dict(word="aaaaab", block_size=4)
    yield dict(word=made_up(rng, 9), block_size=rng.integer(3, 7))
    yield dict(word=made_up(rng, 1), block_size=3)
    yield dict(word="Anna-Maria O'Hara ", block_size=4)  # whatever the letters are
    yield dict(word="e\u0308a\tb\n", block_size=2)


@contexts.effort
def _(rng):
    for n in (10, 80):
        yield dict(word=made_up(rng, n), block_size=3)


contexts.hint("What stands in the window before the first letter, and how does it move on?")
contexts.hint("Go through word + '.', so that the end is an example too.")
contexts.hint("Note (context, c), then context = context[1:] + c.")


@contexts.misconception(
    "The end of the name is missing: what follows the last letter is '.', and a model that never "
    "sees it cannot stop. Go through word + '.'."
)
def no_end(word, block_size):
    context, pairs = "." * block_size, []
    for c in word:
        pairs.append((context, c))
        context = context[1:] + c
    return pairs


@contexts.misconception(
    "The character to be guessed already stands in its own context. Note the pair first, then "
    "move the window."
)
def moved_first(word, block_size):
    context, pairs = "." * block_size, []
    for c in word + ".":
        context = context[1:] + c
        pairs.append((context, c))
    return pairs


@contexts.misconception(
    "The window never drops its oldest character, so contexts grow. Take context[1:] + c."
)
def grows(word, block_size):
    context, pairs = "." * block_size, []
    for c in word + ".":
        pairs.append((context, c))
        context = context + c
    return pairs


@contexts.misconception(
    "Your window moves the wrong way: the newest character comes in on the right, the oldest "
    "leaves on the left."
)
def backwards(word, block_size):
    context, pairs = "." * block_size, []
    for c in word + ".":
        pairs.append((context, c))
        context = c + context[:-1]
    return pairs


@contexts.misconception(
    "The first letters are never guessed: start with a context of dots only, not with the first "
    "block_size letters."
)
def no_padding(word, block_size):
    text = word + "."
    return [(text[i - block_size : i], text[i]) for i in range(block_size, len(text))]


@contexts.misconception(
    "The context never moves: strings are not changed in place, assign context[1:] + c to context."
)
def never_moves(word, block_size):
    return [("." * block_size, c) for c in word + "."]


@contexts.misconception("Your context always has three characters: use block_size.")
def always_three(word, block_size):
    context, pairs = "...", []
    for c in word + ".":
        pairs.append((context, c))
        context = context[1:] + c
    return pairs


@contexts.misconception(
    "The dots belong on the left: the letters seen last stand at the right end of the context."
)
def dots_right(word, block_size):
    pairs = []
    for i, c in enumerate(word + "."):
        pairs.append((word[max(0, i - block_size) : i].ljust(block_size, "."), c))
    return pairs


@contexts.misconception(
    "One character too many: for each letter there is one example, and one more for the end."
)
def one_dot_more(word, block_size):
    context, pairs = "." * block_size, []
    for c in "." + word + ".":
        pairs.append((context, c))
        context = context[1:] + c
    return pairs


@contexts.misconception(
    "You looked for each letter with index or find: that gives its first place only, and letters "
    "repeat ('emma'). Count the places instead."
)
def first_place(word, block_size):
    pairs = []
    for c in word + ".":
        i = (word + ".").index(c)
        pairs.append((("." * block_size + word)[i : i + block_size], c))
    return pairs


@contexts.misconception(
    "A dict keeps one answer for each context, and contexts come back ('aaaab'). Keep a list of pairs."
)
def as_dict(word, block_size):
    text = "." * block_size + word + "."
    found = {text[i : i + block_size]: text[i + block_size] for i in range(len(word) + 1)}
    return list(found.items())


@contexts.misconception(
    "The dots are missing: every context has exactly block_size characters, dots at the beginning."
)
def no_dots(word, block_size):
    return [(word[max(0, i - block_size) : i], c) for i, c in enumerate(word + ".")]


contexts.misconception(
    """The work grows with the square of the name's length: for each letter all before it are gone
    through once more. Keep the context from one letter to the next: drop its first character,
    append the new one.""",
    name="from_the_beginning_for_each",
    source="""
def contexts(word, block_size):
    pairs = []
    for i in range(len(word) + 1):
        context = "." * block_size
        for seen in word[:i]:
            context = context[1:] + seen
        pairs.append((context, (word + ".")[i]))
    return pairs
""",
)


@contexts.variant("slices of the padded name")
def slices(word, block_size):
    text = "." * block_size + word + "."
    return [(text[i : i + block_size], text[i + block_size]) for i in range(len(word) + 1)]
