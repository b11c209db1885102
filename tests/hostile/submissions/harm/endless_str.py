class Trap(Exception):
    def __str__(self):
        while True:
            pass


def second(x):
    raise Trap
