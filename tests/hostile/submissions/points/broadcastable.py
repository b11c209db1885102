def second(x):
    return x.cummax(0).values[-1:].mean(1, keepdim=True)
