"""What is global, and was left otherwise than it was found.

Generators, seeds and modes, how things are printed, the process's environment. Who calls a function counts on
all of it, and no answer shows it. This is the child's word, as all that is said beside an answer.
"""

from __future__ import annotations

import _thread
import builtins
import gc
import logging
import os
import random
import signal
import sys
import warnings
from typing import Any

import numpy as np
import torch
from torch import _tensor_str

# held here, because a submission may replace what their modules hold
_seeds = random.seed, np.random.seed, torch.default_generator.manual_seed
_draws: list[Any] = [random.random, np.random.random_sample]
_torch_state, _to_numpy = torch.default_generator.get_state, torch.Tensor.numpy
_tobytes, _without_dispatch = np.ndarray.tobytes, torch._C._DisableTorchDispatch
_seeded = torch.default_generator.initial_seed
_is_grad_enabled = torch.is_grad_enabled
_get_default_dtype, _FLOAT32 = torch.get_default_dtype, torch.float32
_threads, _limit = torch.get_num_threads, sys.getrecursionlimit
_deterministic = torch._C._get_deterministic_algorithms
_numpy_prints = np.get_printoptions
_precision, _anomaly = torch._C._get_float32_matmul_precision, torch.is_anomaly_enabled
_device = torch._GLOBAL_DEVICE_CONTEXT
_errors, _collects, _folder = np.geterr, gc.isenabled, os.getcwd
_TINY = 5e-324
_autocast, _autocast_dtype = torch.is_autocast_enabled, torch.get_autocast_dtype
_onednn, _logs = torch._C._get_mkldnn_enabled, logging.root.manager
_set_umask, _switches, _thresholds = os.umask, sys.getswitchinterval, gc.get_threshold
# signal's own makes an Enum of each answer
_on_signal = getattr(sys.modules.get("_signal"), "getsignal", signal.getsignal)
_profile, _trace = sys.getprofile, sys.gettrace
_running = _thread._count
_digits, _BUILT_IN = sys.get_int_max_str_digits, vars(builtins)
SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGALRM", "SIGUSR1") if hasattr(signal, name)
]
DECIMALS = 28, "ROUND_HALF_EVEN"
BUILT_IN = Warning, UserWarning, RuntimeWarning, DeprecationWarning, FutureWarning

GENERATORS = "random's generator", "numpy's generator"
SEED, GRADIENTS, DTYPE = "torch's seed", "gradients off", "default dtype"
DRAWN = "torch's generator"
MODES = SEED, GRADIENTS, DTYPE, DRAWN
THREADS = "how many threads run (threading)"
SETTINGS = (
    "os.environ",
    "what warnings are shown",
    "how torch prints",
    "how numpy prints",
    "torch's number of threads",
    "torch.use_deterministic_algorithms",
    "Python's recursion limit",
    "torch's precision of float32 products",
    "torch's anomaly mode",
    "torch's default device",
    "how numpy treats overflows",
    "whether garbage is collected",
    "the folder that files are looked for in",
    "how numbers near 0 are kept (torch.set_flush_denormal)",
    "torch.autocast",
    "what torch does with tensors that it saves for a gradient (saved_tensors_hooks)",
    "whether torch uses oneDNN (torch.backends.mkldnn)",
    "what is logged (logging.disable)",
    "the permissions of new files (os.umask)",
    "the precision of decimal's numbers",
    "how long a thread runs (sys.setswitchinterval)",
    "when garbage is collected (gc.set_threshold)",
    "what happens on a signal (signal.signal)",
    "what watches every call (sys.setprofile, sys.settrace)",
    "how long a number Python reads (sys.set_int_max_str_digits)",
    "what shows warnings and errors (warnings.showwarning, sys.excepthook)",
    "one of Python's built-in functions",
    THREADS,
)
_FIRST: dict[int, list[float]] = {}  # what python's and numpy's generator draw first, by seed


def seed_everything(seed: int) -> None:
    """Seeds the three global generators, so that both sides draw the same numbers."""
    seed_python, seed_numpy, seed_torch = _seeds
    seed_python(seed)
    seed_numpy(seed % 2**32)
    seed_torch(seed)


