"""04.mlp_forward: the network with a switch."""

import torch

from graders.authoring import differentiate, exercise

from .part import LEARNED, a_network, namespace, upstream

forward = exercise("mlp_forward", title="the network with a switch", points=2, pure=False)


@forward.cases
def _(rng):
    for vocab_size, block_size, n_embd, n_hidden, momentum, eps in [
        (5, 3, 2, 4, 0.3, 0.5),
        (4, 2, 3, 6, 0.8, 2.0),
        (7, 1, 4, 3, 0.3, 1e-3),
        (3, 3, 3, 3, 0.05, 0.5),
    ]:
        sizes = [4, 3, 1, 2, 3, 5]  # training is False for the batch of one
        yield dict(
            tensors=a_network(rng, vocab_size, block_size, n_embd, n_hidden),
            batches=[rng.integers(0, vocab_size, n, block_size) for n in sizes],
            modes=[True, True, False, True, False, True],
            momentum=momentum,
            eps=eps,
        )
    yield dict(  # no byte holds these indices
        tensors=a_network(rng, 300, 2, 1, 3),
        batches=[torch.tensor([[299, 43], [140, 256]])] * 2,
        modes=[True, False],
        momentum=0.3,
        eps=0.5,
    )


@forward.scenario
def _(m, tensors, batches, modes, momentum, eps):
    p = namespace(tensors)
    seen = []
    for Xb, training in zip(batches, modes, strict=True):
        logits = m.mlp_forward(p, Xb, training, momentum=momentum, eps=eps)
        stats = [p.running_mean, p.running_var]
        seen.append([logits.detach(), *[t.detach().clone() for t in stats]])
        seen.append([t.requires_grad for t in stats])
    unchanged = [torch.equal(getattr(p, name), tensors[name]) for name in LEARNED]
    return [seen, unchanged]


@forward.check("gradients")
def _(m, tensors, batches, modes, momentum, eps):
    answers = []
    for training, Xb in ((True, batches[0]), (False, batches[1])):
        p = namespace(tensors)
        logits = m.mlp_forward(p, Xb, training=training, momentum=momentum, eps=eps)
        leaves = {name: getattr(p, name) for name in LEARNED}
        answers.append(dict(differentiate(logits, leaves, upstream(logits))))
    return answers


@forward.check("defaults")
def _(m, tensors, batches, modes, momentum, eps):
    p = namespace({name: t * 0.1 if name == "W1" else t for name, t in tensors.items()})
    first = m.mlp_forward(p, batches[0], True)
    stats = [p.running_mean.clone(), p.running_var.clone()]
    return [first, stats, m.mlp_forward(p, batches[2], False)]


forward.hint(
    "Which lines are the same in both modes? Which tensors does each mode use, and change?"
)
forward.hint(
    "hprebn = p.C[Xb].view(len(Xb), -1) @ p.W1. In training: batchnorm, and update_running with hprebn; "
    "else batchnorm_eval. Then tanh and the output layer."
)
forward.hint(
    "if training: hpreact = batchnorm(hprebn, p.bngain, p.bnbias, eps); p.running_mean, p.running_var = "
    "update_running(p.running_mean, p.running_var, hprebn, momentum)"
)

TRAINED = """p.running_mean, p.running_var = update_running(
            p.running_mean, p.running_var, hprebn, momentum
        )"""

EVALUATED = (
    "hpreact = batchnorm_eval(hprebn, p.running_mean, p.running_var, p.bngain, p.bnbias, eps)"
)

