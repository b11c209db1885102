def second(x):
    with open("big", "wb") as file:
        while True:
            file.write(bytes(2**20))
