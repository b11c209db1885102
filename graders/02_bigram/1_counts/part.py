"""What the exercises of this part share.

Counting bigrams: the vocabulary, one word, a dict, a matrix, and where its labels go.
"""

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def word(rng, letters, length):
    """A random word from the given letters."""
    return "".join(rng.choice(letters) for _ in range(length))
