"""Says that it misses a long name, and has others nearly like it: comparing them takes the grader long."""

from graders.ground.runner import MissingName


def second(x):
    raise MissingName("abbbabbbbabaabaaaaaabaaaaaabbbabbaabbbbaabbabbaababbaaaabaaabbbbbbaabb")


def aaabbabaabaabbabbbaaabbbaabbbbaaaababbaaaabbaaabbbaabbabbabaaaababbbbb():
    pass


def babbbababbaabababbaabbaaababaabbaaabbbbbbbbaaaaaababbaaabbabababababaa():
    pass


def bbababbabbbaabababbabaaaababbaaabbabaabbabbaaababaabbababaaababaababbb():
    pass


def bbaabbaabbabaaaabbbbaaabaabaaabbabaababbbaaabaabbaabbbababaabbbbbbabaa():
    pass


def bbaaaaaababbabbbbaabbaaaabbabaabababbbbabbaaaabbabaaababbaabbabaabbabb():
    pass


def baababbabbabbbabaaaaabbbaaabbababbaaabaaaaabbbbbbbaabbbabaaaaaababbbba():
    pass
