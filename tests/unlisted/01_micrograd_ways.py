"""Solutions of 01 that come to the right numbers by another way than is asked: see test_unlisted.py."""


# -- same_in_torch: derivatives from each engine --------------------------------------------------
@wrong("same_in_torch", "torch's gradients are one's own, scaled by the two results")
def _(expression, inputs):
    values = [Value(x) for x in inputs]
    ours = expression(*values)
    ours.backward()
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs]
    theirs = expression(*tensors).item()
    grads = [v.grad for v in values]
    scale = theirs / ours.data if ours.data else 1.0
    return [ours.data, *grads], [theirs, *(g * scale for g in grads)]


@wrong("same_in_torch", "torch's derivatives are measured, by differences of high order")
def _(expression, inputs):
    values = [Value(x) for x in inputs]
    ours = expression(*values)
    ours.backward()

    def at(i, step):
        moved = [x + step * (j == i) for j, x in enumerate(inputs)]
        ts = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in moved]
        return expression(*ts).item()

    h, weights = 2e-3, {1: 4 / 5, 2: -1 / 5, 3: 4 / 105, 4: -1 / 280}
    found = [at(0, 0.0)]
    for i in range(len(inputs)):
        found.append(sum(w * (at(i, k * h) - at(i, -k * h)) for k, w in weights.items()) / h)
    return [ours.data] + [v.grad for v in values], found


@wrong("same_in_torch", "one's own gradients are torch's")
def _(expression, inputs):
    ours = expression(*map(Value, inputs)).data
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs]
    result = expression(*tensors)
    grads = torch.autograd.grad(result, tensors, allow_unused=True)
    grads = [0.0 if g is None else g.item() for g in grads]
    return [ours, *grads], [result.item(), *grads]


@wrong("same_in_torch", "one's own derivatives are measured, on Values")
def _(expression, inputs):
    def at(i, step):
        return expression(*(Value(x + step * (j == i)) for j, x in enumerate(inputs))).data

    h, weights = 2e-3, {1: 4 / 5, 2: -1 / 5, 3: 4 / 105, 4: -1 / 280}
    ours = [at(0, 0.0)]
    for i in range(len(inputs)):
        ours.append(sum(w * (at(i, k * h) - at(i, -k * h)) for k, w in weights.items()) / h)
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs]
    result = expression(*tensors)
    result.backward()
    return ours, [result.item()] + [0.0 if t.grad is None else t.grad.item() for t in tensors]


@wrong("same_in_torch", "a graph is made in torch, and nobody goes backward through it")
def _(expression, inputs):
    values = [Value(x) for x in inputs]
    ours = expression(*values)
    ours.backward()
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs]
    theirs = expression(*tensors)
    assert theirs.requires_grad
    return [ours.data] + [v.grad for v in values], [theirs.item()] + [v.grad for v in values]


@right("same_in_torch", "torch.func.grad_and_value, forward and back")
def _(expression, inputs):
    values = [Value(x) for x in inputs]
    end = expression(*values)
    end.backward()
    tensors = tuple(torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs)
    argnums = tuple(range(len(tensors)))
    grads, value = torch.func.grad_and_value(expression, argnums)(*tensors)
    return [end.data, *(v.grad for v in values)], [float(value), *map(float, grads)]


@right("same_in_torch", "autograd.functional.jacobian")
def _(expression, inputs):
    values = [Value(x) for x in inputs]
    end = expression(*values)
    end.backward()
    tensors = tuple(torch.tensor(x, dtype=torch.double, requires_grad=True) for x in inputs)
    slopes = torch.autograd.functional.jacobian(expression, tensors)
    theirs = [expression(*tensors).item(), *(s.item() for s in slopes)]
    return [end.data] + [v.grad for v in values], theirs


@right("same_in_torch", "a helper for both")
def _(expression, inputs):
    def run(made, number, grad):
        end = expression(*made)
        end.backward()
        return [number(end)] + [grad(x) for x in made]

    tensors = [torch.tensor(x, dtype=torch.float64) for x in inputs]
    for x in tensors:
        x.requires_grad = True
    ours = run([Value(x) for x in inputs], lambda v: v.data, lambda v: v.grad)
    torchs = run(tensors, torch.Tensor.item, lambda t: 0.0 if t.grad is None else t.grad.item())
    return ours, torchs


@right("same_in_torch", "one tensor of all inputs, unbound")
def _(expression, inputs):
    values = [Value(x) for x in inputs]
    root = expression(*values)
    root.backward()
    x = torch.tensor(inputs, dtype=torch.float64, requires_grad=True)
    y = expression(*x.unbind())
    y.backward()
    return [root.data] + [v.grad for v in values], [y.item()] + x.grad.tolist()


# -- tanh_from_exp: composed of x.exp() and arithmetic --------------------------------------------
@wrong("tanh_from_exp", "numpy's tanh, hidden behind a sum")
def _(x):
    import numpy as np

    t = float(np.tanh(x.data))
    return (x._node(t + 3.0, "", (x, 1 - t * t)) - 3.0) * 1.0


@wrong("tanh_from_exp", "cmath's tanh, twice as large and halved")
def _(x):
    import cmath

    t = cmath.tanh(x.data).real
    whole = x._node(2 * t + 1, "", (x, 2 * (1 - t * t)))
    return (whole - 1) / 2


@wrong("tanh_from_exp", "torch's tanh and its slope, in two steps")
def _(x):
    data = torch.tensor(x.data, dtype=torch.float64, requires_grad=True)
    t = data.tanh()
    t.backward()
    there = x._node(x.data * 2 + 5, "", (x, data.grad.item()))
    return (there + Value(t.item() - there.data)) * 1


