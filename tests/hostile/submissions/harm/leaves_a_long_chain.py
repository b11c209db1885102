"""A list of lists of lists, fifty thousand deep: taking it apart must not overflow the stack."""


def second(x):
    chain = []
    for _ in range(50_000):
        chain = [chain]
    del chain
    return x.cummax(0).values
