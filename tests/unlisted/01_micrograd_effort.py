"""Solutions whose work grows too fast, and slow ones that are right: see test_unlisted.py, which parses this file."""


@wrong("softmax", "each quotient with exponentials and a sum of its own")
def _(logits):
    top = max(l.data for l in logits)
    probabilities = []
    for mine in logits:
        total = Value(0.0)
        for other in logits:
            total = total + (other - top).exp()
        probabilities.append((mine - top).exp() / total)
    return probabilities


@wrong("softmax", "all exponentials for each probability")
def _(logits):
    def share(k):
        largest = max(l.data for l in logits)
        counts = [(l - largest).exp() for l in logits]
        return counts[k] / sum(counts)

    return [share(k) for k in range(len(logits))]


@right("softmax", "the maximum is looked for by hand, step by step")
def _(logits):
    largest = logits[0].data
    for l in logits:
        if l.data > largest:
            largest = l.data
    counts, total = [], Value(0.0)
    for l in logits:
        count = (l - largest).exp()
        counts.append(count)
        total = total + count
    return [count * total**-1 for count in counts]


@right("softmax", "each exponential made twice: once for the sum, once for the quotient")
def _(logits):
    largest = max(l.data for l in logits)
    total = sum((l - largest).exp() for l in logits)
    return [(l - largest).exp() / total for l in logits]
