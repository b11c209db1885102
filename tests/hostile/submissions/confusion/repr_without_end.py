"""An answer whose repr, str, hash and length recurse, and are only asked if somebody does."""


class Mirror(Exception):
    def __repr__(self):
        return repr(self)

    __str__ = __format__ = __hash__ = __len__ = __bool__ = __repr__


def second(x):
    raise Mirror(Mirror())
