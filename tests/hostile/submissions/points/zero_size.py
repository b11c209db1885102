def second(x):
    return x[:0]
