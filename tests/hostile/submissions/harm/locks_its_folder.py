import os


def second(x):
    os.makedirs("a/b/c", exist_ok=True)
    if not os.path.exists("locked"):
        os.makedirs("locked", mode=0)
    open("a/b/c/file", "w").close()
    return x.cummax(0).values