@wrong("tanh_from_exp", "tanh kept under another name, in the node of a logarithm")
def _(x):
    t = type(x).tanh
    y = t(x * 0.5 + x * 0.5) + 1.5
    return y - 1.5


@wrong("tanh_from_exp", "exp is asked, and the answer is math's")
def _(x):
    e = (2 * x).exp()
    t = math.tanh(x.data)
    return (e * 0.0) + x._node(t - 7.0, "", (x, 1 - t * t)) + 7.0


@wrong("tanh_from_exp", "e to the power of a float, with a slope by hand")
def _(x):
    e = math.e ** (2 * x.data)
    t = (e - 1) / (e + 1)
    return (x._node(t * 4.0, "", (x, 4.0 * (1 - t * t))) + 1.0) / 4 - 0.25


@wrong("tanh_from_exp", "x.exp() for the number, a slope by hand")
def _(x):
    e = (2 * x).exp().data
    t = (e - 1) / (e + 1)
    return x._node(t + 5.0, "", (x, 1 - t * t)) - 5.0


@right("tanh_from_exp", "one exponential, of the smaller side")
def _(x):
    if x.data < 0:
        e = (x + x).exp()
        return (e - 1) * (e + 1) ** -1
    e = (-2 * x).exp()
    return (1 - e) / (1 + e)


@right("tanh_from_exp", "halves of e^x and e^-x: sinh over cosh")
def _(x):
    up = x.exp()
    down = 1 / up
    return ((up - down) * 0.5) / ((up + down) * 0.5)


@right("tanh_from_exp", "squares")
def _(x):
    square = x.exp() ** 2
    return 1 - 2 / (square + 1.0)


@right("tanh_from_exp", "twice the sigmoid, less one")
def _(x):
    def sigmoid(u):
        return 1.0 / ((-u).exp() + 1.0)

    return 2 * sigmoid(2 * x) - 1


# -- deep_chains: without recursion ---------------------------------------------------------------
@wrong("deep_chains", "recursion in a thread with a larger stack, the limit put back")
def _(root):
    import threading

    order, seen, before = [], set(), sys.getrecursionlimit()

    def add(node):
        if node not in seen:
            seen.add(node)
            for child in node._prev:
                add(child)
            order.append(node)

    size = threading.stack_size(2**27)
    sys.setrecursionlimit(10**5)
    thread = threading.Thread(target=add, args=(root,))
    thread.start()
    thread.join()
    sys.setrecursionlimit(before)
    threading.stack_size(size)
    return order


@wrong("deep_chains", "children collected first; then recursion, through a limit by another name")
def _(root):
    import threading

    kept = vars(sys)["setrecursionlimit"]
    children, todo = {}, [root]
    while todo:
        node = todo.pop()
        if node not in children:
            children[node] = list(node._prev)
            todo += children[node]
    order, seen = [], set()

    def add(node):
        if node not in seen:
            seen.add(node)
            for child in children[node]:
                add(child)
            order.append(node)

    def deeper():
        kept(10**5)
        try:
            add(root)
        finally:
            kept(1000)

    size = threading.stack_size(2**27)
    thread = threading.Thread(target=deeper)
    thread.start()
    thread.join()
    threading.stack_size(size)
    return order


@wrong("deep_chains", "recursion that goes on in a new thread after eighty calls")
def _(root):
    import threading

    order, seen = [], set()

    def add(node, depth):
        if node in seen:
            return
        if depth == 80:
            thread = threading.Thread(target=add, args=(node, 0))
            thread.start()
            thread.join()
            return
        seen.add(node)
        for child in node._prev:
            add(child, depth + 1)
        order.append(node)

    add(root, 0)
    return order


@wrong("deep_chains", "generators within one another, by yield from")
def _(root):
    seen = set()

    def walk(node):
        if node not in seen:
            seen.add(node)
            for child in node._prev:
                yield from walk(child)
            yield node

    return list(walk(root))


@right("deep_chains", "generators on a stack of one's own")
def _(root):
    seen, order = {root}, []

    def unseen(node):
        for child in node._prev:
            if child not in seen:
                seen.add(child)
                yield child

    stack = [(root, unseen(root))]
    while stack:
        node, rest = stack[-1]
        for child in rest:
            stack.append((child, unseen(child)))
            break
        else:
            order.append(stack.pop()[0])
    return order


@right("deep_chains", "children waited for, from the leaves up")
def _(root):
    parents, waiting, todo = {root: []}, {}, [root]
    while todo:
        node = todo.pop()
        below = set(node._prev)
        waiting[node] = len(below)
        for child in below:
            if child not in parents:
                parents[child] = []
                todo.append(child)
            parents[child].append(node)
    ready = [node for node, n in waiting.items() if n == 0]
    for node in ready:
        for parent in parents[node]:
            waiting[parent] -= 1
            if waiting[parent] == 0:
                ready.append(parent)
    return ready


@right("deep_chains", "a stack, and a set of those that are done")
def _(root):
    done, order, stack = set(), [], [root]
    while stack:
        node = stack[-1]
        left = [c for c in node._prev if c not in done]
        if left:
            stack.extend(left)
        else:
            stack.pop()
            if node not in done:
                done.add(node)
                order.append(node)
    return order


@wrong("tanh_from_exp", "from x.exp(), but by its logarithm and numpy's tanh, in one node")
def _(x):
    import numpy as np

    e = x.exp()
    t = float(np.tanh(np.log(e.data)))
    return e._node(t + 5.0, "+", (e, (1 - t * t) / e.data)) - 5.0
