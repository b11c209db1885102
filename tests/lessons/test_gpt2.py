"""GPT-2 against transformers: a small checkpoint of theirs, loaded by the lesson, gives the same.

Nothing is downloaded: the checkpoints are made here, with random numbers, and saved in safetensors.
"""

from __future__ import annotations

import json
import runpy
import types
from pathlib import Path

import pytest
import torch

transformers = pytest.importorskip("transformers")
safetensors_torch = pytest.importorskip("safetensors.torch")
LESSON = Path(__file__).resolve().parents[2] / "solutions" / "09_gpt2"
CONV1D = ("attn.c_attn.weight", "attn.c_proj.weight", "mlp.c_fc.weight", "mlp.c_proj.weight")
# n_layer, n_head, n_embd, vocab_size, block_size
SIZES = [
    (1, 1, 6, 17, 5),
    (3, 3, 12, 29, 8),
    (1, 5, 10, 11, 7),
    (3, 1, 4, 13, 1),
    (2, 4, 16, 31, 9),
]


@pytest.fixture(scope="module")
def weights_part() -> types.SimpleNamespace:
    return types.SimpleNamespace(**runpy.run_path(str(LESSON / "2_weights.py"), run_name="part"))


@pytest.fixture(scope="module")
def model_part() -> types.SimpleNamespace:
    return types.SimpleNamespace(**runpy.run_path(str(LESSON / "1_model.py"), run_name="part"))


def theirs(
    n_layer: int, n_head: int, n_embd: int, vocab_size: int, block_size: int
) -> torch.nn.Module:
    """transformers' own model, with numbers wide enough that attention is far from even."""
    config = transformers.GPT2Config(
        n_layer=n_layer,
        n_head=n_head,
        n_embd=n_embd,
        vocab_size=vocab_size,
        n_positions=block_size,
        bos_token_id=0,
        eos_token_id=0,
        **dict.fromkeys(("resid_pdrop", "embd_pdrop", "attn_pdrop"), 0.0),
    )
    model = transformers.GPT2LMHeadModel(config)
    g = torch.Generator().manual_seed(n_layer + 10 * n_head)
    with torch.no_grad():
        for p in model.parameters():
            p.normal_(0.0, 0.5, generator=g)
    return model.eval()


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_logits_and_gradients_agree_with_transformers(
    sizes: tuple[int, ...],
    tmp_path: Path,
    weights_part: types.SimpleNamespace,
    model_part: types.SimpleNamespace,
) -> None:
    real = theirs(*sizes)
    real.save_pretrained(tmp_path)
    own = weights_part.load_checkpoint(tmp_path)
    n_layer, n_head, n_embd, vocab_size, block_size = sizes
    assert own.config == weights_part.GPTConfig(block_size, vocab_size, n_layer, n_head, n_embd)
    first = model_part.GPT(model_part.GPTConfig(*vars(own.config).values()))
    assert first.state_dict().keys() == own.state_dict().keys()
    first.load_state_dict(own.state_dict())

    real, own, first = real.double(), own.double(), first.double()
    g = torch.Generator().manual_seed(1)
    for T in {1, (block_size + 1) // 2, block_size}:
        text = torch.randint(vocab_size, (3, T + 1), generator=g)
        idx, targets = text[:, :-1], text[:, 1:]
        want = real(idx).logits
        torch.testing.assert_close(own(idx), want, rtol=1e-10, atol=1e-10)
        logits, loss = first(idx, targets)
        torch.testing.assert_close(logits, want, rtol=1e-10, atol=1e-10)

        def nll(logits: torch.Tensor, targets: torch.Tensor = targets) -> torch.Tensor:
            return torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())

        for model in (real, own, first):
            model.zero_grad()
        nll(want).backward()
        nll(own(idx)).backward()
        loss.backward()
        wanted = dict(real.named_parameters())
        for model in (own, first):
            found = dict(model.named_parameters())
            assert found.keys() == wanted.keys()
            for name, p in found.items():
                grad = wanted[name].grad
                assert grad is not None and p.grad is not None
                grad = grad.T if name.endswith(CONV1D) else grad
                torch.testing.assert_close(p.grad, grad, rtol=1e-9, atol=1e-10)


def test_older_checkpoints_and_other_models(
    tmp_path: Path, weights_part: types.SimpleNamespace
) -> None:
    """Names without a prefix and with masks, as in the published file; what is no GPT-2 is refused."""
    real = theirs(2, 3, 6, 11, 4)
    real.save_pretrained(tmp_path)
    file = tmp_path / "model.safetensors"
    saved = safetensors_torch.load_file(file)
    older = {name.removeprefix("transformer."): tensor for name, tensor in saved.items()}
    older.pop("lm_head.weight", None)
    older["h.0.attn.bias"] = torch.ones(1, 1, 4, 4).tril()
    safetensors_torch.save_file(older, file)
    idx = torch.tensor([[3, 1, 4, 1]])
    torch.testing.assert_close(weights_part.load_checkpoint(tmp_path)(idx), real(idx).logits)

    safetensors_torch.save_file({n: t for n, t in older.items() if n != "h.1.ln_2.bias"}, file)
    with pytest.raises(KeyError):
        weights_part.load_checkpoint(tmp_path)
    safetensors_torch.save_file(older, file)
    config = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    config["activation_function"] = "relu"
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(ValueError, match="activation_function"):
        weights_part.load_checkpoint(tmp_path)


def test_top_k_and_the_loss_of_a_text(weights_part: types.SimpleNamespace) -> None:
    real = theirs(2, 2, 8, 40, 6)
    weights = weights_part.convert(real.state_dict())
    own = weights_part.GPT(weights_part.config_from(weights, 2))
    weights_part.load_into(own, weights)
    ids = torch.randint(40, (7,), generator=torch.Generator().manual_seed(2))
    want = real(ids[None, :-1]).logits[0]
    loss = torch.nn.functional.cross_entropy(want, ids[1:]).item()
    assert weights_part.text_loss(own, ids) == pytest.approx(loss, rel=1e-5)
    greedy = ids[None, :2]
    for _ in range(6):  # past block_size
        best = real(greedy[:, -6:]).logits[:, -1].argmax(-1, keepdim=True)
        greedy = torch.cat([greedy, best], dim=1)
    assert torch.equal(weights_part.generate(own, ids[None, :2], 6, k=1), greedy)
