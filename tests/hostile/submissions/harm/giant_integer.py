def second(x):
    return 1 << 10**6
