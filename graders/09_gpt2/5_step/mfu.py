"""09.mfu: how much of the machine is used."""

from graders.authoring import exercise

used = exercise("mfu", title="how much of the machine is used")


@used.cases
def _(rng):
    yield dict(
        tokens_per_s=185_000.0,
        n_params=124_475_904,
        n_layer=12,
        n_head=12,
        head_size=64,
        T=1024,
        peak=312e12,
    )
    for n_layer, n_head, head_size, T in [(3, 5, 7, 11), (1, 4, 2, 9), (6, 1, 8, 3), (2, 3, 1, 40)]:
        yield dict(
            tokens_per_s=rng.number(10.0, 500.0),
            n_params=rng.integer(100, 3000),
            n_layer=n_layer,
            n_head=n_head,
            head_size=head_size,
            T=T,
            peak=rng.number(1e5, 1e7),
        )

    # not a real machine; the formula holds all the same
    yield dict(tokens_per_s=700.0, n_params=500, n_layer=2, n_head=3, head_size=4, T=5, peak=1e6)


@used.oracle
def _(tokens_per_s, n_params, n_layer, n_head, head_size, T, peak):
    best = peak / (6 * n_params + 12 * n_layer * n_head * head_size * T)  # tokens per second
    return tokens_per_s / best


used.hint("Two steps: operations for one token, then tokens per second times that, over the peak.")
used.hint("For one token: 6 * n_params + 12 * n_layer * n_head * head_size * T.")

used.misconception(
    """Only the forward pass is counted (2N): backward takes twice as many operations again, 6N together.""",
    name="forward_only",
    replace="6 * n_params",
    by="2 * n_params",
)
used.misconception(
    """Attention's own operations are missing: 12 * L * H * Q * T, for each token.""",
    name="no_attention",
    replace=" + 12 * n_layer * n_head * head_size * T",
    by="",
)
used.misconception(
    """That is a percentage; the docstring asks for the fraction.""",
    name="percent",
    replace="return tokens_per_s",
    by="return 100 * tokens_per_s",
)
used.misconception(
    """The fraction is upside down: what the model needs, over what the device could do.""",
    name="upside_down",
    replace="tokens_per_s * per_token / peak",
    by="peak / (tokens_per_s * per_token)",
)
used.misconception(
    """T appears squared: T * T scores belong to a whole sequence; one token has T of them.""",
    name="t_squared",
    replace="head_size * T",
    by="head_size * T**2",
)
used.misconception(
    """The layers are missing from attention's term: every layer attends.""",
    name="no_layers",
    replace="12 * n_layer * n_head",
    by="12 * n_head",
)
used.misconception(
    """The heads are missing from attention's term: H heads of size Q each make the width.""",
    name="no_heads",
    replace="n_layer * n_head * head_size",
    by="n_layer * head_size",
)
used.misconception(
    """The 6 multiplies attention's term too: it is 6N + 12LHQT.""",
    name="six_around_both",
    replace="6 * n_params + 12",
    by="6 * n_params + 6 * 12",
)
used.misconception(
    """Attention's factor is the forward pass's 4: two products with 2 operations each. Backward doubles
    that again: 12.""",
    name="attention_forward_only",
    replace="12 * n_layer",
    by="4 * n_layer",
)
used.variant(
    "through the best possible speed",
    name="best",
    source="""
    def mfu(tokens_per_s, n_params, n_layer, n_head, head_size, T, peak):
        n_embd = n_head * head_size
        return tokens_per_s / (peak / (6.0 * (n_params + 2 * n_layer * n_embd * T)))
    """,
)
