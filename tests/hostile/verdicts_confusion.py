"""Those that answer with, raise or say something that a grader may trip over."""

from __future__ import annotations

# name: (mode, what becomes of ``second``, words that its report must hold); see verdicts.py
VERDICTS: dict[str, tuple[str, str, str]] = {
    "abort": ("any", "error", "crashed the interpreter (SIGABRT)"),
    "deep_recursion": ("any", "error", "the recursion went too deep"),
    "empty": ("any", "error", "I cannot find `second` in your file"),
    "function": ("any", "failed", "wrong type: got a function"),
    "generator": ("any", "failed", "wrong type: got a generator"),
    "generator_exit": ("any", "error", "GeneratorExit"),
    "grad_tensor": ("any", "passed", ""),
    "hostile_exception": ("any", "error", "98.second: "),
    "keyboard_interrupt": ("any", "error", "KeyboardInterrupt"),
    "keyboard_interrupt_at_import": ("any", "file error", "cannot be executed: KeyboardInterrupt"),
    "meta_tensor": ("any", "failed", "got a tensor on the meta device, which holds no numbers"),
    "nameless_answer": ("any", "failed", "got a nameless thing"),
    "nameless_exception": ("any", "error", "an exception without a name"),
    "nan": ("any", "failed", "NaN: 3 of 3 elements are not a number"),
    "returns_none": ("any", "failed", "(is the `return` missing?)"),
    "right": ("any", "passed", ""),
    "segfault": ("any", "error", "line 5, in second:  ctypes.string_at(0)"),
    "sparse_tensor": ("any", "failed", "layout torch.sparse_coo"),
    "strange_dict": ("any", "failed", "wrong type: got a dict"),
    "strict_warnings": ("any", "error", "UserWarning: attention"),
    "syntax_error": ("any", "file error", "line 1 is not valid Python"),
    "unpicklable": ("any", "failed", "wrong type: got a lock"),
}
# CPU seconds, where the attack needs more than a moment to have its chance
SECONDS: dict[str, float] = {}
