"""A thread that waits until the next exercise is checked, and then replaces it."""
import sys
import threading


def spoil(module):
    while True:
        module.third = module.first = None


def second(x):
    if threading.active_count() == 1:
        threading.Thread(target=spoil, args=(sys.modules[__name__],), daemon=True).start()
    return "begun"
