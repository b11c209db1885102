def second(x):
    raise type("", (Exception,), {})
