"""Solutions of 10, part 6, as learners might hand them in: see test_unlisted.py, which parses this file."""


@wrong("few_shot_prompt", "str.format on the whole")
def _(examples, query, before="Q: ", between="\nA: ", after="\n\n", instruction=""):
    text = instruction
    for q, a in examples:
        text += (before + q + between + a + after).format(q=q, a=a)
    return (text + before + query + between).rstrip(" ")


@wrong("few_shot_prompt", "tabs are cut off, too")
def _(examples, query, before="Q: ", between="\nA: ", after="\n\n", instruction=""):
    text = instruction + "".join(before + q + between + a + after for q, a in examples)
    return (text + before + query + between).rstrip(" \t")


@wrong("few_shot_prompt", "questions are stripped")
def _(examples, query, before="Q: ", between="\nA: ", after="\n\n", instruction=""):
    text = instruction + "".join(
        before + q.strip() + between + a.strip() + after for q, a in examples
    )
    return (text + before + query + between).rstrip(" ")


@wrong("few_shot_prompt", "only between is cut, not what is in front of it")
def _(examples, query, before="Q: ", between="\nA: ", after="\n\n", instruction=""):
    text = instruction + "".join(before + q + between + a + after for q, a in examples)
    return text + before + query + between.rstrip(" ")


@wrong("few_shot_prompt", "duplicates among the examples are dropped")
def _(examples, query, before="Q: ", between="\nA: ", after="\n\n", instruction=""):
    text = instruction + "".join(
        before + q + between + a + after for q, a in dict(examples).items()
    )
    return (text + before + query + between).rstrip(" ")


@wrong("few_shot_prompt", "at most 3 examples")
def _(examples, query, before="Q: ", between="\nA: ", after="\n\n", instruction=""):
    text = instruction + "".join(before + q + between + a + after for q, a in examples[:3])
    return (text + before + query + between).rstrip(" ")


@wrong("answer_logprob", "base 2")
def _(model, prompt, answer):
    with torch.no_grad():
        logps = model(torch.tensor([prompt + answer]))[0].log_softmax(-1)
    n = len(prompt) - 1
    return sum(logps[n + i, t].item() for i, t in enumerate(answer)) / math.log(2)


@wrong("answer_logprob", "softmax over the positions")
def _(model, prompt, answer):
    with torch.no_grad():
        logps = model(torch.tensor([prompt + answer]))[0].log_softmax(0)
    n = len(prompt) - 1
    return sum(logps[n + i, t].item() for i, t in enumerate(answer))


@wrong("answer_logprob", "the largest log-probabilities, whatever the answer is")
def _(model, prompt, answer):
    with torch.no_grad():
        logps = model(torch.tensor([prompt + answer]))[0].log_softmax(-1)
    return logps[len(prompt) - 1 : -1].amax(-1).sum().item()


@wrong("answer_logprob", "repeated tokens count once")
def _(model, prompt, answer):
    with torch.no_grad():
        logps = model(torch.tensor([prompt + answer]))[0].log_softmax(-1)
    n = len(prompt) - 1
    return float(sum({t: logps[n + i, t].item() for i, t in enumerate(answer)}.values()))


@wrong("answer_logprob", "an int 0 to begin with, a numpy float in the end")
def _(model, prompt, answer):
    import numpy as np

    with torch.no_grad():
        logps = model(torch.tensor([prompt + answer]))[0].log_softmax(-1)
    n = len(prompt) - 1
    return np.float32(sum(logps[n + i, t].item() for i, t in enumerate(answer)))


@right("answer_logprob", "gather")
def _(model, prompt, answer):
    with torch.inference_mode():
        logps = F.log_softmax(model(torch.tensor([prompt + answer[:-1]])), dim=-1)[
            0, -len(answer) :
        ]
        return logps.gather(1, torch.tensor(answer)[:, None]).sum().item()


@wrong("choose", "divides by the root of the length")
def _(model, prompt, answers, mean=False):
    s = [answer_logprob(model, prompt, a) / (len(a) ** 0.5 if mean else 1) for a in answers]
    return s.index(max(s))


