"""Wrong solutions of colored that are right in some cases: what is told of them must not be chance."""


@wrong("colored", "strips the space")
def _(tokens):
    return "".join(
        f"\x1b[30;48;5;{COLORS[k % len(COLORS)]}m{t.strip(' ').replace(chr(10), '↵')}\x1b[0m"
        for k, t in enumerate(tokens)
    )


@wrong("colored", "the first colour again after four")
def _(tokens):
    out = ""
    for k, token in enumerate(tokens):
        out += f"\x1b[30;48;5;{COLORS[k % 4]}m" + token.replace("\n", "↵") + "\x1b[0m"
    return out


@wrong("colored", "only the first line break of a token")
def _(tokens):
    return "".join(
        f"\x1b[30;48;5;{COLORS[k % len(COLORS)]}m{t.replace(chr(10), '↵', 1)}\x1b[0m"
        for k, t in enumerate(tokens)
    )


@wrong("colored", "carriage returns are shown as well")
def _(tokens):
    return "".join(
        f"\x1b[30;48;5;{COLORS[k % len(COLORS)]}m{t.replace(chr(13), '').replace(chr(10), '↵')}\x1b[0m"
        for k, t in enumerate(tokens)
    )


@wrong("colored", "splitlines")
def _(tokens):
    return "".join(
        f"\x1b[30;48;5;{COLORS[k % len(COLORS)]}m{'↵'.join(t.splitlines())}\x1b[0m"
        for k, t in enumerate(tokens)
    )


@wrong("colored", "empty tokens are left out")
def _(tokens):
    return "".join(
        f"\x1b[30;48;5;{COLORS[k % len(COLORS)]}m{t.replace(chr(10), '↵')}\x1b[0m"
        for k, t in enumerate(tokens)
        if t
    )


@wrong("colored", "empty tokens are left out before counting")
def _(tokens):
    return "".join(
        f"\x1b[30;48;5;{COLORS[k % len(COLORS)]}m{t.replace(chr(10), '↵')}\x1b[0m"
        for k, t in enumerate(t for t in tokens if t)
    )


@wrong("colored", "the place by index: repeated tokens")
def _(tokens):
    return "".join(
        f"\x1b[30;48;5;{COLORS[tokens.index(t) % len(COLORS)]}m{t.replace(chr(10), '↵')}\x1b[0m"
        for t in tokens
    )


@wrong("colored", "zip without cycle: five at most")
def _(tokens):
    return "".join(
        f"\x1b[30;48;5;{c}m{t.replace(chr(10), '↵')}\x1b[0m" for c, t in zip(COLORS, tokens)
    )


@wrong("colored", "repr of the token")
def _(tokens):
    return "".join(
        f"\x1b[30;48;5;{COLORS[k % len(COLORS)]}m{repr(t)[1:-1].replace(chr(92) + 'n', '↵')}\x1b[0m"
        for k, t in enumerate(tokens)
    )


@wrong("colored", "min(k, 4)")
def _(tokens):
    return "".join(
        f"\x1b[30;48;5;{COLORS[min(k, len(COLORS) - 1)]}m{t.replace(chr(10), '↵')}\x1b[0m"
        for k, t in enumerate(tokens)
    )


@wrong("colored", "trailing break only")
def _(tokens):
    return "".join(
        f"\x1b[30;48;5;{COLORS[k % len(COLORS)]}m{t.rstrip(chr(10)) + '↵' * t.endswith(chr(10))}\x1b[0m"
        for k, t in enumerate(tokens)
    )


@wrong("colored", "dict of tokens")
def _(tokens):
    return "".join(
        f"\x1b[30;48;5;{c}m{t.replace(chr(10), '↵')}\x1b[0m"
        for t, c in {t: COLORS[k % len(COLORS)] for k, t in enumerate(tokens)}.items()
    )


@wrong("colored", "None where there are none")
def _(tokens):
    if not tokens:
        return None
    return "".join(
        f"\x1b[30;48;5;{COLORS[k % len(COLORS)]}m{t.replace(chr(10), '↵')}\x1b[0m"
        for k, t in enumerate(tokens)
    )


@wrong("colored", "ascii only")
def _(tokens):
    return "".join(
        f"\x1b[30;48;5;{COLORS[k % len(COLORS)]}m{''.join(c if c.isascii() else '?' for c in t).replace(chr(10), '↵')}\x1b[0m"
        for k, t in enumerate(tokens)
    )
