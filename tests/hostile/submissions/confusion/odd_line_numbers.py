"""Code that says it stands in lines that the file does not have, also before its beginning."""
import sys


def second(x):
    code = compile("raise ValueError('here')", __file__, "exec")
    code = code.replace(co_firstlineno=2**31 - 1, co_name="\x1b[2J\n", co_qualname="passed")
    exec(code)
    sys.exit(0)