forward.misconception(
    "The switch does not reach the layer: batch statistics are used in eval mode as well, and updated.",
    name="always_training",
    replace="    if training:",
    by="    if len(Xb) > 1 or training:",
)
forward.misconception(
    "The running statistics are used in training as well. There, the batch's own are used, with gradients.",
    name="always_eval",
    replace="        hpreact = batchnorm(hprebn, p.bngain, p.bnbias, eps)\n",
    by="        hpreact = batchnorm_eval(hprebn, p.running_mean, p.running_var, p.bngain, p.bnbias, eps)\n",
)
forward.misconception(
    "The switch is the wrong way round: training=True uses the batch.",
    name="inverted",
    replace="    if training:",
    by="    if not training and len(Xb) > 1:",
)
forward.misconception(
    "The running statistics are never updated: in eval mode they are still what they were at the start.",
    name="never_updated",
    replace=TRAINED,
    by="pass",
)
forward.misconception(
    "running_var is never updated: update_running returns both.",
    name="var_never_updated",
    replace="p.running_mean, p.running_var = update_running(",
    by="p.running_mean, _ = update_running(",
)
forward.misconception(
    "Evaluation updates the running statistics: looking at the dev split changes the network. In eval "
    "mode nothing changes.",
    name="eval_updates",
    replace=EVALUATED,
    by=EVALUATED
    + """
        if len(Xb) > 1:
            p.running_mean, p.running_var = update_running(
                p.running_mean, p.running_var, hprebn, momentum
            )""",
)
forward.misconception(
    "momentum is not handed on to update_running.",
    name="momentum_dropped",
    replace="p.running_mean, p.running_var, hprebn, momentum\n",
    by="p.running_mean, p.running_var, hprebn\n",
)
forward.misconception(
    "eps is not handed on to batchnorm in training mode.",
    name="eps_dropped",
    replace="batchnorm(hprebn, p.bngain, p.bnbias, eps)",
    by="batchnorm(hprebn, p.bngain, p.bnbias)",
)
forward.misconception(
    "eps is not handed on to batchnorm_eval: the two modes then normalize differently.",
    name="eval_eps_dropped",
    replace="p.running_mean, p.running_var, p.bngain, p.bnbias, eps)",
    by="p.running_mean, p.running_var, p.bngain, p.bnbias)",
)
forward.misconception(
    "Here training divides by the biased variance, batchnorm's default, as torch does.",
    name="unbiased",
    replace="batchnorm(hprebn, p.bngain, p.bnbias, eps)",
    by="batchnorm(hprebn, p.bngain, p.bnbias, eps, correction=1)",
)
forward.misconception(
    "tanh is missing after the normalization.",
    name="no_tanh",
    replace="torch.tanh(hpreact)",
    by="hpreact",
)
forward.misconception(
    "tanh comes before the normalization. BatchNorm stands between the matrix and tanh, to keep tanh's "
    "input in range.",
    name="tanh_first",
    edits=[("@ p.W1  # (n, n_hidden)", "@ p.W1\n    hprebn = torch.tanh(hprebn)"),
           ("torch.tanh(hpreact)", "hpreact")],
)  # fmt: skip
forward.misconception(
    "The output layer's bias b2 is missing.",
    name="no_b2",
    replace=" @ p.W2 + p.b2",
    by=" @ p.W2",
)
forward.misconception(
    "The running statistics were updated with what comes *out* of the normalization: mean 0, variance 1, "
    "always. They are those of hprebn.",
    name="of_the_output",
    replace="p.running_mean, p.running_var, hprebn, momentum\n",
    by="p.running_mean, p.running_var, hpreact, momentum\n",
)
forward.misconception(
    "The embeddings of a context were added up. Put them side by side: view(len(Xb), -1).",
    name="summed_embeddings",
    replace="p.C[Xb].view(len(Xb), -1) @ p.W1",
    by="p.C[Xb].sum(1).repeat(1, Xb.shape[1]) @ p.W1",
)
forward.misconception(
    "The embeddings stand in the wrong order: position by position, each with all its numbers, is what "
    "view does without a transpose.",
    name="transposed_embeddings",
    replace="p.C[Xb].view(len(Xb), -1)",
    by="p.C[Xb].transpose(1, 2).reshape(len(Xb), -1)",
)
forward.misconception(
    "What goes into BatchNorm was detached: W1 and C get no gradient, and never learn.",
    name="detached",
    replace="batchnorm(hprebn, p.bngain, p.bnbias, eps)",
    by="batchnorm(hprebn.detach(), p.bngain, p.bnbias, eps)",
)
forward.misconception(
    "In training the running statistics, freshly updated, were used. The batch is normalized with its own.",
    name="updated_then_used",
    edits=[
        ("        hpreact = batchnorm(hprebn, p.bngain, p.bnbias, eps)\n", ""),
        (TRAINED, TRAINED + "\n        " + EVALUATED.replace("p.bnbias, eps", "p.bnbias, eps=eps")),
    ],
)
forward.misconception(
    "Probabilities came back. The network returns logits; the softmax belongs to the loss.",
    name="softmax",
    replace="torch.tanh(hpreact) @ p.W2 + p.b2",
    by="(torch.tanh(hpreact) @ p.W2 + p.b2).softmax(1)",
)
forward.misconception(
    "gain and bias are those of a fresh layer, ones and zeros: hand on p.bngain and p.bnbias, or they "
    "never learn.",
    name="fresh_gain",
    replace="batchnorm(hprebn, p.bngain, p.bnbias, eps)",
    by="batchnorm(hprebn, torch.ones_like(p.bngain), torch.zeros_like(p.bnbias), eps)",
)

forward.variant(
    "torch's batch_norm, which updates in place",
    name="torchs",
    source="""def mlp_forward(p, Xb, training, momentum=0.1, eps=1e-5):
    hprebn = p.C[Xb].flatten(1) @ p.W1
    hpreact = F.batch_norm(
        hprebn, p.running_mean, p.running_var, p.bngain, p.bnbias, training, momentum, eps
    )
    return torch.addmm(p.b2, hpreact.tanh(), p.W2)
""",
)
forward.variant(
    "a bias before the normalization, of zeros: useless, not wrong",
    name="useless_bias",
    source="""def mlp_forward(p, Xb, training, momentum=0.1, eps=1e-5):
    b1 = torch.zeros_like(p.bnbias)
    emb = F.embedding(Xb, p.C)
    hprebn = torch.cat(emb.unbind(1), dim=1) @ p.W1 + b1
    if not training:
        normalize = lambda z: batchnorm_eval(z, p.running_mean, p.running_var, p.bngain, p.bnbias, eps)
    else:
        stats = update_running(p.running_mean, p.running_var, hprebn, momentum=momentum)
        p.running_mean, p.running_var = stats
        normalize = lambda z: batchnorm(z, p.bngain, p.bnbias, eps=eps, correction=0)
    return torch.tanh(normalize(hprebn)) @ p.W2 + p.b2
""",
)
forward.variant(
    "updated in place",
    name="in_place",
    source="""def mlp_forward(p, Xb, training, momentum=0.1, eps=1e-5):
    hprebn = p.C[Xb].reshape(Xb.shape[0], -1) @ p.W1
    mean, var = p.running_mean, p.running_var
    if training:
        with torch.no_grad():
            p.running_mean.lerp_(hprebn.mean(0), momentum)
            p.running_var.lerp_(hprebn.var(0), momentum)
        mean, var = hprebn.mean(0), hprebn.var(0, unbiased=False)
    h = torch.tanh(p.bngain * (hprebn - mean) / torch.sqrt(var + eps) + p.bnbias)
    return h @ p.W2 + p.b2
""",
)
