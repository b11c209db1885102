def second(x):
    return x * float("nan")
