def second(x):
    return type(" \n", (), {})()
