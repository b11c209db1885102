"""08.keep_characters: which characters get an id of their own."""

from graders.authoring import exercise

from .part import TEXTS, random_text

ex = exercise("keep_characters", title="characters with an id", stretch=True)


@ex.cases
def _(rng):
    for coverage in (0, 0.25, 0.6, 0.61, 0.75, 0.8, 1, 1.0):
        yield dict(text="aaab\u20ac", coverage=coverage)
    yield dict(text="zabcabcz", coverage=0.5)  # ties
    yield dict(text="abcd", coverage=0.5)
    yield dict(text="a", coverage=0.3)
    for coverage in (0.6, 0.600001, 0.599999):
        yield dict(text="aab" * 300 + "b" * 100, coverage=coverage)
    for text in TEXTS[5:]:
        for coverage in (0.5, 0.75, 1):
            yield dict(text=text, coverage=coverage)
    yield dict(
        text=random_text(rng, 64, "aaaabbbccd\u65e5 "), coverage=rng.choice([0.5, 0.625, 0.875])
    )


@ex.oracle
def _(text, coverage):
    order = sorted(set(text), key=lambda c: (-text.count(c), text.index(c)))
    enough = [
        n for n in range(len(order) + 1) if sum(map(text.count, order[:n])) >= coverage * len(text)
    ]
    return order[: enough[0]]


@ex.effort
def _(rng):
    for n in (12, 96):
        yield dict(text="".join(chr(0x4E00 + i) for i in rng.shuffled(range(n))), coverage=1)


ex.hint(
    "Count the characters in the order of the text; sort by count. sorted keeps the order of equals."
)
ex.hint("Take one after the other and add up; stop when you have coverage * len(text).")
ex.hint(
    "for c in sorted(counts, key=counts.get, reverse=True): stop once covered >= coverage * len(text)"
)

ex.misconception(
    "One character too many: stop as soon as the share is reached, also when it is reached exactly.",
    name="one_more",
    replace="covered >= coverage",
    by="covered > coverage",
)
ex.misconception(
    "One character too few: the share must be reached, not just not passed.",
    name="one_less",
    replace="if covered >= coverage * len(text):",
    by="if covered + counts[c] > coverage * len(text):",
)
ex.misconception(
    "The share is one of different characters here. It is of the text: how often they occur counts.",
    name="share_of_kinds",
    edits=[
        ("covered += counts[c]", "covered += 1"),
        (">= coverage * len(text):", ">= coverage * len(counts):"),
    ],
)
ex.misconception(
    "The order is that of the text. The most frequent come first: they cover most.",
    name="text_order",
    replace="sorted(counts, key=counts.get, reverse=True)",
    by="counts",
)
ex.misconception(
    "The rarest came first. Keep the most frequent.",
    name="rarest",
    replace=", reverse=True",
    by="",
)
ex.misconception(
    "Of equally frequent characters the one with the smaller code point came first. It is the one seen "
    "first in the text.",
    name="by_code_point",
    replace="sorted(counts, key=counts.get, reverse=True)",
    by="sorted(counts, key=lambda c: (-counts[c], c))",
)
ex.misconception(
    "The share was taken of the bytes. Characters are counted here, whatever their length in UTF-8.",
    name="bytes",
    replace="if covered >= coverage * len(text):",
    by="if covered >= coverage * len(text.encode()):",
)

ex.misconception(
    "The work grows with the square of the characters: what is kept is added up from its beginning for each "
    "further one. Keep the sum, and add to it what the new character brings.",
    name="added_up_from_the_beginning",
    source="""
def keep_characters(text, coverage):
    counts = {}
    for c in text:
        counts[c] = counts.get(c, 0) + 1
    kept = []
    for c in sorted(counts, key=counts.get, reverse=True):
        if sum(counts[k] for k in kept) >= coverage * len(text):
            break
        kept.append(c)
    return kept
""",
)

ex.variant(
    "Counter",
    name="counter",
    source="""
def keep_characters(text, coverage):
    from collections import Counter

    kept, left = [], coverage * len(text)
    for c, n in Counter(text).most_common():
        if left <= 0:
            return kept
        kept.append(c)
        left -= n
    return kept
""",
)

ex.equivalent("kept.append(c)  ->  kept.extend(c)", "a character is a text of one")