def first_draws(seed: int) -> list[float]:
    """A generator that was left alone draws next what it draws first. Its whole state is slow to look at.

    Not torch's: who builds a module draws from it by the way.
    """
    if seed not in _FIRST:
        seed_everything(seed)
        _FIRST[seed] = [draw() for draw in _draws]
    return _FIRST[seed]


def settings() -> list[Any]:
    """How the process is set, in the order of SETTINGS; some microseconds."""
    return [
        dict(getattr(os.environ, "_data", os.environ)),  # its own keys are decoded one by one
        [*warnings.filters],
        dict(vars(_tensor_str.PRINT_OPTS)),
        _numpy_prints(),
        _threads(),
        _deterministic(),
        _limit(),
        _precision(),
        _anomaly(),
        getattr(_device, "device_context", None),
        _errors(),
        _collects(),
        _here(),
        _TINY * 1.0 != 0.0,
        (_autocast("cpu"), _autocast_dtype("cpu")),
        _hooks_of_saved(),
        _onednn(),
        _logs.disable,
        _umask(),
        _decimals(),
        _switches(),
        _thresholds(),
        (*map(_on_signal, SIGNALS),),
        (_profile(), _trace()),
        _digits(),
        (warnings.showwarning, sys.excepthook, sys.unraisablehook),
        (*_BUILT_IN.values(),),
        _running(),
    ]


def _umask() -> int:
    now = _set_umask(0o77)
    _set_umask(now)
    return now


def _decimals() -> tuple[Any, ...]:
    if (decimal := sys.modules.get("decimal")) is None:  # it has not been touched
        return DECIMALS
    now = decimal.getcontext()
    return now.prec, now.rounding


def _hooks_of_saved() -> Any:
    try:
        return torch._C._autograd._top_saved_tensors_default_hooks(True)
    except (AttributeError, TypeError):  # a name inside torch, which may go
        return None


def _here() -> str:
    try:
        return _folder()
    except OSError:  # it is gone
        return ""


def _important(setting: Any) -> Any:
    """What of the environment, or of the filters for warnings, is anybody's own doing."""
    if isinstance(
        setting, dict
    ):  # torch notes there where it keeps things, when an optimizer is made
        return {k: v for k, v in setting.items() if k[:5] not in ("TORCH", b"TORCH")}
    if isinstance(
        setting, list
    ):  # a module that is imported late may add its own, for its own messages
        return [f for f in setting if f[1] is None and f[3] is None and f[2] in BUILT_IN]
    return setting


def modes(drawing: bool) -> tuple[Any, ...]:
    """In the order of MODES: a scenario may set them itself, so they are looked at around each call.

    Args:
        drawing: whether a number drawn from torch's generator counts. Who builds a module draws by the way.
    """
    state = _drawn() if drawing else None
    return _seeded(), _is_grad_enabled(), _get_default_dtype(), state


def _drawn() -> bytes:
    """The state of torch's generator. It comes in a tensor: unseen by who looks at what tensors are made."""
    aside = _without_dispatch()
    state = _tobytes(_to_numpy(_torch_state()))
    del aside
    return state


def left_behind(seed: int, before: list[Any]) -> list[str]:
    """What is another than it was: ``before``, as ``settings`` gave it, and what ``seed`` gives."""
    try:
        draws = zip(GENERATORS, _draws, _FIRST[seed], strict=True)
        left = [name for name, draw, first in draws if draw() != first]
        now = settings()
    except Exception:  # what could be told before, and cannot be now, is another
        return list(GENERATORS)
    if _seeded() != seed:
        left.append(SEED)
    if not _is_grad_enabled():
        left.append(GRADIENTS)
    if _get_default_dtype() is not _FLOAT32:
        left.append(DTYPE)
    for name, was, is_ in zip(SETTINGS, before, now, strict=True):
        if is_ != was and _important(is_) != _important(was):
            left.append(name)
    return left
