"""How fast the reference's GPT-2 trains and writes and its tokenizer learns, beside what else there is.

    python tests/benchmarks/gpt.py [train] [cache] [tokenizer] [--rounds 5] [--device cuda] [--json]

Everything is a ratio within one run: the sides take turns, and medians are quoted. `train` needs transformers
and `tokenizer` needs tokenizers (`pip install -e ".[compare]"`); what is missing is left out, and said.
On a GPU, `train --device cuda` is the 124M model in bfloat16, compiled, with tokens per second and MFU.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
SMALL = dict(vocab_size=2048, block_size=128, n_layer=4, n_head=4, n_embd=128)
BIG = dict(vocab_size=50304, block_size=1024, n_layer=12, n_head=12, n_embd=768)


def part(file: str) -> Any:
    """The reference solution of a part, as a module."""
    name = file.replace("/", "_").removesuffix(".py")
    spec = importlib.util.spec_from_file_location(name, ROOT / "solutions" / file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def in_turn(
    sides: dict[str, Callable[[], object]], rounds: int, device: str, warm: bool = True
) -> dict[str, float]:
    """The median seconds of each side; they take turns, after one round that does not count (if warm)."""
    took: dict[str, list[float]] = {name: [] for name in sides}
    for i in range(0 if warm else 1, rounds + 1):
        for name, side in sides.items():
            began = time.perf_counter()
            side()
            if device == "cuda":
                torch.cuda.synchronize()
            if i:
                took[name].append(time.perf_counter() - began)
    return {name: statistics.median(seconds) for name, seconds in took.items()}


# --- a training step ------------------------------------------------------------------------


def plain_step(model: Any, optimizer: Any, x: Any, y: Any) -> None:
    """One micro-batch, as one would write it without accumulation."""
    optimizer.zero_grad(set_to_none=True)
    F.cross_entropy(model(x).flatten(0, 1), y.flatten()).backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()


def theirs(config: dict[str, int], device: str) -> Any:
    """transformers' GPT-2 of the same sizes, without dropout; None if it is not installed."""
    try:
        from transformers import GPT2Config, GPT2LMHeadModel
    except ImportError:
        return None
    sizes = {k: v for k, v in config.items() if k != "block_size"}
    off: dict[str, Any] = dict.fromkeys(("resid_pdrop", "embd_pdrop", "attn_pdrop"), 0.0)
    off |= dict(use_cache=False, bos_token_id=None, eos_token_id=None)
    settings = GPT2Config(n_positions=config["block_size"], **sizes, **off)
    return GPT2LMHeadModel(settings).to(device)


def bench_train(rounds: int, device: str) -> dict[str, float]:
    """The reference's train_step against transformers' GPT-2 and a plain step, on the same batch."""
    step = part("09_gpt2/5_step.py")
    cuda = device == "cuda"
    config, batch = (BIG, 16) if cuda else (SMALL, 8)
    dtype = torch.bfloat16 if cuda else None
    torch.manual_seed(0)
    T, V = config["block_size"], config["vocab_size"]
    tokens = torch.randint(V, (batch, T + 1), device=device)
    x, y = tokens[:, :-1], tokens[:, 1:]
    ours, optimizer = step.set_up(step.GPT(**config), 6e-4, 0.1, device, compile=cuda)
    plain, plains = step.set_up(step.GPT(**config), 6e-4, 0.1, device, compile=cuda)
    sides: dict[str, Callable[[], object]] = {
        "ours": lambda: step.train_step(ours, optimizer, [(x, y)], 6e-4, device=device, dtype=dtype)
    }

    def half() -> Any:
        return torch.autocast(device, dtype=torch.bfloat16, enabled=cuda)

    def simple() -> None:
        with half():
            plain_step(plain, plains, x, y)

    sides["plain"] = simple
    model = theirs(config, device)
    if model is not None:
        other = torch.optim.AdamW(model.parameters(), lr=6e-4, fused=cuda)
        logits = torch.compile(lambda x: model(x).logits) if cuda else lambda x: model(x).logits

        def huggingface() -> None:
            other.zero_grad(set_to_none=True)
            with half():
                loss = F.cross_entropy(logits(x).flatten(0, 1), y.flatten())
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            other.step()

        sides["transformers"] = huggingface
    seconds = in_turn(sides, rounds, device)
    found = {"ours, tokens per second": batch * T / seconds["ours"]}
    for name in ("plain", "transformers"):
        if name in seconds:
            found[f"ours / {name}, time of a step"] = seconds["ours"] / seconds[name]
    if cuda:
        n = sum(p.numel() for p in ours.parameters())
        peak = next((p for k, p in step.PEAKS.items() if k in torch.cuda.get_device_name()), 312e12)
        rate = found["ours, tokens per second"]
        found["ours, MFU"] = step.mfu(rate, n, 12, 12, 64, T, peak)
    return found


