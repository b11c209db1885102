class Liar(type):
    __name__ = property(lambda cls: 1 / 0)


class Trap(Exception, metaclass=Liar):
    __traceback__ = property(lambda self: 1 / 0)
    __class__ = property(lambda self: 1 / 0)

    def __str__(self):
        raise SystemExit(0)


def second(x):
    raise Trap
