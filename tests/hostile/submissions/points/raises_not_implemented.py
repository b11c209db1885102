def second(x):
    if x.shape[0] > 1:
        raise NotImplementedError("later")
    return x