# --- the cache ------------------------------------------------------------------------------


@torch.no_grad()
def bench_cache(rounds: int, device: str) -> dict[str, float]:
    """Writing n tokens after one, everything again for each, against the cache."""
    cache = part("09_gpt2/9_cache.py")
    torch.manual_seed(0)
    model = cache.GPT(vocab_size=512, block_size=1025, n_layer=4, n_head=4, n_embd=256).to(device)
    prompt = torch.tensor([[1]], device=device)

    def plain(n: int) -> None:
        ids = prompt
        for _ in range(n):
            ids = torch.cat([ids, model(ids)[:, -1].argmax(-1, keepdim=True)], dim=1)

    found = {}
    for n in (64, 256, 1024):
        sides: dict[str, Callable[[], object]] = {
            "plain": lambda n=n: plain(n),
            "cached": lambda n=n: cache.generate_cached(model, prompt, n),
        }
        seconds = in_turn(sides, rounds if n < 1024 else 1, device, warm=n < 1024)
        found[f"plain / cached, {n} tokens"] = seconds["plain"] / seconds["cached"]
    return found


# --- the tokenizer --------------------------------------------------------------------------


def bench_tokenizer(rounds: int, device: str) -> dict[str, float]:
    """Training 1,000 merges on a megabyte, and encoding it."""
    sys.path.insert(0, str(ROOT))
    from data import load_shakespeare
    from data.vocabularies import GPT2_PATTERN

    fast = part("08_tokenizer/7_fast.py")
    text = load_shakespeare()[:1_000_000]
    merges: dict[tuple[int, int], int] = {}

    def ours(n: int = 1000) -> None:
        merges.update(fast.train_fast(fast.chunk_counts(fast.PATTERN, text), 256 + n))

    sides: dict[str, Callable[[], object]] = {"fast": ours}
    try:
        from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    except ImportError:
        pass
    else:

        def rust() -> None:
            tokenizer = Tokenizer(models.BPE())
            tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
            alphabet = pre_tokenizers.ByteLevel.alphabet()
            settings = dict(vocab_size=1256, initial_alphabet=alphabet, show_progress=False)
            tokenizer.train_from_iterator([text], trainers.BpeTrainer(**settings))

        sides["tokenizers"] = rust
    seconds = in_turn(sides, rounds, device)
    found = {"fast, seconds for 1,000 merges on 1 MB": seconds["fast"]}
    if "tokenizers" in seconds:
        found["fast / tokenizers (Rust), training"] = seconds["fast"] / seconds["tokenizers"]
    # the plain loop costs about the same for each merge: its first two are enough to know
    began = time.perf_counter()
    plain = fast.train_plain(text, 256 + 2, fast.PATTERN)
    each = (time.perf_counter() - began) / 2
    assert list(plain.items()) == list(merges.items())[:2]
    found["plain / fast, training (plain from its first 2 merges)"] = 1000 * each / seconds["fast"]

    page = text[:20_000]

    def encode() -> None:
        for chunk in fast.re.findall(fast.PATTERN, page):
            fast.encode_fast(chunk.encode("utf-8"), merges)

    import tiktoken

    ranks = {bytes([i]): i for i in range(256)}
    spelled = dict(enumerate(ranks))
    for (left, right), idx in merges.items():
        spelled[idx] = spelled[left] + spelled[right]
        ranks[spelled[idx]] = idx
    real = tiktoken.Encoding("own", pat_str=GPT2_PATTERN, mergeable_ranks=ranks, special_tokens={})
    seconds = in_turn(
        {
            "ours": encode,
            "tiktoken": lambda: real.encode_ordinary(page),
        },
        rounds,
        device,
    )
    found["ours / tiktoken (Rust), encoding, the same merges"] = (
        seconds["ours"] / seconds["tiktoken"]
    )
    return found


BENCHES = {"train": bench_train, "cache": bench_cache, "tokenizer": bench_tokenizer}


def main() -> None:
    parser = argparse.ArgumentParser(description="Ratios of GPT-2's parts, in one run.")
    parser.add_argument("what", nargs="*", help=f"{', '.join(BENCHES)}; all if none")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    args = parser.parse_args()
    unknown = set(args.what) - set(BENCHES)
    if unknown or args.rounds < 1 or (args.device == "cuda" and not torch.cuda.is_available()):
        parser.error(f"benches are {', '.join(BENCHES)}; rounds at least 1; cuda needs a GPU")
    results = {name: BENCHES[name](args.rounds, args.device) for name in args.what or BENCHES}
    if args.json:
        print(json.dumps(results))
        return
    table = Table("what", "measured")
    for found in results.values():
        for name, value in found.items():
            table.add_row(name, f"{value:,.2f}")
    Console().print(table)
    if args.device == "cpu" and "train" in results and len(results["train"]) < 3:
        print("transformers is not installed here: its side was left out.")


if __name__ == "__main__":
    main()