@wrong("choose", "a tensor")
def _(model, prompt, answers, mean=False):
    s = [answer_logprob(model, prompt, a) / (len(a) if mean else 1) for a in answers]
    return torch.tensor(s).argmax()


@wrong("choose", "the shortest of them")
def _(model, prompt, answers, mean=False):
    sizes = [len(a) for a in answers]
    return sizes.index(min(sizes))


@right("choose", "max with a key over the indices")
def _(model, prompt, answers, mean=False):
    value = lambda i: answer_logprob(model, prompt, answers[i]) / (len(answers[i]) if mean else 1)
    return max(range(len(answers)), key=value)


@wrong("best_of_n", "a list with the best")
def _(candidates, scorer):
    return [max(candidates, key=scorer)]


@wrong("best_of_n", "sorts in place")
def _(candidates, scorer):
    if not candidates:
        raise ValueError
    candidates.sort(key=scorer, reverse=True)
    return candidates[0]


@wrong("best_of_n", "stops at the first positive score")
def _(candidates, scorer):
    if not candidates:
        raise ValueError
    best, found = -math.inf, candidates[0]
    for c in candidates:
        s = scorer(c)
        if s > best:
            best, found = s, c
        if s > 0:
            break
    return found


@wrong("best_of_n", "an IndexError for nothing")
def _(candidates, scorer):
    found, best = candidates[0], scorer(candidates[0])
    for c in candidates[1:]:
        s = scorer(c)
        if s > best:
            found, best = c, s
    return found


@wrong("majority_vote", "statistics.mode with None among them")
def _(answers):
    import statistics

    return statistics.mode(answers) if answers else None


@wrong("majority_vote", "the median")
def _(answers):
    valid = sorted((a for a in answers if a is not None), key=str)
    return valid[len(valid) // 2] if valid else None


@wrong("majority_vote", "None if there is a tie")
def _(answers):
    votes = Counter(a for a in answers if a is not None).most_common(2)
    if not votes or len(votes) == 2 and votes[0][1] == votes[1][1]:
        return None
    return votes[0][0]


@wrong("majority_vote", "set order decides ties")
def _(answers):
    valid = [a for a in answers if a is not None]
    return max(sorted(set(valid), key=str), key=valid.count) if valid else None


@right("majority_vote", "statistics.mode without None")
def _(answers):
    import statistics

    valid = [a for a in answers if a is not None]
    return statistics.mode(valid) if valid else None


@wrong("pass_at_k", "product over one factor too many")
def _(n, c, k):
    if not 1 <= k <= n:
        raise ValueError
    return 1.0 - math.prod(max(0.0, 1 - k / i) for i in range(max(1, n - c), n + 1))


@wrong("pass_at_k", "hypergeometric: exactly one right")
def _(n, c, k):
    if not 1 <= k <= n:
        raise ValueError
    return c * math.comb(n - c, k - 1) / math.comb(n, k)


@wrong("pass_at_k", "an int where it is certain")
def _(n, c, k):
    if not 1 <= k <= n:
        raise ValueError
    if n - c < k:
        return 1
    return 1.0 - math.prod(1 - k / i for i in range(n - c + 1, n + 1))


@wrong("pass_at_k", "rounded")
def _(n, c, k):
    if not 1 <= k <= n:
        raise ValueError
    return round(1.0 - math.comb(n - c, k) / math.comb(n, k), 6)


@wrong("pass_at_k", "k is cut to n")
def _(n, c, k):
    if k < 1:
        raise ValueError
    return 1.0 - math.comb(n - c, min(k, n)) / math.comb(n, min(k, n))


@right("pass_at_k", "numpy, as in the paper")
def _(n, c, k):
    import numpy as np

    if not 1 <= k <= n:
        raise ValueError
    if n - c < k:
        return 1.0
    return float(1.0 - np.prod(1.0 - k / np.arange(n - c + 1, n + 1)))
