"""09.cache_update: new keys and values go behind the old ones."""

from graders.authoring import exercise, instead

ex = exercise("cache_update", target="KVCache.update", title="append to the cache")


@ex.cases
def _(rng):
    for B, nh, hs, hv, pieces in [
        (2, 3, 4, 5, [6, 1, 1]),
        (1, 2, 5, 3, [1, 1, 1, 1]),
        (3, 1, 2, 4, [2, 3, 1]),
        (4, 2, 1, 1, [1, 5]),
        (2, 2, 2, 2, [2, 2, 2]),
        (1, 1, 1, 1, [1, 1024, 1]),  # more than many a buffer holds
    ]:
        # as they lie in memory when attention has brought the heads to the front
        yield dict(
            ks=[rng.normal(B, t, nh, hs).transpose(1, 2) for t in pieces],
            vs=[rng.normal(B, t, nh, hv).transpose(1, 2) for t in pieces],
        )


@ex.scenario
def _(m, ks, vs):
    """After each piece: what came back and what is kept. At the end: what had come back at first."""
    cache, seen, firsts = m.KVCache(), [], []
    for k, v in zip(ks, vs, strict=True):
        got = cache.update(k, v)
        if not isinstance(got, (tuple, list)) or len(got) != 2:
            return instead(got, "the pair (k, v)")
        firsts.append(got)
        kept = [t if t is None else t.clone() for t in (cache.k, cache.v)]
        seen.append({"returned": [t.clone() for t in got], "kept": kept, "length": len(cache)})
    return {"pieces": seen, "returned, at the end": [list(got) for got in firsts]}


@ex.oracle
def _(ks, vs):
    seen = []
    for i in range(1, len(ks) + 1):
        # written place by place into empty tensors
        made = []
        for parts in (ks[:i], vs[:i]):
            B, nh, _, size = parts[0].shape
            out, at = parts[0].new_empty(B, nh, sum(p.shape[2] for p in parts), size), 0
            for p in parts:
                out[:, :, at : at + p.shape[2]] = p
                at += p.shape[2]
            made.append(out)
        seen.append({"returned": made, "kept": made, "length": made[0].shape[2]})
    return {"pieces": seen, "returned, at the end": [s["returned"] for s in seen]}


@ex.check("two caches")
def _(m, ks, vs):
    """Another text's cache knows nothing of this one."""
    a, b = m.KVCache(), m.KVCache()
    for k, v in zip(ks, vs, strict=True):
        a.update(k, v)
    empty = len(b)
    b.update(ks[-1], vs[-1])
    # in turns, as the layers of a model do
    for k, v in zip(ks, vs, strict=True):
        a.update(k + 1, v)
        b.update(k, v + 1)
    return [len(a), empty, len(b), a.k, a.v, b.k, b.v]


ex.hint("Two cases: nothing is in it yet, or something is. Which dimension is time?")
ex.hint("torch.cat([self.k, k], dim=2), and the same for v. Then keep the result *and* return it.")
ex.hint(
    "if self.k is not None: k, v = torch.cat(...), torch.cat(...); self.k, self.v = k, v; return k, v"
)

ex.misconception(
    "The new ones stand before the old ones. Time runs to the right: [old, new].",
    name="new_first",
    edits=[("[self.k, k]", "[k, self.k]"), ("[self.v, v]", "[v, self.v]")],
)
ex.misconception(
    "The pieces were joined along the heads (dimension 1). Time is dimension 2 of (B, n_head, T, size).",
    name="along_heads",
    edits=[
        ("torch.cat([self.k, k], dim=2)", "torch.cat([self.k, k], dim=1)"),
        ("torch.cat([self.v, v], dim=2)", "torch.cat([self.v, v], dim=1)"),
    ],
)
ex.misconception(
    "The features were made longer (the last dimension). Time is dimension 2 of (B, n_head, T, size).",
    name="along_features",
    edits=[
        ("torch.cat([self.k, k], dim=2)", "torch.cat([self.k, k], dim=-1)"),
        ("torch.cat([self.v, v], dim=2)", "torch.cat([self.v, v], dim=-1)"),
    ],
)
ex.misconception(
    "All was returned but not kept: the next call finds only what was there before. Store both in "
    "self.k and self.v.",
    name="not_kept",
    replace="        self.k, self.v = k, v\n",
    by="        if self.k is None:\n            self.k, self.v = k, v\n",
)
ex.misconception(
    "Nothing was kept at all: after update the cache must hold what it returns, in self.k and self.v.",
    name="never_kept",
    replace="        self.k, self.v = k, v\n",
    by="",
)
ex.misconception(
    "The cache holds only the newest piece: it was overwritten. Put the new ones behind the old ones.",
    name="overwritten",
    edits=[
        ("            k = torch.cat([self.k, k], dim=2)\n", "            pass\n"),
        ("            v = torch.cat([self.v, v], dim=2)\n", ""),
    ],
)
ex.misconception(
    "Everything is kept, but only the new piece comes back. The new query wants to see the old keys "
    "too: return all.",
    name="returns_new",
    replace="            k = torch.cat([self.k, k], dim=2)\n            v = torch.cat([self.v, v], dim=2)\n"
    "        self.k, self.v = k, v\n",
    by="            self.k = torch.cat([self.k, k], dim=2)\n            self.v = torch.cat([self.v, v], "
    "dim=2)\n"
    "        else:\n            self.k, self.v = k, v\n",
)
ex.misconception(
    "Keys and values have changed places in what comes back: (k, v).",
    name="swapped",
    replace="return k, v",
    by="return v, k",
)
ex.misconception(
    "The values were not appended: a key without its value. Both grow together.",
    name="keys_only",
    replace="            v = torch.cat([self.v, v], dim=2)\n",
    by="",
)
ex.variant(
    "a buffer that doubles",
    name="buffer",
    source="""
    def update(self, k, v):
        old, new = len(self), k.shape[2]
        if old == 0:
            self._room = 0
        if old + new > self._room:
            self._room = 2 * (old + new)
            kb = k.new_zeros(*k.shape[:2], self._room, k.shape[3])
            vb = v.new_zeros(*v.shape[:2], self._room, v.shape[3])
            if old:
                kb[:, :, :old], vb[:, :, :old] = self.k, self.v
            self._kb, self._vb = kb, vb
        self._kb[:, :, old : old + new] = k
        self._vb[:, :, old : old + new] = v
        self.k, self.v = self._kb[:, :, : old + new], self._vb[:, :, : old + new]
        return self.k, self.v
""",
)
ex.variant(
    "copies at first",
    name="copies",
    source="""
    def update(self, k, v):
        if not len(self):
            self.k, self.v = k.clone(), v.clone()
        else:
            self.k = torch.cat((self.k, k), -2)
            self.v = torch.cat((self.v, v), -2)
        return tuple([self.k, self.v])
""",
)
