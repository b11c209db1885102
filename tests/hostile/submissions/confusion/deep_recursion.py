def second(x):
    return second(x)
