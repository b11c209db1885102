"""10.few_shot_prompt: examples, and a question without its answer."""

from graders.authoring import exercise

shots = exercise("few_shot_prompt", title="examples in the prompt")


@shots.cases
def _(rng):
    few = [("2+2", "4"), ("7+1", "8"), ("3+5", "8")]
    odd = [("{a}", "{q} {}"), (" spaces ", " kept  "), ("%s \\n", ""), ("", "A: "), ("Q", "Q: x")]
    word = "".join(rng.choice("abcdefgh") for _ in range(5))
    for examples in (few, odd, [], few[:1], [(word, word[::-1]), ("x", word)]):
        yield dict(examples=examples, query=word)
        yield dict(examples=examples, query="4+4", before="", between=">", after=" ")
        yield dict(examples=examples, query=" q ", instruction="Add the numbers. \n")
    yield dict(
        examples=few, query="a", before="In: ", between=" Out: ", after=" ;\n", instruction="Go"
    )
    yield dict(examples=few, query="b", before="# ", between="  \n\n", after="|", instruction="{q}")
    yield dict(examples=few[:2], query="ends  ", before="", between="", after="", instruction="+")
    yield dict(examples=[], query="", before="  ", between=" = \t  ", after="", instruction=" ")
    again = [("1", "a"), ("2", "b"), ("1", "a"), ("1", "c"), ("3", "d")]
    yield dict(examples=again, query="1")
    yield dict(examples=few, query="c", before="a", between="b?  ", after="")
    many = [(f"{i}+1", str(i + 1)) for i in rng.shuffled(range(150))]
    yield dict(examples=many, query="x")
    yield dict(examples=few, query="c", between=" =\u00a0\u3000")  # no plain spaces at the end


@shots.oracle
def _(examples, query, before="Q: ", between="\nA: ", after="\n\n", instruction=""):
    pieces = [instruction]
    for pair in examples:
        pieces += [before, pair[0], between, pair[1], after]
    text = "".join(pieces + [before, query, between])
    while text and text[-1] == " ":
        text = text[:-1]
    return text


shots.hint(
    "Examples and question have the same form; the question only lacks its answer and what follows."
)
shots.hint("Put it together first; the spaces at the very end are cut off last, with .rstrip(' ').")
shots.hint("""(instruction + "".join(before + q + between + a + after for q, a in examples) + before + query +
    between).rstrip(" ")""")

LAST = '(instruction + shown + before + query + between).rstrip(" ")'

shots.misconception(
    """There is a space at the end of the prompt. Most tokens carry their space in front, so the model has
    hardly ever continued behind a lone one: cut it off.""",
    name="space_at_the_end",
    replace=LAST,
    by="instruction + shown + before + query + between",
)
shots.misconception(
    """Line breaks at the end were cut off, too. They are part of the form; only spaces go: rstrip(" ").""",
    name="strips_all",
    replace='.rstrip(" ")',
    by=".rstrip()",
)
shots.misconception(
    """Spaces at the beginning were cut off as well. Only those at the very end go.""",
    name="strips_both",
    replace='.rstrip(" ")',
    by='.strip(" ")',
)
shots.misconception(
    """The spaces were cut from `between` everywhere, in the examples as well. Only the end of the prompt
    loses its spaces.""",
    name="between_cut_everywhere",
    replace="    shown =",
    by='    between = between.rstrip(" ")\n    shown =',
)
shots.misconception(
    """Only one space was cut off. There may be several at the end.""",
    name="one_space",
    replace='.rstrip(" ")',
    by='.removesuffix(" ")',
)
shots.misconception(
    """Behind the question stands `after`, as if it had been answered. The prompt stops where the answer
    begins.""",
    name="after_at_the_end",
    replace="before + query + between)",
    by="before + query + between + after)",
)
shots.misconception(
    """`between` is missing behind the question: the model does not know that an answer is due.""",
    name="no_between",
    replace="before + query + between)",
    by="before + query)",
)
shots.misconception(
    """`before` is missing in front of the question. It has the same form as those of the examples.""",
    name="no_before",
    replace="shown + before + query",
    by="shown + query",
)
shots.misconception(
    """The examples are in the opposite order. The given one counts: the last is the nearest to the
    question.""",
    name="reversed",
    replace="for q, a in examples)",
    by="for q, a in reversed(examples))",
)
shots.misconception(
    """`after` stands only between the examples. It follows each of them, the last one too, or that runs into
    the question.""",
    name="joined",
    replace='"".join(before + q + between + a + after for q, a in examples)',
    by="after.join(before + q + between + a for q, a in examples)",
)
shots.misconception(
    """The instruction stands behind the examples. It comes in front of everything.""",
    name="instruction_last",
    replace="(instruction + shown +",
    by="(shown + instruction +",
)
shots.misconception(
    """The instruction stands in front of each example. Once, at the beginning, is enough.""",
    name="instruction_each",
    replace='"".join(before',
    by='"".join(instruction + before',
)
shots.misconception(
    """The instruction got line breaks behind it. It stands there as it is.""",
    name="instruction_lines",
    replace="(instruction + shown",
    by='((instruction + "\\n\\n" if instruction else "") + shown',
)
shots.misconception(
    """before, between and after were not used, but the usual ones: another form can be asked for.""",
    name="fixed_form",
    replace="    shown =",
    by='    before, between, after = "Q: ", "\\nA: ", "\\n\\n"\n    shown =',
)
shots.misconception(
    """Question and answer were put in by replacing marks such as {q}: a text that contains such a mark
    itself is garbled. Add strings.""",
    name="replaced",
    replace="before + q + between + a + after for q, a in examples",
    by='(before + "{q}" + between + "{a}" + after).replace("{q}", q).replace("{a}", a)\n'
    "        for q, a in examples",
)

shots.misconception(
    """Only `between` lost its spaces. Where it is empty, the question's own spaces are at the end of the
    prompt.""",
    name="between_only",
    replace=LAST,
    by='instruction + shown + before + query + between.rstrip(" ")',
)

shots.variant(
    "a list of pieces, f-strings",
    name="pieces",
    source="""def few_shot_prompt(
    examples, query, before="Q: ", between="\\nA: ", after="\\n\\n", instruction=""
):
    text = instruction
    for question, answer in examples:
        text += f"{before}{question}{between}{answer}{after}"
    text += f"{before}{query}{between}"
    while text.endswith(" "):
        text = text[:-1]
    return text
""",
)
