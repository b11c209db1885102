"""More solutions of 10, part 6, written from the docstrings alone: see test_unlisted.py, which parses this file."""


# few_shot_prompt


@wrong("few_shot_prompt", "rstrip of everything")
def _(examples, query, before="Q: ", between="\nA: ", after="\n\n", instruction=""):
    text = instruction
    for q, a in examples:
        text += before + q + between + a + after
    return (text + before + query + between).rstrip()


@wrong("few_shot_prompt", "strips both ends")
def _(examples, query, before="Q: ", between="\nA: ", after="\n\n", instruction=""):
    text = instruction
    for q, a in examples:
        text += before + q + between + a + after
    return (text + before + query + between).strip(" ")


@wrong("few_shot_prompt", "between stripped everywhere")
def _(examples, query, before="Q: ", between="\nA: ", after="\n\n", instruction=""):
    between = between.rstrip(" ")
    text = instruction
    for q, a in examples:
        text += before + q + between + a + after
    return text + before + query + between


@wrong("few_shot_prompt", "only one space cut off")
def _(examples, query, before="Q: ", between="\nA: ", after="\n\n", instruction=""):
    text = instruction
    for q, a in examples:
        text += before + q + between + a + after
    return (text + before + query + between).removesuffix(" ")


@wrong("few_shot_prompt", "after as a separator that comes once more or not at all")
def _(examples, query, before="Q: ", between="\nA: ", after="\n\n", instruction=""):
    shown = after.join(before + q + between + a for q, a in examples)
    return (instruction + shown + before + query + between).rstrip(" ")


@wrong("few_shot_prompt", "an empty line behind the instruction")
def _(examples, query, before="Q: ", between="\nA: ", after="\n\n", instruction=""):
    if instruction:
        instruction += "\n"
    shown = "".join(before + q + between + a + after for q, a in examples)
    return (instruction + shown + before + query + between).rstrip(" ")


@wrong("few_shot_prompt", "format with braces")
def _(examples, query, before="Q: ", between="\nA: ", after="\n\n", instruction=""):
    template = instruction + "".join(before + q + between + a + after for q, a in examples)
    return (template + before + "{query}" + between).format(query=query).rstrip(" ")


@wrong("few_shot_prompt", "only the between is stripped: an empty between keeps the query's spaces")
def _(examples, query, before="Q: ", between="\nA: ", after="\n\n", instruction=""):
    shown = "".join(before + q + between + a + after for q, a in examples)
    return instruction + shown + before + query + between.rstrip(" ")


@right("few_shot_prompt", "a list of pieces and a while")
def _(examples, query, before="Q: ", between="\nA: ", after="\n\n", instruction=""):
    pieces = [instruction]
    for q, a in examples:
        pieces += [before, q, between, a, after]
    text = "".join(pieces + [before, query, between])
    while text.endswith(" "):
        text = text[:-1]
    return text


@right("few_shot_prompt", "regular expression")
def _(examples, query, before="Q: ", between="\nA: ", after="\n\n", instruction=""):
    import re

    text = instruction + "".join(f"{before}{q}{between}{a}{after}" for q, a in examples)
    return re.sub(r" +\Z", "", f"{text}{before}{query}{between}")


# answer_logprob


@wrong("answer_logprob", "off by one: predicted at itself")
def _(model, prompt, answer):
    with torch.no_grad():
        logp = model(torch.tensor([prompt + answer]))[0].log_softmax(-1)
    return sum(logp[len(prompt) + i, a].item() for i, a in enumerate(answer))


@wrong("answer_logprob", "mean")
def _(model, prompt, answer):
    with torch.no_grad():
        logp = model(torch.tensor([prompt + answer]))[0].log_softmax(-1)
    return sum(logp[len(prompt) + i - 1, a].item() for i, a in enumerate(answer)) / len(answer)


@wrong("answer_logprob", "log of softmax: -inf where logits are far apart")
def _(model, prompt, answer):
    with torch.no_grad():
        logp = model(torch.tensor([prompt + answer]))[0].softmax(-1).log()
    return sum(logp[len(prompt) + i - 1, a].item() for i, a in enumerate(answer))


@wrong("answer_logprob", "the prompt's tokens count")
def _(model, prompt, answer):
    ids = prompt + answer
    with torch.no_grad():
        logp = model(torch.tensor([ids]))[0].log_softmax(-1)
    return sum(logp[i - 1, ids[i]].item() for i in range(1, len(ids)))


