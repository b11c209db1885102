def second(x):
    return x.to("meta")
