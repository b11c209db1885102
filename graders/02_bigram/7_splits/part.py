"""Train, dev, test: splitting, and tuning the smoothing: what the exercises share."""

import torch


def draw(rng, cube, n):
    """n examples from a cube of probabilities: (xs, ys)."""
    vocab = len(cube)
    xs = rng.integers(0, vocab, n, 2)
    ys = [rng.np.choice(vocab, p=cube[a, b] / cube[a, b].sum()) for a, b in xs.tolist()]
    return xs, torch.tensor([int(y) for y in ys])


def count(xs, ys, vocab):
    flat = (xs[:, 0] * vocab + xs[:, 1]) * vocab + ys
    return torch.bincount(flat, minlength=vocab**3).view(vocab, vocab, vocab).int()


def world(rng, vocab, sharpness):
    """Random probabilities (vocab, vocab, vocab), as numpy; the sharper, the easier to predict."""
    return rng.np.dirichlet([1 / sharpness] * vocab, (vocab, vocab))


ALPHAS = [0.004, 0.02, 0.1, 0.5, 2.0, 8.0, 40.0]


def true_losses(N, xs, ys, alphas):
    """Used for choosing cases only: they are made where the judge is."""
    losses = []
    for alpha in alphas:
        P = N.double() + alpha
        losses.append(float(-(P / P.sum(2, keepdim=True))[xs[:, 0], xs[:, 1], ys].log().mean()))
    return losses


def clearly_best(losses):
    """Where the lowest loss is, or -1 if another comes close (float32 must not decide)."""
    ranked = sorted(losses)
    return losses.index(ranked[0]) if ranked[1] - ranked[0] > 1e-3 else -1


def drawers(rng, vocab):
    """Three drawers whose best alphas are three different ones, clearly so.

    Train is sharp; dev is like it with some noise; test is nearly all noise.
    """
    while True:
        cube = world(rng, vocab, 3)
        noise = 0 * cube + 1 / vocab
        train = draw(rng, cube, 70)
        dev = draw(rng, 0.8 * cube + 0.2 * noise, 40)
        test = draw(rng, 0.3 * cube + 0.7 * noise, 30)
        N = count(*train, vocab)
        both = count(torch.cat([train[0], dev[0]]), torch.cat([train[1], dev[1]]), vocab)
        curves = [true_losses(N, *part, ALPHAS) for part in (train, dev, test)]
        best = [clearly_best(curve) for curve in curves]
        on_both = [a + b for a, b in zip(*curves[:2], strict=True)]
        # what is chosen by other counts must be something else, or at least another loss
        if (
            -1 not in best
            and len(set(best)) == 3
            and clearly_best(on_both) not in (-1, best[1])
            and not torch.equal(N, both)
        ):
            order = rng.shuffled(ALPHAS)
            while {order[0], order[-1]} & {ALPHAS[i] for i in (*best, clearly_best(on_both))}:
                order = rng.shuffled(ALPHAS)  # what comes first or last is nobody's choice
            return dict(train=train, dev=dev, test=test, vocab_size=vocab, alphas=order)