@wrong("answer_logprob", "the first token of the answer is left out")
def _(model, prompt, answer):
    with torch.no_grad():
        logp = model(torch.tensor([prompt + answer]))[0].log_softmax(-1)
    return float(sum(logp[len(prompt) + i - 1, a].item() for i, a in enumerate(answer) if i))


@wrong("answer_logprob", "eval mode")
def _(model, prompt, answer):
    if isinstance(model, nn.Module):
        model.eval()
    with torch.no_grad():
        logp = model(torch.tensor([prompt + answer]))[0].log_softmax(-1)
    return sum(logp[len(prompt) + i - 1, a].item() for i, a in enumerate(answer))


@wrong("answer_logprob", "a 0-d tensor")
def _(model, prompt, answer):
    with torch.no_grad():
        logp = model(torch.tensor([prompt + answer]))[0].log_softmax(-1)
    return sum(logp[len(prompt) + i - 1, a] for i, a in enumerate(answer))


@wrong("answer_logprob", "gradient recorded")
def _(model, prompt, answer):
    logp = model(torch.tensor([prompt + answer]))[0].log_softmax(-1)
    return sum(logp[len(prompt) + i - 1, a].item() for i, a in enumerate(answer))


@wrong("answer_logprob", "prompt += answer")
def _(model, prompt, answer):
    n = len(prompt)
    prompt += answer
    with torch.no_grad():
        logp = model(torch.tensor([prompt]))[0].log_softmax(-1)
    return sum(logp[n + i - 1, a].item() for i, a in enumerate(answer))


@wrong("answer_logprob", "each answer token given the prompt only")
def _(model, prompt, answer):
    with torch.no_grad():
        logp = model(torch.tensor([prompt]))[0, -1].log_softmax(-1)
    return logp[answer].sum().item()


@wrong("answer_logprob", "the loss, with its sign")
def _(model, prompt, answer):
    ids = torch.tensor([prompt + answer])
    with torch.no_grad():
        logits = model(ids)[0, len(prompt) - 1 : -1]
    return F.cross_entropy(logits, torch.tensor(answer), reduction="sum").item()


@right("answer_logprob", "token by token")
def _(model, prompt, answer):
    text, total = list(prompt), 0.0
    with torch.no_grad():
        for a in answer:
            z = model(torch.tensor([text]))[0, -1]
            total += (z[a] - torch.logsumexp(z, 0)).item()
            text.append(a)
    return total


@right("answer_logprob", "cross_entropy, without the last token as input")
def _(model, prompt, answer):
    ids = torch.tensor(list(prompt) + list(answer), dtype=torch.int64)[None]
    with torch.no_grad():
        logits = model(ids[:, :-1])
    targets = ids[:, 1:].clone()
    targets[:, : len(prompt) - 1] = -100
    return -F.cross_entropy(logits[0], targets[0], reduction="sum").item()


@right("answer_logprob", "gather")
def _(model, prompt, answer):
    ids = torch.tensor([[*prompt, *answer]])
    logp = F.log_softmax(torch.no_grad()(model)(ids)[:, :-1], dim=2)
    return float(logp.gather(2, ids[:, 1:, None])[0, -len(answer) :, 0].sum())


# choose


@wrong("choose", "always the mean")
def _(model, prompt, answers, mean=False):
    s = [answer_logprob(model, prompt, a) / len(a) for a in answers]
    return s.index(max(s))


@wrong("choose", "mean ignored")
def _(model, prompt, answers, mean=False):
    s = [answer_logprob(model, prompt, a) for a in answers]
    return s.index(max(s))


@wrong("choose", "the last of equal ones")
def _(model, prompt, answers, mean=False):
    best, at = -math.inf, 0
    for i, a in enumerate(answers):
        s = answer_logprob(model, prompt, a) / (len(a) if mean else 1)
        if s >= best:
            best, at = s, i
    return at


@wrong("choose", "the answer itself")
def _(model, prompt, answers, mean=False):
    return max(answers, key=lambda a: answer_logprob(model, prompt, a) / (len(a) if mean else 1))


@wrong("choose", "divided by prompt and answer")
def _(model, prompt, answers, mean=False):
    s = [answer_logprob(model, prompt, a) / (len(prompt + a) if mean else 1) for a in answers]
    return s.index(max(s))


@wrong("choose", "a tensor of an argmax")
def _(model, prompt, answers, mean=False):
    s = [answer_logprob(model, prompt, a) / (len(a) if mean else 1) for a in answers]
    return torch.tensor(s, dtype=torch.float64).argmax()


