"""10, parts 4 to 6: the references against autograd, Hugging Face's filters, and plain counting."""

from __future__ import annotations

import itertools
import runpy
import types
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn

ROOT = Path(__file__).resolve().parents[2] / "solutions" / "10_assistant"


def part(name: str) -> types.SimpleNamespace:
    return types.SimpleNamespace(**runpy.run_path(str(ROOT / f"{name}.py"), run_name="part"))


LORA, SAMPLING, PROMPTS = (part(name) for name in ("4_lora", "5_sampling", "6_prompts"))


def numbers(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_a_lora_model_starts_merges_and_comes_back() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 7), nn.Tanh(), nn.Linear(7, 3)).double()
    x, y = numbers(4, 5), torch.tensor([0, 2, 1, 0])
    base = model(x).detach()
    weight = model[0].weight
    before = weight.detach().clone()
    LORA.apply_lora(model, ["0", "2"], 2, 9.0, torch.Generator().manual_seed(1))
    assert torch.equal(model(x), base)
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], 0.1)
    for _ in range(5):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    assert torch.equal(weight, before)
    trained = model(x).detach()
    assert not torch.allclose(trained, base, atol=1e-2)
    for layer in (model[0], model[2]):
        LORA.lora_merge(layer)
    torch.testing.assert_close(model(x).detach(), trained)
    rank = torch.linalg.matrix_rank(weight.detach() - before)
    assert rank == 2
    for layer in (model[0], model[2]):
        LORA.lora_unmerge(layer)
    torch.testing.assert_close(weight.detach(), before)
    torch.testing.assert_close(model(x).detach(), trained)


def test_both_zero_never_learns_and_a_fresh_adapter_moves_B_first() -> None:
    layer = LORA.LoRALinear(nn.Linear(4, 3).double(), 2, 6.0, torch.Generator().manual_seed(0))
    layer(numbers(5, 4)).square().sum().backward()
    assert layer.A.grad.abs().max() == 0 and layer.B.grad.abs().max() > 0
    layer.A.data.zero_()
    layer.A.grad = layer.B.grad = None
    layer(numbers(5, 4)).square().sum().backward()
    assert layer.A.grad.abs().max() == 0 and layer.B.grad.abs().max() == 0


@pytest.mark.parametrize("p", [0.1, 0.5, 0.83, 0.97])
def test_the_filters_are_those_of_a_library(p: float) -> None:
    library = pytest.importorskip("transformers.generation.logits_process")
    logits, ids = numbers(6, 20) * 3, torch.randint(0, 20, (6, 5), generator=torch.Generator())
    theirs = library.TopPLogitsWarper(p)(ids, logits)
    assert torch.equal(SAMPLING.top_p_filter(logits, p), theirs)
    k = int(20 * p) + 1
    assert torch.equal(SAMPLING.top_k_filter(logits, k), library.TopKLogitsWarper(k)(ids, logits))
    mask = torch.ones_like(ids, dtype=torch.bool)
    penalized = library.RepetitionPenaltyLogitsProcessor(1 + p)(ids, logits.clone())
    torch.testing.assert_close(SAMPLING.penalize_repeats(logits, ids, mask, 1 + p), penalized)


def test_draws_have_the_frequencies_of_the_distribution() -> None:
    probs = torch.tensor([0.05, 0.0, 0.6, 0.15, 0.2])
    n = 20_000
    u = torch.rand(n, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    counts = torch.bincount(SAMPLING.draw(probs.expand(n, 5), u), minlength=5)
    assert counts[1] == 0
    torch.testing.assert_close(counts / n, probs, atol=0.01, rtol=0)


def test_a_real_gpt_answers_in_a_batch_as_alone() -> None:
    torch.manual_seed(0)
    model = SAMPLING.GPT(11, 16, 12, 2, 2).double()
    prompts = [[1, 2, 3, 4, 5], [6], [7, 8]]
    for knobs in ({}, {"temperature": 0}, {"top_p": 0.9, "penalty": 1.4}):
        run = lambda rows, seeds: SAMPLING.generate(  # noqa: E731
            model,
            rows,
            8,
            [[3], [1, 2]],
            11,
            [torch.Generator().manual_seed(s) for s in seeds],
            **knobs,  # noqa: B023
        )
        together = run(prompts, (0, 1, 2))
        for i, prompt in enumerate(prompts):
            alone = run([prompt], (i,))[0]
            assert together[i, : len(alone)].tolist() == alone.tolist()
            assert set(together[i, len(alone) :].tolist()) <= {11}


def test_pass_at_k_counts_choices() -> None:
    for n in range(1, 8):
        for c in range(n + 1):
            right = [i < c for i in range(n)]
            for k in range(1, n + 1):
                choices = [any(choice) for choice in itertools.combinations(right, k)]
                expected = sum(choices) / len(choices)
                assert PROMPTS.pass_at_k(n, c, k) == pytest.approx(expected, abs=1e-12)


def test_the_log_probability_of_an_answer_is_a_product_of_conditionals() -> None:
    torch.manual_seed(0)
    model = PROMPTS.GPT(7, 12, width=8, heads=2, layers=1).double().eval()
    prompt, answer = [3, 1, 4], [1, 5, 2]
    total, text = 0.0, list(prompt)
    for token in answer:
        with torch.no_grad():
            dist = torch.distributions.Categorical(logits=model(torch.tensor([text]))[0, -1])
        total += dist.log_prob(torch.tensor(token)).item()
        text.append(token)
    assert PROMPTS.answer_logprob(model, prompt, answer) == pytest.approx(total)
    assert not model.training


@pytest.mark.parametrize(
    "words",
    ["4_lora --steps 0", "4_lora --alpha -1", "5_sampling --prompt ~", "6_prompts --digits 1"],
)
def test_an_odd_option_is_a_sentence(
    words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name, *options = words.split()
    monkeypatch.setattr("sys.argv", [name, *options])
    with pytest.raises(SystemExit) as ended:
        part(name).main()
    assert ended.value.code == 2
    assert options[0] in capsys.readouterr().err.splitlines()[-1]
