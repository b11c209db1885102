"""More threads than anybody needs: the system counts them as processes of the user."""
import threading

DONE = threading.Event()


def second(x):
    for _ in range(300):
        threading.Thread(target=DONE.wait, daemon=True).start()
    return x.cummax(0).values