@wrong("choose", "compares exp of the sum")
def _(model, prompt, answers, mean=False):
    s = [math.exp(answer_logprob(model, prompt, a)) / (len(a) if mean else 1) for a in answers]
    return s.index(max(s))


@wrong("choose", "starts at -100 as the worst")
def _(model, prompt, answers, mean=False):
    best, at = -100.0, 0
    for i, a in enumerate(answers):
        s = answer_logprob(model, prompt, a) / (len(a) if mean else 1)
        if s > best:
            best, at = s, i
    return at


@right("choose", "max over range with a key")
def _(model, prompt, answers, mean=False):
    def value(i):
        total = answer_logprob(model, prompt, answers[i])
        return total / len(answers[i]) if mean else total

    return max(range(len(answers)), key=value)


@right("choose", "a loop with None")
def _(model, prompt, answers, mean=False):
    best = None
    for i, answer in enumerate(answers):
        value = answer_logprob(model, prompt, answer)
        if mean:
            value /= len(answer)
        if best is None or value > best[0]:
            best = value, i
    return best[1]


# best_of_n


@wrong("best_of_n", "the last of equal ones")
def _(candidates, scorer):
    if not candidates:
        raise ValueError("none")
    best = candidates[0]
    top = scorer(best)
    for c in candidates[1:]:
        s = scorer(c)
        if s >= top:
            best, top = c, s
    return best


@wrong("best_of_n", "the scorer is called twice for the best")
def _(candidates, scorer):
    if not candidates:
        raise ValueError("none")
    top = max(scorer(c) for c in candidates)
    return next(c for c in candidates if scorer(c) == top)


@wrong("best_of_n", "starts at 0")
def _(candidates, scorer):
    if not candidates:
        raise ValueError("none")
    best, top = candidates[0], 0
    for c in candidates:
        s = scorer(c)
        if s > top:
            best, top = c, s
    return best


@wrong("best_of_n", "pairs compared: equal scores compare the candidates")
def _(candidates, scorer):
    if not candidates:
        raise ValueError("none")
    return max((scorer(c), c) for c in candidates)[1]


@wrong("best_of_n", "the index")
def _(candidates, scorer):
    if not candidates:
        raise ValueError("none")
    s = [scorer(c) for c in candidates]
    return s.index(max(s))


@wrong("best_of_n", "None if there is none")
def _(candidates, scorer):
    return max(candidates, key=scorer, default=None)


@wrong("best_of_n", "a dictionary of scores: candidates must be hashable")
def _(candidates, scorer):
    if not candidates:
        raise ValueError("none")
    s = {c: scorer(c) for c in candidates}
    return max(s, key=s.get)


@wrong("best_of_n", "candidates sorted in place")
def _(candidates, scorer):
    if not candidates:
        raise ValueError("none")
    candidates.sort(key=scorer, reverse=True)
    return candidates[0]


@wrong("best_of_n", "scores to int")
def _(candidates, scorer):
    if not candidates:
        raise ValueError("none")
    return max(candidates, key=lambda c: int(scorer(c)))


@right("best_of_n", "max with a key")
def _(candidates, scorer):
    if len(candidates) == 0:
        raise ValueError("none")
    return max(candidates, key=scorer)


@right("best_of_n", "a stable sort, ascending, of negatives")
def _(candidates, scorer):
    if not candidates:
        raise ValueError("none")
    s = [-scorer(c) for c in candidates]
    return candidates[sorted(range(len(s)), key=s.__getitem__)[0]]


# majority_vote


@wrong("majority_vote", "None votes too")
def _(answers):
    return Counter(answers).most_common(1)[0][0] if answers else None


@wrong("majority_vote", "the last reached wins a tie")
def _(answers):
    c = Counter(a for a in answers if a is not None)
    return max(reversed(list(c)), key=c.get, default=None)


@wrong("majority_vote", "the smallest of a tie (sorted)")
def _(answers):
    c = Counter(a for a in answers if a is not None)
    return min(c, key=lambda a: (-c[a], str(a)), default=None)


@wrong("majority_vote", "if a: 0 and the empty string do not vote")
def _(answers):
    c = Counter(a for a in answers if a)
    return c.most_common(1)[0][0] if c else None


@wrong("majority_vote", "an absolute majority is needed")
def _(answers):
    c = Counter(a for a in answers if a is not None)
    for a, n in c.items():
        if 2 * n > sum(c.values()):
            return a
    return None


