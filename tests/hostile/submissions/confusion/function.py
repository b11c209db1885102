def second(x):
    return lambda: x.cummax(0).values
