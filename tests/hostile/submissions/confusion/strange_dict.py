def second(x):
    return {(1, x): x, frozenset([1]): 2, None: [x], 1.5: {2, (3,)}, ...: Ellipsis}
