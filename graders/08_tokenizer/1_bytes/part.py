"""Texts from every corner of Unicode, and small lists of ids: what the exercises share."""

# each number of bytes at both of its ends, and what people forget: joiners, right-to-left, controls
EDGES = "\x00\x7f\x80\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff"
TEXTS = (
    "",
    "a",
    "Hello, WORLD",
    "na\u00efve caf\u00e9",
    "e\u0301 is two code points, \u00e9 is one",
    "\u65e5\u672c\u8a9e",
    "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1eb\U0001f1f7",
    "\ufefftab\tline\r\n",
    EDGES,
    "\r by itself\r\n\x00\x00 \x1f\u2028\x85",  # what some functions take for an end
)
# first and last code point of each stretch that is characters, by number of bytes
SPANS = ((0, 0x7F), (0x80, 0x7FF), (0x800, 0xD7FF), (0xE000, 0xFFFF), (0x10000, 0x10FFFF))


def random_text(rng, length):
    """Characters of all lengths, equally often."""
    spans = [rng.choice(SPANS) for _ in range(length)]
    return "".join(chr(rng.integer(low, high + 1)) for low, high in spans)


def few_ids(rng, length, kinds=3):
    """Ids with many repeats, some far above 255."""
    alphabet = [rng.integer(0, 256) for _ in range(kinds - 1)] + [rng.integer(256, 5000)]
    return [rng.choice(alphabet) for _ in range(length)]
