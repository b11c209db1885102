"""04.adam_step: its oracle is a formula of ours; here it is held against torch.optim.Adam."""

import torch

from graders.authoring import Rng
from graders.core.registry import PartRef, Registry


def test_the_oracle_is_adam() -> None:
    exercise = Registry().load(PartRef("04_batchnorm", "9_deeper")).exercises["adam_step"]
    oracle = exercise.checks["values"].oracle
    assert oracle is not None and exercise.default_cases is not None
    for case in exercise.default_cases(Rng([0])):
        p = case["p"].clone().requires_grad_()
        optimizer = torch.optim.Adam([p], lr=case["lr"], betas=case["betas"], eps=case["eps"])
        found = oracle(**case)["p after each step"]
        for t, (grad, ours) in enumerate(zip(case["grads"], found, strict=True), 1):
            p.grad = grad.clone()
            optimizer.param_groups[0]["lr"] = case["lr"] / t  # as the scenario has it
            optimizer.step()
            torch.testing.assert_close(p.detach(), ours)
