"""Wrong solutions of calibrate that are right in some cases: what is told of them must not be chance."""


@wrong("calibrate", "batches of 4, the last dropped")
def _(p, X):
    with torch.no_grad():
        n = max(len(X) // 4 * 4, 2)
        h = p.C[X[:n]].view(n, -1) @ p.W1
        return batch_stats(h, correction=1)


@wrong("calibrate", "float32 mean of var over n/(n-1)")
def _(p, X):
    with torch.no_grad():
        h = p.C[X].view(len(X), -1) @ p.W1
        m, v = batch_stats(h, correction=0)
        return m, v * 32 / 31


@wrong("calibrate", "reshaped the other way round")
def _(p, X):
    with torch.no_grad():
        h = p.C[X].transpose(1, 2).reshape(len(X), -1) @ p.W1
        return batch_stats(h, correction=1)


@wrong("calibrate", "minibatches of 32 averaged")
def _(p, X):
    with torch.no_grad():
        ms, vs = [], []
        for c in X.split(32):
            h = p.C[c].view(len(c), -1) @ p.W1
            m, v = batch_stats(h, correction=1)
            ms.append(m)
            vs.append(v)
        return sum(ms) / len(ms), sum(vs) / len(vs)


@wrong("calibrate", "one variance for all units")
def _(p, X):
    with torch.no_grad():
        h = p.C[X].view(len(X), -1) @ p.W1
        m, v = batch_stats(h, correction=1)
        return m, v.mean().expand_as(v).clone()


@wrong("calibrate", "statistics across the units")
def _(p, X):
    with torch.no_grad():
        h = p.C[X].view(len(X), -1) @ p.W1
        return h.mean(1), h.var(1)


@wrong("calibrate", "keepdim")
def _(p, X):
    with torch.no_grad():
        h = p.C[X].view(len(X), -1) @ p.W1
        return h.mean(0, keepdim=True), h.var(0, keepdim=True)


@wrong("calibrate", "first letter only is looked up")
def _(p, X):
    with torch.no_grad():
        h = p.C[X[:, -1:]].expand(-1, X.shape[1], -1).reshape(len(X), -1) @ p.W1
        return batch_stats(h, correction=1)


@wrong("calibrate", "sets requires_grad off on p")
def _(p, X):
    p.C.requires_grad_(False)
    h = (p.C[X].view(len(X), -1) @ p.W1).detach()
    return batch_stats(h, correction=1)


@wrong("calibrate", "mean of squares")
def _(p, X):
    with torch.no_grad():
        h = p.C[X].view(len(X), -1) @ p.W1
        return h.mean(0), (h**2).mean(0) - h.mean(0) ** 2


@wrong("calibrate", "first half only")
def _(p, X):
    with torch.no_grad():
        X = X[: max(2, int(0.8 * len(X)))]
        h = p.C[X].view(len(X), -1) @ p.W1
        return batch_stats(h, correction=1)
