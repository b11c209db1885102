"""Takes files, memory and processor time from itself, in the middle of a check."""
import resource


def second(x):
    answer = x.cummax(0).values
    for which in (resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_STACK, resource.RLIMIT_CORE):
        resource.setrlimit(which, (0, 0))
    return answer
