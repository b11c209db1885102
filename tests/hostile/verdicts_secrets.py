"""Those that want to see what is not theirs: answers, tokens, others' files."""

from __future__ import annotations

# name: (mode, what becomes of ``second``, words that its report must hold); see verdicts.py
VERDICTS: dict[str, tuple[str, str, str]] = {
    "attacks_memory_of_others": ("any", "passed", ""),
    "reads_stdin": ("any", "error", "EOFError"),
    "reads_the_solution": ("any", "passed", ""),
    "searches_memory": ("any", "passed", ""),
    "searches_the_environment": ("any", "passed", ""),
    "searches_the_heap": ("any", "passed", ""),
    "uses_a_unix_socket": ("any", "error", "may not do"),
    "uses_the_network": ("any", "error", "may not do"),
}
# CPU seconds, where the attack needs more than a moment to have its chance
SECONDS: dict[str, float] = {
    "searches_memory": 20.0,
    "searches_the_heap": 20.0,
}
