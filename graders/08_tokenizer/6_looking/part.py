"""Small encoders with known answers, and texts in many scripts: what the exercises share."""

TEXTS = (
    "a",
    "the cat that sat there",
    "na\u00efve \u65e5\u672c\u8a9e 3\u20ac",
    "\U0001f469\u200d\U0001f52c \U0001f1eb\U0001f1f7\x00\u05e9\u05dc\u05d5\u05dd",
    "e\u0301 \u00e9\r\n \u0938\u0941",
)


def random_text(rng, length, letters="ab\u00e9\u65e5\U0001f600 "):
    return "".join(rng.choice(letters) for _ in range(length))


def cut(rng, data, most=4):
    """Bytes, cut anywhere."""
    pieces, at = [], 0
    while at < len(data):
        n = rng.integer(1, most + 1)
        pieces.append(data[at : at + n])
        at += n
    return pieces


def encoder(kind):
    """A function from text to ids."""
    if kind == "bytes":
        return lambda text: list(text.encode("utf-8"))
    if kind == "pairs":
        return lambda text: [sum(map(ord, text[i : i + 2])) for i in range(0, len(text), 2)]
    if kind == "shrinks":
        return lambda text: [1] * (9 - len(text))
    if kind == "words":
        return lambda text: [1000 + len(word) for word in text.split(" ")]
    if kind == "last two":  # an ending changes what is before it, and how many there are
        return lambda text: [*map(ord, text[:-3]), *([7000 + len(text)] if text[-3:] else [])]
    if kind == "runs":  # equal letters are one id

        def runs(text):
            ids = []
            for i, c in enumerate(text):
                if i and text[i - 1] == c:
                    ids[-1] += 10_000
                else:
                    ids.append(ord(c))
            return ids

        return runs
    raise KeyError(kind)
