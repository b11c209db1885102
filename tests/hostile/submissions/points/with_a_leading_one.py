def second(x):
    return x.cummax(0).values[None]
