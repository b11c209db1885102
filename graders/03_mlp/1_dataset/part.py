"""From names to examples: windows, tensors, and splits that share no name: what the exercises share."""

NAMES = [
    "emma",
    "olivia",
    "ava",
    "mia",
    "zoe",
    "eve",
    "ida",
    "leo",
    "noah",
    "liam",
    "anna",
    "elle",
    "bob",
    "otto",
    "jo",
    "al",
    "ed",
    "finn",
    "max",
    "ada",
    "maximilian",
    "christabelle",
    "bo",
    "lee",
    "ann",
    "hannah",
    "aaa",
    "zz",
]


def some(rng, n):
    """n names, in a random order, with repeats when there are not enough."""
    return (rng.shuffled(NAMES) + rng.shuffled(NAMES))[:n]


def made_up(rng, letters):
    """A name of so many random letters."""
    return "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(letters))
