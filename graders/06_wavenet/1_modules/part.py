"""Modules: Embedding, Flatten and Sequential, with parameters() and the training flag."""


def every_kind(m, v, d, h, nested):
    """(model, all its layers): every kind of layer, the inner ones in up to two containers."""
    inner = [m.Linear(d, h, bias=False), m.BatchNorm1d(h), m.Tanh()]
    outer = [m.Embedding(v, d), m.Flatten()]
    last = m.Linear(h, v)
    flat = [*outer, *inner, last]
    middle = m.Sequential(list(inner))
    if nested == 0:
        return m.Sequential(list(flat)), flat
    if nested == 1:
        return m.Sequential([*outer, middle, last]), flat
    return m.Sequential([*outer, m.Sequential([middle]), m.Sequential([]), last]), flat
