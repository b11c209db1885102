# what the submissions leave out: right answers to the first and the third exercise


def first(x):
    return x + x + 1


def third(text):
    counts = {}
    for letter in text:
        counts[letter] = counts.get(letter, 0) + 1
    return counts
