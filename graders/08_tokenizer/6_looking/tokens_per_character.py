"""08.tokens_per_character: what a language costs."""

from graders.authoring import exercise
from graders.instead import instead

from .part import TEXTS, encoder, random_text

ex = exercise("tokens_per_character", title="what a language costs")


@ex.cases
def _(rng):
    yield dict(samples={"b": "\u00e9\u00e9", "a": "abcd"}, kind="bytes")
    yield dict(samples={}, kind="bytes")
    yield dict(samples={"z": "abcd", "y": "\u65e5ab", "x": "dcba"}, kind="bytes")  # a tie
    # the second is cheaper, by less than single precision holds
    near = {"a": "a" * 5999 + "\u00e9", "b": "a" * 6000 + "\u00e9"}
    yield dict(samples=near, kind="bytes")
    samples = {f"text {9 - i}": text for i, text in enumerate(TEXTS)}
    for kind in ("bytes", "pairs", "words", "runs"):
        yield dict(samples=samples, kind=kind)
    yield dict(samples={c: random_text(rng, rng.integer(3, 30)) for c in "cabd"}, kind="bytes")


@ex.scenario
def _(m, samples, kind):
    costs = m.tokens_per_character(dict(samples), encoder(kind))
    if not isinstance(costs, dict):
        return instead(costs, "a dict")
    return [list(item) for item in costs.items()]  # the order counts


@ex.oracle
def _(samples, kind):
    costs = [[name, len(encoder(kind)(text)) / len(text)] for name, text in samples.items()]
    return sorted(costs, key=lambda item: item[1])


ex.hint("For each sample: how many ids does encode give, and how many characters has the text?")
ex.hint(
    "sorted(costs.items(), key=lambda item: item[1]) puts the cheapest first and keeps the order of equals."
)
ex.hint(
    "len(encode(text)) / len(text) for each; then dict(sorted(costs.items(), key=lambda item: item[1]))"
)

ex.misconception(
    "These are characters per token. Tokens per character are asked for: what a character costs.",
    name="upside_down",
    replace="len(encode(text)) / len(text)",
    by="len(text) / len(encode(text))",
)
ex.misconception(
    "Tokens were divided by bytes: then every script looks about as cheap. Divide by characters, len(text).",
    name="per_byte",
    replace="/ len(text)",
    by='/ len(text.encode("utf-8"))',
)
ex.misconception(
    "The order is that of samples. The cheapest language comes first.",
    name="unsorted",
    replace="return dict(sorted(costs.items(), key=lambda item: item[1]))",
    by="return costs",
)
ex.misconception(
    "The order is that of the names. The cheapest language comes first.",
    name="by_name",
    replace="sorted(costs.items(), key=lambda item: item[1])",
    by="sorted(costs.items())",
)
ex.misconception(
    "The dearest language comes first. The cheapest should.",
    name="dearest_first",
    replace="key=lambda item: item[1]",
    by="key=lambda item: -item[1]",
)
ex.misconception(
    "Equally cheap languages are sorted by name. They stay in the order of samples.",
    name="ties_by_name",
    replace="key=lambda item: item[1]",
    by="key=lambda item: (item[1], item[0])",
)
ex.misconception(
    "The order goes by rounded numbers: languages that cost nearly the same count as equals. Round where you "
    "print, and sort what is exact.",
    name="sorted_rounded",
    replace="key=lambda item: item[1]",
    by="key=lambda item: round(item[1], 4)",
)
ex.misconception(
    "The result was rounded, or divided without a remainder. A float is asked for: /.",
    name="whole",
    replace="len(encode(text)) / len(text)",
    by="float(len(encode(text)) // len(text))",
)
ex.misconception(
    "Different tokens were counted. One that occurs again costs again.",
    name="different",
    replace="len(encode(text))",
    by="len(set(encode(text)))",
)

ex.variant(
    "names sorted by cost",
    name="names",
    source="""
def tokens_per_character(samples, encode):
    costs = {}
    for name in samples:
        costs[name] = len(list(encode(samples[name]))) / len(samples[name])
    return {name: costs[name] for name in sorted(costs, key=costs.get)}
""",
)
