"""What only root may do: restarting, swapping, accounting, quotas, names, modules, I/O ports."""
import ctypes


def second(x):
    libc = ctypes.CDLL(None, use_errno=True)
    calls = {
        "reboot": (0,),  # Ctrl-Alt-Del off
        "swapon": (b"/none", 0),
        "swapoff": (b"/none",),
        "acct": (b"/none",),
        "quotactl": (0x800007, b"/none", 0, None),
        "sethostname": (b"planted", 7),
        "setdomainname": (b"planted", 7),
        "delete_module": (b"none", 0),
        "init_module": (b"", 0, b""),
        "vhangup": (),
        "iopl": (3,),
        "mlockall": (3,),
        "sync": (),
    }
    for name, arguments in calls.items():
        if (call := getattr(libc, name, None)) is None or name == "sync":
            continue
        ctypes.set_errno(0)
        if call(*arguments) != -1 or ctypes.get_errno() not in (1, 38):
            return f"{name} was tried: {ctypes.get_errno()}"
    return x.cummax(0).values
