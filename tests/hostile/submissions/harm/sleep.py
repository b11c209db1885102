import time


def second(x):
    time.sleep(10**6)
