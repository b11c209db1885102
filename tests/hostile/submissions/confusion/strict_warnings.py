import warnings

warnings.simplefilter("error")


def second(x):
    warnings.warn("attention")
