"""Texts with what a text may hold: what the exercises of the part share."""

# a space, a line break, capitals, accents, signs beyond 16 bits; '.' is a character like all others
KINDS = list(" \n.,!'-AZabcdeoxyz059éßж語🙂")


def some_text(rng, length, kinds=KINDS):
    return "".join(rng.choice(kinds) for _ in range(length))
