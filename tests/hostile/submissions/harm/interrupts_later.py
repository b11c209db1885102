import _thread
import signal


def second(x):
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _thread.interrupt_main()
    return x.cummax(0).values