@wrong("majority_vote", "raises on an empty list")
def _(answers):
    return Counter(a for a in answers if a is not None).most_common(1)[0][0]


@wrong("majority_vote", "as strings")
def _(answers):
    c = Counter(str(a) for a in answers if a is not None)
    return c.most_common(1)[0][0] if c else None


@wrong("majority_vote", "max of a set: a tie is broken by hash")
def _(answers):
    votes = [a for a in answers if a is not None]
    return max(set(votes), key=votes.count, default=None)


@wrong("majority_vote", "the one that reaches the highest count first")
def _(answers):
    c, best, n = Counter(), None, 0
    for a in answers:
        if a is not None:
            c[a] += 1
            if c[a] > n:
                best, n = a, c[a]
    return best


@right("majority_vote", "most_common")
def _(answers):
    top = Counter(a for a in answers if a is not None).most_common(1)
    return top[0][0] if top else None


@right("majority_vote", "count in a loop")
def _(answers):
    best, most = None, 0
    for a in answers:
        n = answers.count(a)
        if a is not None and n > most:
            best, most = a, n
    return best


# pass_at_k


@wrong("pass_at_k", "with replacement")
def _(n, c, k):
    if not 1 <= k <= n:
        raise ValueError("k")
    return 1 - (1 - c / n) ** k


@wrong("pass_at_k", "floats of binomials overflow")
def _(n, c, k):
    if not 1 <= k <= n:
        raise ValueError("k")
    return 1 - float(math.comb(n - c, k)) / float(math.comb(n, k))


@wrong("pass_at_k", "lgamma: rounding")
def _(n, c, k):
    if not 1 <= k <= n:
        raise ValueError("k")
    if n - c < k:
        return 1.0
    L = math.lgamma
    return 1 - math.exp(L(n - c + 1) - L(n - c - k + 1) - L(n + 1) + L(n - k + 1))


@wrong("pass_at_k", "range up to n, exclusive")
def _(n, c, k):
    if not 1 <= k <= n:
        raise ValueError("k")
    return 1.0 - math.prod(1 - k / i for i in range(n - c + 1, n))


@wrong("pass_at_k", "the failure")
def _(n, c, k):
    if not 1 <= k <= n:
        raise ValueError("k")
    return math.comb(n - c, k) / math.comb(n, k)


@wrong("pass_at_k", "k = 0 allowed")
def _(n, c, k):
    if k > n:
        raise ValueError("k")
    return 1.0 - math.prod(1 - k / i for i in range(n - c + 1, n + 1))


@wrong("pass_at_k", "k = n raises")
def _(n, c, k):
    if not 1 <= k < n:
        raise ValueError("k")
    return 1.0 - math.prod(1 - k / i for i in range(n - c + 1, n + 1))


@wrong("pass_at_k", "an int 1 when k is above the wrong ones")
def _(n, c, k):
    if not 1 <= k <= n:
        raise ValueError("k")
    if n - c < k:
        return 1
    return 1.0 - math.prod(1 - k / i for i in range(n - c + 1, n + 1))


@wrong("pass_at_k", "a product in float32")
def _(n, c, k):
    if not 1 <= k <= n:
        raise ValueError("k")
    return 1.0 - torch.prod(1 - k / torch.arange(n - c + 1, n + 1)).item()


@wrong("pass_at_k", "1 as soon as c >= k")
def _(n, c, k):
    if not 1 <= k <= n:
        raise ValueError("k")
    if c >= k:
        return 1.0
    return 1.0 - math.prod(1 - k / i for i in range(n - c + 1, n + 1))


@wrong("pass_at_k", "at least k of k right")
def _(n, c, k):
    if not 1 <= k <= n:
        raise ValueError("k")
    return math.comb(c, k) / math.comb(n, k)


@right("pass_at_k", "whole numbers")
def _(n, c, k):
    if k < 1 or k > n:
        raise ValueError("k")
    return 1 - math.comb(n - c, k) / math.comb(n, k)


@right("pass_at_k", "fractions")
def _(n, c, k):
    if k < 1 or k > n:
        raise ValueError("k")
    from fractions import Fraction

    return float(1 - Fraction(math.comb(n - c, k), math.comb(n, k)))


@right("pass_at_k", "a float64 product of the other side")
def _(n, c, k):
    if k < 1 or k > n:
        raise ValueError("k")
    miss = 1.0
    for i in range(k):
        miss *= max(n - c - i, 0) / (n - i)
    return 1 - miss
