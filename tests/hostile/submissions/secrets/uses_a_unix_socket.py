import socket


def second(x):
    socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).connect("/var/run/docker.sock")
