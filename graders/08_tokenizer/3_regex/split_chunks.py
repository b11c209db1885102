"""08.split_chunks: all matches of the split pattern."""

import regex as re

from graders.authoring import exercise

from .part import GPT2, LETTERS, TEXTS, WORDS, random_text

ex = exercise("split_chunks", title="cutting a text into chunks")


@ex.cases
def _(rng):
    for text in TEXTS:
        yield dict(pattern=GPT2, text=text)
    for pattern in (LETTERS, WORDS, r"\p{N}{1,3}|\P{N}+", r"\s*[\r\n]|\s+|\S", ".", "(?s)."):
        yield dict(pattern=pattern, text=TEXTS[4] + TEXTS[5])
        yield dict(pattern=pattern, text=random_text(rng, 14))
    # what a match may ask of the text around it: its beginning, and what stands before
    for pattern in (r"^\w+|\s", r"(?<=a)b+|a"):
        yield dict(pattern=pattern, text="ab b\nab abb\nb")
    yield dict(pattern=GPT2, text=TEXTS[3] * 40)


@ex.oracle
def _(pattern, text):
    compiled, out, at = re.compile(pattern), [], 0
    while found := compiled.search(text, at):
        out.append(text[found.start() : found.end()])
        at = found.end()
    return out


ex.hint("All matches, from left to right: one function of re does that.")
ex.hint("Not split: that would return what lies *between* the matches.")
ex.hint("return re.findall(pattern, text)")


@ex.misconception(
    "Python's own re does not know \\p{L}. The file imports the package regex under that name: use its `re`."
)
def standard_re(pattern, text):
    import re as standard

    return standard.findall(pattern, text)


@ex.misconception(
    "re.split returns what lies between the matches. The matches are the chunks: re.findall."
)
def between(pattern, text):
    return re.split(pattern, text)


@ex.misconception(
    "Split at spaces. The pattern says where to cut, and a space belongs to the word after it."
)
def at_spaces(pattern, text):
    return text.split()


@ex.misconception("GPT-2's pattern was used whatever pattern was passed in: take the argument.")
def always_gpt2(pattern, text):
    return re.findall(GPT2, text)


@ex.misconception(
    "The chunks were stripped. The space before a word is part of its chunk, and of the token."
)
def stripped(pattern, text):
    return [chunk.strip() for chunk in re.findall(pattern, text)]


@ex.misconception(
    "Chunks that are only spaces or line ends were dropped: decoding cannot bring them back."
)
def no_blank(pattern, text):
    return [chunk for chunk in re.findall(pattern, text) if chunk.strip()]


@ex.misconception("Only the first chunk came back. findall (or finditer) goes on to the end.")
def first_only(pattern, text):
    return [found.group() for found in [re.search(pattern, text)] if found]


@ex.misconception("A chunk that occurs again is missing: keep every one, in order.")
def each_once(pattern, text):
    return list(dict.fromkeys(re.findall(pattern, text)))


@ex.misconception("The chunks are bytes. Encoding comes later: strings here.")
def as_bytes(pattern, text):
    return [chunk.encode("utf-8") for chunk in re.findall(pattern, text)]


@ex.misconception("The text was made lowercase; capitals are gone for good.")
def lowered(pattern, text):
    return re.findall(pattern, text.lower())


@ex.variant("finditer")
def iterated(pattern, text):
    return [found.group() for found in re.compile(pattern).finditer(text)]
