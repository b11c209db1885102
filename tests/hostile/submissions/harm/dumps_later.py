"""The fault handler ends the process after a moment, from a thread that nobody sees."""
import faulthandler
import time


def second(x):
    with open(str(len(x)), "w") as file:
        faulthandler.dump_traceback_later(0.05, exit=True, file=file)
        time.sleep(1000)
