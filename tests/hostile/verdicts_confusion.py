"""Those that answer with, raise or say something that a grader may trip over."""

from __future__ import annotations

# name: (mode, what becomes of ``second``, words that its report must hold); see verdicts.py
VERDICTS: dict[str, tuple[str, str, str]] = {
    "a_group_of_groups": ("any", "error", "ExceptionGroup: group"),
    "abort": ("any", "error", "crashed the interpreter (SIGABRT)"),
    "below_a_try": ("any", "passed", ""),
    "cannot_be_read_twice": ("any", "failed", "got a numpy array of object"),
    "complex_answer": ("any", "failed", "wrong dtype: got complex128"),
    "compressed_tensor": ("any", "failed", "layout torch.sparse_csr"),
    "deep_recursion": ("any", "error", "the recursion went too deep"),
    "empty": ("any", "error", "I cannot find `second` in your file"),
    "enormous_name": ("any", "error", "EEE: pass"),
    "function": ("any", "failed", "wrong type: got a function"),
    "generator": ("any", "failed", "wrong type: got a generator"),
    "generator_exit": ("any", "error", "GeneratorExit"),
    "grad_tensor": ("any", "failed", "got a tensor that belongs to a graph"),
    "hostile_exception": ("any", "error", "98.second: "),
    "keyboard_interrupt": ("any", "error", "KeyboardInterrupt"),
    "keyboard_interrupt_at_import": ("any", "error", "executed without it: KeyboardInterrupt"),
    "meta_tensor": ("any", "failed", "got a tensor on the meta device, which holds no numbers"),
    "nameless_answer": ("any", "failed", "got a nameless thing"),
    "nameless_exception": ("any", "error", "an exception without a name"),
    "nan": ("any", "failed", "NaN: 3 of 3 elements are not a number"),
    "nan_with_a_message": ("any", "failed", "NaN: 3 of 3"),
    "negative_later": ("any", "passed", ""),
    "nested_tensor": ("any", "error", "98.second: "),
    "numpy_backwards": ("any", "failed", "got a numpy array of shape (1, 3)"),
    "odd_line_numbers": ("any", "error", "ValueError: here"),
    "overlapping_tensor": ("any", "error", "the answer is too large"),
    "quantized_tensor": ("any", "failed", "got a torch.qint8 tensor"),
    "repr_without_end": ("any", "error", "98.second: Mirror"),
    "returns_none": ("any", "failed", "(is the `return` missing?)"),
    "right": ("any", "passed", ""),
    "segfault": ("any", "error", "line 5, in second:  ctypes.string_at(0)"),
    "sparse_tensor": ("any", "failed", "layout torch.sparse_coo"),
    "strange_dict": ("any", "failed", "wrong type: got a dict"),
    "strict_warnings": ("any", "error", "UserWarning: attention"),
    "syntax_error": ("any", "file error", "line 1 is not valid Python"),
    "turned_around": ("any", "error", "\\u202e\\u2066dessap"),
    "unpicklable": ("any", "failed", "wrong type: got a lock"),
    "views_freed_memory": ("any", "error", "crashed the interpreter (SIGSEGV)"),
    "without_dimensions": ("any", "failed", "wrong shape: got ()"),
}
# CPU seconds, where the attack needs more than a moment to have its chance
SECONDS: dict[str, float] = {
    "enormous_name": 8.0,
}
