# all of these have the same hash
def second(x):
    return {i * (2**61 - 1) + 1 for i in range(2, 500)}
