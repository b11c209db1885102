def second(x):
    loop = []
    loop += [loop, loop, {"again": loop}]
    return loop
