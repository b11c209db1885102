import threading


def second(x):
    return threading.Lock()
