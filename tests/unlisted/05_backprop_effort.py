"""Solutions whose work grows too fast, and slow ones that are right: see test_unlisted.py, which parses this file."""


@wrong("C_backward", "a row at a time, place by place")
def _(demb, Xb, C):
    rows = []
    for v in range(C.shape[0]):
        row = torch.zeros(C.shape[1], dtype=demb.dtype)
        for i in range(Xb.shape[0]):
            for t in range(Xb.shape[1]):
                if Xb[i, t] == v:
                    row = row + demb[i, t]
        rows.append(row)
    return torch.stack(rows)


@wrong("C_backward", "each place asks all characters which of them it is")
def _(demb, Xb, C):
    dC = torch.zeros_like(C)
    for ids, gradients in zip(Xb, demb):
        for i, gradient in zip(ids.tolist(), gradients):
            for v in range(len(C)):
                if v == i:
                    dC[v] += gradient
    return dC


@right("C_backward", "places of each character, as a mask")
def _(demb, Xb, C):
    dC = torch.zeros_like(C)
    for v in range(C.shape[0]):
        here = Xb == v
        if here.any():
            dC[v] = demb[here].sum(0)
    return dC


@right("C_backward", "number by number")
def _(demb, Xb, C):
    dC = torch.zeros_like(C)
    for i in range(Xb.shape[0]):
        for t in range(Xb.shape[1]):
            character = int(Xb[i, t].item())
            for d in range(C.shape[1]):
                dC[character, d] = dC[character, d] + demb[i, t, d]
    return dC
