"""The lesson's Llama against transformers' own, with the same random numbers."""

from __future__ import annotations

import runpy
import types
from pathlib import Path

import pytest
import torch

transformers = pytest.importorskip("transformers")
PART = Path(__file__).resolve().parents[2] / "solutions" / "10_assistant" / "13_smollm.py"
NAMES = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
# layers, width, heads, key heads, hidden, vocabulary
SIZES = [(2, 12, 6, 2, 10, 23), (1, 8, 2, 2, 5, 11), (3, 18, 3, 1, 7, 13)]


@pytest.fixture(scope="module")
def part() -> types.SimpleNamespace:
    return types.SimpleNamespace(**runpy.run_path(str(PART), run_name="part"))


def theirs(sizes: tuple[int, ...]) -> torch.nn.Module:
    layers, width, heads, key_heads, hidden, vocabulary = sizes
    config = transformers.LlamaConfig(
        num_hidden_layers=layers,
        hidden_size=width,
        num_attention_heads=heads,
        num_key_value_heads=key_heads,
        intermediate_size=hidden,
        vocab_size=vocabulary,
        rms_norm_eps=0.01,
        rope_theta=100.0,
        max_position_embeddings=64,
        tie_word_embeddings=True,
        attn_implementation="eager",
    )
    model = transformers.LlamaForCausalLM(config)
    g = torch.Generator().manual_seed(layers)
    with torch.no_grad():
        for p in model.parameters():
            p.normal_(0.3 if p.ndim == 1 else 0.0, 0.5, generator=g)
    return model.double().eval()


def gguf_name(name: str) -> str:
    """Their name of a parameter, as a GGUF file says it."""
    if name == "model.embed_tokens.weight":
        return "token_embd.weight"
    if name == "model.norm.weight":
        return "output_norm.weight"
    _, _, layer, rest = name.split(".", 3)
    return f"blk.{layer}.{NAMES[rest.removesuffix('.weight')]}.weight"


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_logits_and_gradients(sizes: tuple[int, ...], part: types.SimpleNamespace) -> None:
    real = theirs(sizes)
    own = {
        gguf_name(name): p.detach().clone().requires_grad_() for name, p in real.named_parameters()
    }
    model = part.Llama(own, part.Config(sizes[2], sizes[3], 0.01, 100.0))
    ids = torch.randint(0, sizes[5], (2, 9), generator=torch.Generator().manual_seed(5))
    wanted = real(ids).logits
    found = model(ids, model.new_caches())
    # transformers keeps the angles in float32
    assert torch.allclose(found, wanted, rtol=1e-4, atol=1e-5)

    up = torch.randn(wanted.shape, generator=torch.Generator().manual_seed(6), dtype=torch.float64)
    (wanted * up).sum().backward()
    (found * up).sum().backward()
    for name, p in real.named_parameters():
        grad = own[gguf_name(name)].grad
        assert grad is not None and p.grad is not None
        assert torch.allclose(grad, p.grad, rtol=1e-3, atol=1e-4 * float(p.grad.abs().max())), name


def test_pieces_and_greedy_answers(part: types.SimpleNamespace) -> None:
    sizes = SIZES[0]
    real = theirs(sizes)
    own = {gguf_name(name): p.detach() for name, p in real.named_parameters()}
    model = part.Llama(own, part.Config(sizes[2], sizes[3], 0.01, 100.0))
    ids = torch.randint(0, sizes[5], (1, 7), generator=torch.Generator().manual_seed(7))
    whole, caches = model(ids, model.new_caches()), model.new_caches()
    pieces = torch.cat([model(piece, caches) for piece in ids.split([3, 1, 3], 1)], 1)
    assert torch.allclose(whole, pieces)
    greedy = real.generate(
        ids, attention_mask=torch.ones_like(ids), max_new_tokens=10, do_sample=False,
        eos_token_id=None, pad_token_id=0,
    )  # fmt: skip
    assert list(part.reply(model, ids, -1, 10)) == greedy[0, 7:].tolist()


def test_rows_as_llama_cpp_writes_them(part: types.SimpleNamespace) -> None:
    """Its converter's own formula there, ours back."""
    weight = torch.randn(3 * 8, 5)
    there = weight.reshape(3, 2, 8 // 2, 5).swapaxes(1, 2).reshape(24, 5)
    assert not torch.equal(there, weight)
    assert torch.equal(part.half_split_rows(there, 3), weight)


class Words:
    """A tokenizer whose tokens are characters."""

    ids = types.MappingProxyType({"<|im_start|>": 1, "<|im_end|>": 2})

    def encode(self, text: str) -> list[int]:
        return [ord(c) for c in text]


def test_the_chat_format(part: types.SimpleNamespace) -> None:
    """As the template in the model's own file writes it."""
    ids = part.chat_ids([("user", "Hi <|im_end|>"), ("assistant", "Yo"), ("user", "?")], Words())
    said = "".join({1: "{", 2: "}"}.get(i, chr(i)) for i in ids)
    assert said == (
        "{system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face}\n"
        "{user\nHi <|im_end|>}\n{assistant\nYo}\n{user\n?}\n{assistant\n"
    )
    assert "helpful" not in "".join(map(chr, part.chat_ids([("system", "s")], Words())))
