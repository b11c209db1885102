def second(x):
    while True:
        pass
