def second(x):
    return x[:1].expand(10**9, 3)
