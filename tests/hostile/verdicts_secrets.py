"""Those that want to see what is not theirs: answers, tokens, others' files."""

from __future__ import annotations

# name: (mode, what becomes of ``second``, words that its report must hold); see verdicts.py
VERDICTS: dict[str, tuple[str, str, str]] = {
    "asks_about_the_network": ("strict", "passed", ""),
    "asks_the_channel_for_descriptors": ("strict", "passed", ""),
    "attacks_memory_of_others": ("any", "passed", ""),
    "becomes_root": ("strict", "passed", ""),
    "calls_by_the_old_door": ("strict", "error", "crashed the interpreter (SIGSYS)"),
    "calls_by_the_x32_door": ("strict", "passed", ""),
    "climbs_out_of_its_root": ("strict", "passed", ""),
    "compares_with_other_processes": ("strict", "passed", ""),
    "joins_other_namespaces": ("strict", "passed", ""),
    "listens_for_the_next_request": ("strict", "passed", ""),
    "loads_a_program_into_the_kernel": ("strict", "passed", ""),
    "looks_for_the_gradebook": ("strict", "passed", ""),
    "looks_into_others_folders": ("strict", "passed", ""),
    "mounts_the_processes_folder": ("strict", "passed", ""),
    "opens_by_handle": ("strict", "passed", ""),
    "opens_the_processes_folder": ("strict", "passed", ""),
    "reads_keys_that_are_called_settings": ("strict", "passed", ""),
    "reads_memory_of_others": ("strict", "passed", ""),
    "reads_passwords": ("strict", "passed", ""),
    "reads_stdin": ("any", "error", "EOFError"),
    "reads_the_c_librarys_environment": ("strict", "passed", ""),
    "reads_the_kernels_log": ("strict", "passed", ""),
    "reads_the_solution": ("any", "passed", ""),
    "searches_all_its_memory": ("strict", "passed", ""),
    "searches_key_rings": ("strict", "passed", ""),
    "searches_memory": ("any", "passed", ""),
    "searches_the_environment": ("any", "passed", ""),
    "searches_the_heap": ("any", "passed", ""),
    "takes_descriptors_of_others": ("strict", "passed", ""),
    "traces_others": ("strict", "passed", ""),
    "uses_a_unix_socket": ("any", "error", "may not do"),
    "uses_the_network": ("any", "error", "may not do"),
    "uses_what_was_left_open": ("strict", "passed", ""),
}
# CPU seconds, where the attack needs more than a moment to have its chance
SECONDS: dict[str, float] = {
    "searches_all_its_memory": 20.0,
    "searches_memory": 20.0,
    "searches_the_heap": 20.0,
    "uses_what_was_left_open": 8.0,
}
