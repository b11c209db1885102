"""Solutions of 09, as learners might hand them in: see test_unlisted.py, which parses this file."""


@wrong("gelu_tanh", "the exact GELU with erf")
def _(x):
    return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))


@wrong("gelu_tanh", "sigmoid approximation with 1.702")
def _(x):
    return x * torch.sigmoid(1.702 * x)


@wrong("gelu_tanh", "tanh spelled with exp: NaN for large x")
def _(x):
    u = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
    e = torch.exp(2 * u)
    return 0.5 * x * (1 + (e - 1) / (e + 1))


@wrong("gelu_tanh", "float64 input computed in float32 and cast back")
def _(x):
    y = x.float()
    y = 0.5 * y * (1 + torch.tanh(math.sqrt(2 / math.pi) * (y + 0.044715 * y**3)))
    return y.to(x.dtype)


@wrong("gelu_tanh", "the cubic term outside of the root factor")
def _(x):
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * x + 0.044715 * x**3))


@wrong("gelu_tanh", "multiplies into x in place")
def _(x):
    gate = 0.5 * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    with torch.no_grad():
        x *= gate
    return x


@right("gelu_tanh", "torch's own with approximate=tanh")
def _(x):
    return F.gelu(x, approximate="tanh")


@right("gelu_tanh", "the gate as a sigmoid of twice the argument")
def _(x):
    u = (2 / math.pi) ** 0.5 * x * (1 + 0.044715 * x * x)
    return x * torch.sigmoid(2 * u)


@wrong("mlp", "no activation")
class _:
    def __init__(self, config):
        super().__init__()
        self.c_fc = nn.Linear(config.n_embd, 4 * config.n_embd)
        self.c_proj = nn.Linear(4 * config.n_embd, config.n_embd)

    def forward(self, x):
        return self.c_proj(self.c_fc(x))


@wrong("mlp", "exact GELU")
class _:
    def __init__(self, config):
        super().__init__()
        self.c_fc = nn.Linear(config.n_embd, 4 * config.n_embd)
        self.c_proj = nn.Linear(4 * config.n_embd, config.n_embd)

    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x)))


@wrong("mlp", "width hard-coded to the 124M model's 3072")
class _:
    def __init__(self, config):
        super().__init__()
        self.c_fc = nn.Linear(config.n_embd, 3072)
        self.c_proj = nn.Linear(3072, config.n_embd)

    def forward(self, x):
        return self.c_proj(gelu_tanh(self.c_fc(x)))


@wrong("mlp", "c_proj without a bias")
class _:
    def __init__(self, config):
        super().__init__()
        self.c_fc = nn.Linear(config.n_embd, 4 * config.n_embd)
        self.c_proj = nn.Linear(4 * config.n_embd, config.n_embd, bias=False)

    def forward(self, x):
        return self.c_proj(gelu_tanh(self.c_fc(x)))


@wrong("mlp", "bends after c_proj once more")
class _:
    def __init__(self, config):
        super().__init__()
        self.c_fc = nn.Linear(config.n_embd, 4 * config.n_embd)
        self.c_proj = nn.Linear(4 * config.n_embd, config.n_embd)

    def forward(self, x):
        return gelu_tanh(self.c_proj(gelu_tanh(self.c_fc(x))))


@wrong("mlp", "adds the residual, which is the block's job")
class _:
    def __init__(self, config):
        super().__init__()
        self.c_fc = nn.Linear(config.n_embd, 4 * config.n_embd)
        self.c_proj = nn.Linear(4 * config.n_embd, config.n_embd)

    def forward(self, x):
        return x + self.c_proj(gelu_tanh(self.c_fc(x)))


@wrong("mlp", "only three dimensions allowed")
class _:
    def __init__(self, config):
        super().__init__()
        self.c_fc = nn.Linear(config.n_embd, 4 * config.n_embd)
        self.c_proj = nn.Linear(4 * config.n_embd, config.n_embd)

    def forward(self, x):
        B, T, C = x.shape
        h = gelu_tanh(self.c_fc(x.reshape(B * T, C)))
        return self.c_proj(h).view(B, T, C)


@right("mlp", "matrix products spelled out with the layers' weights")
class _:
    def __init__(self, config):
        super().__init__()
        C = config.n_embd
        self.c_proj = nn.Linear(4 * C, C)
        self.c_fc = nn.Linear(C, 4 * C)

    def forward(self, x):
        h = x @ self.c_fc.weight.T + self.c_fc.bias
        return gelu_tanh(h) @ self.c_proj.weight.T + self.c_proj.bias


@right("mlp", "all leading dimensions folded to one and back")
class _:
    def __init__(self, config):
        super().__init__()
        wide = config.n_embd * 4
        self.c_fc = nn.Linear(in_features=config.n_embd, out_features=wide, bias=True)
        self.c_proj = nn.Linear(in_features=wide, out_features=config.n_embd, bias=True)

    def forward(self, x):
        rows = x.reshape(-1, x.shape[-1])
        return self.c_proj(F.gelu(self.c_fc(rows), approximate="tanh")).reshape(x.shape)


@wrong("fused_attention", "view straight to (B, n_head, T, hs)")
class _:
    def __init__(self, config):
        super().__init__()
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)
        self.n_head = config.n_head

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.c_attn(x).split(C, dim=2)
        q = q.reshape(B, self.n_head, T, C // self.n_head)
        k = k.reshape(B, self.n_head, T, C // self.n_head)
        v = v.reshape(B, self.n_head, T, C // self.n_head)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.c_proj(y.transpose(1, 2).reshape(B, T, C))


@wrong("fused_attention", "heads first, then q, k, v inside of each head")
class _:
    def __init__(self, config):
        super().__init__()
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)
        self.n_head = config.n_head

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.c_attn(x).view(B, T, self.n_head, -1).transpose(1, 2).chunk(3, dim=-1)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.c_proj(y.transpose(1, 2).reshape(B, T, C))


@wrong("fused_attention", "not causal")
class _:
    def __init__(self, config):
        super().__init__()
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)
        self.n_head = config.n_head

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.c_attn(x).view(B, T, 3, self.n_head, -1).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v)
        return self.c_proj(y.transpose(1, 2).reshape(B, T, C))


@wrong("fused_attention", "scaled by the width and not by the head's size")
class _:
    def __init__(self, config):
        super().__init__()
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)
        self.n_head = config.n_head

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.c_attn(x).view(B, T, 3, self.n_head, -1).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, scale=C**-0.5)
        return self.c_proj(y.transpose(1, 2).reshape(B, T, C))


@wrong("fused_attention", "heads not brought back behind the positions before the view")
class _:
    def __init__(self, config):
        super().__init__()
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)
        self.n_head = config.n_head

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.c_attn(x).view(B, T, 3, self.n_head, -1).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.c_proj(y.reshape(B, T, C))


@wrong("fused_attention", "k first, then q")
class _:
    def __init__(self, config):
        super().__init__()
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)
        self.n_head = config.n_head

    def forward(self, x):
        B, T, C = x.shape
        k, q, v = self.c_attn(x).view(B, T, 3, self.n_head, -1).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.c_proj(y.transpose(1, 2).reshape(B, T, C))


@wrong(
    "fused_attention", "mask allows only the positions strictly before, and one's own for the first"
)
class _:
    def __init__(self, config):
        super().__init__()
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)
        self.n_head = config.n_head

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.c_attn(x).view(B, T, 3, self.n_head, -1).permute(2, 0, 3, 1, 4)
        mask = torch.ones(T, T, dtype=torch.bool, device=x.device).tril(-1)
        mask[0, 0] = True
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return self.c_proj(y.transpose(1, 2).reshape(B, T, C))


@wrong("fused_attention", "c_attn without biases")
class _:
    def __init__(self, config):
        super().__init__()
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd, bias=False)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)
        self.n_head = config.n_head

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.c_attn(x).view(B, T, 3, self.n_head, -1).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.c_proj(y.transpose(1, 2).reshape(B, T, C))


@wrong("fused_attention", "0.1 dropout inside of the attention, even in eval mode")
class _:
    def __init__(self, config):
        super().__init__()
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)
        self.n_head = config.n_head

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.c_attn(x).view(B, T, 3, self.n_head, -1).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, dropout_p=0.1)
        return self.c_proj(y.transpose(1, 2).reshape(B, T, C))


@right("fused_attention", "the T x T table in plain sight, all heads at once")
class _:
    def __init__(self, config):
        super().__init__()
        self.n_head = config.n_head
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)

    def forward(self, x):
        B, T, C = x.shape
        hs = C // self.n_head
        q, k, v = (t.unflatten(2, (self.n_head, hs)) for t in self.c_attn(x).chunk(3, dim=-1))
        scores = torch.einsum("bqhd,bkhd->bhqk", q, k) / math.sqrt(hs)
        future = torch.ones(T, T, dtype=torch.bool, device=x.device).triu(1)
        weights = scores.masked_fill(future, -math.inf).softmax(dim=-1)
        return self.c_proj(torch.einsum("bhqk,bkhd->bqhd", weights, v).flatten(2))


@right("fused_attention", "a loop over the heads")
class _:
    def __init__(self, config):
        super().__init__()
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)
        self.n_head = config.n_head

    def forward(self, x):
        C = x.shape[2]
        hs = C // self.n_head
        qkv, heads = self.c_attn(x), []
        for h in range(self.n_head):
            a = h * hs
            q = qkv[:, :, a : a + hs]
            k = qkv[:, :, C + a : C + a + hs]
            v = qkv[:, :, 2 * C + a : 2 * C + a + hs]
            heads.append(F.scaled_dot_product_attention(q, k, v, is_causal=True))
        return self.c_proj(torch.cat(heads, dim=-1))


@right("fused_attention", "position by position over its own past")
class _:
    def __init__(self, config):
        super().__init__()
        self.c_attn = nn.Linear(config.n_embd, config.n_embd * 3)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)
        self.n_head = config.n_head

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.c_attn(x).view(B, T, 3, self.n_head, C // self.n_head).unbind(2)
        rows = []
        for t in range(T):
            scores = (q[:, t : t + 1] * k[:, : t + 1]).sum(-1) / (C // self.n_head) ** 0.5
            weights = torch.softmax(scores, dim=1)
            rows.append((weights[..., None] * v[:, : t + 1]).sum(1).reshape(B, C))
        return self.c_proj(torch.stack(rows, dim=1))


@wrong("block", "norm behind each branch (post-norm)")
class _:
    def __init__(self, config):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(config.n_embd), nn.LayerNorm(config.n_embd)
        self.attn, self.mlp = CausalSelfAttention(config), MLP(config)

    def forward(self, x):
        x = self.ln_1(x + self.attn(x))
        return self.ln_2(x + self.mlp(x))


@wrong("block", "the MLP does not see what attention added")
class _:
    def __init__(self, config):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(config.n_embd), nn.LayerNorm(config.n_embd)
        self.attn, self.mlp = CausalSelfAttention(config), MLP(config)

    def forward(self, x):
        return x + self.attn(self.ln_1(x)) + self.mlp(self.ln_2(x))


@wrong("block", "the residual starts from the normalized x")
class _:
    def __init__(self, config):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(config.n_embd), nn.LayerNorm(config.n_embd)
        self.attn, self.mlp = CausalSelfAttention(config), MLP(config)

    def forward(self, x):
        x = self.ln_1(x)
        x = x + self.attn(x)
        return x + self.mlp(self.ln_2(x))


@wrong("block", "one LayerNorm under both names")
class _:
    def __init__(self, config):
        super().__init__()
        self.ln_1 = self.ln_2 = nn.LayerNorm(config.n_embd)
        self.attn, self.mlp = CausalSelfAttention(config), MLP(config)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


@wrong("block", "adds in place: the caller's x changes")
class _:
    def __init__(self, config):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(config.n_embd), nn.LayerNorm(config.n_embd)
        self.attn, self.mlp = CausalSelfAttention(config), MLP(config)

    def forward(self, x):
        x += self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


@wrong("block", "LayerNorm with eps 1e-6")
class _:
    def __init__(self, config):
        super().__init__()
        self.ln_1 = nn.LayerNorm(config.n_embd, eps=1e-6)
        self.ln_2 = nn.LayerNorm(config.n_embd, eps=1e-6)
        self.attn, self.mlp = CausalSelfAttention(config), MLP(config)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


@right("block", "named branches, torch.add, layers made in another order")
class _:
    def __init__(self, config):
        super().__init__()
        self.mlp = MLP(config)
        self.ln_2 = nn.LayerNorm((config.n_embd,), eps=1e-5)
        self.attn = CausalSelfAttention(config)
        self.ln_1 = nn.LayerNorm((config.n_embd,), eps=1e-5)

    def forward(self, x):
        middle = torch.add(x, self.attn(self.ln_1(x)))
        return torch.add(self.mlp(self.ln_2(middle)), middle)


@right("block", "a loop over pairs of norm and branch")
class _:
    def __init__(self, config):
        super().__init__()
        for name in ("ln_1", "ln_2"):
            setattr(self, name, nn.LayerNorm(config.n_embd))
        self.add_module("attn", CausalSelfAttention(config))
        self.add_module("mlp", MLP(config))

    def forward(self, x):
        stream = x.clone()
        for norm, branch in ((self.ln_1, self.attn), (self.ln_2, self.mlp)):
            stream = stream + branch(norm(stream))
        return stream


@wrong("gpt_layers", "the head's table is a copy of wte")
class _:
    def __init__(self, config, generator=None):
        super().__init__()
        self.config = config
        self.transformer = nn.ModuleDict(
            dict(
                wte=nn.Embedding(config.vocab_size, config.n_embd),
                wpe=nn.Embedding(config.block_size, config.n_embd),
                h=nn.ModuleList(Block(config) for _ in range(config.n_layer)),
                ln_f=nn.LayerNorm(config.n_embd),
            )
        )
        self.lm_head = nn.Linear(config.n_embd, config.vocab_size, bias=False)
        self.lm_head.weight.data.copy_(self.transformer.wte.weight.data)
        self.init_weights(generator)


@wrong("gpt_layers", "shares the memory only: two Parameters over one tensor")
class _:
    def __init__(self, config, generator=None):
        super().__init__()
        self.config = config
        self.transformer = nn.ModuleDict(
            dict(
                wte=nn.Embedding(config.vocab_size, config.n_embd),
                wpe=nn.Embedding(config.block_size, config.n_embd),
                h=nn.ModuleList(Block(config) for _ in range(config.n_layer)),
                ln_f=nn.LayerNorm(config.n_embd),
            )
        )
        self.lm_head = nn.Linear(config.n_embd, config.vocab_size, bias=False)
        self.lm_head.weight.data = self.transformer.wte.weight.data
        self.init_weights(generator)


@wrong("gpt_layers", "n_layer times the same Block")
class _:
    def __init__(self, config, generator=None):
        super().__init__()
        self.config = config
        self.transformer = nn.ModuleDict(
            dict(
                wte=nn.Embedding(config.vocab_size, config.n_embd),
                wpe=nn.Embedding(config.block_size, config.n_embd),
                h=nn.ModuleList([Block(config)] * config.n_layer),
                ln_f=nn.LayerNorm(config.n_embd),
            )
        )
        self.lm_head = nn.Linear(config.n_embd, config.vocab_size, bias=False)
        self.lm_head.weight = self.transformer.wte.weight
        self.init_weights(generator)


@wrong("gpt_layers", "the head has a bias")
class _:
    def __init__(self, config, generator=None):
        super().__init__()
        self.config = config
        self.transformer = nn.ModuleDict(
            dict(
                wte=nn.Embedding(config.vocab_size, config.n_embd),
                wpe=nn.Embedding(config.block_size, config.n_embd),
                h=nn.ModuleList(Block(config) for _ in range(config.n_layer)),
                ln_f=nn.LayerNorm(config.n_embd),
            )
        )
        self.lm_head = nn.Linear(config.n_embd, config.vocab_size)
        self.lm_head.weight = self.transformer.wte.weight
        self.init_weights(generator)


@wrong("gpt_layers", "blocks in a plain list: their parameters are not registered")
class _:
    def __init__(self, config, generator=None):
        super().__init__()
        self.config = config
        self.transformer = nn.Module()
        self.transformer.wte = nn.Embedding(config.vocab_size, config.n_embd)
        self.transformer.wpe = nn.Embedding(config.block_size, config.n_embd)
        self.transformer.h = [Block(config) for _ in range(config.n_layer)]
        self.transformer.ln_f = nn.LayerNorm(config.n_embd)
        self.lm_head = nn.Linear(config.n_embd, config.vocab_size, bias=False)
        self.lm_head.weight = self.transformer.wte.weight
        self.init_weights(generator)


@wrong("gpt_layers", "wpe has vocab_size rows")
class _:
    def __init__(self, config, generator=None):
        super().__init__()
        self.config = config
        self.transformer = nn.ModuleDict(
            dict(
                wte=nn.Embedding(config.vocab_size, config.n_embd),
                wpe=nn.Embedding(config.vocab_size, config.n_embd),
                h=nn.ModuleList(Block(config) for _ in range(config.n_layer)),
                ln_f=nn.LayerNorm(config.n_embd),
            )
        )
        self.lm_head = nn.Linear(config.n_embd, config.vocab_size, bias=False)
        self.lm_head.weight = self.transformer.wte.weight
        self.init_weights(generator)


@right("gpt_layers", "tied the other way round: wte takes the head's Parameter")
class _:
    def __init__(self, config, generator=None):
        super().__init__()
        self.config = config
        C = config.n_embd
        self.lm_head = nn.Linear(C, config.vocab_size, bias=False)
        t = nn.Module()
        t.wte, t.wpe = nn.Embedding(config.vocab_size, C), nn.Embedding(config.block_size, C)
        t.wte.weight = self.lm_head.weight
        t.h = nn.ModuleList()
        for _ in range(config.n_layer):
            t.h.append(Block(config))
        t.ln_f = nn.LayerNorm(C)
        self.transformer = t
        self.init_weights(generator)


@right("gpt_layers", "an empty ModuleDict, filled item by item")
class _:
    def __init__(self, config, generator=None):
        super().__init__()
        self.config = config
        self.transformer = nn.ModuleDict()
        self.transformer["wte"] = nn.Embedding(config.vocab_size, config.n_embd)
        self.transformer["wpe"] = nn.Embedding(config.block_size, config.n_embd)
        self.transformer["h"] = nn.ModuleList([Block(config) for _ in range(config.n_layer)])
        self.transformer["ln_f"] = nn.LayerNorm(config.n_embd)
        head = nn.Linear(config.n_embd, config.vocab_size, bias=False)
        head.register_parameter("weight", self.transformer["wte"].weight)
        self.lm_head = head
        self.init_weights(generator)


@wrong("init_weights", "c_proj starts as wide as all others")
class _:
    def init_weights(self, generator=None):
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, 0.0, 0.02, generator=generator)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)
            if isinstance(module, nn.LayerNorm):
                nn.init.ones_(module.weight)
                nn.init.zeros_(module.bias)


@wrong("init_weights", "sqrt(n_layer): one branch per block counted")
class _:
    def init_weights(self, generator=None):
        small = 0.02 / math.sqrt(self.config.n_layer)
        for name, p in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(p)
            elif "ln_" in name:
                nn.init.ones_(p)
            else:
                std = small if name.endswith("c_proj.weight") else 0.02
                nn.init.normal_(p, 0.0, std, generator=generator)


@wrong("init_weights", "divides by 2 * n_layer without the root")
class _:
    def init_weights(self, generator=None):
        for name, p in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(p)
            elif "ln_" in name:
                nn.init.ones_(p)
            elif "c_proj" in name:
                nn.init.normal_(p, std=0.02 / (2 * self.config.n_layer), generator=generator)
            else:
                nn.init.normal_(p, std=0.02, generator=generator)


@wrong("init_weights", "the generator is used for the Linears only")
class _:
    def init_weights(self, generator=None):
        small = 0.02 / math.sqrt(2 * self.config.n_layer)
        for name, p in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(p)
            elif "ln_" in name:
                nn.init.ones_(p)
            elif "wte" in name or "wpe" in name:
                nn.init.normal_(p, std=0.02)
            else:
                std = small if name.endswith("c_proj.weight") else 0.02
                nn.init.normal_(p, std=std, generator=generator)


@wrong("init_weights", "without a generator always the same seed")
class _:
    def init_weights(self, generator=None):
        g = generator or torch.Generator().manual_seed(1337)
        small = 0.02 / math.sqrt(2 * self.config.n_layer)
        for name, p in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(p)
            elif "ln_" in name:
                nn.init.ones_(p)
            else:
                std = small if name.endswith("c_proj.weight") else 0.02
                nn.init.normal_(p, std=std, generator=g)


@wrong("init_weights", "LayerNorms are left as they are, so a second call does not reset them")
class _:
    def init_weights(self, generator=None):
        small = 0.02 / math.sqrt(2 * self.config.n_layer)
        for name, module in self.named_modules():
            if isinstance(module, (nn.Linear, nn.Embedding)) and name != "lm_head":
                std = small if name.endswith("c_proj") else 0.02
                nn.init.normal_(module.weight, 0.0, std, generator=generator)
                if isinstance(module, nn.Linear):
                    nn.init.zeros_(module.bias)


@wrong("init_weights", "only attention's c_proj is made smaller, the MLP's is not")
class _:
    def init_weights(self, generator=None):
        small = 0.02 / math.sqrt(2 * self.config.n_layer)
        for name, p in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(p)
            elif "ln_" in name:
                nn.init.ones_(p)
            else:
                std = small if name.endswith("attn.c_proj.weight") else 0.02
                nn.init.normal_(p, std=std, generator=generator)


@wrong("init_weights", "puts new Parameters in place of the old ones")
class _:
    def init_weights(self, generator=None):
        small = 0.02 / math.sqrt(2 * self.config.n_layer)
        for name, module in self.named_modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                std = small if name.endswith("c_proj") else 0.02
                new = torch.empty_like(module.weight.data).normal_(0.0, std, generator=generator)
                module.weight = nn.Parameter(new)
                if getattr(module, "bias", None) is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.LayerNorm):
                nn.init.ones_(module.weight)
                nn.init.zeros_(module.bias)


@right("init_weights", "over the modules; the tied table is drawn twice")
class _:
    def init_weights(self, generator=None):
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, mean=0.0, std=0.02, generator=generator)
            elif isinstance(module, nn.LayerNorm):
                nn.init.ones_(module.weight)
            if getattr(module, "bias", None) is not None:
                nn.init.zeros_(module.bias)
        for block in self.transformer.h:
            for branch in (block.attn, block.mlp):
                std = 0.02 * (2 * self.config.n_layer) ** -0.5
                nn.init.normal_(branch.c_proj.weight, std=std, generator=generator)


@right("init_weights", "randn times a width, copied in under no_grad")
class _:
    def init_weights(self, generator=None):
        with torch.no_grad():
            for name, p in self.named_parameters():
                kind = name.split(".")[-2]
                if p.dim() == 1:
                    p.fill_(1.0 if kind.startswith("ln") and name.endswith("weight") else 0.0)
                    continue
                std = 0.02 / math.sqrt(2 * len(self.transformer.h)) if kind == "c_proj" else 0.02
                p.copy_(p.clone().normal_(generator=generator) * std)


@wrong("gpt_forward", "position embeddings forgotten")
class _:
    def forward(self, idx, targets=None):
        B, T = idx.shape
        if T > self.config.block_size:
            raise ValueError("too long")
        x = self.transformer.wte(idx)
        for block in self.transformer.h:
            x = block(x)
        logits = self.lm_head(self.transformer.ln_f(x))
        loss = None
        if targets is not None:
            loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        return logits, loss


@wrong("gpt_forward", "ln_f forgotten")
class _:
    def forward(self, idx, targets=None):
        B, T = idx.shape
        if T > self.config.block_size:
            raise ValueError("too long")
        x = self.transformer.wte(idx) + self.transformer.wpe(torch.arange(T, device=idx.device))
        for block in self.transformer.h:
            x = block(x)
        logits = self.lm_head(x)
        loss = None
        if targets is not None:
            loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        return logits, loss


@wrong("gpt_forward", "refuses a text of exactly block_size")
class _:
    def forward(self, idx, targets=None):
        B, T = idx.shape
        if T >= self.config.block_size:
            raise ValueError("too long")
        x = self.transformer.wte(idx) + self.transformer.wpe(torch.arange(T, device=idx.device))
        for block in self.transformer.h:
            x = block(x)
        logits = self.lm_head(self.transformer.ln_f(x))
        loss = None
        if targets is not None:
            loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        return logits, loss


@wrong("gpt_forward", "too long: assert, not ValueError")
class _:
    def forward(self, idx, targets=None):
        B, T = idx.shape
        assert T <= self.config.block_size, "too long"
        x = self.transformer.wte(idx) + self.transformer.wpe(torch.arange(T, device=idx.device))
        for block in self.transformer.h:
            x = block(x)
        logits = self.lm_head(self.transformer.ln_f(x))
        loss = None
        if targets is not None:
            loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        return logits, loss


@wrong("gpt_forward", "targets shifted a second time")
class _:
    def forward(self, idx, targets=None):
        B, T = idx.shape
        if T > self.config.block_size:
            raise ValueError("too long")
        x = self.transformer.wte(idx) + self.transformer.wpe(torch.arange(T, device=idx.device))
        for block in self.transformer.h:
            x = block(x)
        logits = self.lm_head(self.transformer.ln_f(x))
        loss = None
        if targets is not None:
            loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), targets[:, 1:].flatten())
        return logits, loss


@wrong("gpt_forward", "with targets the logits come back flattened")
class _:
    def forward(self, idx, targets=None):
        B, T = idx.shape
        if T > self.config.block_size:
            raise ValueError("too long")
        x = self.transformer.wte(idx) + self.transformer.wpe(torch.arange(T, device=idx.device))
        for block in self.transformer.h:
            x = block(x)
        logits = self.lm_head(self.transformer.ln_f(x))
        if targets is None:
            return logits, None
        logits = logits.view(B * T, -1)
        return logits, F.cross_entropy(logits, targets.reshape(-1))


@wrong("gpt_forward", "without targets only the last position (nanoGPT's shortcut)")
class _:
    def forward(self, idx, targets=None):
        B, T = idx.shape
        if T > self.config.block_size:
            raise ValueError("too long")
        x = self.transformer.wte(idx) + self.transformer.wpe(torch.arange(T, device=idx.device))
        for block in self.transformer.h:
            x = block(x)
        x = self.transformer.ln_f(x)
        if targets is None:
            return self.lm_head(x[:, [-1], :]), None
        logits = self.lm_head(x)
        return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())


@wrong("gpt_forward", "the sum over positions, the mean over rows")
class _:
    def forward(self, idx, targets=None):
        B, T = idx.shape
        if T > self.config.block_size:
            raise ValueError("too long")
        x = self.transformer.wte(idx) + self.transformer.wpe(torch.arange(T, device=idx.device))
        for block in self.transformer.h:
            x = block(x)
        logits = self.lm_head(self.transformer.ln_f(x))
        loss = None
        if targets is not None:
            loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum") / B
        return logits, loss


@right("gpt_forward", "classes to dimension 1 for the loss, wpe by a slice")
class _:
    def forward(self, idx, targets=None):
        T = idx.size(1)
        if T > self.config.block_size:
            raise ValueError(f"no embedding for position {T - 1}")
        x = self.transformer.wte(idx) + self.transformer.wpe.weight[:T]
        for i in range(self.config.n_layer):
            x = self.transformer.h[i](x)
        logits = F.linear(self.transformer.ln_f(x), self.lm_head.weight)
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits.transpose(1, 2), targets)


@right("gpt_forward", "the loss by logsumexp minus the right logit")
class _:
    def forward(self, idx, targets=None):
        from functools import reduce

        t, (B, T) = self.transformer, idx.shape
        if T > self.config.block_size:
            raise ValueError("too long")
        positions = torch.arange(T, device=idx.device).expand(B, T)
        x = reduce(lambda x, block: block(x), t.h, t.wte(idx) + t.wpe(positions))
        logits, loss = self.lm_head(t.ln_f(x)), None
        if targets is not None:
            chosen = logits.gather(2, targets.unsqueeze(2)).squeeze(2)
            loss = (logits.logsumexp(2) - chosen).mean()
        return logits, loss


@wrong("where_parameters", "no biases")
def _(config):
    C, L = config.n_embd, config.n_layer
    return {
        "wte": config.vocab_size * C,
        "wpe": config.block_size * C,
        "attn": L * 4 * C * C,
        "mlp": L * 8 * C * C,
        "ln": (2 * L + 1) * 2 * C,
    }


@wrong("where_parameters", "ln_f forgotten")
def _(config):
    C, L = config.n_embd, config.n_layer
    return {
        "wte": config.vocab_size * C,
        "wpe": config.block_size * C,
        "attn": L * (4 * C * C + 4 * C),
        "mlp": L * (8 * C * C + 5 * C),
        "ln": L * 4 * C,
    }


@wrong("where_parameters", "one layer's numbers, not all layers'")
def _(config):
    C = config.n_embd
    return {
        "wte": config.vocab_size * C,
        "wpe": config.block_size * C,
        "attn": 4 * C * C + 4 * C,
        "mlp": 8 * C * C + 5 * C,
        "ln": 6 * C,
    }


@wrong("where_parameters", "the tied table counted twice")
def _(config):
    C, L = config.n_embd, config.n_layer
    return {
        "wte": 2 * config.vocab_size * C,
        "wpe": config.block_size * C,
        "attn": L * (4 * C * C + 4 * C),
        "mlp": L * (8 * C * C + 5 * C),
        "ln": (2 * L + 1) * 2 * C,
    }


@wrong("where_parameters", "the two biases of the MLP counted as 4 C each")
def _(config):
    C, L = config.n_embd, config.n_layer
    return {
        "wte": config.vocab_size * C,
        "wpe": config.block_size * C,
        "attn": L * (4 * C * C + 4 * C),
        "mlp": L * (8 * C * C + 8 * C),
        "ln": (2 * L + 1) * 2 * C,
    }


@right("where_parameters", "a helper for the Linears, layer by layer")
def _(config):
    def linear(a, b):
        return a * b + b

    C = config.n_embd
    counts = {"wte": C * config.vocab_size, "wpe": C * config.block_size}
    counts |= {"attn": 0, "mlp": 0, "ln": 2 * C}
    for _ in range(config.n_layer):
        counts["attn"] += linear(C, 3 * C) + linear(C, C)
        counts["mlp"] += linear(C, 4 * C) + linear(4 * C, C)
        counts["ln"] += 2 * (C + C)
    return counts


@right("where_parameters", "factored formulas in another order of keys' making")
def _(config):
    C, L = config.n_embd, config.n_layer
    attn, mlp = 4 * C * (C + 1) * L, C * (8 * C + 5) * L
    rows = {"wte": config.vocab_size, "wpe": config.block_size}
    return {k: n * C for k, n in rows.items()} | {
        "attn": attn,
        "mlp": mlp,
        "ln": 2 * C * (1 + 2 * L),
    }


@wrong("our_name", "every name that ends in .bias of attn is taken for the mask")
def _(name):
    if ".attn." in name and name.endswith("bias"):
        return None
    if name == "lm_head.weight" or name.startswith("transformer."):
        return name
    return "transformer." + name


@wrong("our_name", "transformer. twice, where it is there already")
def _(name):
    if name.endswith((".attn.bias", ".attn.masked_bias")):
        return None
    return name if name == "lm_head.weight" else "transformer." + name


@wrong("our_name", "masked_bias forgotten")
def _(name):
    if name.endswith(".attn.bias"):
        return None
    if name == "lm_head.weight" or name.startswith("transformer."):
        return name
    return "transformer." + name


@wrong("our_name", "lm_head gets the prefix, too")
def _(name):
    if name.endswith((".attn.bias", ".attn.masked_bias")):
        return None
    return "transformer." + name.removeprefix("transformer.")


@wrong("our_name", "strip takes letters, not a prefix, and on both ends")
def _(name):
    if name.endswith((".attn.bias", ".attn.masked_bias")):
        return None
    if name == "lm_head.weight":
        return name
    return "transformer." + name.strip("transformer.")


@right("our_name", "by the pieces between the dots")
def _(name):
    pieces = name.split(".")
    if pieces[-2:] in (["attn", "bias"], ["attn", "masked_bias"]):
        return None
    if pieces == ["lm_head", "weight"]:
        return name
    if pieces[0] != "transformer":
        pieces.insert(0, "transformer")
    return ".".join(pieces)


@right("our_name", "a regular expression, prefix removed and put back")
def _(name):
    import re

    if re.search(r"\.attn\.(masked_)?bias$", name):
        return None
    return name if name == "lm_head.weight" else f"transformer.{name.removeprefix('transformer.')}"


@wrong("convert", "attn.c_proj not transposed (it is square)")
def _(state_dict):
    ours = {}
    for name, tensor in state_dict.items():
        new = our_name(name)
        if new is None:
            continue
        if new.endswith(("attn.c_attn.weight", "mlp.c_fc.weight", "mlp.c_proj.weight")):
            tensor = tensor.t()
        ours[new] = tensor.contiguous().clone()
    wte = ours["transformer.wte.weight"]
    if "lm_head.weight" in ours and not torch.equal(ours["lm_head.weight"], wte):
        raise ValueError("not tied")
    ours["lm_head.weight"] = wte.clone()
    return ours


@wrong("convert", "lm_head.weight is wte's own tensor: they share memory")
def _(state_dict):
    ours = {}
    for name, tensor in state_dict.items():
        new = our_name(name)
        if new is None:
            continue
        if new.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight")):
            tensor = tensor.t()
        ours[new] = tensor.contiguous().clone()
    wte = ours["transformer.wte.weight"]
    if "lm_head.weight" in ours and not torch.equal(ours["lm_head.weight"], wte):
        raise ValueError("not tied")
    ours["lm_head.weight"] = wte
    return ours


@wrong("convert", "untransposed tensors are passed on without a copy")
def _(state_dict):
    ours = {}
    for name, tensor in state_dict.items():
        new = our_name(name)
        if new is None:
            continue
        if new.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight")):
            tensor = tensor.t().contiguous()
        ours[new] = tensor
    wte = ours["transformer.wte.weight"]
    if "lm_head.weight" in ours and not torch.equal(ours["lm_head.weight"], wte):
        raise ValueError("not tied")
    ours["lm_head.weight"] = wte.clone()
    return ours


@wrong("convert", "t().clone() keeps the strides: not contiguous")
def _(state_dict):
    ours = {}
    for name, tensor in state_dict.items():
        new = our_name(name)
        if new is None:
            continue
        if new.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight")):
            tensor = tensor.t()
        ours[new] = tensor.clone()
    wte = ours["transformer.wte.weight"]
    if "lm_head.weight" in ours and not torch.equal(ours["lm_head.weight"], wte):
        raise ValueError("not tied")
    ours["lm_head.weight"] = wte.clone()
    return ours


@wrong("convert", "t().contiguous() of a (1, n) or (n, 1) weight is a view of theirs")
def _(state_dict):
    ours = {}
    for name, tensor in state_dict.items():
        new = our_name(name)
        if new is None:
            continue
        if new.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight")):
            ours[new] = tensor.t().contiguous()
        else:
            ours[new] = tensor.clone()
    wte = ours["transformer.wte.weight"]
    if "lm_head.weight" in ours and not torch.equal(ours["lm_head.weight"], wte):
        raise ValueError("not tied")
    ours["lm_head.weight"] = wte.clone()
    return ours


@wrong("convert", "all two-dimensional tensors but wte are transposed, wpe as well")
def _(state_dict):
    ours = {}
    for name, tensor in state_dict.items():
        new = our_name(name)
        if new is None:
            continue
        if tensor.dim() == 2 and "wte" not in new and "lm_head" not in new:
            tensor = tensor.t()
        ours[new] = tensor.contiguous().clone()
    wte = ours["transformer.wte.weight"]
    if "lm_head.weight" in ours and not torch.equal(ours["lm_head.weight"], wte):
        raise ValueError("not tied")
    ours["lm_head.weight"] = wte.clone()
    return ours


@wrong("convert", "everything made float32")
def _(state_dict):
    ours = {}
    for name, tensor in state_dict.items():
        new = our_name(name)
        if new is None:
            continue
        if new.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight")):
            tensor = tensor.t()
        ours[new] = torch.tensor(tensor.tolist(), dtype=torch.float32).reshape(tensor.shape)
    wte = ours["transformer.wte.weight"]
    if "lm_head.weight" in ours and not torch.equal(ours["lm_head.weight"], wte):
        raise ValueError("not tied")
    ours["lm_head.weight"] = wte.clone()
    return ours


@wrong("convert", "an untied head is silently replaced")
def _(state_dict):
    ours = {}
    for name, tensor in state_dict.items():
        new = our_name(name)
        if new is None:
            continue
        if new.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight")):
            tensor = tensor.t()
        ours[new] = tensor.contiguous().clone()
    ours["lm_head.weight"] = ours["transformer.wte.weight"].clone()
    return ours


@wrong("convert", "takes the mask's buffers out of the caller's dict")
def _(state_dict):
    for name in list(state_dict):
        if our_name(name) is None:
            del state_dict[name]
    ours = {}
    for name, tensor in state_dict.items():
        new = our_name(name)
        if new.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight")):
            tensor = tensor.t()
        ours[new] = tensor.contiguous().clone()
    wte = ours["transformer.wte.weight"]
    if "lm_head.weight" in ours and not torch.equal(ours["lm_head.weight"], wte):
        raise ValueError("not tied")
    ours["lm_head.weight"] = wte.clone()
    return ours


@wrong("convert", "only the first row of the head is compared")
def _(state_dict):
    ours = {}
    for name, tensor in state_dict.items():
        new = our_name(name)
        if new is None:
            continue
        if new.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight")):
            tensor = tensor.t()
        ours[new] = tensor.contiguous().clone()
    wte = ours["transformer.wte.weight"]
    if "lm_head.weight" in ours and not torch.equal(ours["lm_head.weight"][0], wte[0]):
        raise ValueError("not tied")
    ours["lm_head.weight"] = wte.clone()
    return ours


@right("convert", "new empty tensors, filled by copy_")
def _(state_dict):
    linear = {"c_attn", "c_fc", "c_proj"}
    names = {our_name(theirs): theirs for theirs in state_dict}
    names.pop(None, None)
    table = state_dict[names["transformer.wte.weight"]]
    head = state_dict.get("lm_head.weight")
    if head is not None and not (head.shape == table.shape and bool((head == table).all())):
        raise ValueError("lm_head.weight is not wte.weight")
    names["lm_head.weight"] = names["transformer.wte.weight"]
    ours = {}
    for new, theirs in names.items():
        source = state_dict[theirs].detach()
        pieces = new.split(".")
        if pieces[-1] == "weight" and pieces[-2] in linear:
            source = source.T
        ours[new] = torch.empty(source.shape, dtype=source.dtype, device=source.device).copy_(
            source
        )
    return ours


@right("convert", "einsum-free: transposed by stacking columns")
def _(state_dict):
    ours = {}
    for name in sorted(state_dict):
        new, tensor = our_name(name), state_dict[name]
        if new is None or new == "lm_head.weight":
            continue
        if any(
            new.endswith(f"{part}.weight")
            for part in ("attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj")
        ):
            ours[new] = torch.stack([tensor[:, j] for j in range(tensor.shape[1])])
        else:
            ours[new] = tensor.clone().contiguous()
    if "lm_head.weight" in state_dict:
        if not torch.equal(state_dict["lm_head.weight"], ours["transformer.wte.weight"]):
            raise ValueError("the two tables differ")
    return ours | {"lm_head.weight": ours["transformer.wte.weight"].clone()}


@wrong("config_from", "layers compared as strings: 9 is more than 10")
def _(weights, n_head):
    vocab_size, n_embd = weights["transformer.wte.weight"].shape
    if n_embd % n_head:
        raise ValueError("n_head")
    last = max(name.split(".")[2] for name in weights if name.startswith("transformer.h."))
    block_size = weights["transformer.wpe.weight"].shape[0]
    return GPTConfig(block_size, vocab_size, int(last) + 1, n_head, n_embd)


@wrong("config_from", "the largest number itself: one layer too few")
def _(weights, n_head):
    vocab_size, n_embd = weights["transformer.wte.weight"].shape
    if n_embd % n_head:
        raise ValueError("n_head")
    last = max(int(name.split(".")[2]) for name in weights if name.startswith("transformer.h."))
    block_size = weights["transformer.wpe.weight"].shape[0]
    return GPTConfig(block_size, vocab_size, last, n_head, n_embd)


@wrong("config_from", "one digit read only")
def _(weights, n_head):
    vocab_size, n_embd = weights["transformer.wte.weight"].shape
    if n_embd % n_head:
        raise ValueError("n_head")
    last = max(
        int(name[len("transformer.h.")]) for name in weights if name.startswith("transformer.h.")
    )
    block_size = weights["transformer.wpe.weight"].shape[0]
    return GPTConfig(block_size, vocab_size, last + 1, n_head, n_embd)


@wrong("config_from", "n_head is not checked")
def _(weights, n_head):
    vocab_size, n_embd = weights["transformer.wte.weight"].shape
    last = max(int(name.split(".")[2]) for name in weights if name.startswith("transformer.h."))
    block_size = weights["transformer.wpe.weight"].shape[0]
    return GPTConfig(block_size, vocab_size, last + 1, n_head, n_embd)


@wrong("config_from", "vocab_size and block_size left at the defaults")
def _(weights, n_head):
    n_embd = weights["transformer.wte.weight"].shape[1]
    if n_embd % n_head:
        raise ValueError("n_head")
    last = max(int(name.split(".")[2]) for name in weights if name.startswith("transformer.h."))
    return GPTConfig(n_layer=last + 1, n_head=n_head, n_embd=n_embd)


@right("config_from", "a regular expression and a set of numbers")
def _(weights, n_head):
    import re

    found = (re.match(r"transformer\.h\.(\d+)\.", name) for name in weights)
    layers = {int(match[1]) for match in found if match}
    table, places = weights["transformer.wte.weight"], weights["transformer.wpe.weight"]
    if table.size(1) % n_head != 0:
        raise ValueError(f"{n_head} heads for a width of {table.size(1)}")
    return GPTConfig(
        block_size=places.size(0),
        vocab_size=table.size(0),
        n_layer=max(layers) + 1,
        n_head=n_head,
        n_embd=table.size(1),
    )


@right("config_from", "a running maximum; fields set one after the other")
def _(weights, n_head):
    config = GPTConfig(n_head=n_head, n_layer=0)
    config.vocab_size, config.n_embd = tuple(weights["transformer.wte.weight"].shape)
    config.block_size = len(weights["transformer.wpe.weight"])
    for name in weights:
        pieces = name.split(".")
        if pieces[:2] == ["transformer", "h"]:
            config.n_layer = max(config.n_layer, 1 + int(pieces[2]))
    if config.n_embd // n_head * n_head != config.n_embd:
        raise ValueError("n_head does not divide n_embd")
    return config


@wrong("load_into", "checks and copies in one loop: half loaded when it fails")
def _(model, weights):
    own = model.state_dict()
    if own.keys() != weights.keys():
        raise KeyError("names differ")
    with torch.no_grad():
        for name, tensor in own.items():
            if tensor.shape != weights[name].shape:
                raise ValueError(name)
            tensor.copy_(weights[name])


@wrong("load_into", "names that the model does not have are ignored")
def _(model, weights):
    own = model.state_dict()
    for name, tensor in own.items():
        if name not in weights:
            raise KeyError(name)
        if tensor.shape != weights[name].shape:
            raise ValueError(name)
    with torch.no_grad():
        for name, tensor in own.items():
            tensor.copy_(weights[name])


@wrong("load_into", "no check of shapes: copy_ broadcasts")
def _(model, weights):
    own = model.state_dict()
    if own.keys() != weights.keys():
        raise KeyError("names differ")
    with torch.no_grad():
        for name, tensor in own.items():
            tensor.copy_(weights[name])


@wrong(
    "load_into", "the model's own load_state_dict: RuntimeError in place of KeyError and ValueError"
)
def _(model, weights):
    model.load_state_dict(weights, strict=True)


@wrong("load_into", "the parameters' data now is the caller's memory")
def _(model, weights):
    own = model.state_dict()
    if own.keys() != weights.keys():
        raise KeyError("names differ")
    for name, tensor in own.items():
        if tensor.shape != weights[name].shape:
            raise ValueError(name)
    for name, p in model.named_parameters():
        p.data = weights[name].to(p.dtype)


@wrong("load_into", "assign=True: new Parameters in place of the old")
def _(model, weights):
    own = model.state_dict()
    if own.keys() != weights.keys():
        raise KeyError("names differ")
    for name, tensor in own.items():
        if tensor.shape != weights[name].shape:
            raise ValueError(name)
    model.load_state_dict({k: v.clone().to(own[k].dtype) for k, v in weights.items()}, assign=True)


@wrong("load_into", "only numel is compared, so a transposed matrix is poured in")
def _(model, weights):
    own = model.state_dict()
    if own.keys() != weights.keys():
        raise KeyError("names differ")
    for name, tensor in own.items():
        if tensor.numel() != weights[name].numel():
            raise ValueError(name)
    with torch.no_grad():
        for name, tensor in own.items():
            tensor.copy_(weights[name].reshape(tensor.shape))


@wrong("load_into", "switches requires_grad on everywhere")
def _(model, weights):
    own = model.state_dict()
    if own.keys() != weights.keys():
        raise KeyError("names differ")
    for name, tensor in own.items():
        if tensor.shape != weights[name].shape:
            raise ValueError(name)
    for name, p in model.named_parameters():
        p.requires_grad_(False)
        p.copy_(weights[name])
        p.requires_grad_(True)


@wrong("load_into", "lm_head.weight not demanded, since it is tied")
def _(model, weights):
    own = dict(model.named_parameters())
    if own.keys() - weights.keys() or weights.keys() - own.keys() - {
        "lm_head.weight",
        "transformer.wte.weight",
    }:
        raise KeyError("names differ")
    for name, p in own.items():
        if p.shape != weights[name].shape:
            raise ValueError(name)
    with torch.no_grad():
        for name, p in own.items():
            p.copy_(weights[name])


@right("load_into", "looks first, then torch's load_state_dict, which copies")
def _(model, weights):
    shapes = {name: tuple(t.shape) for name, t in model.state_dict().items()}
    different = set(shapes) ^ set(weights)
    if different:
        raise KeyError(f"{sorted(different)}")
    wrong_ones = [name for name in shapes if tuple(weights[name].shape) != shapes[name]]
    if wrong_ones:
        raise ValueError(f"shapes of {wrong_ones}")
    model.load_state_dict(weights)


@right("load_into", "over named_parameters with duplicates, by .data")
def _(model, weights):
    own = dict(model.named_parameters(remove_duplicate=False))
    for name in own:
        if name not in weights:
            raise KeyError(f"missing: {name}")
    for name in weights:
        if name not in own:
            raise KeyError(f"unknown: {name}")
    if any(own[name].shape != tensor.shape for name, tensor in weights.items()):
        raise ValueError("a shape")
    for name, p in own.items():
        p.data[...] = weights[name].detach().to(p.dtype)


@wrong("generate_topk", "draws among all tokens")
def _(model, idx, n_new, k=50, generator=None):
    for _ in range(n_new):
        logits = model(idx[:, -model.config.block_size :])[:, -1]
        probs = logits.softmax(-1)
        idx = torch.cat([idx, torch.multinomial(probs, 1, generator=generator)], dim=1)
    return idx


@wrong("generate_topk", "k larger than the vocabulary: topk raises")
def _(model, idx, n_new, k=50, generator=None):
    for _ in range(n_new):
        logits = model(idx[:, -model.config.block_size :])[:, -1]
        top, where = torch.topk(logits, k)
        choice = torch.multinomial(top.softmax(-1), 1, generator=generator)
        idx = torch.cat([idx, where.gather(1, choice)], dim=1)
    return idx


@wrong("generate_topk", "appends the place among the candidates, not the token")
def _(model, idx, n_new, k=50, generator=None):
    for _ in range(n_new):
        logits = model(idx[:, -model.config.block_size :])[:, -1]
        top, where = torch.topk(logits, min(k, logits.shape[-1]))
        choice = torch.multinomial(top.softmax(-1), 1, generator=generator)
        idx = torch.cat([idx, choice], dim=1)
    return idx


@wrong("generate_topk", "softmax over all, no renormalizing needed, but masked with 0 logits")
def _(model, idx, n_new, k=50, generator=None):
    for _ in range(n_new):
        logits = model(idx[:, -model.config.block_size :])[:, -1]
        top, where = torch.topk(logits, min(k, logits.shape[-1]))
        logits = torch.zeros_like(logits).scatter(1, where, top)
        idx = torch.cat([idx, torch.multinomial(logits.softmax(-1), 1, generator=generator)], dim=1)
    return idx


@wrong(
    "generate_topk", "masks with -inf: right distribution, but probs are not (B, k), so other draws"
)
def _(model, idx, n_new, k=50, generator=None):
    for _ in range(n_new):
        logits = model(idx[:, -model.config.block_size :])[:, -1].clone()
        top = torch.topk(logits, min(k, logits.shape[-1])).values
        logits[logits < top[:, [-1]]] = float("-inf")
        idx = torch.cat([idx, torch.multinomial(logits.softmax(-1), 1, generator=generator)], dim=1)
    return idx


@wrong("generate_topk", "a long idx comes back cut to block_size")
def _(model, idx, n_new, k=50, generator=None):
    idx = idx[:, -model.config.block_size :]
    for _ in range(n_new):
        logits = model(idx[:, -model.config.block_size :])[:, -1]
        top, where = torch.topk(logits, min(k, logits.shape[-1]))
        choice = torch.multinomial(top.softmax(-1), 1, generator=generator)
        idx = torch.cat([idx, where.gather(1, choice)], dim=1)
    return idx


@wrong("generate_topk", "the generator is not handed on")
def _(model, idx, n_new, k=50, generator=None):
    for _ in range(n_new):
        logits = model(idx[:, -model.config.block_size :])[:, -1]
        top, where = torch.topk(logits, min(k, logits.shape[-1]))
        choice = torch.multinomial(top.softmax(-1), 1)
        idx = torch.cat([idx, where.gather(1, choice)], dim=1)
    return idx


@wrong("generate_topk", "one draw per row")
def _(model, idx, n_new, k=50, generator=None):
    for _ in range(n_new):
        logits = model(idx[:, -model.config.block_size :])[:, -1]
        top, where = torch.topk(logits, min(k, logits.shape[-1]))
        rows = [torch.multinomial(p, 1, generator=generator) for p in top.softmax(-1).flip(0)]
        choice = torch.stack(rows).flip(0)
        idx = torch.cat([idx, where.gather(1, choice)], dim=1)
    return idx


@wrong("generate_topk", "never cuts to block_size")
def _(model, idx, n_new, k=50, generator=None):
    for _ in range(n_new):
        logits = model(idx)[:, -1]
        top, where = torch.topk(logits, min(k, logits.shape[-1]))
        choice = torch.multinomial(top.softmax(-1), 1, generator=generator)
        idx = torch.cat([idx, where.gather(1, choice)], dim=1)
    return idx


@right("generate_topk", "the answer's tensor made at first, filled column by column")
def _(model, idx, n_new, k=50, generator=None):
    B, T = idx.shape
    out = torch.empty(B, T + n_new, dtype=idx.dtype, device=idx.device)
    out[:, :T] = idx
    for t in range(T, T + n_new):
        begin = max(0, t - model.config.block_size)
        scores = model(out[:, begin:t])[:, -1, :]
        best = scores.topk(min(k, scores.size(1)), dim=1)
        probs = torch.exp(F.log_softmax(best.values, dim=1))
        drawn = torch.multinomial(probs, 1, generator=generator)
        out[:, t] = best.indices[torch.arange(B, device=idx.device), drawn[:, 0]]
    return out


@right("generate_topk", "a helper for one token; take_along_dim and hstack")
def _(model, idx, n_new, k=50, generator=None):
    def one_more(text):
        last = model(text[:, -model.config.block_size :])[:, -1]
        values, tokens = torch.topk(last, k if k < last.shape[1] else last.shape[1])
        pick = torch.multinomial(F.softmax(values, dim=1), 1, generator=generator)
        return torch.hstack((text, torch.take_along_dim(tokens, pick, 1)))

    text = idx.clone()
    while text.shape[1] < idx.shape[1] + n_new:
        text = one_more(text)
    return text


@wrong("text_loss", "the mean of the windows' means")
def _(model, ids):
    S, losses = model.config.block_size, []
    for i in range(0, len(ids) - 1, S):
        x = ids[:-1][i : i + S]
        losses.append(F.cross_entropy(model(x[None])[0], ids[1:][i : i + S]))
    return torch.stack(losses).mean().item()


@wrong("text_loss", "the short last window is dropped")
def _(model, ids):
    S, total, count = model.config.block_size, 0.0, 0
    for i in range(0, len(ids) - S, S):
        x = ids[i : i + S]
        total += F.cross_entropy(model(x[None])[0], ids[i + 1 : i + 1 + S], reduction="sum").item()
        count += S
    return total / max(count, 1)


@wrong("text_loss", "divided by N, not by N - 1")
def _(model, ids):
    S, total = model.config.block_size, 0.0
    for i in range(0, len(ids) - 1, S):
        x = ids[:-1][i : i + S]
        total += F.cross_entropy(model(x[None])[0], ids[1:][i : i + S], reduction="sum").item()
    return total / len(ids)


@wrong("text_loss", "windows of S tokens in all, so that the target between two windows is lost")
def _(model, ids):
    S, total, count = model.config.block_size, 0.0, 0
    for i in range(0, len(ids), S):
        piece = ids[i : i + S]
        if len(piece) < 2:
            continue
        total += F.cross_entropy(model(piece[None, :-1])[0], piece[1:], reduction="sum").item()
        count += len(piece) - 1
    return total / count


@wrong("text_loss", "a sliding window: each token sees a full past")
def _(model, ids):
    S, total = model.config.block_size, 0.0
    for t in range(1, len(ids)):
        logits = model(ids[max(0, t - S) : t][None])[0, -1]
        total += F.cross_entropy(logits[None], ids[t : t + 1]).item()
    return total / (len(ids) - 1)


@wrong("text_loss", "returns a tensor")
def _(model, ids):
    S, total = model.config.block_size, 0.0
    for i in range(0, len(ids) - 1, S):
        x = ids[:-1][i : i + S]
        total = total + F.cross_entropy(model(x[None])[0], ids[1:][i : i + S], reduction="sum")
    return total / (len(ids) - 1)


@wrong("text_loss", "bits, not nats")
def _(model, ids):
    S, total = model.config.block_size, 0.0
    for i in range(0, len(ids) - 1, S):
        x = ids[:-1][i : i + S]
        total += F.cross_entropy(model(x[None])[0], ids[1:][i : i + S], reduction="sum").item()
    return total / (len(ids) - 1) / torch.log(torch.tensor(2.0)).item()


@right("text_loss", "log-probabilities of all windows, joined, then one mean")
def _(model, ids):
    S, pieces = model.config.block_size, []
    for x, y in zip(ids[:-1].split(S), ids[1:].split(S), strict=True):
        logp = F.log_softmax(model(x.unsqueeze(0)), dim=-1)[0]
        pieces.append(-logp[torch.arange(len(y), device=ids.device), y])
    return torch.cat(pieces).double().mean().item()


@right("text_loss", "all full windows as one batch, the rest by itself")
def _(model, ids):
    S, n = model.config.block_size, len(ids) - 1
    full = n // S * S
    total = 0.0
    if full:
        logits = model(ids[:full].view(-1, S))
        total += F.cross_entropy(logits.flatten(0, 1), ids[1 : full + 1], reduction="sum").item()
    if full < n:
        logits = model(ids[full:n].view(1, -1))
        total += F.cross_entropy(logits[0], ids[full + 1 :], reduction="sum").item()
    return total / n


@wrong("document_tokens", "eot behind the text")
def _(text, encode, eot):
    tokens = list(encode(text)) + [eot]
    if any(not 0 <= t <= 65535 for t in tokens):
        raise ValueError("does not fit")
    return np.array(tokens, dtype=np.uint16)


@wrong("document_tokens", "eot itself is not looked at: wraps around")
def _(text, encode, eot):
    tokens = np.array(encode(text), dtype=np.int64)
    if ((tokens < 0) | (tokens > 65535)).any():
        raise ValueError("does not fit")
    return np.concatenate([np.array([eot]), tokens]).astype(np.uint16)


@wrong("document_tokens", "an id of 65,536 is let through, and becomes 0")
def _(text, encode, eot):
    tokens = np.array([eot, *encode(text)], dtype=np.int64)
    if tokens.min() < 0 or tokens.max() > 2**16:
        raise ValueError("does not fit")
    return tokens.astype(np.uint16)


@wrong("document_tokens", "65,535 is refused")
def _(text, encode, eot):
    tokens = np.array([eot, *encode(text)], dtype=np.int64)
    if tokens.min() < 0 or tokens.max() >= 65535:
        raise ValueError("does not fit")
    return tokens.astype(np.uint16)


@wrong("document_tokens", "negative ids wrap around")
def _(text, encode, eot):
    tokens = np.array([eot] + list(encode(text)), dtype=np.int64)
    if (tokens > 65535).any():
        raise ValueError("does not fit")
    return tokens.astype(np.uint16)


@wrong("document_tokens", "an empty text has no tokens at all")
def _(text, encode, eot):
    if not text:
        return np.array([], dtype=np.uint16)
    tokens = np.array([eot] + list(encode(text)), dtype=np.int64)
    if ((tokens < 0) | (tokens > 65535)).any():
        raise ValueError("does not fit")
    return tokens.astype(np.uint16)


@wrong("document_tokens", "whatever numpy raises: OverflowError")
def _(text, encode, eot):
    return np.array([eot, *encode(text)], dtype=np.uint16)


@right("document_tokens", "smallest and largest looked at, then one array")
def _(text, encode, eot):
    ids = [eot]
    ids.extend(encode(text))
    if min(ids) < 0 or max(ids) >= 2**16:
        raise ValueError("an id is not in 0..65535")
    return np.asarray(ids).astype("uint16")


@right("document_tokens", "an empty array filled token by token")
def _(text, encode, eot):
    ids = list(encode(text))
    out = np.empty(1 + len(ids), dtype=np.uint16)
    for i, token in enumerate([eot, *ids]):
        if token >> 16 != 0:
            raise ValueError(f"{token} takes more than 16 bits")
        out[i] = token
    return out


@wrong("write_shards", "the last shard is filled up with zeros")
def _(documents, shard_size, folder):
    paths, buffer, filled = [], np.zeros(shard_size, dtype=np.uint16), 0
    for doc in documents:
        while len(doc):
            n = min(len(doc), shard_size - filled)
            buffer[filled : filled + n] = doc[:n]
            filled, doc = filled + n, doc[n:]
            if filled == shard_size:
                paths.append(os.path.join(folder, f"shard_{len(paths):04d}.npy"))
                np.save(paths[-1], buffer)
                buffer[:], filled = 0, 0
    if filled:
        paths.append(os.path.join(folder, f"shard_{len(paths):04d}.npy"))
        np.save(paths[-1], buffer)
    return paths


@wrong("write_shards", "the rest is not written")
def _(documents, shard_size, folder):
    paths, rest = [], np.zeros(0, dtype=np.uint16)
    for doc in documents:
        rest = np.concatenate([rest, doc])
        while len(rest) >= shard_size:
            paths.append(os.path.join(folder, f"shard_{len(paths):04d}.npy"))
            np.save(paths[-1], rest[:shard_size])
            rest = rest[shard_size:]
    return paths


@wrong("write_shards", "an empty last shard where all fits exactly")
def _(documents, shard_size, folder):
    paths, rest = [], np.zeros(0, dtype=np.uint16)
    for doc in documents:
        rest = np.concatenate([rest, doc])
        while len(rest) >= shard_size:
            paths.append(os.path.join(folder, f"shard_{len(paths):04d}.npy"))
            np.save(paths[-1], rest[:shard_size])
            rest = rest[shard_size:]
    paths.append(os.path.join(folder, f"shard_{len(paths):04d}.npy"))
    np.save(paths[-1], rest)
    return paths


@wrong("write_shards", "all documents in memory first")
def _(documents, shard_size, folder):
    everything = np.concatenate([np.zeros(0, dtype=np.uint16), *documents])
    paths = []
    for i in range(0, len(everything), shard_size):
        paths.append(os.path.join(folder, f"shard_{len(paths):04d}.npy"))
        np.save(paths[-1], everything[i : i + shard_size])
    return paths


@wrong("write_shards", "at most one shard per document")
def _(documents, shard_size, folder):
    paths, rest = [], np.zeros(0, dtype=np.uint16)

    def write(tokens):
        paths.append(os.path.join(folder, f"shard_{len(paths):04d}.npy"))
        np.save(paths[-1], tokens)

    for doc in documents:
        rest = np.concatenate([rest, doc])
        if len(rest) >= shard_size:
            write(rest[:shard_size])
            rest = rest[shard_size:]
    while len(rest):
        write(rest[:shard_size])
        rest = rest[shard_size:]
    return paths


@wrong("write_shards", "a full shard waits for one token more than full")
def _(documents, shard_size, folder):
    paths, rest = [], np.zeros(0, dtype=np.uint16)

    def write(tokens):
        paths.append(os.path.join(folder, f"shard_{len(paths):04d}.npy"))
        np.save(paths[-1], tokens)

    for doc in documents:
        rest = np.concatenate([rest, doc])
        while len(rest) > shard_size:
            write(rest[:shard_size])
            rest = rest[shard_size:]
    if len(rest):
        write(rest)
    return paths


@wrong("write_shards", "no document is cut: the shard ends before one that does not fit")
def _(documents, shard_size, folder):
    paths, rest = [], np.zeros(0, dtype=np.uint16)

    def write(tokens):
        paths.append(os.path.join(folder, f"shard_{len(paths):04d}.npy"))
        np.save(paths[-1], tokens)

    for doc in documents:
        if len(rest) and len(rest) + len(doc) > shard_size:
            write(rest)
            rest = np.zeros(0, dtype=np.uint16)
        rest = np.concatenate([rest, doc])
    if len(rest):
        write(rest)
    return paths


@wrong("write_shards", "int64 on the disk")
def _(documents, shard_size, folder):
    paths, rest = [], []

    def write(tokens):
        paths.append(os.path.join(folder, f"shard_{len(paths):04d}.npy"))
        np.save(paths[-1], np.array(tokens))

    for doc in documents:
        rest += doc.tolist()
        while len(rest) >= shard_size:
            write(rest[:shard_size])
            rest = rest[shard_size:]
    if rest:
        write(rest)
    return paths


@wrong("write_shards", "names without leading zeros, counted from 1")
def _(documents, shard_size, folder):
    paths, rest = [], np.zeros(0, dtype=np.uint16)

    def write(tokens):
        paths.append(os.path.join(folder, f"shard_{len(paths) + 1}.npy"))
        np.save(paths[-1], tokens)

    for doc in documents:
        rest = np.concatenate([rest, doc])
        while len(rest) >= shard_size:
            write(rest[:shard_size])
            rest = rest[shard_size:]
    if len(rest):
        write(rest)
    return paths


@wrong("write_shards", "an empty document ends the reading")
def _(documents, shard_size, folder):
    paths, rest, it = [], np.zeros(0, dtype=np.uint16), iter(documents)

    def write(tokens):
        paths.append(os.path.join(folder, f"shard_{len(paths):04d}.npy"))
        np.save(paths[-1], tokens)

    while len(doc := next(it, ())):
        rest = np.concatenate([rest, doc])
        while len(rest) >= shard_size:
            write(rest[:shard_size])
            rest = rest[shard_size:]
    if len(rest):
        write(rest)
    return paths


@right("write_shards", "a list of pieces, and how much room is left")
def _(documents, shard_size, folder):
    from pathlib import Path

    paths, pieces, room = [], [], shard_size

    def flush():
        nonlocal pieces, room
        path = str(Path(folder) / f"shard_{len(paths):04}.npy")
        np.save(path, np.concatenate(pieces))
        paths.append(path)
        pieces, room = [], shard_size

    for doc in documents:
        while doc.size > 0:
            piece, doc = doc[:room].copy(), doc[room:]
            pieces.append(piece)
            room -= piece.size
            if room == 0:
                flush()
    if pieces:
        flush()
    return paths


@right("write_shards", "token by token through a Python list")
def _(documents, shard_size, folder):
    paths, shard = [], []

    def save():
        paths.append(folder + os.sep + "shard_" + str(len(paths)).zfill(4) + ".npy")
        np.save(paths[-1], np.array(shard, dtype=np.uint16))
        shard.clear()

    for document in documents:
        for token in document:
            shard.append(token)
            if len(shard) == shard_size:
                save()
    if shard:
        save()
    return paths


@wrong("load_tokens", "int16 on the way: 50,256 becomes negative")
def _(path):
    return torch.from_numpy(np.load(path).view(np.int16)).long()


@wrong("load_tokens", "int32")
def _(path):
    return torch.from_numpy(np.load(path).astype(np.int32))


@wrong("load_tokens", "left as uint16")
def _(path):
    return torch.from_numpy(np.load(path))


@wrong("load_tokens", "a numpy array, not a tensor")
def _(path):
    return np.load(path).astype(np.int64)


@wrong("load_tokens", "through float16: large ids are rounded")
def _(path):
    return torch.from_numpy(np.load(path).astype(np.float16)).to(torch.int64)


@right("load_tokens", "torch converts uint16 by itself")
def _(path):
    with open(path, "rb") as file:
        return torch.from_numpy(np.load(file)).to(torch.int64)


@right("load_tokens", "through a Python list")
def _(path):
    return torch.tensor(np.load(path).tolist(), dtype=torch.int64)


@wrong("next_batch", "the last shard is followed by nothing: IndexError at the end")
class _:
    def next_batch(self):
        n = self.B * self.T
        while self.position + self.world * n + 1 > len(self.tokens):
            self.open(self.shard + 1)
        at = self.position + self.rank * n
        piece = self.tokens[at : at + n + 1]
        self.position += self.world * n
        return piece[:-1].view(self.B, self.T), piece[1:].view(self.B, self.T)

    def reset(self):
        self.open(0)


@wrong("next_batch", "if, not while: a shard that is too short altogether is read")
class _:
    def next_batch(self):
        n = self.B * self.T
        if self.position + self.world * n + 1 > len(self.tokens):
            self.open((self.shard + 1) % len(self.paths))
        at = self.position + self.rank * n
        piece = self.tokens[at : at + n + 1]
        self.position += self.world * n
        return piece[:-1].view(self.B, self.T), piece[1:].view(self.B, self.T)

    def reset(self):
        self.open(0)


@wrong("next_batch", "each rank looks whether its own piece fits")
class _:
    def next_batch(self):
        n = self.B * self.T
        while self.position + (self.rank + 1) * n + 1 > len(self.tokens):
            self.open((self.shard + 1) % len(self.paths))
        at = self.position + self.rank * n
        piece = self.tokens[at : at + n + 1]
        self.position += self.world * n
        return piece[:-1].view(self.B, self.T), piece[1:].view(self.B, self.T)

    def reset(self):
        self.open(0)


@wrong("next_batch", ">= : a step that fits exactly is skipped")
class _:
    def next_batch(self):
        n = self.B * self.T
        while self.position + self.world * n + 1 >= len(self.tokens):
            self.open((self.shard + 1) % len(self.paths))
        at = self.position + self.rank * n
        piece = self.tokens[at : at + n + 1]
        self.position += self.world * n
        return piece[:-1].view(self.B, self.T), piece[1:].view(self.B, self.T)

    def reset(self):
        self.open(0)


@wrong("next_batch", "moves on by this rank's B * T only")
class _:
    def next_batch(self):
        n = self.B * self.T
        while self.position + self.world * n + 1 > len(self.tokens):
            self.open((self.shard + 1) % len(self.paths))
        at = self.position + self.rank * n
        piece = self.tokens[at : at + n + 1]
        self.position += n
        return piece[:-1].view(self.B, self.T), piece[1:].view(self.B, self.T)

    def reset(self):
        self.open(0)


@wrong("next_batch", "looks for the end behind the batch, not before the next one")
class _:
    def next_batch(self):
        n = self.B * self.T
        at = self.position + self.rank * n
        piece = self.tokens[at : at + n + 1]
        self.position += self.world * n
        if self.position + self.world * n + 1 > len(self.tokens):
            self.open((self.shard + 1) % len(self.paths))
        return piece[:-1].view(self.B, self.T), piece[1:].view(self.B, self.T)

    def reset(self):
        self.open(0)


@wrong("next_batch", "reset goes back in the current shard only")
class _:
    def next_batch(self):
        n = self.B * self.T
        while self.position + self.world * n + 1 > len(self.tokens):
            self.open((self.shard + 1) % len(self.paths))
        at = self.position + self.rank * n
        piece = self.tokens[at : at + n + 1]
        self.position += self.world * n
        return piece[:-1].view(self.B, self.T), piece[1:].view(self.B, self.T)

    def reset(self):
        self.position = 0


@wrong("next_batch", "reset forgets to load the first shard's tokens")
class _:
    def next_batch(self):
        n = self.B * self.T
        while self.position + self.world * n + 1 > len(self.tokens):
            self.open((self.shard + 1) % len(self.paths))
        at = self.position + self.rank * n
        piece = self.tokens[at : at + n + 1]
        self.position += self.world * n
        return piece[:-1].view(self.B, self.T), piece[1:].view(self.B, self.T)

    def reset(self):
        self.shard, self.position = 0, 0


@wrong("next_batch", "y rolled within the piece: its last target is the first token")
class _:
    def next_batch(self):
        n = self.B * self.T
        while self.position + self.world * n + 1 > len(self.tokens):
            self.open((self.shard + 1) % len(self.paths))
        at = self.position + self.rank * n
        x = self.tokens[at : at + n]
        self.position += self.world * n
        return x.view(self.B, self.T), x.roll(-1).view(self.B, self.T)

    def reset(self):
        self.open(0)


@wrong("next_batch", "B and T the wrong way round")
class _:
    def next_batch(self):
        n = self.B * self.T
        while self.position + self.world * n + 1 > len(self.tokens):
            self.open((self.shard + 1) % len(self.paths))
        at = self.position + self.rank * n
        piece = self.tokens[at : at + n + 1]
        self.position += self.world * n
        return piece[:-1].view(self.T, self.B).T, piece[1:].view(self.T, self.B).T

    def reset(self):
        self.open(0)


@right("next_batch", "an index table; the world's whole step first, then one's own piece")
class _:
    def next_batch(self):
        step = self.world * self.B * self.T
        while len(self.tokens) - self.position < step + 1:
            following = self.shard + 1
            self.open(following if following < len(self.paths) else 0)
        places = torch.arange(step).view(self.world, self.B, self.T)[self.rank] + self.position
        self.position = self.position + step
        return self.tokens[places], self.tokens[places + 1]

    def reset(self):
        self.open(shard=0, position=0)


@right("next_batch", "rows collected one by one and stacked")
class _:
    def next_batch(self):
        B, T = self.B, self.T
        while not self.position + self.world * B * T < len(self.tokens):
            self.open((self.shard + 1) % len(self.paths))
        begin, x, y = self.position + B * T * self.rank, [], []
        for row in range(B):
            a = begin + row * T
            x.append(self.tokens[a : a + T])
            y.append(self.tokens[a + 1 : a + T + 1])
        self.position += B * T * self.world
        return torch.stack(x), torch.stack(y)

    def reset(self):
        self.shard, self.position = 0, 0
        self.tokens = load_tokens(self.paths[0])


@wrong("loader_state", "the tokens of the old shard stay")
class _:
    def state_dict(self):
        return {"shard": self.shard, "position": self.position}

    def load_state_dict(self, state):
        self.shard, self.position = state["shard"], state["position"]


@wrong("loader_state", "the shard is forgotten")
class _:
    def state_dict(self):
        return {"shard": self.shard, "position": self.position}

    def load_state_dict(self, state):
        self.open(self.shard, state["position"])


@wrong("loader_state", "position of this rank's piece: differs from rank to rank")
class _:
    def state_dict(self):
        return {"shard": self.shard, "position": self.position + self.rank * self.B * self.T}

    def load_state_dict(self, state):
        self.open(state["shard"], state["position"] - self.rank * self.B * self.T)


@wrong("loader_state", "opens the shard at its beginning")
class _:
    def state_dict(self):
        return {"shard": self.shard, "position": self.position}

    def load_state_dict(self, state):
        self.position = state["position"]
        self.open(state["shard"])


@wrong("loader_state", "the attributes themselves: a later next_batch changes them")
class _:
    def state_dict(self):
        return self.__dict__

    def load_state_dict(self, state):
        self.open(state["shard"], state["position"])


@wrong("loader_state", "takes the keys out of the caller's dict")
class _:
    def state_dict(self):
        return {"shard": self.shard, "position": self.position}

    def load_state_dict(self, state):
        self.open(state.pop("shard"), state.pop("position"))


@wrong("loader_state", "counted in steps: another B, T or world lands elsewhere")
class _:
    def state_dict(self):
        return {"shard": self.shard, "position": self.position // (self.B * self.T * self.world)}

    def load_state_dict(self, state):
        self.open(state["shard"], state["position"] * self.B * self.T * self.world)


@right("loader_state", "attribute by attribute, tokens loaded by hand")
class _:
    def state_dict(self):
        return {name: int(getattr(self, name)) for name in ("shard", "position")}

    def load_state_dict(self, state):
        self.tokens = load_tokens(self.paths[state["shard"]])
        for name, value in state.items():
            setattr(self, name, value)


@right("loader_state", "the shard is opened only where it is another one")
class _:
    def state_dict(self):
        return dict(position=self.position, shard=self.shard)

    def load_state_dict(self, state):
        if state["shard"] != self.shard:
            self.open(state["shard"])
        self.position = state["position"]


@wrong("adamw_update", "eps inside of the root")
def _(p, grad, m, v, t, lr, betas, eps, weight_decay):
    b1, b2 = betas
    m, v = b1 * m + (1 - b1) * grad, b2 * v + (1 - b2) * grad**2
    step = m / (1 - b1**t) / torch.sqrt(v / (1 - b2**t) + eps)
    return p - lr * (step + weight_decay * p), m, v


@wrong("adamw_update", "eps added to the root of the uncorrected v")
def _(p, grad, m, v, t, lr, betas, eps, weight_decay):
    b1, b2 = betas
    m, v = b1 * m + (1 - b1) * grad, b2 * v + (1 - b2) * grad**2
    step = m / (1 - b1**t) * (1 - b2**t) ** 0.5 / (v.sqrt() + eps)
    return p - lr * (step + weight_decay * p), m, v


@wrong("adamw_update", "decay added to the gradient (the old Adam)")
def _(p, grad, m, v, t, lr, betas, eps, weight_decay):
    b1, b2 = betas
    grad = grad + weight_decay * p
    m, v = b1 * m + (1 - b1) * grad, b2 * v + (1 - b2) * grad**2
    return p - lr * (m / (1 - b1**t)) / ((v / (1 - b2**t)).sqrt() + eps), m, v


@wrong("adamw_update", "decay without the rate")
def _(p, grad, m, v, t, lr, betas, eps, weight_decay):
    b1, b2 = betas
    m, v = b1 * m + (1 - b1) * grad, b2 * v + (1 - b2) * grad**2
    return p - lr * (m / (1 - b1**t)) / ((v / (1 - b2**t)).sqrt() + eps) - weight_decay * p, m, v


@wrong("adamw_update", "no bias correction")
def _(p, grad, m, v, t, lr, betas, eps, weight_decay):
    b1, b2 = betas
    m, v = b1 * m + (1 - b1) * grad, b2 * v + (1 - b2) * grad**2
    return p - lr * (m / (v.sqrt() + eps) + weight_decay * p), m, v


@wrong("adamw_update", "returns the corrected averages")
def _(p, grad, m, v, t, lr, betas, eps, weight_decay):
    b1, b2 = betas
    m = (b1 * m + (1 - b1) * grad) / (1 - b1**t)
    v = (b2 * v + (1 - b2) * grad**2) / (1 - b2**t)
    return p - lr * (m / (v.sqrt() + eps) + weight_decay * p), m, v


@wrong("adamw_update", "m and v updated in place")
def _(p, grad, m, v, t, lr, betas, eps, weight_decay):
    b1, b2 = betas
    m.mul_(b1).add_(grad, alpha=1 - b1)
    v.mul_(b2).addcmul_(grad, grad, value=1 - b2)
    step = m / (1 - b1**t) / ((v / (1 - b2**t)).sqrt() + eps)
    return p - lr * (step + weight_decay * p), m, v


@wrong("adamw_update", "decay of the p that has already stepped")
def _(p, grad, m, v, t, lr, betas, eps, weight_decay):
    b1, b2 = betas
    m, v = b1 * m + (1 - b1) * grad, b2 * v + (1 - b2) * grad**2
    p = p - lr * (m / (1 - b1**t)) / ((v / (1 - b2**t)).sqrt() + eps)
    return p - lr * weight_decay * p, m, v


@wrong("adamw_update", "the correction counts t from 0: t + 1")
def _(p, grad, m, v, t, lr, betas, eps, weight_decay):
    b1, b2 = betas
    m, v = b1 * m + (1 - b1) * grad, b2 * v + (1 - b2) * grad**2
    step = m / (1 - b1 ** (t + 1)) / ((v / (1 - b2 ** (t + 1))).sqrt() + eps)
    return p - lr * (step + weight_decay * p), m, v


@wrong("adamw_update", "Nesterov: the step looks at the gradient once more")
def _(p, grad, m, v, t, lr, betas, eps, weight_decay):
    b1, b2 = betas
    m, v = b1 * m + (1 - b1) * grad, b2 * v + (1 - b2) * grad**2
    ahead = (b1 * m + (1 - b1) * grad) / (1 - b1**t)
    return p - lr * (ahead / ((v / (1 - b2**t)).sqrt() + eps) + weight_decay * p), m, v


@wrong("adamw_update", "everything through float32")
def _(p, grad, m, v, t, lr, betas, eps, weight_decay):
    b1, b2 = betas
    p, grad, m, v = p.float(), grad.float(), m.float(), v.float()
    m, v = b1 * m + (1 - b1) * grad, b2 * v + (1 - b2) * grad**2
    step = m / (1 - b1**t) / ((v / (1 - b2**t)).sqrt() + eps)
    return p - lr * (step + weight_decay * p), m, v


@right("adamw_update", "lerp, addcmul and addcdiv; decay first")
def _(p, grad, m, v, t, lr, betas, eps, weight_decay):
    beta1, beta2 = betas
    m = torch.lerp(m, grad, 1 - beta1)
    v = (v * beta2).addcmul(grad, grad, value=1 - beta2)
    root = (v / (1 - beta2**t)).sqrt().add(eps)
    p = (p * (1 - lr * weight_decay)).addcdiv(m / (1 - beta1**t), root, value=-lr)
    return p, m, v


@right("adamw_update", "copies changed in place")
def _(p, grad, m, v, t, lr, betas, eps, weight_decay):
    p, m, v = (x.detach().clone() for x in (p, m, v))
    m.sub_((1 - betas[0]) * (m - grad))
    v.sub_((1 - betas[1]) * (v - grad * grad))
    step = m / (1 - betas[0] ** t)
    step /= torch.sqrt(v / (1 - betas[1] ** t)) + eps
    step += weight_decay * p
    p -= lr * step
    return p, m, v


@wrong("adamw_step", "one t for all parameters")
class _:
    def step(self):
        self.t = getattr(self, "t", 0) + 1
        with torch.no_grad():
            for group in self.groups:
                for p in group["params"]:
                    if p.grad is None:
                        continue
                    _, m, v = self.state.get(p, (0, torch.zeros_like(p), torch.zeros_like(p)))
                    new, m, v = adamw_update(
                        p,
                        p.grad,
                        m,
                        v,
                        self.t,
                        self.lr,
                        self.betas,
                        self.eps,
                        group["weight_decay"],
                    )
                    p.copy_(new)
                    self.state[p] = (self.t, m, v)


@wrong("adamw_step", "a missing gradient counts as zero: decay and ageing")
class _:
    def step(self):
        with torch.no_grad():
            for group in self.groups:
                for p in group["params"]:
                    grad = torch.zeros_like(p) if p.grad is None else p.grad
                    t, m, v = self.state.get(p, (0, torch.zeros_like(p), torch.zeros_like(p)))
                    new, m, v = adamw_update(
                        p, grad, m, v, t + 1, self.lr, self.betas, self.eps, group["weight_decay"]
                    )
                    p.copy_(new)
                    self.state[p] = (t + 1, m, v)


@wrong("adamw_step", "t is not kept: always 1")
class _:
    def step(self):
        with torch.no_grad():
            for group in self.groups:
                for p in group["params"]:
                    if p.grad is None:
                        continue
                    t, m, v = self.state.get(p, (1, torch.zeros_like(p), torch.zeros_like(p)))
                    new, m, v = adamw_update(
                        p, p.grad, m, v, t, self.lr, self.betas, self.eps, group["weight_decay"]
                    )
                    p.copy_(new)
                    self.state[p] = (t, m, v)


@wrong("adamw_step", "the first group's decay for all")
class _:
    def step(self):
        decay = self.groups[0]["weight_decay"]
        with torch.no_grad():
            for group in self.groups:
                for p in group["params"]:
                    if p.grad is None:
                        continue
                    t, m, v = self.state.get(p, (0, torch.zeros_like(p), torch.zeros_like(p)))
                    new, m, v = adamw_update(
                        p, p.grad, m, v, t + 1, self.lr, self.betas, self.eps, decay
                    )
                    p.copy_(new)
                    self.state[p] = (t + 1, m, v)


@wrong("adamw_step", "new tensors in the group's list, the model's stay")
class _:
    def step(self):
        with torch.no_grad():
            for group in self.groups:
                for i, p in enumerate(group["params"]):
                    if p.grad is None:
                        continue
                    t, m, v = self.state.pop(p, (0, torch.zeros_like(p), torch.zeros_like(p)))
                    new, m, v = adamw_update(
                        p, p.grad, m, v, t + 1, self.lr, self.betas, self.eps, group["weight_decay"]
                    )
                    new = nn.Parameter(new)
                    new.grad = p.grad
                    group["params"][i] = new
                    self.state[new] = (t + 1, m, v)


@wrong("adamw_step", "forgets the gradients afterwards")
class _:
    def step(self):
        with torch.no_grad():
            for group in self.groups:
                for p in group["params"]:
                    if p.grad is None:
                        continue
                    t, m, v = self.state.get(p, (0, torch.zeros_like(p), torch.zeros_like(p)))
                    new, m, v = adamw_update(
                        p, p.grad, m, v, t + 1, self.lr, self.betas, self.eps, group["weight_decay"]
                    )
                    p.copy_(new)
                    self.state[p] = (t + 1, m, v)
                    p.grad = None


@wrong("adamw_step", "an entry in state for parameters that never had a step")
class _:
    def step(self):
        with torch.no_grad():
            for group in self.groups:
                for p in group["params"]:
                    t, m, v = self.state.setdefault(
                        p, (0, torch.zeros_like(p), torch.zeros_like(p))
                    )
                    if p.grad is None:
                        continue
                    new, m, v = adamw_update(
                        p, p.grad, m, v, t + 1, self.lr, self.betas, self.eps, group["weight_decay"]
                    )
                    p.copy_(new)
                    self.state[p] = (t + 1, m, v)


@wrong("adamw_step", "state by shape: parameters of one shape share their averages")
class _:
    def step(self):
        shared = self.__dict__.setdefault("shared", {})
        with torch.no_grad():
            for group in self.groups:
                for p in group["params"]:
                    if p.grad is None:
                        continue
                    t = self.state[p][0] if p in self.state else 0
                    m, v = shared.get(p.shape, (torch.zeros_like(p), torch.zeros_like(p)))
                    new, m, v = adamw_update(
                        p, p.grad, m, v, t + 1, self.lr, self.betas, self.eps, group["weight_decay"]
                    )
                    p.copy_(new)
                    shared[p.shape] = (m, v)
                    self.state[p] = (t + 1, m, v)


@wrong("adamw_step", "leaves out a whole group as soon as one gradient is None")
class _:
    def step(self):
        with torch.no_grad():
            for group in self.groups:
                for p in group["params"]:
                    if p.grad is None:
                        break
                    t, m, v = self.state.get(p, (0, torch.zeros_like(p), torch.zeros_like(p)))
                    new, m, v = adamw_update(
                        p, p.grad, m, v, t + 1, self.lr, self.betas, self.eps, group["weight_decay"]
                    )
                    p.copy_(new)
                    self.state[p] = (t + 1, m, v)


@right("adamw_step", "detached tensors and .data")
class _:
    def step(self):
        for group in self.groups:
            decay = group["weight_decay"]
            for p in (q for q in group["params"] if q.grad is not None):
                if p in self.state:
                    t, m, v = self.state[p]
                else:
                    t, m, v = 0, torch.zeros_like(p.data), torch.zeros_like(p.data)
                g = p.grad.detach()
                p.data[...], m, v = adamw_update(
                    p.detach(), g, m, v, t + 1, self.lr, self.betas, self.eps, decay
                )
                self.state[p] = t + 1, m, v


@right("adamw_step", "all pairs in a flat list first, copied under no_grad")
class _:
    def step(self):
        todo = [(p, group["weight_decay"]) for group in self.groups for p in group["params"]]
        with torch.no_grad():
            for p, decay in todo:
                if p.grad is not None:
                    old = self.state.get(p)
                    t = 1 if old is None else old[0] + 1
                    m, v = (p * 0, p * 0) if old is None else old[1:]
                    new, m, v = adamw_update(
                        p,
                        p.grad,
                        m,
                        v,
                        t=t,
                        lr=self.lr,
                        betas=self.betas,
                        eps=self.eps,
                        weight_decay=decay,
                    )
                    p.copy_(new)
                    self.state[p] = (t, m, v)


@wrong("decay_groups", "by name: everything that ends in weight decays")
def _(model, weight_decay):
    decay, rest = [], []
    for name, p in model.named_parameters():
        if p.requires_grad:
            (decay if name.endswith("weight") else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


@wrong("decay_groups", "exactly two dimensions: a convolution does not decay")
def _(model, weight_decay):
    params = [p for p in model.parameters() if p.requires_grad]
    return [
        {"params": [p for p in params if p.dim() == 2], "weight_decay": weight_decay},
        {"params": [p for p in params if p.dim() != 2], "weight_decay": 0.0},
    ]


@wrong("decay_groups", "frozen parameters are in, too")
def _(model, weight_decay):
    params = list(model.parameters())
    return [
        {"params": [p for p in params if p.dim() >= 2], "weight_decay": weight_decay},
        {"params": [p for p in params if p.dim() < 2], "weight_decay": 0.0},
    ]


@wrong("decay_groups", "a tied parameter is there once for each name")
def _(model, weight_decay):
    params = [p for _, p in model.named_parameters(remove_duplicate=False) if p.requires_grad]
    return [
        {"params": [p for p in params if p.dim() >= 2], "weight_decay": weight_decay},
        {"params": [p for p in params if p.dim() < 2], "weight_decay": 0.0},
    ]


@wrong("decay_groups", "a set: the order is anybody's")
def _(model, weight_decay):
    params = sorted(
        {p for p in model.parameters() if p.requires_grad}, key=lambda p: (-p.numel(), id(p))
    )
    return [
        {"params": [p for p in params if p.dim() >= 2], "weight_decay": weight_decay},
        {"params": [p for p in params if p.dim() < 2], "weight_decay": 0.0},
    ]


@wrong("decay_groups", "the two groups the wrong way round")
def _(model, weight_decay):
    params = [p for p in model.parameters() if p.requires_grad]
    return [
        {"params": [p for p in params if p.dim() < 2], "weight_decay": 0.0},
        {"params": [p for p in params if p.dim() >= 2], "weight_decay": weight_decay},
    ]


@wrong("decay_groups", "two that hold equal numbers are taken for one")
def _(model, weight_decay):
    params = []
    for p in model.parameters():
        if p.requires_grad and not any(
            p.shape == q.shape and p.device.type != "meta" and torch.equal(p, q) for q in params
        ):
            params.append(p)
    return [
        {"params": [p for p in params if p.dim() >= 2], "weight_decay": weight_decay},
        {"params": [p for p in params if p.dim() < 2], "weight_decay": 0.0},
    ]


@wrong("decay_groups", "generators, not lists")
def _(model, weight_decay):
    return [
        {
            "params": (p for p in model.parameters() if p.requires_grad and p.dim() >= 2),
            "weight_decay": weight_decay,
        },
        {
            "params": (p for p in model.parameters() if p.requires_grad and p.dim() < 2),
            "weight_decay": 0.0,
        },
    ]


@right("decay_groups", "module by module, seen ones remembered")
def _(model, weight_decay):
    first, second, seen = [], [], set()
    for module in model.modules():
        for p in module.parameters(recurse=False):
            if p.requires_grad and id(p) not in seen:
                seen.add(id(p))
                (first if p.ndim > 1 else second).append(p)
    return [dict(params=first, weight_decay=weight_decay), dict(params=second, weight_decay=0.0)]


@right("decay_groups", "one pass, indexing the groups by a bool")
def _(model, weight_decay):
    groups = [{"params": [], "weight_decay": weight_decay}, {"params": [], "weight_decay": 0.0}]
    for p in filter(lambda p: p.requires_grad, model.parameters()):
        groups[len(p.shape) < 2]["params"].append(p)
    return groups


@wrong("clip_global_norm", "each tensor clipped by itself")
def _(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    if not grads:
        return torch.tensor(0.0)
    norm = torch.stack([g.norm() for g in grads]).norm()
    for g in grads:
        if g.norm() > max_norm:
            g.mul_(max_norm / (g.norm() + 1e-6))
    return norm


@wrong("clip_global_norm", "numbers cut off at max_norm")
def _(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    if not grads:
        return torch.tensor(0.0)
    norm = torch.stack([g.norm() for g in grads]).norm()
    if norm > max_norm:
        for g in grads:
            g.clamp_(-max_norm, max_norm)
    return norm


@wrong("clip_global_norm", "short gradients are made longer")
def _(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    if not grads:
        return torch.tensor(0.0)
    norm = torch.stack([g.norm() for g in grads]).norm()
    for g in grads:
        g.mul_(max_norm / (norm + 1e-6))
    return norm


@wrong("clip_global_norm", "the norm after clipping comes back")
def _(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    if not grads:
        return torch.tensor(0.0)
    norm = torch.stack([g.norm() for g in grads]).norm()
    if norm > max_norm:
        for g in grads:
            g.mul_(max_norm / (norm + 1e-6))
    return torch.stack([g.norm() for g in grads]).norm()


@wrong("clip_global_norm", "goes through params twice: a generator is empty the second time")
def _(params, max_norm):
    norm = torch.sqrt(
        sum(((p.grad**2).sum() for p in params if p.grad is not None), torch.tensor(0.0))
    )
    if norm > max_norm:
        for p in params:
            if p.grad is not None:
                p.grad.mul_(max_norm / (norm + 1e-6))
    return norm


@wrong("clip_global_norm", "the norms are added, not their squares")
def _(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum((g.norm() for g in grads), torch.tensor(0.0))
    if norm > max_norm:
        for g in grads:
            g.mul_(max_norm / (norm + 1e-6))
    return norm


@wrong("clip_global_norm", "raises where there is no gradient at all")
def _(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = torch.cat([g.flatten() for g in grads]).norm()
    if norm > max_norm:
        for g in grads:
            g.mul_(max_norm / (norm + 1e-6))
    return norm


@wrong("clip_global_norm", "a new grad instead of the old one in place")
def _(params, max_norm):
    params = [p for p in params if p.grad is not None]
    norm = torch.sqrt(sum(((p.grad**2).sum() for p in params), torch.tensor(0.0)))
    if norm > max_norm:
        for p in params:
            p.grad = p.grad * (max_norm / (norm + 1e-6))
    return norm


@wrong("clip_global_norm", "a Python float")
def _(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum((g**2).sum().item() for g in grads) ** 0.5
    if norm > max_norm:
        for g in grads:
            g.mul_(max_norm / (norm + 1e-6))
    return norm


@wrong("clip_global_norm", "the maximum norm")
def _(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = max((g.abs().max() for g in grads), default=torch.tensor(0.0))
    if norm > max_norm:
        for g in grads:
            g.mul_(max_norm / (norm + 1e-6))
    return norm


@right("clip_global_norm", "one long vector, a factor that is at most 1")
def _(params, max_norm):
    with torch.no_grad():
        grads = [p.grad for p in params if p.grad is not None]
        if not grads:
            return torch.zeros(())
        norm = torch.linalg.vector_norm(torch.cat([g.reshape(-1) for g in grads]))
        factor = max_norm / (norm + 1e-6) if norm > max_norm else 1.0
        for g in grads:
            g *= factor
        return norm


@right("clip_global_norm", "a list of squares, early return where it is short")
def _(params, max_norm):
    grads = []
    squares = torch.zeros(())
    for p in params:
        if p.grad is None:
            continue
        grads.append(p.grad)
        squares = squares + p.grad.detach().square().sum()
    norm = squares.sqrt()
    if not norm > max_norm:
        return norm
    scale = max_norm / (norm.item() + 1e-6)
    for g in grads:
        g.copy_(g * scale)
    return norm


@wrong("pad_vocab", "a full multiple more where it fits exactly")
def _(n, multiple=128):
    return (n // multiple + 1) * multiple


@wrong("pad_vocab", "rounds to the nearest")
def _(n, multiple=128):
    return max(1, round(n / multiple)) * multiple


@wrong("pad_vocab", "rounds down")
def _(n, multiple=128):
    return n // multiple * multiple


@wrong("pad_vocab", "the argument multiple is ignored")
def _(n, multiple=128):
    return (n + 127) // 128 * 128


@wrong("pad_vocab", "the bit trick: only for powers of two")
def _(n, multiple=128):
    return (n + multiple - 1) & ~(multiple - 1)


@wrong("pad_vocab", "a float comes back")
def _(n, multiple=128):
    return float(-(-n // multiple) * multiple)


@right("pad_vocab", "what is missing, by the modulus of -n")
def _(n, multiple=128):
    return n + -n % multiple


@right("pad_vocab", "count up to the next multiple")
def _(n, multiple=128):
    rest = n % multiple
    return n if rest == 0 else n + multiple - rest


@wrong("micro_loss", "the mean over this micro-batch")
def _(model, x, y, total, dtype=None):
    context = (
        contextlib.nullcontext() if dtype is None else torch.autocast(x.device.type, dtype=dtype)
    )
    with context:
        logits = model(x)
        return F.cross_entropy(logits.flatten(0, 1), y.flatten())


@wrong("micro_loss", "view of a y that is not contiguous")
def _(model, x, y, total, dtype=None):
    context = (
        contextlib.nullcontext() if dtype is None else torch.autocast(x.device.type, dtype=dtype)
    )
    with context:
        logits = model(x)
        loss = F.cross_entropy(logits.view(-1, logits.size(-1)), y.view(-1), reduction="sum")
    return loss / total


@wrong("micro_loss", "mean times own count: NaN where none counts")
def _(model, x, y, total, dtype=None):
    context = (
        contextlib.nullcontext() if dtype is None else torch.autocast(x.device.type, dtype=dtype)
    )
    with context:
        logits = model(x)
        loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
    return loss * (y != -100).sum() / total


@wrong("micro_loss", "-100 counted as token 0")
def _(model, x, y, total, dtype=None):
    context = (
        contextlib.nullcontext() if dtype is None else torch.autocast(x.device.type, dtype=dtype)
    )
    with context:
        logits = model(x)
        loss = F.cross_entropy(logits.flatten(0, 1), y.clamp(min=0).flatten(), reduction="sum")
    return loss / total


@wrong("micro_loss", "dtype ignored")
def _(model, x, y, total, dtype=None):
    logits = model(x)
    return F.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="sum") / total


@wrong("micro_loss", "autocast around the model only: the loss is bfloat16")
def _(model, x, y, total, dtype=None):
    context = (
        contextlib.nullcontext() if dtype is None else torch.autocast(x.device.type, dtype=dtype)
    )
    with context:
        logits = model(x)
    return F.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="sum") / total


@wrong("micro_loss", "without dtype autocast all the same, in its default type")
def _(model, x, y, total, dtype=None):
    with torch.autocast(device_type=x.device.type, dtype=dtype):
        logits = model(x)
        loss = F.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="sum")
    return loss / total


@wrong("micro_loss", "always float32, also for float64 logits")
def _(model, x, y, total, dtype=None):
    context = (
        contextlib.nullcontext() if dtype is None else torch.autocast(x.device.type, dtype=dtype)
    )
    with context:
        logits = model(x).float()
        loss = F.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="sum")
    return loss / total


@wrong("micro_loss", "shifts y once more")
def _(model, x, y, total, dtype=None):
    context = (
        contextlib.nullcontext() if dtype is None else torch.autocast(x.device.type, dtype=dtype)
    )
    with context:
        logits = model(x)
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), y[:, 1:].flatten(), reduction="sum")
    return loss / total


@wrong("micro_loss", "early return without a graph where no target counts")
def _(model, x, y, total, dtype=None):
    if (y == -100).all():
        return torch.zeros((), device=x.device)
    context = (
        contextlib.nullcontext() if dtype is None else torch.autocast(x.device.type, dtype=dtype)
    )
    with context:
        logits = model(x)
        loss = F.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="sum")
    return loss / total


@wrong("micro_loss", "cut off from its graph by a float")
def _(model, x, y, total, dtype=None):
    context = (
        contextlib.nullcontext() if dtype is None else torch.autocast(x.device.type, dtype=dtype)
    )
    with context:
        logits = model(x)
        loss = F.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="sum")
    return torch.tensor(loss.item() / total)


@wrong("micro_loss", "the model turned to bfloat16 instead of autocast")
def _(model, x, y, total, dtype=None):
    if dtype is not None and isinstance(model, nn.Module):
        model = model.to(dtype)
    logits = model(x)
    return F.cross_entropy(logits.flatten(0, 1).float(), y.flatten(), reduction="sum") / total


@right("micro_loss", "classes to dimension 1, enabled= of autocast")
def _(model, x, y, total, dtype=None):
    with torch.autocast(
        device_type=x.device.type, dtype=dtype or torch.bfloat16, enabled=dtype is not None
    ):
        losses = F.cross_entropy(model(x).transpose(1, 2), y, reduction="none", ignore_index=-100)
        return losses.sum() / total


@right("micro_loss", "an ExitStack; sum of the two steps of the cross-entropy")
def _(model, x, y, total, dtype=None):
    with contextlib.ExitStack() as stack:
        if dtype is not None:
            stack.enter_context(torch.autocast(device_type=x.device.type, dtype=dtype))
        logits = model(x)
        if dtype is not None:
            logits = logits.float()
        logp = torch.log_softmax(logits, dim=-1, dtype=logits.dtype)
        loss = F.nll_loss(logp.reshape(-1, logp.shape[-1]), y.reshape(-1), reduction="sum")
    return loss / total


@wrong("accumulate", "the mean of the means")
def _(model, micro_batches, device="cpu", dtype=None):
    n, loss_sum = len(micro_batches), 0.0
    for x, y in micro_batches:
        x, y = x.to(device), y.to(device)
        own = max(1, int((y != -100).sum()))
        loss = micro_loss(model, x, y, own, dtype) / n
        loss.backward()
        loss_sum += loss.item()
    return loss_sum


@wrong("accumulate", "counts all tokens, also those that are -100")
def _(model, micro_batches, device="cpu", dtype=None):
    total, loss_sum = sum(y.numel() for _, y in micro_batches), 0.0
    for x, y in micro_batches:
        loss = micro_loss(model, x.to(device), y.to(device), total, dtype)
        loss.backward()
        loss_sum += loss.item()
    return loss_sum


@wrong("accumulate", "zeroes between the micro-batches")
def _(model, micro_batches, device="cpu", dtype=None):
    total, loss_sum = sum(int((y != -100).sum()) for _, y in micro_batches), 0.0
    for x, y in micro_batches:
        model.zero_grad()
        loss = micro_loss(model, x.to(device), y.to(device), total, dtype)
        loss.backward()
        loss_sum += loss.item()
    return loss_sum


@wrong("accumulate", "zeroes at the beginning: what was in p.grad is lost")
def _(model, micro_batches, device="cpu", dtype=None):
    model.zero_grad(set_to_none=True)
    total, loss_sum = sum(int((y != -100).sum()) for _, y in micro_batches), 0.0
    for x, y in micro_batches:
        loss = micro_loss(model, x.to(device), y.to(device), total, dtype)
        loss.backward()
        loss_sum += loss.item()
    return loss_sum


@wrong("accumulate", "one backward at the very end")
def _(model, micro_batches, device="cpu", dtype=None):
    total = sum(int((y != -100).sum()) for _, y in micro_batches)
    losses = [micro_loss(model, x.to(device), y.to(device), total, dtype) for x, y in micro_batches]
    loss = torch.stack(losses).sum()
    loss.backward()
    return loss.item()


@wrong("accumulate", "the last micro-batch's loss in the log")
def _(model, micro_batches, device="cpu", dtype=None):
    total = sum(int((y != -100).sum()) for _, y in micro_batches)
    for x, y in micro_batches:
        loss = micro_loss(model, x.to(device), y.to(device), total, dtype)
        loss.backward()
    return loss.item() * len(micro_batches)


@wrong("accumulate", "total is that of the first micro-batch, times their number")
def _(model, micro_batches, device="cpu", dtype=None):
    total, loss_sum = int((micro_batches[0][1] != -100).sum()) * len(micro_batches), 0.0
    for x, y in micro_batches:
        loss = micro_loss(model, x.to(device), y.to(device), max(total, 1), dtype)
        loss.backward()
        loss_sum += loss.item()
    return loss_sum


@wrong("accumulate", "dtype is not handed on")
def _(model, micro_batches, device="cpu", dtype=None):
    total, loss_sum = sum(int((y != -100).sum()) for _, y in micro_batches), 0.0
    for x, y in micro_batches:
        loss = micro_loss(model, x.to(device), y.to(device), total)
        loss.backward()
        loss_sum += loss.item()
    return loss_sum


@wrong("accumulate", "the loss comes back as a tensor with its graph")
def _(model, micro_batches, device="cpu", dtype=None):
    total, loss_sum = sum(int((y != -100).sum()) for _, y in micro_batches), 0.0
    for x, y in micro_batches:
        loss = micro_loss(model, x.to(device), y.to(device), total, dtype)
        loss.backward()
        loss_sum = loss_sum + loss
    return loss_sum


@right("accumulate", "counted by one cat; detached shares stacked at the end")
def _(model, micro_batches, device="cpu", dtype=None):
    total = (torch.cat([y.reshape(-1) for _, y in micro_batches]) != -100).sum().item()
    shares = []
    for pair in micro_batches:
        x, y = (t.to(device) for t in pair)
        share = micro_loss(model, x, y, total, dtype=dtype)
        share.backward()
        shares.append(share.detach())
    return float(torch.stack(shares).sum())


@right("accumulate", "sums of the losses, with the division inside of backward's gradient")
def _(model, micro_batches, device="cpu", dtype=None):
    total = 0
    for _, y in micro_batches:
        total += torch.count_nonzero(y + 100).item()
    loss_sum = 0.0
    for x, y in micro_batches:
        loss = micro_loss(model, x.to(device), y.to(device), 1, dtype)
        loss.backward(torch.full_like(loss, 1.0 / total))
        loss_sum += loss.item()
    return loss_sum / total


@wrong("set_up", "optimizer before the move, on the parameters of a copy")
def _(model, lr, weight_decay, device="cpu", compile=False):
    import copy

    torch.set_float32_matmul_precision("high")
    optimizer = torch.optim.AdamW(
        param_groups(model, weight_decay),
        lr=lr,
        betas=(0.9, 0.95),
        eps=1e-8,
        fused="cuda" in device,
    )
    model = copy.deepcopy(model).to(device)
    return torch.compile(model) if compile else model, optimizer


@wrong("set_up", "torch's betas")
def _(model, lr, weight_decay, device="cpu", compile=False):
    torch.set_float32_matmul_precision("high")
    model = model.to(device)
    optimizer = torch.optim.AdamW(
        param_groups(model, weight_decay), lr=lr, fused=device.startswith("cuda")
    )
    return torch.compile(model) if compile else model, optimizer


@wrong("set_up", "all parameters in one group, all decay")
def _(model, lr, weight_decay, device="cpu", compile=False):
    torch.set_float32_matmul_precision("high")
    model = model.to(device)
    optimizer = torch.optim.AdamW(
        model.parameters(),
        lr=lr,
        betas=(0.9, 0.95),
        eps=1e-8,
        weight_decay=weight_decay,
        fused=device.startswith("cuda"),
    )
    return torch.compile(model) if compile else model, optimizer


@wrong("set_up", "precision only set on a GPU")
def _(model, lr, weight_decay, device="cpu", compile=False):
    if device != "cpu":
        torch.set_float32_matmul_precision("high")
    model = model.to(device)
    optimizer = torch.optim.AdamW(
        param_groups(model, weight_decay),
        lr=lr,
        betas=(0.9, 0.95),
        eps=1e-8,
        fused=device.startswith("cuda"),
    )
    return torch.compile(model) if compile else model, optimizer


@wrong("set_up", "medium precision")
def _(model, lr, weight_decay, device="cpu", compile=False):
    torch.set_float32_matmul_precision("medium")
    model = model.to(device)
    optimizer = torch.optim.AdamW(
        param_groups(model, weight_decay),
        lr=lr,
        betas=(0.9, 0.95),
        eps=1e-8,
        fused=device.startswith("cuda"),
    )
    return torch.compile(model) if compile else model, optimizer


@wrong("set_up", "fused on every device")
def _(model, lr, weight_decay, device="cpu", compile=False):
    torch.set_float32_matmul_precision("high")
    model = model.to(device)
    optimizer = torch.optim.AdamW(
        param_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95), eps=1e-8, fused=True
    )
    return torch.compile(model) if compile else model, optimizer


@wrong("set_up", "never compiled")
def _(model, lr, weight_decay, device="cpu", compile=False):
    torch.set_float32_matmul_precision("high")
    model = model.to(device)
    optimizer = torch.optim.AdamW(
        param_groups(model, weight_decay),
        lr=lr,
        betas=(0.9, 0.95),
        eps=1e-8,
        fused=device.startswith("cuda"),
    )
    return model, optimizer


@wrong("set_up", "compiled in any case")
def _(model, lr, weight_decay, device="cpu", compile=False):
    torch.set_float32_matmul_precision("high")
    model = model.to(device)
    optimizer = torch.optim.AdamW(
        param_groups(model, weight_decay),
        lr=lr,
        betas=(0.9, 0.95),
        eps=1e-8,
        fused=device.startswith("cuda"),
    )
    return torch.compile(model), optimizer


@wrong("set_up", "Adam, not AdamW")
def _(model, lr, weight_decay, device="cpu", compile=False):
    torch.set_float32_matmul_precision("high")
    model = model.to(device)
    optimizer = torch.optim.Adam(
        param_groups(model, weight_decay),
        lr=lr,
        betas=(0.9, 0.95),
        eps=1e-8,
        fused=device.startswith("cuda"),
    )
    return torch.compile(model) if compile else model, optimizer


@right("set_up", "compile first, then the optimizer on the module inside")
def _(model, lr, weight_decay, device="cpu", compile=False):
    torch.set_float32_matmul_precision("high")
    model.to(device)
    ready = torch.compile(model) if compile else model
    cuda = device.split(":")[0] == "cuda"
    options = {"lr": lr, "betas": (0.9, 0.95), "eps": 1e-8, "fused": cuda}
    return ready, torch.optim.AdamW(param_groups(model, weight_decay), **options)


@right("set_up", "device through torch.device, precision set last")
def _(model, lr, weight_decay, device="cpu", compile=False):
    place = torch.device(device)
    model = model.to(place)
    groups = param_groups(model, weight_decay)
    optimizer = torch.optim.AdamW(groups, lr, (0.9, 0.95), 1e-8, fused=place.type == "cuda")
    if compile:
        model = torch.compile(model)
    torch.set_float32_matmul_precision("high")
    return model, optimizer


@wrong("train_step", "gradients of the step before not zeroed")
def _(model, optimizer, micro_batches, lr, max_norm=1.0, device="cpu", dtype=None):
    loss = accumulate(model, micro_batches, device, dtype)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    for group in optimizer.param_groups:
        group["lr"] = lr
    optimizer.step()
    return {"loss": loss, "norm": norm.item()}


@wrong("train_step", "zeroes afterwards instead of before")
def _(model, optimizer, micro_batches, lr, max_norm=1.0, device="cpu", dtype=None):
    loss = accumulate(model, micro_batches, device, dtype)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    for group in optimizer.param_groups:
        group["lr"] = lr
    optimizer.step()
    optimizer.zero_grad()
    return {"loss": loss, "norm": norm.item()}


@wrong("train_step", "zeroes before and after: no gradient left to look at")
def _(model, optimizer, micro_batches, lr, max_norm=1.0, device="cpu", dtype=None):
    model.zero_grad(set_to_none=True)
    loss = accumulate(model, micro_batches, device, dtype)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    for group in optimizer.param_groups:
        group["lr"] = lr
    optimizer.step()
    model.zero_grad(set_to_none=True)
    return {"loss": loss, "norm": norm.item()}


@wrong("train_step", "the rate set after the step")
def _(model, optimizer, micro_batches, lr, max_norm=1.0, device="cpu", dtype=None):
    model.zero_grad(set_to_none=True)
    loss = accumulate(model, micro_batches, device, dtype)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    for group in optimizer.param_groups:
        group["lr"] = lr
    return {"loss": loss, "norm": norm.item()}


@wrong("train_step", "the rate of the first group only")
def _(model, optimizer, micro_batches, lr, max_norm=1.0, device="cpu", dtype=None):
    model.zero_grad(set_to_none=True)
    loss = accumulate(model, micro_batches, device, dtype)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.param_groups[0]["lr"] = lr
    optimizer.step()
    return {"loss": loss, "norm": norm.item()}


@wrong("train_step", "clips after the step")
def _(model, optimizer, micro_batches, lr, max_norm=1.0, device="cpu", dtype=None):
    model.zero_grad(set_to_none=True)
    loss = accumulate(model, micro_batches, device, dtype)
    for group in optimizer.param_groups:
        group["lr"] = lr
    optimizer.step()
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    return {"loss": loss, "norm": norm.item()}


@wrong("train_step", "each group clipped by itself")
def _(model, optimizer, micro_batches, lr, max_norm=1.0, device="cpu", dtype=None):
    model.zero_grad(set_to_none=True)
    loss = accumulate(model, micro_batches, device, dtype)
    norms = []
    for group in optimizer.param_groups:
        norms.append(nn.utils.clip_grad_norm_(group["params"], max_norm))
        group["lr"] = lr
    optimizer.step()
    return {"loss": loss, "norm": torch.stack(norms).norm().item()}


@wrong("train_step", "max_norm hard-coded to 1")
def _(model, optimizer, micro_batches, lr, max_norm=1.0, device="cpu", dtype=None):
    model.zero_grad(set_to_none=True)
    loss = accumulate(model, micro_batches, device, dtype)
    norm = nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    for group in optimizer.param_groups:
        group["lr"] = lr
    optimizer.step()
    return {"loss": loss, "norm": norm.item()}


@wrong("train_step", "one optimizer step per micro-batch")
def _(model, optimizer, micro_batches, lr, max_norm=1.0, device="cpu", dtype=None):
    for group in optimizer.param_groups:
        group["lr"] = lr
    losses = []
    for pair in micro_batches:
        model.zero_grad(set_to_none=True)
        losses.append(accumulate(model, [pair], device, dtype))
        norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        optimizer.step()
    return {"loss": sum(losses) / len(losses), "norm": norm.item()}


@wrong("train_step", "switches the model to train mode")
def _(model, optimizer, micro_batches, lr, max_norm=1.0, device="cpu", dtype=None):
    model.train()
    model.zero_grad(set_to_none=True)
    loss = accumulate(model, micro_batches, device, dtype)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    for group in optimizer.param_groups:
        group["lr"] = lr
    optimizer.step()
    return {"loss": loss, "norm": norm.item()}


@wrong("train_step", "the norm after clipping is reported")
def _(model, optimizer, micro_batches, lr, max_norm=1.0, device="cpu", dtype=None):
    model.zero_grad(set_to_none=True)
    loss = accumulate(model, micro_batches, device, dtype)
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    norm = torch.stack([p.grad.norm() for p in model.parameters() if p.grad is not None]).norm()
    for group in optimizer.param_groups:
        group["lr"] = lr
    optimizer.step()
    return {"loss": loss, "norm": norm.item()}


@right("train_step", "rates first; each grad set to None by hand; clip spelled out")
def _(model, optimizer, micro_batches, lr, max_norm=1.0, device="cpu", dtype=None):
    for group in optimizer.param_groups:
        group.update(lr=lr)
        for p in group["params"]:
            p.grad = None
    for p in model.parameters():
        p.grad = None
    loss = accumulate(model, micro_batches, device=device, dtype=dtype)
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.stack([g.norm() for g in grads]).norm().item()
    if norm > max_norm:
        for g in grads:
            g.mul_(max_norm / (norm + 1e-6))
    optimizer.step()
    return {"loss": loss, "norm": norm}


@right("train_step", "get_total_norm and clip_grads_with_norm_")
def _(model, optimizer, micro_batches, lr, max_norm=1.0, device="cpu", dtype=None):
    optimizer.zero_grad()
    model.zero_grad()
    log = {"loss": accumulate(model, micro_batches, device, dtype)}
    params = list(model.parameters())
    total = nn.utils.get_total_norm([p.grad for p in params if p.grad is not None])
    nn.utils.clip_grads_with_norm_(params, max_norm, total)
    for i in range(len(optimizer.param_groups)):
        optimizer.param_groups[i]["lr"] = lr
    optimizer.step()
    log["norm"] = float(total)
    return log


@wrong("mfu", "heads counted, their size forgotten")
def _(tokens_per_s, n_params, n_layer, n_head, head_size, T, peak):
    return tokens_per_s * (6 * n_params + 12 * n_layer * n_head * T) / peak


@wrong("mfu", "only 6 N")
def _(tokens_per_s, n_params, n_layer, n_head, head_size, T, peak):
    return tokens_per_s * 6 * n_params / peak


@wrong("mfu", "a percentage")
def _(tokens_per_s, n_params, n_layer, n_head, head_size, T, peak):
    return 100 * tokens_per_s * (6 * n_params + 12 * n_layer * n_head * head_size * T) / peak


@wrong("mfu", "T squared")
def _(tokens_per_s, n_params, n_layer, n_head, head_size, T, peak):
    return tokens_per_s * (6 * n_params + 12 * n_layer * n_head * head_size * T * T) / peak


@wrong("mfu", "whole division")
def _(tokens_per_s, n_params, n_layer, n_head, head_size, T, peak):
    return tokens_per_s * (6 * n_params + 12 * n_layer * n_head * head_size * T) // peak


@wrong("mfu", "the forward pass only: 2 N + 4 L H Q T")
def _(tokens_per_s, n_params, n_layer, n_head, head_size, T, peak):
    return tokens_per_s * (2 * n_params + 4 * n_layer * n_head * head_size * T) / peak


@wrong("mfu", "cut off at 1")
def _(tokens_per_s, n_params, n_layer, n_head, head_size, T, peak):
    return min(1.0, tokens_per_s * (6 * n_params + 12 * n_layer * n_head * head_size * T) / peak)


@right("mfu", "tokens that the peak allows, as the divisor")
def _(tokens_per_s, n_params, n_layer, n_head, head_size, T, peak):
    per_token = 6 * (n_params + 2 * n_layer * n_head * head_size * T)
    return tokens_per_s / (peak / per_token)


@right("mfu", "the two kinds of work summed on their own")
def _(tokens_per_s, n_params, n_layer, n_head, head_size, T, peak):
    dense = 6.0 * n_params * tokens_per_s
    attention = sum(12.0 * n_head * head_size * T * tokens_per_s for _ in range(n_layer))
    return (dense + attention) / float(peak)


@wrong("get_lr", "the warm-up without + 1")
def _(it, max_lr, min_lr, warmup_steps, max_steps):
    if it < warmup_steps:
        return max_lr * it / warmup_steps
    if it > max_steps:
        return min_lr
    r = (it - warmup_steps) / (max_steps - warmup_steps)
    return min_lr + 0.5 * (1 + math.cos(math.pi * r)) * (max_lr - min_lr)


@wrong("get_lr", "cosine down to zero, then up to the floor")
def _(it, max_lr, min_lr, warmup_steps, max_steps):
    if it < warmup_steps:
        return max_lr * (it + 1) / warmup_steps
    if it > max_steps:
        return min_lr
    r = (it - warmup_steps) / (max_steps - warmup_steps)
    return 0.5 * (1 + math.cos(math.pi * r)) * max_lr


@wrong("get_lr", "the larger of cosine to zero and floor")
def _(it, max_lr, min_lr, warmup_steps, max_steps):
    if it < warmup_steps:
        return max_lr * (it + 1) / warmup_steps
    if it > max_steps:
        return min_lr
    r = (it - warmup_steps) / (max_steps - warmup_steps)
    return max(min_lr, 0.5 * (1 + math.cos(math.pi * r)) * max_lr)


@wrong("get_lr", "r over all steps, the warm-up counted in")
def _(it, max_lr, min_lr, warmup_steps, max_steps):
    if it < warmup_steps:
        return max_lr * (it + 1) / warmup_steps
    if it > max_steps:
        return min_lr
    r = it / max_steps
    return min_lr + 0.5 * (1 + math.cos(math.pi * r)) * (max_lr - min_lr)


@wrong("get_lr", "the seam: the warm-up lasts one step more")
def _(it, max_lr, min_lr, warmup_steps, max_steps):
    if it <= warmup_steps:
        return max_lr * (it + 1) / max(1, warmup_steps)
    if it > max_steps:
        return min_lr
    r = (it - warmup_steps) / (max_steps - warmup_steps)
    return min_lr + 0.5 * (1 + math.cos(math.pi * r)) * (max_lr - min_lr)


@wrong("get_lr", "no floor behind max_steps: the cosine climbs again")
def _(it, max_lr, min_lr, warmup_steps, max_steps):
    if it < warmup_steps:
        return max_lr * (it + 1) / warmup_steps
    r = (it - warmup_steps) / (max_steps - warmup_steps)
    return min_lr + 0.5 * (1 + math.cos(math.pi * r)) * (max_lr - min_lr)


@wrong("get_lr", "a straight line down")
def _(it, max_lr, min_lr, warmup_steps, max_steps):
    if it < warmup_steps:
        return max_lr * (it + 1) / warmup_steps
    r = min(1.0, (it - warmup_steps) / (max_steps - warmup_steps))
    return max_lr + r * (min_lr - max_lr)


@wrong("get_lr", "divides by warmup_steps before it asks: no warm-up is an error")
def _(it, max_lr, min_lr, warmup_steps, max_steps):
    climb = max_lr * (it + 1) / warmup_steps
    if it < warmup_steps:
        return climb
    r = min(1.0, (it - warmup_steps) / (max_steps - warmup_steps))
    return min_lr + 0.5 * (1 + math.cos(math.pi * r)) * (max_lr - min_lr)


@wrong("get_lr", "the warm-up climbs from the floor")
def _(it, max_lr, min_lr, warmup_steps, max_steps):
    if it < warmup_steps:
        return min_lr + (max_lr - min_lr) * (it + 1) / warmup_steps
    r = min(1.0, (it - warmup_steps) / (max_steps - warmup_steps))
    return min_lr + 0.5 * (1 + math.cos(math.pi * r)) * (max_lr - min_lr)


@wrong("get_lr", "the floor one step early: r with max_steps - 1")
def _(it, max_lr, min_lr, warmup_steps, max_steps):
    if it < warmup_steps:
        return max_lr * (it + 1) / warmup_steps
    if it >= max_steps - 1:
        return min_lr
    r = (it - warmup_steps) / (max_steps - 1 - warmup_steps)
    return min_lr + 0.5 * (1 + math.cos(math.pi * r)) * (max_lr - min_lr)


@right("get_lr", "progress clamped; cosine squared of half the angle")
def _(it, max_lr, min_lr, warmup_steps, max_steps):
    if it < warmup_steps:
        return (it + 1) / warmup_steps * max_lr
    if it > max_steps:
        return float(min_lr)
    r = (it - warmup_steps) / (max_steps - warmup_steps)
    return min_lr + (max_lr - min_lr) * math.cos(0.5 * math.pi * r) ** 2


@right("get_lr", "as a mixture of the two rates, through torch in float64")
def _(it, max_lr, min_lr, warmup_steps, max_steps):
    if warmup_steps > it:
        return float(max_lr) * (it + 1) / warmup_steps
    r = torch.tensor((it - warmup_steps) / (max_steps - warmup_steps), dtype=torch.float64).clamp(
        max=1
    )
    weight = ((1 + torch.cos(math.pi * r)) / 2).item()
    return weight * max_lr + (1 - weight) * min_lr


@wrong("share_of_batch", "all ranks read the same")
def _(tokens, B, T, rank, world_size, step):
    at = step * B * T * world_size
    piece = tokens[at : at + B * T + 1]
    return piece[:-1].view(B, T), piece[1:].view(B, T)


@wrong("share_of_batch", "the step moves on by one rank's tokens")
def _(tokens, B, T, rank, world_size, step):
    at = (step + rank) * B * T
    piece = tokens[at : at + B * T + 1]
    return piece[:-1].view(B, T), piece[1:].view(B, T)


@wrong("share_of_batch", "each rank has a long stretch of its own")
def _(tokens, B, T, rank, world_size, step):
    at = len(tokens) // world_size * rank + step * B * T
    piece = tokens[at : at + B * T + 1]
    return piece[:-1].view(B, T), piece[1:].view(B, T)


@wrong("share_of_batch", "y within each row: the last target of a row is its first token")
def _(tokens, B, T, rank, world_size, step):
    at = (step * world_size + rank) * B * T
    x = tokens[at : at + B * T].view(B, T)
    return x, x.roll(-1, dims=1)


@wrong("share_of_batch", "rank and step exchanged")
def _(tokens, B, T, rank, world_size, step):
    at = (rank * world_size + step) * B * T
    piece = tokens[at : at + B * T + 1]
    return piece[:-1].view(B, T), piece[1:].view(B, T)


@wrong("share_of_batch", "rows dealt to the ranks in turn")
def _(tokens, B, T, rank, world_size, step):
    at = step * world_size * B * T
    n = world_size * B * T
    x = tokens[at : at + n].view(world_size * B, T)[rank::world_size]
    y = tokens[at + 1 : at + n + 1].view(world_size * B, T)[rank::world_size]
    return x, y


@right("share_of_batch", "the whole step as one (world, B, T) table")
def _(tokens, B, T, rank, world_size, step):
    n = world_size * B * T
    both = tokens[step * n : (step + 1) * n + 1]
    if rank < world_size - 1:
        both = both[: (rank + 1) * B * T + 1]
    mine = both[rank * B * T :]
    return mine[: B * T].reshape(B, T), mine[1 : B * T + 1].reshape(B, T)


@right("share_of_batch", "an index for each place")
def _(tokens, B, T, rank, world_size, step):
    rows, columns = torch.arange(B)[:, None], torch.arange(T)[None, :]
    places = ((step * world_size + rank) * B + rows) * T + columns
    return tokens[places], tokens[places + 1]


@wrong("accumulation_steps", "world_size forgotten")
def _(total_batch, B, T, world_size):
    if total_batch <= 0 or total_batch % (B * T):
        raise ValueError("not a multiple")
    return total_batch // (B * T)


@wrong("accumulation_steps", "rounds down without a word")
def _(total_batch, B, T, world_size):
    if total_batch < B * T * world_size:
        raise ValueError("too small")
    return total_batch // (B * T * world_size)


@wrong("accumulation_steps", "zero passes: 0 is a multiple of everything")
def _(total_batch, B, T, world_size):
    if total_batch % (B * T * world_size) != 0:
        raise ValueError("not a multiple")
    return total_batch // (B * T * world_size)


@wrong("accumulation_steps", "assert, not ValueError")
def _(total_batch, B, T, world_size):
    assert total_batch > 0 and total_batch % (B * T * world_size) == 0
    return total_batch // (B * T * world_size)


@wrong("accumulation_steps", "a float")
def _(total_batch, B, T, world_size):
    once = B * T * world_size
    if total_batch <= 0 or total_batch % once:
        raise ValueError("not a positive multiple")
    return total_batch / once


@wrong("accumulation_steps", "zero is refused, a negative multiple is not")
def _(total_batch, B, T, world_size):
    steps, rest = divmod(total_batch, B * T * world_size)
    if rest or not steps:
        raise ValueError("not a positive multiple")
    return steps


@right("accumulation_steps", "divmod")
def _(total_batch, B, T, world_size):
    steps, rest = divmod(total_batch, B * T * world_size)
    if rest or steps < 1:
        raise ValueError(f"{total_batch} is no positive multiple of {B * T * world_size}")
    return steps


@right("accumulation_steps", "multiplied back")
def _(total_batch, B, T, world_size):
    once = world_size * T * B
    steps = total_batch // once
    if steps > 0 and steps * once == total_batch:
        return steps
    raise ValueError(f"total_batch={total_batch}, but all ranks do {once} at once")


@wrong("broadcast_weights", "buffers forgotten")
def _(model, broadcast):
    with torch.no_grad():
        for p in model.parameters():
            broadcast(p, 0)


@wrong("broadcast_weights", "copies are overwritten, the model stays")
def _(model, broadcast):
    for tensor in [*model.parameters(), *model.buffers()]:
        broadcast(tensor.detach().clone(), 0)


@wrong("broadcast_weights", "requires_grad is off afterwards")
def _(model, broadcast):
    for p in model.parameters():
        p.requires_grad_(False)
        broadcast(p, 0)
    for b in model.buffers():
        broadcast(b, 0)


@wrong("broadcast_weights", "requires_grad on for all, the frozen ones, too")
def _(model, broadcast):
    for p in model.parameters():
        p.requires_grad_(False)
        broadcast(p, 0)
        p.requires_grad_(True)
    for b in model.buffers():
        broadcast(b, 0)


@wrong("broadcast_weights", "new Parameters with rank 0's numbers")
def _(model, broadcast):
    for module in model.modules():
        for name, p in list(module.named_parameters(recurse=False)):
            new = p.detach().clone()
            broadcast(new, 0)
            setattr(module, name, nn.Parameter(new, requires_grad=p.requires_grad))
    for b in model.buffers():
        broadcast(b, 0)


@wrong("broadcast_weights", "parameters that need no gradient are left out")
def _(model, broadcast):
    for p in model.parameters():
        if p.requires_grad:
            broadcast(p.data, 0)
    for b in model.buffers():
        broadcast(b, 0)


@wrong("broadcast_weights", "src 1")
def _(model, broadcast):
    for tensor in [*model.parameters(), *model.buffers()]:
        broadcast(tensor.detach(), 1)


@right("broadcast_weights", "detached views, parameters and buffers in one chain")
def _(model, broadcast):
    from itertools import chain

    for tensor in chain(model.parameters(), model.buffers()):
        broadcast(tensor.detach(), 0)


@right("broadcast_weights", "into a copy first, then copy_")
def _(model, broadcast):
    tensors = list(model.buffers()) + list(model.parameters())
    with torch.no_grad():
        for tensor in tensors:
            received = tensor.clone()
            broadcast(received, 0)
            tensor.copy_(received)


@wrong("average_gradients", "the sum")
def _(model, world_size, all_reduce):
    for p in model.parameters():
        if p.grad is not None:
            all_reduce(p.grad)


@wrong("average_gradients", "averages the parameters, not the gradients")
def _(model, world_size, all_reduce):
    with torch.no_grad():
        for p in model.parameters():
            if p.grad is not None:
                all_reduce(p)
                p /= world_size


@wrong("average_gradients", "None as gradient becomes zeros")
def _(model, world_size, all_reduce):
    for p in model.parameters():
        if p.grad is None:
            p.grad = torch.zeros_like(p)
        all_reduce(p.grad)
        p.grad /= world_size


@wrong("average_gradients", "a copy is reduced and thrown away")
def _(model, world_size, all_reduce):
    for p in model.parameters():
        if p.grad is not None:
            mean = p.grad / world_size
            all_reduce(mean)


@wrong("average_gradients", "divides before and after")
def _(model, world_size, all_reduce):
    for p in model.parameters():
        if p.grad is not None:
            p.grad /= world_size
            all_reduce(p.grad)
            p.grad /= world_size


@wrong("average_gradients", "divides by the number of parameters")
def _(model, world_size, all_reduce):
    params = [p for p in model.parameters() if p.grad is not None]
    for p in params:
        all_reduce(p.grad)
        p.grad /= len(params)


@wrong("average_gradients", "for each name: a tied weight goes through it twice")
def _(model, world_size, all_reduce):
    for _, p in model.named_parameters(remove_duplicate=False):
        if p.grad is not None:
            all_reduce(p.grad)
            p.grad /= world_size


@wrong("average_gradients", "only the weights of the top level")
def _(model, world_size, all_reduce):
    for name, p in model.named_parameters():
        if p.grad is not None and not name.endswith("bias"):
            all_reduce(p.grad)
            p.grad /= world_size


@right("average_gradients", "all of one type laid end to end, sent in one go")
def _(model, world_size, all_reduce):
    by_type = {}
    for p in model.parameters():
        if p.grad is not None:
            by_type.setdefault((p.grad.dtype, p.grad.device), []).append(p)
    for params in by_type.values():
        flat = torch.cat([p.grad.flatten() for p in params])
        all_reduce(flat)
        flat = flat / world_size
        for p, piece in zip(params, flat.split([p.numel() for p in params]), strict=True):
            p.grad.copy_(piece.view_as(p.grad))


@right("average_gradients", "a new tensor in place of each gradient")
def _(model, world_size, all_reduce):
    for p in filter(lambda p: p.grad is not None, model.parameters()):
        total = p.grad.detach().clone()
        all_reduce(total)
        p.grad = total / world_size


@wrong("accumulate_synced", "the flag set between forward and backward")
def _(ddp, micro_batches):
    n, total = len(micro_batches), 0.0
    for i, (x, y) in enumerate(micro_batches):
        logits = ddp(x)
        loss = F.cross_entropy(logits.flatten(0, 1), y.flatten()) / n
        ddp.require_backward_grad_sync = i == n - 1
        loss.backward()
        total += loss.item()
    return total


@wrong("accumulate_synced", "not divided by the number of micro-batches")
def _(ddp, micro_batches):
    n, total = len(micro_batches), 0.0
    for i, (x, y) in enumerate(micro_batches):
        ddp.require_backward_grad_sync = i == n - 1
        loss = F.cross_entropy(ddp(x).flatten(0, 1), y.flatten())
        loss.backward()
        total += loss.item()
    return total / n


@wrong("accumulate_synced", "sends after each micro-batch")
def _(ddp, micro_batches):
    n, total = len(micro_batches), 0.0
    ddp.require_backward_grad_sync = True
    for x, y in micro_batches:
        loss = F.cross_entropy(ddp(x).flatten(0, 1), y.flatten()) / n
        loss.backward()
        total += loss.item()
    return total


@wrong("accumulate_synced", "syncs at the first, not at the last")
def _(ddp, micro_batches):
    n, total = len(micro_batches), 0.0
    for i, (x, y) in enumerate(micro_batches):
        ddp.require_backward_grad_sync = i == 0
        loss = F.cross_entropy(ddp(x).flatten(0, 1), y.flatten()) / n
        loss.backward()
        total += loss.item()
    ddp.require_backward_grad_sync = True
    return total


@wrong("accumulate_synced", "relies on the flag that came: False stays False")
def _(ddp, micro_batches):
    n, total = len(micro_batches), 0.0
    with ddp.no_sync():
        for x, y in micro_batches[:-1]:
            loss = F.cross_entropy(ddp(x).flatten(0, 1), y.flatten()) / n
            loss.backward()
            total += loss.item()
    x, y = micro_batches[-1]
    loss = F.cross_entropy(ddp(x).flatten(0, 1), y.flatten()) / n
    loss.backward()
    return total + loss.item()


@wrong("accumulate_synced", "the loss of the last one comes back")
def _(ddp, micro_batches):
    n = len(micro_batches)
    for i, (x, y) in enumerate(micro_batches):
        ddp.require_backward_grad_sync = i == n - 1
        loss = F.cross_entropy(ddp(x).flatten(0, 1), y.flatten())
        (loss / n).backward()
    return loss.item()


@wrong("accumulate_synced", "forward of all outside, only backward with no_sync")
def _(ddp, micro_batches):
    n = len(micro_batches)
    ddp.require_backward_grad_sync = True
    losses = [F.cross_entropy(ddp(x).flatten(0, 1), y.flatten()) / n for x, y in micro_batches]
    with ddp.no_sync():
        for loss in losses[:-1]:
            loss.backward()
    losses[-1].backward()
    return sum(loss.item() for loss in losses)


@wrong("accumulate_synced", "the flag is False afterwards")
def _(ddp, micro_batches):
    n, total = len(micro_batches), 0.0
    for i, (x, y) in enumerate(micro_batches):
        ddp.require_backward_grad_sync = i == n - 1
        loss = F.cross_entropy(ddp(x).flatten(0, 1), y.flatten()) / n
        loss.backward()
        total += loss.item()
    ddp.require_backward_grad_sync = False
    return total


@right("accumulate_synced", "no_sync for all but the last, the flag set in front of the last")
def _(ddp, micro_batches):
    losses = []

    def work(x, y):
        loss = F.cross_entropy(ddp(x).transpose(1, 2), y)
        (loss / len(micro_batches)).backward()
        losses.append(loss.item())

    with ddp.no_sync():
        for x, y in micro_batches[:-1]:
            work(x, y)
    ddp.require_backward_grad_sync = True
    work(*micro_batches[-1])
    return sum(losses) / len(losses)


@right("accumulate_synced", "counts what is left; sum over B * T times their number")
def _(ddp, micro_batches):
    left, total = len(micro_batches), 0.0
    count = sum(y.numel() for _, y in micro_batches)
    while left:
        x, y = micro_batches[len(micro_batches) - left]
        left -= 1
        ddp.require_backward_grad_sync = not left
        logp = ddp(x).log_softmax(dim=-1)
        loss = -logp.gather(2, y.unsqueeze(2)).sum() / count
        loss.backward()
        total += float(loss.detach())
    return total


@wrong("report_loss", "only rank 0 takes part")
def _(loss, step, rank, world_size, all_reduce, write):
    mean = loss.detach().clone()
    if rank == 0:
        all_reduce(mean)
        mean = mean / world_size
        write(f"step {step}: loss {mean.item():.4f}")
    return mean.item()


@wrong("report_loss", "adds up into the caller's loss (detach shares memory)")
def _(loss, step, rank, world_size, all_reduce, write):
    mean = loss.detach()
    all_reduce(mean)
    mean = (mean / world_size).item()
    if rank == 0:
        write(f"step {step}: loss {mean:.4f}")
    return mean


@wrong("report_loss", "the sum")
def _(loss, step, rank, world_size, all_reduce, write):
    mean = loss.detach().clone()
    all_reduce(mean)
    if rank == 0:
        write(f"step {step}: loss {mean.item():.4f}")
    return mean.item()


@wrong("report_loss", "everybody writes")
def _(loss, step, rank, world_size, all_reduce, write):
    mean = loss.detach().clone()
    all_reduce(mean)
    mean = mean.item() / world_size
    write(f"step {step}: loss {mean:.4f}")
    return mean


@wrong("report_loss", "prints, write is not called")
def _(loss, step, rank, world_size, all_reduce, write):
    mean = loss.detach().clone()
    all_reduce(mean)
    mean = mean.item() / world_size
    if rank == 0:
        print(f"step {step}: loss {mean:.4f}")
    return mean


@wrong("report_loss", "rank 0 writes its own loss")
def _(loss, step, rank, world_size, all_reduce, write):
    mean = loss.detach().clone()
    all_reduce(mean)
    if rank == 0:
        write(f"step {step}: loss {loss.item():.4f}")
    return mean.item() / world_size


@wrong("report_loss", "the others get None")
def _(loss, step, rank, world_size, all_reduce, write):
    mean = loss.detach().clone()
    all_reduce(mean)
    mean = mean.item() / world_size
    if rank == 0:
        write(f"step {step}: loss {mean:.4f}")
        return mean


@wrong("report_loss", "the returned mean is the rounded one")
def _(loss, step, rank, world_size, all_reduce, write):
    mean = loss.detach().clone()
    all_reduce(mean)
    mean = round(mean.item() / world_size, 4)
    if rank == 0:
        write(f"step {step}: loss {mean:.4f}")
    return mean


@right("report_loss", "a tensor made anew from the number, str.format")
def _(loss, step, rank, world_size, all_reduce, write):
    total = torch.full_like(loss.detach(), loss.item())
    all_reduce(total)
    mean = float(total.div(world_size))
    if not rank:
        write("step {}: loss {:.4f}".format(step, mean))
    return mean


@right("report_loss", "copied by arithmetic under no_grad, early return")
def _(loss, step, rank, world_size, all_reduce, write):
    with torch.no_grad():
        total = loss + 0
        all_reduce(total)
    mean = total.item() / world_size
    if rank != 0:
        return mean
    write(f"step {step}: loss {mean:.4f}")
    return mean


@wrong("evaluation_loss", "the mean of the means")
def _(model, batches):
    training = model.training
    model.eval()
    with torch.no_grad():
        losses = [
            F.cross_entropy(model(x).flatten(0, 1), y.flatten()).item()
            for x, y in batches
            if (y != -100).any()
        ]
    model.train(training)
    return sum(losses) / len(losses)


@wrong("evaluation_loss", "a batch without counted targets makes it NaN")
def _(model, batches):
    training = model.training
    model.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for x, y in batches:
            n = int((y != -100).sum())
            total += F.cross_entropy(model(x).flatten(0, 1), y.flatten()).item() * n
            count += n
    model.train(training)
    return total / count


@wrong("evaluation_loss", "always left in train mode")
def _(model, batches):
    model.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for x, y in batches:
            total += F.cross_entropy(model(x).flatten(0, 1), y.flatten(), reduction="sum").item()
            count += int((y != -100).sum())
    model.train()
    return total / count


@wrong("evaluation_loss", "left in eval mode")
def _(model, batches):
    model.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for x, y in batches:
            total += F.cross_entropy(model(x).flatten(0, 1), y.flatten(), reduction="sum").item()
            count += int((y != -100).sum())
    return total / count


@wrong("evaluation_loss", "the mode is not touched: dropout rolls dice")
def _(model, batches):
    total, count = 0.0, 0
    with torch.no_grad():
        for x, y in batches:
            total += F.cross_entropy(model(x).flatten(0, 1), y.flatten(), reduction="sum").item()
            count += int((y != -100).sum())
    return total / count


@wrong("evaluation_loss", "only the outermost module goes back to training")
def _(model, batches):
    training = model.training
    model.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for x, y in batches:
            total += F.cross_entropy(model(x).flatten(0, 1), y.flatten(), reduction="sum").item()
            count += int((y != -100).sum())
    model.training = training
    return total / count


@wrong("evaluation_loss", "divided by all targets, -100 included")
def _(model, batches):
    training = model.training
    model.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for x, y in batches:
            total += F.cross_entropy(model(x).flatten(0, 1), y.flatten(), reduction="sum").item()
            count += y.numel()
    model.train(training)
    return total / count


@wrong("evaluation_loss", "a graph is made")
def _(model, batches):
    training = model.training
    model.eval()
    total, count = 0.0, 0
    for x, y in batches:
        total += F.cross_entropy(model(x).flatten(0, 1), y.flatten(), reduction="sum").item()
        count += int((y != -100).sum())
    model.train(training)
    return total / count


@wrong("evaluation_loss", "negative targets counted as the last class")
def _(model, batches):
    training = model.training
    model.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for x, y in batches:
            logp = F.log_softmax(model(x), dim=-1)
            total -= logp.gather(2, y.clamp(min=0)[..., None]).sum().item()
            count += int((y != -100).sum())
    model.train(training)
    return total / count


@right("evaluation_loss", "inference_mode, all losses picked and joined")
def _(model, batches):
    was = model.training
    pieces = []
    try:
        model.train(False)
        with torch.inference_mode():
            for x, y in batches:
                losses = F.cross_entropy(model(x).transpose(1, 2), y, reduction="none")
                pieces.append(losses[y != -100].double())
    finally:
        model.train(was)
    return torch.cat(pieces).mean().item()


@right(
    "evaluation_loss", "batch's mean times its count, where there is one; each module's mode kept"
)
def _(model, batches):
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    summed = counted = 0
    with torch.no_grad():
        for x, y in batches:
            logits = model(x)
            n = y.ne(-100).sum().item()
            if n == 0:
                continue
            mean = F.cross_entropy(logits.reshape(-1, logits.shape[-1]), y.reshape(-1))
            summed, counted = summed + n * mean.item(), counted + n
    for module, mode in modes:
        module.training = mode
    return summed / counted


@wrong("make_checkpoint", "the very tensors of the model")
def _(model, optimizer, loader, generator, step):
    return {
        "model": model.state_dict(),
        "optimizer": copy.deepcopy(optimizer.state_dict()),
        "position": loader.position,
        "generator": generator.get_state(),
        "step": step,
    }


@wrong("make_checkpoint", "the very averages of the optimizer")
def _(model, optimizer, loader, generator, step):
    return {
        "model": copy.deepcopy(model.state_dict()),
        "optimizer": optimizer.state_dict(),
        "position": loader.position,
        "generator": generator.get_state(),
        "step": step,
    }


@wrong("make_checkpoint", "a shallow copy of both dicts")
def _(model, optimizer, loader, generator, step):
    return {
        "model": dict(model.state_dict()),
        "optimizer": dict(optimizer.state_dict()),
        "position": loader.position,
        "generator": generator.get_state(),
        "step": step,
    }


@wrong("make_checkpoint", "the generator itself instead of its state")
def _(model, optimizer, loader, generator, step):
    return {
        "model": copy.deepcopy(model.state_dict()),
        "optimizer": copy.deepcopy(optimizer.state_dict()),
        "position": loader.position,
        "generator": generator,
        "step": step,
    }


@wrong("make_checkpoint", "torch's global dice, not the generator's")
def _(model, optimizer, loader, generator, step):
    return {
        "model": copy.deepcopy(model.state_dict()),
        "optimizer": copy.deepcopy(optimizer.state_dict()),
        "position": loader.position,
        "generator": torch.get_rng_state(),
        "step": step,
    }


@wrong("make_checkpoint", "the loader itself under position")
def _(model, optimizer, loader, generator, step):
    return {
        "model": copy.deepcopy(model.state_dict()),
        "optimizer": copy.deepcopy(optimizer.state_dict()),
        "position": loader,
        "generator": generator.get_state(),
        "step": step,
    }


@wrong("make_checkpoint", "parameters only: buffers are missing")
def _(model, optimizer, loader, generator, step):
    return {
        "model": {name: p.detach().clone() for name, p in model.named_parameters()},
        "optimizer": copy.deepcopy(optimizer.state_dict()),
        "position": loader.position,
        "generator": generator.get_state(),
        "step": step,
    }


@wrong("make_checkpoint", "the step after the next")
def _(model, optimizer, loader, generator, step):
    return {
        "model": copy.deepcopy(model.state_dict()),
        "optimizer": copy.deepcopy(optimizer.state_dict()),
        "position": loader.position,
        "generator": generator.get_state(),
        "step": step + 1,
    }


@wrong("make_checkpoint", "draws a number on the way: the generator moves on")
def _(model, optimizer, loader, generator, step):
    torch.rand(1, generator=generator)
    return {
        "model": copy.deepcopy(model.state_dict()),
        "optimizer": copy.deepcopy(optimizer.state_dict()),
        "position": loader.position,
        "generator": generator.get_state(),
        "step": step,
    }


@wrong("make_checkpoint", "weights kept in half precision, to save room")
def _(model, optimizer, loader, generator, step):
    return {
        "model": {
            k: v.half() if v.is_floating_point() else v.clone()
            for k, v in model.state_dict().items()
        },
        "optimizer": copy.deepcopy(optimizer.state_dict()),
        "position": loader.position,
        "generator": generator.get_state(),
        "step": step,
    }


@right("make_checkpoint", "the whole dict copied deeply in one go")
def _(model, optimizer, loader, generator, step):
    parts = dict(model=model.state_dict(), optimizer=optimizer.state_dict(), step=step)
    return copy.deepcopy(parts | {"position": loader.position, "generator": generator.get_state()})


@right("make_checkpoint", "through torch.save and torch.load, in memory")
def _(model, optimizer, loader, generator, step):
    import io

    def twin(state):
        memory = io.BytesIO()
        torch.save(state, memory)
        memory.seek(0)
        return torch.load(memory, weights_only=False)

    checkpoint = {"model": twin(model.state_dict()), "optimizer": twin(optimizer.state_dict())}
    checkpoint["position"], checkpoint["step"] = int(loader.position), int(step)
    checkpoint["generator"] = generator.get_state().clone()
    return checkpoint


@wrong("restore", "the optimizer trains in the checkpoint's tensors")
def _(checkpoint, model, optimizer, loader, generator):
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    loader.position = checkpoint["position"]
    generator.set_state(checkpoint["generator"])
    return checkpoint["step"]


@wrong("restore", "the optimizer is forgotten")
def _(checkpoint, model, optimizer, loader, generator):
    model.load_state_dict(checkpoint["model"])
    loader.position = checkpoint["position"]
    generator.set_state(checkpoint["generator"])
    return checkpoint["step"]


@wrong("restore", "a shallow copy of the optimizer's dict")
def _(checkpoint, model, optimizer, loader, generator):
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(dict(checkpoint["optimizer"]))
    loader.position = checkpoint["position"]
    generator.set_state(checkpoint["generator"])
    return checkpoint["step"]


@wrong("restore", "the loader begins again")
def _(checkpoint, model, optimizer, loader, generator):
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(copy.deepcopy(checkpoint["optimizer"]))
    generator.set_state(checkpoint["generator"])
    return checkpoint["step"]


@wrong("restore", "sets torch's global generator")
def _(checkpoint, model, optimizer, loader, generator):
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(copy.deepcopy(checkpoint["optimizer"]))
    loader.position = checkpoint["position"]
    torch.set_rng_state(checkpoint["generator"])
    return checkpoint["step"]


@wrong("restore", "assign=True: the checkpoint's tensors become the model's")
def _(checkpoint, model, optimizer, loader, generator):
    model.load_state_dict(checkpoint["model"], assign=True)
    optimizer.load_state_dict(copy.deepcopy(checkpoint["optimizer"]))
    loader.position = checkpoint["position"]
    generator.set_state(checkpoint["generator"])
    return checkpoint["step"]


@wrong("restore", "pops its keys: the second time there is nothing left")
def _(checkpoint, model, optimizer, loader, generator):
    model.load_state_dict(checkpoint.pop("model"))
    optimizer.load_state_dict(copy.deepcopy(checkpoint.pop("optimizer")))
    loader.position = checkpoint.pop("position")
    generator.set_state(checkpoint.pop("generator"))
    return checkpoint.pop("step")


@wrong("restore", "no step comes back")
def _(checkpoint, model, optimizer, loader, generator):
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(copy.deepcopy(checkpoint["optimizer"]))
    loader.position = checkpoint["position"]
    generator.set_state(checkpoint["generator"])


@wrong("restore", "position counted on from where the loader stands")
def _(checkpoint, model, optimizer, loader, generator):
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(copy.deepcopy(checkpoint["optimizer"]))
    loader.position += checkpoint["position"]
    generator.set_state(checkpoint["generator"])
    return checkpoint["step"]


@wrong("restore", "only the moments of the optimizer, its groups (the rate) not")
def _(checkpoint, model, optimizer, loader, generator):
    model.load_state_dict(checkpoint["model"])
    saved = copy.deepcopy(checkpoint["optimizer"])
    optimizer.load_state_dict(
        {"state": saved["state"], "param_groups": optimizer.state_dict()["param_groups"]}
    )
    loader.position = checkpoint["position"]
    generator.set_state(checkpoint["generator"])
    return checkpoint["step"]


@right("restore", "all copied first, then handed out")
def _(checkpoint, model, optimizer, loader, generator):
    saved = copy.deepcopy(checkpoint)
    generator.set_state(saved["generator"])
    loader.position = saved["position"]
    optimizer.load_state_dict(saved["optimizer"])
    model.load_state_dict(saved["model"])
    return saved["step"]


@right("restore", "the model tensor by tensor, the optimizer's dict rebuilt from clones")
def _(checkpoint, model, optimizer, loader, generator):
    own = model.state_dict()
    for name, tensor in checkpoint["model"].items():
        own[name].copy_(tensor)

    def twin(thing):
        if isinstance(thing, torch.Tensor):
            return thing.clone()
        if isinstance(thing, dict):
            return {key: twin(value) for key, value in thing.items()}
        if isinstance(thing, (list, tuple)):
            return type(thing)(twin(value) for value in thing)
        return thing

    optimizer.load_state_dict(twin(checkpoint["optimizer"]))
    setattr(loader, "position", checkpoint["position"])
    generator.set_state(checkpoint["generator"].clone())
    return int(checkpoint["step"])


@wrong("save_atomic", "straight onto path")
def _(checkpoint, path):
    torch.save(checkpoint, path)


@wrong("save_atomic", "the old one removed before the new one is written")
def _(checkpoint, path):
    if os.path.exists(path):
        os.remove(path)
    torch.save(checkpoint, path + ".tmp")
    os.rename(path + ".tmp", path)


@wrong("save_atomic", "copied from the temporary file into the old one")
def _(checkpoint, path):
    import shutil

    torch.save(checkpoint, path + ".tmp")
    shutil.copyfile(path + ".tmp", path)
    os.remove(path + ".tmp")


@wrong("save_atomic", "the temporary file stays")
def _(checkpoint, path):
    import shutil

    torch.save(checkpoint, path + ".tmp")
    shutil.copy(path + ".tmp", path + ".new")
    os.replace(path + ".new", path)


@wrong("save_atomic", "the exception is swallowed")
def _(checkpoint, path):
    try:
        torch.save(checkpoint, path + ".tmp")
        os.replace(path + ".tmp", path)
    except Exception:
        pass


@wrong("save_atomic", "a half-written file is renamed all the same")
def _(checkpoint, path):
    try:
        torch.save(checkpoint, path + ".tmp")
    finally:
        os.replace(path + ".tmp", path)


@wrong("save_atomic", "the old file kept as .bak next to it")
def _(checkpoint, path):
    torch.save(checkpoint, path + ".tmp")
    if os.path.exists(path):
        os.replace(path, path + ".bak")
    os.replace(path + ".tmp", path)


@wrong("save_atomic", "in memory first, then into the old file")
def _(checkpoint, path):
    import io

    memory = io.BytesIO()
    torch.save(checkpoint, memory)
    with open(path, "wb") as file:
        file.write(memory.getvalue())


@wrong("save_atomic", "never renamed")
def _(checkpoint, path):
    torch.save(checkpoint, path + ".tmp")


@right("save_atomic", "an open file, flushed and synced; the rest cleared away on failure")
def _(checkpoint, path):
    tmp = path + ".tmp"
    try:
        with open(tmp, "wb") as file:
            torch.save(checkpoint, file)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        if os.path.exists(tmp):
            os.remove(tmp)
        raise
    os.replace(tmp, path)


@right("save_atomic", "pathlib's replace")
def _(checkpoint, path):
    from pathlib import Path

    temporary = Path(f"{path}.tmp")
    torch.save(checkpoint, temporary)
    temporary.replace(path)


@wrong("pad_endings", "padded on the left")
def _(context, endings):
    rows = [context + e for e in endings]
    T = max(map(len, rows))
    tokens = torch.tensor([[0] * (T - len(r)) + r for r in rows])
    mask = torch.tensor([[False] * (T - len(e)) + [True] * len(e) for e in endings])
    return tokens, mask


@wrong("pad_endings", "the mask covers the padding, too")
def _(context, endings):
    rows = [context + e for e in endings]
    T = max(map(len, rows))
    tokens = torch.tensor([r + [0] * (T - len(r)) for r in rows])
    mask = torch.arange(T).expand(len(rows), T) >= len(context)
    return tokens, mask.clone()


@wrong("pad_endings", "the mask by tokens that are not 0")
def _(context, endings):
    rows = [context + e for e in endings]
    T = max(map(len, rows))
    tokens = torch.tensor([r + [0] * (T - len(r)) for r in rows])
    mask = tokens != 0
    mask[:, : len(context)] = False
    return tokens, mask


@wrong("pad_endings", "the context is put into the caller's own endings")
def _(context, endings):
    for e in endings:
        e[:0] = context
    T, n = max(map(len, endings)), len(context)
    tokens = torch.tensor([e + [0] * (T - len(e)) for e in endings])
    mask = torch.tensor([[n <= j < len(e) for j in range(T)] for e in endings])
    return tokens, mask


@wrong("pad_endings", "the mask as int64")
def _(context, endings):
    rows = [context + e for e in endings]
    T = max(map(len, rows))
    tokens = torch.tensor([r + [0] * (T - len(r)) for r in rows])
    mask = torch.tensor(
        [[0] * len(context) + [1] * len(e) + [0] * (T - len(context) - len(e)) for e in endings]
    )
    return tokens, mask


@wrong("pad_endings", "the mask shifted by one, for the logits")
def _(context, endings):
    rows = [context + e for e in endings]
    T, n = max(map(len, rows)), len(context)
    tokens = torch.tensor([r + [0] * (T - len(r)) for r in rows])
    mask = torch.tensor([[n - 1 <= j < len(r) - 1 for j in range(T)] for r in rows])
    return tokens, mask


@wrong("pad_endings", "cut to the shortest row")
def _(context, endings):
    T = min(len(context) + len(e) for e in endings)
    tokens = torch.tensor([(context + e)[:T] for e in endings])
    mask = torch.arange(T).repeat(len(endings), 1) >= len(context)
    return tokens, mask


@wrong("pad_endings", "always four endings")
def _(context, endings):
    rows = [context + e for e in endings]
    T = max(map(len, rows))
    tokens, mask = torch.zeros(4, T, dtype=torch.int64), torch.zeros(4, T, dtype=torch.bool)
    for i, row in enumerate(rows):
        tokens[i, : len(row)] = torch.tensor(row)
        mask[i, len(context) : len(row)] = True
    return tokens, mask


@right("pad_endings", "pad_sequence, the mask by lengths")
def _(context, endings):
    from torch.nn.utils.rnn import pad_sequence

    rows = [torch.tensor(list(context) + list(e), dtype=torch.int64) for e in endings]
    tokens = pad_sequence(rows, batch_first=True, padding_value=0)
    lengths = torch.tensor([len(row) for row in rows])
    place = torch.arange(tokens.shape[1])
    return tokens, (place >= len(context)) & (place < lengths[:, None])


@right("pad_endings", "zip_longest over the rows, transposed")
def _(context, endings):
    from itertools import zip_longest

    columns = list(zip_longest(*[[*context, *e] for e in endings], fillvalue=0))
    marks = list(
        zip_longest(*[[False] * len(context) + [True] * len(e) for e in endings], fillvalue=False)
    )
    return torch.tensor(columns, dtype=torch.int64).T, torch.tensor(marks, dtype=torch.bool).T


@wrong("completion_scores", "not shifted")
def _(logits, tokens, mask):
    logp = F.log_softmax(logits, dim=-1).gather(2, tokens[..., None])[..., 0]
    total = (logp * mask).sum(1)
    return total, total / mask.sum(1)


@wrong("completion_scores", "the mask not shifted with the tokens")
def _(logits, tokens, mask):
    logp = F.log_softmax(logits[:, :-1], dim=-1).gather(2, tokens[:, 1:, None])[..., 0]
    total = (logp * mask[:, :-1]).sum(1)
    return total, total / mask.sum(1)


@wrong("completion_scores", "the average over the length of the row")
def _(logits, tokens, mask):
    logp = F.log_softmax(logits[:, :-1], dim=-1).gather(2, tokens[:, 1:, None])[..., 0]
    total = (logp * mask[:, 1:]).sum(1)
    return total, total / tokens.shape[1]


@wrong("completion_scores", "losses: lower is better")
def _(logits, tokens, mask):
    losses = F.cross_entropy(logits[:, :-1].transpose(1, 2), tokens[:, 1:], reduction="none")
    total = (losses * mask[:, 1:]).sum(1)
    return total, total / mask.sum(1)


@wrong("completion_scores", "the logits themselves, no softmax")
def _(logits, tokens, mask):
    picked = logits[:, :-1].gather(2, tokens[:, 1:, None])[..., 0]
    total = (picked * mask[:, 1:]).sum(1)
    return total, total / mask.sum(1)


@wrong("completion_scores", "softmax, then log: -inf where float32 underflows")
def _(logits, tokens, mask):
    p = logits[:, :-1].softmax(dim=-1).gather(2, tokens[:, 1:, None])[..., 0]
    total = p.log().masked_fill(~mask[:, 1:], 0.0).sum(1)
    return total, total / mask.sum(1)


@wrong("completion_scores", "the whole text counts, context too")
def _(logits, tokens, mask):
    logp = F.log_softmax(logits[:, :-1], dim=-1).gather(2, tokens[:, 1:, None])[..., 0]
    total = logp.sum(1)
    return total, total / mask.sum(1)


@wrong("completion_scores", "one count for all rows: that of the whole mask")
def _(logits, tokens, mask):
    logp = F.log_softmax(logits[:, :-1], dim=-1).gather(2, tokens[:, 1:, None])[..., 0]
    total = (logp * mask[:, 1:]).sum(1)
    return total, total / mask.sum() * len(mask)


@wrong("completion_scores", "float32 comes back for float64")
def _(logits, tokens, mask):
    logp = F.log_softmax(logits[:, :-1].float(), dim=-1).gather(2, tokens[:, 1:, None])[..., 0]
    total = (logp * mask[:, 1:]).sum(1)
    return total, total / mask.sum(1)


@wrong("completion_scores", "softmax over the positions")
def _(logits, tokens, mask):
    logp = F.log_softmax(logits[:, :-1], dim=1).gather(2, tokens[:, 1:, None])[..., 0]
    total = (logp * mask[:, 1:]).sum(1)
    return total, total / mask.sum(1)


@wrong("completion_scores", "the first of the ending's tokens is left out")
def _(logits, tokens, mask):
    logp = F.log_softmax(logits[:, :-1], dim=-1).gather(2, tokens[:, 1:, None])[..., 0]
    counts = mask[:, 1:] & mask[:, :-1]
    total = (logp * counts).sum(1)
    return total, total / counts.sum(1).clamp(min=1)


@right("completion_scores", "row by row with boolean indices")
def _(logits, tokens, mask):
    totals, averages = [], []
    for row, ids, counts in zip(logits, tokens, mask, strict=True):
        places = counts.nonzero()[:, 0]
        logp = row[places - 1].log_softmax(dim=-1)
        picked = logp[torch.arange(len(places), device=row.device), ids[places]]
        totals.append(picked.sum())
        averages.append(picked.sum() / len(places))
    return torch.stack(totals), torch.stack(averages)


@right("completion_scores", "cross_entropy with ignored targets")
def _(logits, tokens, mask):
    targets = tokens.masked_fill(~mask, -100)[:, 1:]
    losses = F.cross_entropy(logits[:, :-1].transpose(1, 2), targets, reduction="none")
    total = -losses.sum(dim=1)
    return total, total / mask.sum(dim=1)


@wrong("accuracies", "the lowest wins")
def _(totals, averages, labels):
    return {
        "acc": (totals.argmin(1) == labels).double().mean().item(),
        "acc_norm": (averages.argmin(1) == labels).double().mean().item(),
    }


@wrong("accuracies", "the two exchanged")
def _(totals, averages, labels):
    return {
        "acc": (averages.argmax(1) == labels).double().mean().item(),
        "acc_norm": (totals.argmax(1) == labels).double().mean().item(),
    }


@wrong("accuracies", "counts, not shares")
def _(totals, averages, labels):
    return {
        "acc": float((totals.argmax(1) == labels).sum()),
        "acc_norm": float((averages.argmax(1) == labels).sum()),
    }


@wrong("accuracies", "tensors in the dict")
def _(totals, averages, labels):
    return {
        "acc": (totals.argmax(1) == labels).float().mean(),
        "acc_norm": (averages.argmax(1) == labels).float().mean(),
    }


@wrong("accuracies", "the best over all items at once")
def _(totals, averages, labels):
    return {
        "acc": (totals.argmax() % totals.shape[1] == labels).double().mean().item(),
        "acc_norm": (averages.argmax() % averages.shape[1] == labels).double().mean().item(),
    }


@wrong("accuracies", "divided by the number of endings")
def _(totals, averages, labels):
    return {
        "acc": (totals.argmax(1) == labels).sum().item() / totals.shape[1],
        "acc_norm": (averages.argmax(1) == labels).sum().item() / totals.shape[1],
    }


@wrong("accuracies", "percent")
def _(totals, averages, labels):
    return {
        "acc": 100 * (totals.argmax(1) == labels).double().mean().item(),
        "acc_norm": 100 * (averages.argmax(1) == labels).double().mean().item(),
    }


@right("accuracies", "a Python loop")
def _(totals, averages, labels):
    hits = {"acc": 0, "acc_norm": 0}
    for key, table in zip(hits, (totals, averages), strict=True):
        for row, label in zip(table.tolist(), labels.tolist(), strict=True):
            hits[key] += row.index(max(row)) == label
    return {key: n / len(labels) for key, n in hits.items()}


@right("accuracies", "both tables stacked, topk")
def _(totals, averages, labels):
    best = torch.stack([totals, averages]).topk(1, dim=2).indices[..., 0]
    acc, acc_norm = best.eq(labels).double().mean(dim=1).tolist()
    return {"acc": acc, "acc_norm": acc_norm}


@wrong("cache_update", "new ones in front of the old ones")
class _:
    def update(self, k, v):
        self.k = k if self.k is None else torch.cat([k, self.k], dim=2)
        self.v = v if self.v is None else torch.cat([v, self.v], dim=2)
        return self.k, self.v


@wrong("cache_update", "along the heads")
class _:
    def update(self, k, v):
        self.k = k if self.k is None else torch.cat([self.k, k], dim=1)
        self.v = v if self.v is None else torch.cat([self.v, v], dim=1)
        return self.k, self.v


@wrong("cache_update", "returns the new ones only")
class _:
    def update(self, k, v):
        self.k = k if self.k is None else torch.cat([self.k, k], dim=2)
        self.v = v if self.v is None else torch.cat([self.v, v], dim=2)
        return k, v


@wrong("cache_update", "k and v in one tensor: equal sizes needed")
class _:
    def update(self, k, v):
        new = torch.stack([k, v])
        if self.k is not None:
            new = torch.cat([torch.stack([self.k, self.v]), new], dim=3)
        self.k, self.v = new[0], new[1]
        return self.k, self.v


@wrong("cache_update", "the last two kept only")
class _:
    def update(self, k, v):
        if self.k is None:
            self.k, self.v = k, v
        else:
            self.k = torch.cat([self.k[:, :, -k.shape[2] :], k], dim=2)
            self.v = torch.cat([self.v[:, :, -v.shape[2] :], v], dim=2)
        return self.k, self.v


@wrong("cache_update", "resizes in place: what earlier calls returned changes")
class _:
    def update(self, k, v):
        if self.k is None:
            self.k, self.v = k.detach().clone(), v.detach().clone()
        else:
            self.k.set_(torch.cat([self.k, k], dim=2))
            self.v.set_(torch.cat([self.v, v], dim=2))
        return self.k, self.v


@wrong("cache_update", "forgets the values of all calls but the first")
class _:
    def update(self, k, v):
        if self.k is None:
            self.k, self.v = k, v
            return k, v
        self.k = torch.cat([self.k, k], dim=2)
        return self.k, torch.cat([self.v, v], dim=2)


@wrong("cache_update", "a fixed buffer of 1,024 places, zeros and all")
class _:
    def update(self, k, v):
        if self.k is None:
            self.n = 0
            self.k = k.new_zeros(k.shape[0], k.shape[1], 1024, k.shape[3])
            self.v = v.new_zeros(v.shape[0], v.shape[1], 1024, v.shape[3])
        n = self.n + k.shape[2]
        self.k[:, :, self.n : n], self.v[:, :, self.n : n] = k, v
        self.n = n
        return self.k[:, :, :n], self.v[:, :, :n]


@right("cache_update", "an empty start, then always cat")
class _:
    def update(self, k, v):
        if self.k is None:
            self.k, self.v = k[:, :, :0], v[:, :, :0]
        self.k, self.v = (torch.cat(pair, dim=-2) for pair in ((self.k, k), (self.v, v)))
        return self.k, self.v


@right("cache_update", "a new tensor of the right length, filled in two pieces")
class _:
    def update(self, k, v):
        old = len(self)

        def longer(before, new):
            shape = list(new.shape)
            shape[2] += old
            out = new.new_empty(shape)
            if old:
                out[:, :, :old] = before
            out[:, :, old:] = new
            return out

        self.k, self.v = longer(self.k, k), longer(self.v, v)
        return self.k, self.v


@wrong("shifted_mask", "not shifted: the triangle at the upper left")
def _(n_past, n_new):
    return torch.ones(n_new, n_past + n_new, dtype=torch.bool).tril()


@wrong("shifted_mask", "True where it is forbidden")
def _(n_past, n_new):
    return torch.ones(n_new, n_past + n_new, dtype=torch.bool).triu(n_past + 1)


@wrong("shifted_mask", "not oneself")
def _(n_past, n_new):
    return torch.ones(n_new, n_past + n_new, dtype=torch.bool).tril(n_past - 1)


@wrong("shifted_mask", "one place of the future")
def _(n_past, n_new):
    return torch.ones(n_new, n_past + n_new, dtype=torch.bool).tril(n_past + 1)


@wrong("shifted_mask", "0 and 1 as floats")
def _(n_past, n_new):
    return torch.ones(n_new, n_past + n_new).tril(n_past)


@wrong("shifted_mask", "new ones all see each other")
def _(n_past, n_new):
    return torch.ones(n_new, n_past + n_new, dtype=torch.bool)


@wrong("shifted_mask", "the square of the whole text, not the rows of the new ones")
def _(n_past, n_new):
    n = n_past + n_new
    return torch.ones(n, n, dtype=torch.bool).tril()


@wrong("shifted_mask", "the past is invisible")
def _(n_past, n_new):
    past = torch.zeros(n_new, n_past, dtype=torch.bool)
    return torch.cat([past, torch.ones(n_new, n_new, dtype=torch.bool).tril()], dim=1)


@right("shifted_mask", "the last rows of the big triangle")
def _(n_past, n_new):
    n = n_past + n_new
    return torch.ones(n, n, dtype=torch.bool).tril()[n_past:]


@right("shifted_mask", "the past beside the triangle")
def _(n_past, n_new):
    past = torch.full((n_new, n_past), True)
    return torch.hstack([past, torch.tril(torch.full((n_new, n_new), True))])


@right("shifted_mask", "row by row, in Python")
def _(n_past, n_new):
    n = n_past + n_new
    return torch.tensor([[j - i <= n_past for j in range(n)] for i in range(n_new)])


@wrong("attend_past", "is_causal with its triangle at the upper left")
def _(q, k, v):
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)


@wrong("attend_past", "causal only if T_q = T_k, else no mask at all")
def _(q, k, v):
    return F.scaled_dot_product_attention(q, k, v, is_causal=q.shape[2] == k.shape[2])


@wrong("attend_past", "scaled by the values' size")
def _(q, k, v):
    mask = shifted_mask(k.shape[2] - q.shape[2], q.shape[2]).to(q.device)
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, scale=v.shape[3] ** -0.5)


@wrong("attend_past", "no scale")
def _(q, k, v):
    mask = shifted_mask(k.shape[2] - q.shape[2], q.shape[2]).to(q.device)
    return (q @ k.transpose(2, 3)).masked_fill(~mask, float("-inf")).softmax(-1) @ v


@wrong("attend_past", "mask the wrong way round (as nn.MultiheadAttention has it)")
def _(q, k, v):
    mask = shifted_mask(k.shape[2] - q.shape[2], q.shape[2]).to(q.device)
    scores = q @ k.transpose(2, 3) / q.shape[3] ** 0.5
    return scores.masked_fill(mask, float("-inf")).softmax(-1).nan_to_num() @ v


@wrong("attend_past", "masked after the softmax: rows do not sum to one")
def _(q, k, v):
    mask = shifted_mask(k.shape[2] - q.shape[2], q.shape[2]).to(q.device)
    weights = (q @ k.transpose(2, 3) / q.shape[3] ** 0.5).softmax(-1)
    return (weights * mask) @ v


@wrong("attend_past", "forbidden scores set to zero instead of -inf")
def _(q, k, v):
    mask = shifted_mask(k.shape[2] - q.shape[2], q.shape[2]).to(q.device)
    scores = (q @ k.transpose(2, 3) / q.shape[3] ** 0.5).masked_fill(~mask, 0.0)
    return scores.softmax(-1) @ v


@wrong("attend_past", "softmax over the queries")
def _(q, k, v):
    mask = shifted_mask(k.shape[2] - q.shape[2], q.shape[2]).to(q.device)
    scores = (q @ k.transpose(2, 3) / q.shape[3] ** 0.5).masked_fill(~mask, -1e9)
    return scores.softmax(2) @ v


@wrong("attend_past", "n_past is T_k: everything is seen")
def _(q, k, v):
    T_q, T_k = q.shape[2], k.shape[2]
    mask = shifted_mask(T_k, T_q)[:, :T_k].to(q.device)
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)


@right("attend_past", "SDPA with the shifted mask")
def _(q, k, v):
    T_q, T_k = q.size(-2), k.size(-2)
    return F.scaled_dot_product_attention(
        q, k, v, attn_mask=shifted_mask(T_k - T_q, T_q).to(q.device)
    )


@right("attend_past", "query by query over a slice of the keys")
def _(q, k, v):
    past, out = k.shape[2] - q.shape[2], []
    for i in range(q.shape[2]):
        seen = past + i + 1
        scores = torch.einsum("bhd,bhkd->bhk", q[:, :, i], k[:, :, :seen]) * q.shape[3] ** -0.5
        out.append(torch.einsum("bhk,bhkd->bhd", scores.softmax(-1), v[:, :, :seen]))
    return torch.stack(out, dim=2)


@right("attend_past", "queries padded in front, is_causal, the last rows kept")
def _(q, k, v):
    missing = k.shape[2] - q.shape[2]
    padded = F.pad(q, (0, 0, missing, 0))
    return F.scaled_dot_product_attention(padded, k, v, is_causal=True)[:, :, missing:]


@wrong("embed_from", "positions begin at 0 again")
def _(ids, wte, wpe, n_past):
    T = ids.shape[1]
    if n_past + T > wpe.shape[0]:
        raise ValueError("too long")
    return wte[ids] + wpe[:T]


@wrong("embed_from", "the last place is refused")
def _(ids, wte, wpe, n_past):
    T = ids.shape[1]
    if n_past + T >= wpe.shape[0]:
        raise ValueError("too long")
    return wte[ids] + wpe[n_past : n_past + T]


@wrong("embed_from", "wpe[n_past] for all of the new ones")
def _(ids, wte, wpe, n_past):
    if n_past + ids.shape[1] > len(wpe):
        raise ValueError("too long")
    return wte[ids] + wpe[n_past]


@wrong("embed_from", "not looked at: IndexError instead of ValueError")
def _(ids, wte, wpe, n_past):
    T = ids.shape[1]
    return wte[ids] + wpe[torch.arange(n_past, n_past + T)]


@wrong("embed_from", "positions clamped at the end instead of an error")
def _(ids, wte, wpe, n_past):
    positions = torch.arange(n_past, n_past + ids.shape[1]).clamp(max=len(wpe) - 1)
    return wte[ids] + wpe[positions]


@wrong("embed_from", "looks at T only, not at the past")
def _(ids, wte, wpe, n_past):
    T = ids.shape[1]
    if T > len(wpe):
        raise ValueError("too long")
    return wte[ids] + wpe[(torch.arange(T) + n_past) % len(wpe)]


@wrong("embed_from", "one too far: n_past + 1")
def _(ids, wte, wpe, n_past):
    T = ids.shape[1]
    if n_past + T > len(wpe):
        raise ValueError("too long")
    return wte[ids] + wpe.roll(-1, 0)[n_past : n_past + T]


@right("embed_from", "F.embedding for both")
def _(ids, wte, wpe, n_past):
    end = n_past + ids.shape[1]
    if wpe.size(0) < end:
        raise ValueError(f"position {end - 1} in a table of {wpe.size(0)}")
    return F.embedding(torch.arange(n_past, end, device=ids.device), wpe) + F.embedding(ids, wte)


@right("embed_from", "narrow and index_select")
def _(ids, wte, wpe, n_past):
    B, T = ids.shape
    if n_past + T - 1 >= wpe.shape[0]:
        raise ValueError("no such position")
    tokens = wte.index_select(0, ids.reshape(-1)).view(B, T, -1)
    return tokens + wpe.narrow(0, n_past, T).unsqueeze(0)


@wrong("cached_attention", "if cache: an empty one is falsy, and stays empty")
class _:
    def forward(self, x, cache=None):
        B, T, C = x.shape
        q, k, v = (
            t.view(B, T, self.n_head, -1).transpose(1, 2) for t in self.c_attn(x).split(C, 2)
        )
        if cache:
            k, v = cache.update(k, v)
        return self.c_proj(attend_past(q, k, v).transpose(1, 2).reshape(B, T, C))


@wrong("cached_attention", "the cache is filled but the old ones are not used")
class _:
    def forward(self, x, cache=None):
        B, T, C = x.shape
        q, k, v = (
            t.view(B, T, self.n_head, -1).transpose(1, 2) for t in self.c_attn(x).split(C, 2)
        )
        if cache is not None:
            cache.update(k, v)
        return self.c_proj(attend_past(q, k, v).transpose(1, 2).reshape(B, T, C))


@wrong("cached_attention", "heads glued together without transposing back")
class _:
    def forward(self, x, cache=None):
        B, T, C = x.shape
        q, k, v = (
            t.view(B, T, self.n_head, -1).transpose(1, 2) for t in self.c_attn(x).split(C, 2)
        )
        if cache is not None:
            k, v = cache.update(k, v)
        return self.c_proj(attend_past(q, k, v).reshape(B, T, C))


@wrong("cached_attention", "v before k")
class _:
    def forward(self, x, cache=None):
        B, T, C = x.shape
        q, v, k = (
            t.view(B, T, self.n_head, -1).transpose(1, 2) for t in self.c_attn(x).split(C, 2)
        )
        if cache is not None:
            k, v = cache.update(k, v)
        return self.c_proj(attend_past(q, k, v).transpose(1, 2).reshape(B, T, C))


@wrong("cached_attention", "view to heads without transposing first")
class _:
    def forward(self, x, cache=None):
        B, T, C = x.shape
        q, k, v = (
            t.reshape(B, self.n_head, T, C // self.n_head) for t in self.c_attn(x).split(C, 2)
        )
        if cache is not None:
            k, v = cache.update(k, v)
        return self.c_proj(attend_past(q, k, v).transpose(1, 2).reshape(B, T, C))


@wrong("cached_attention", "without a cache it keeps one of its own on self")
class _:
    def forward(self, x, cache=None):
        B, T, C = x.shape
        q, k, v = (
            t.view(B, T, self.n_head, -1).transpose(1, 2) for t in self.c_attn(x).split(C, 2)
        )
        if cache is None:
            self.cache = getattr(self, "cache", None) or KVCache()
            cache = self.cache
        k, v = cache.update(k, v)
        return self.c_proj(attend_past(q, k, v).transpose(1, 2).reshape(B, T, C))


@wrong("cached_attention", "c_proj forgotten")
class _:
    def forward(self, x, cache=None):
        B, T, C = x.shape
        q, k, v = (
            t.view(B, T, self.n_head, -1).transpose(1, 2) for t in self.c_attn(x).split(C, 2)
        )
        if cache is not None:
            k, v = cache.update(k, v)
        return attend_past(q, k, v).transpose(1, 2).reshape(B, T, C)


@wrong("cached_attention", "is_causal: a piece of several tokens meets the past wrongly")
class _:
    def forward(self, x, cache=None):
        B, T, C = x.shape
        q, k, v = (
            t.view(B, T, self.n_head, -1).transpose(1, 2) for t in self.c_attn(x).split(C, 2)
        )
        if cache is not None:
            k, v = cache.update(k, v)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=T > 1)
        return self.c_proj(y.transpose(1, 2).reshape(B, T, C))


@right("cached_attention", "one view with the three in front; a throw-away cache for None")
class _:
    def forward(self, x, cache=None):
        B, T, C = x.shape
        qkv = self.c_attn(x).view(B, T, 3, self.n_head, C // self.n_head).permute(2, 0, 3, 1, 4)
        store = KVCache() if cache is None else cache
        y = attend_past(qkv[0], *store.update(qkv[1], qkv[2]))
        return self.c_proj(y.permute(0, 2, 1, 3).flatten(2))


@right("cached_attention", "heads cut by split and stacked, joined by cat")
class _:
    def forward(self, x, cache=None):
        hs = x.shape[2] // self.n_head
        pieces = self.c_attn(x).chunk(3, dim=2)
        q, k, v = [torch.stack(t.split(hs, dim=2), dim=1) for t in pieces]
        if cache is not None:
            cache.update(k, v)
            k, v = cache.k, cache.v
        return self.c_proj(torch.cat(attend_past(q, k, v).unbind(1), dim=-1))


@wrong("cached_block", "the cache is not handed on")
class _:
    def forward(self, x, cache=None):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


@wrong("cached_block", "if cache: an empty one is not handed on")
class _:
    def forward(self, x, cache=None):
        if cache:
            x = x + self.attn(self.ln_1(x), cache)
        else:
            x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


@wrong("cached_block", "x changed in place")
class _:
    def forward(self, x, cache=None):
        x += self.attn(self.ln_1(x), cache)
        x += self.mlp(self.ln_2(x))
        return x


@wrong("cached_block", "attention of x itself, not of its norm")
class _:
    def forward(self, x, cache=None):
        x = x + self.attn(x, cache)
        return x + self.mlp(self.ln_2(x))


@wrong("cached_block", "both branches from the same x")
class _:
    def forward(self, x, cache=None):
        return x + self.attn(self.ln_1(x), cache) + self.mlp(self.ln_2(x))


@wrong("cached_block", "attention called twice: the cache grows twice")
class _:
    def forward(self, x, cache=None):
        y = x + self.attn(self.ln_1(x), cache)
        return y + self.mlp(self.ln_2(x + self.attn(self.ln_1(x), cache)))


@wrong("cached_block", "the second residual from the x that came in")
class _:
    def forward(self, x, cache=None):
        y = x + self.attn(self.ln_1(x), cache)
        return x + self.mlp(self.ln_2(y))


@right("cached_block", "named steps, keyword argument")
class _:
    def forward(self, x, cache=None):
        gathered = self.attn(self.ln_1(x), cache=cache)
        stream = gathered + x
        thought = self.mlp(self.ln_2(stream))
        return torch.add(stream, thought)


@right("cached_block", "added in place, but to a copy")
class _:
    def forward(self, x, cache=None):
        y = torch.clone(x)
        y += self.attn(self.ln_1(x), cache)
        return sum([self.mlp(self.ln_2(y)), y])


@wrong("cached_gpt", "positions begin at 0 for every piece")
class _:
    def forward(self, ids, caches=None):
        x = embed_from(ids, self.wte.weight, self.wpe.weight, 0)
        for i, block in enumerate(self.h):
            x = block(x, None if caches is None else caches[i])
        return self.ln_f(x) @ self.wte.weight.T


@wrong("cached_gpt", "one cache for all layers")
class _:
    def forward(self, ids, caches=None):
        n_past = 0 if caches is None else len(caches[0])
        x = embed_from(ids, self.wte.weight, self.wpe.weight, n_past)
        for block in self.h:
            x = block(x, None if caches is None else caches[0])
        return self.ln_f(x) @ self.wte.weight.T


@wrong("cached_gpt", "the past is the number of caches")
class _:
    def forward(self, ids, caches=None):
        n_past = 0 if caches is None else len(caches)
        x = embed_from(ids, self.wte.weight, self.wpe.weight, n_past)
        for i, block in enumerate(self.h):
            x = block(x, None if caches is None else caches[i])
        return self.ln_f(x) @ self.wte.weight.T


@wrong("cached_gpt", "ln_f forgotten")
class _:
    def forward(self, ids, caches=None):
        n_past = 0 if caches is None else len(caches[0])
        x = embed_from(ids, self.wte.weight, self.wpe.weight, n_past)
        for i, block in enumerate(self.h):
            x = block(x, None if caches is None else caches[i])
        return x @ self.wte.weight.T


@wrong("cached_gpt", "the logits of the last position only")
class _:
    def forward(self, ids, caches=None):
        n_past = 0 if caches is None else len(caches[0])
        x = embed_from(ids, self.wte.weight, self.wpe.weight, n_past)
        for i, block in enumerate(self.h):
            x = block(x, None if caches is None else caches[i])
        return self.ln_f(x[:, -1:]) @ self.wte.weight.T


@wrong("cached_gpt", "caches in the opposite order of the blocks on pieces after the first")
class _:
    def forward(self, ids, caches=None):
        n_past = 0 if caches is None else len(caches[0])
        x = embed_from(ids, self.wte.weight, self.wpe.weight, n_past)
        if n_past:
            caches = caches[::-1]
        for i, block in enumerate(self.h):
            x = block(x, None if caches is None else caches[i])
        return self.ln_f(x) @ self.wte.weight.T


@wrong("cached_gpt", "the caches are asked for the past, but not handed on")
class _:
    def forward(self, ids, caches=None):
        n_past = 0 if caches is None else len(caches[0])
        x = embed_from(ids, self.wte.weight, self.wpe.weight, n_past)
        for block in self.h:
            x = block(x)
        return self.ln_f(x) @ self.wte.weight.T


@wrong("cached_gpt", "too long: found only after the blocks have filled the caches")
class _:
    def forward(self, ids, caches=None):
        n_past = 0 if caches is None else len(caches[0])
        places = torch.arange(n_past, n_past + ids.shape[1]).clamp(max=self.block_size - 1)
        x = self.wte(ids) + self.wpe(places)
        for i, block in enumerate(self.h):
            x = block(x, None if caches is None else caches[i])
        if caches is not None and len(caches[0]) > self.block_size:
            raise ValueError("too long")
        return self.ln_f(x) @ self.wte.weight.T


@wrong("cached_gpt", "a text too long slides back to the beginning of wpe")
class _:
    def forward(self, ids, caches=None):
        n_past = 0 if caches is None else len(caches[0])
        n_past = min(n_past, self.block_size - ids.shape[1])
        x = embed_from(ids, self.wte.weight, self.wpe.weight, max(n_past, 0))
        for i, block in enumerate(self.h):
            x = block(x, None if caches is None else caches[i])
        return self.ln_f(x) @ self.wte.weight.T


@right("cached_gpt", "None becomes a list of Nones; F.linear with the table")
class _:
    def forward(self, ids, caches=None):
        past = len(caches[0]) if caches is not None else 0
        stream = embed_from(ids, wte=self.wte.weight, wpe=self.wpe.weight, n_past=past)
        for block, cache in zip(self.h, caches or [None] * len(self.h), strict=True):
            stream = block(stream, cache)
        return F.linear(self.ln_f(stream), self.wte.weight)


@right("cached_gpt", "None becomes fresh caches that nobody keeps; einsum at the end")
class _:
    def forward(self, ids, caches=None):
        if caches is None:
            caches = [KVCache() for _ in self.h]
        past = max((len(cache) for cache in caches), default=0)
        x = embed_from(ids, self.wte.weight, self.wpe.weight, past)
        for i in range(len(self.h)):
            x = self.h[i](x, caches[i])
        return torch.einsum("btc,vc->btv", self.ln_f(x), self.wte.weight)


@wrong("generate_cached", "no cache at all: the whole text again for each token")
def _(model, ids, max_new_tokens, generator=None):
    for _ in range(max_new_tokens):
        logits = model(ids[:, -model.block_size :], None)[:, -1]
        if generator is None:
            new = logits.argmax(-1, keepdim=True)
        else:
            new = torch.multinomial(logits.softmax(-1), 1, generator=generator)
        ids = torch.cat([ids, new], dim=1)
    return ids


@wrong("generate_cached", "no room: ValueError")
def _(model, ids, max_new_tokens, generator=None):
    caches, new = [KVCache() for _ in model.h], ids[:, -model.block_size :]
    for _ in range(max_new_tokens):
        logits = model(new, caches)[:, -1]
        if generator is None:
            new = logits.argmax(-1, keepdim=True)
        else:
            new = torch.multinomial(logits.softmax(-1), 1, generator=generator)
        ids = torch.cat([ids, new], dim=1)
    return ids


@wrong("generate_cached", "when full, new caches with the last token only")
def _(model, ids, max_new_tokens, generator=None):
    caches, new = [KVCache() for _ in model.h], ids[:, -model.block_size :]
    for _ in range(max_new_tokens):
        if len(caches[0]) == model.block_size:
            caches = [KVCache() for _ in model.h]
        logits = model(new, caches)[:, -1]
        if generator is None:
            new = logits.argmax(-1, keepdim=True)
        else:
            new = torch.multinomial(logits.softmax(-1), 1, generator=generator)
        ids = torch.cat([ids, new], dim=1)
    return ids


@wrong("generate_cached", "caches begun anew one token too early")
def _(model, ids, max_new_tokens, generator=None):
    caches, new = [KVCache() for _ in model.h], ids[:, -model.block_size :]
    for _ in range(max_new_tokens):
        if len(caches[0]) and len(caches[0]) + 1 >= model.block_size:
            caches, new = [KVCache() for _ in model.h], ids[:, -model.block_size :]
        logits = model(new, caches)[:, -1]
        if generator is None:
            new = logits.argmax(-1, keepdim=True)
        else:
            new = torch.multinomial(logits.softmax(-1), 1, generator=generator)
        ids = torch.cat([ids, new], dim=1)
    return ids


@wrong("generate_cached", "when full, half of the window is kept, to have room again")
def _(model, ids, max_new_tokens, generator=None):
    caches, new = [KVCache() for _ in model.h], ids[:, -model.block_size :]
    for _ in range(max_new_tokens):
        if len(caches[0]) == model.block_size:
            caches, new = [KVCache() for _ in model.h], ids[:, -max(1, model.block_size // 2) :]
        logits = model(new, caches)[:, -1]
        if generator is None:
            new = logits.argmax(-1, keepdim=True)
        else:
            new = torch.multinomial(logits.softmax(-1), 1, generator=generator)
        ids = torch.cat([ids, new], dim=1)
    return ids


@wrong("generate_cached", "when full, the oldest key is dropped and old positions stay")
def _(model, ids, max_new_tokens, generator=None):
    caches, new = [KVCache() for _ in model.h], ids[:, -model.block_size :]
    for _ in range(max_new_tokens):
        if len(caches[0]) == model.block_size:
            for cache in caches:
                cache.k, cache.v = cache.k[:, :, 1:], cache.v[:, :, 1:]
        logits = model(new, caches)[:, -1]
        if generator is None:
            new = logits.argmax(-1, keepdim=True)
        else:
            new = torch.multinomial(logits.softmax(-1), 1, generator=generator)
        ids = torch.cat([ids, new], dim=1)
    return ids


@wrong("generate_cached", "a long prompt comes back cut")
def _(model, ids, max_new_tokens, generator=None):
    ids = ids[:, -model.block_size :]
    caches, new = [KVCache() for _ in model.h], ids
    for _ in range(max_new_tokens):
        if len(caches[0]) == model.block_size:
            caches, new = [KVCache() for _ in model.h], ids[:, -model.block_size :]
        logits = model(new, caches)[:, -1]
        if generator is None:
            new = logits.argmax(-1, keepdim=True)
        else:
            new = torch.multinomial(logits.softmax(-1), 1, generator=generator)
        ids = torch.cat([ids, new], dim=1)
    return ids


@wrong("generate_cached", "caches live on the model: the next call begins in the old text")
def _(model, ids, max_new_tokens, generator=None):
    if not hasattr(model, "caches"):
        model.caches = [KVCache() for _ in model.h]
    new = ids[:, -model.block_size :]
    for _ in range(max_new_tokens):
        if len(model.caches[0]) + new.shape[1] > model.block_size:
            model.caches, new = [KVCache() for _ in model.h], ids[:, -model.block_size :]
        logits = model(new, model.caches)[:, -1]
        if generator is None:
            new = logits.argmax(-1, keepdim=True)
        else:
            new = torch.multinomial(logits.softmax(-1), 1, generator=generator)
        ids = torch.cat([ids, new], dim=1)
    return ids


@wrong("generate_cached", "draws also without a generator")
def _(model, ids, max_new_tokens, generator=None):
    caches, new = [KVCache() for _ in model.h], ids[:, -model.block_size :]
    for _ in range(max_new_tokens):
        if len(caches[0]) == model.block_size:
            caches, new = [KVCache() for _ in model.h], ids[:, -model.block_size :]
        logits = model(new, caches)[:, -1]
        new = torch.multinomial(logits.softmax(-1), 1, generator=generator)
        ids = torch.cat([ids, new], dim=1)
    return ids


@wrong("generate_cached", "the prompt's last token goes in twice")
def _(model, ids, max_new_tokens, generator=None):
    caches, S = [KVCache() for _ in model.h], model.block_size
    if max_new_tokens and min(ids.shape[1], S) < S:
        model(ids[:, -S:], caches)
    for _ in range(max_new_tokens):
        new = ids[:, -1:]
        if len(caches[0]) in (0, S):
            caches, new = [KVCache() for _ in model.h], ids[:, -S:]
        logits = model(new, caches)[:, -1]
        if generator is None:
            token = logits.argmax(-1, keepdim=True)
        else:
            token = torch.multinomial(logits.softmax(-1), 1, generator=generator)
        ids = torch.cat([ids, token], dim=1)
    return ids


@right("generate_cached", "room counted down; answer's tensor made at first")
def _(model, ids, max_new_tokens, generator=None):
    B, T = ids.shape
    S, end = model.block_size, T + max_new_tokens
    out = ids.new_empty(B, end)
    out[:, :T] = ids
    caches, done = None, 0
    for t in range(T, end):
        if caches is None or len(caches[0]) == S:
            caches, done = [KVCache() for _ in range(len(model.h))], max(0, t - S)
        logits = model(out[:, done:t], caches)[:, -1]
        done = t
        if generator is not None:
            out[:, t : t + 1] = torch.multinomial(F.softmax(logits, dim=-1), 1, generator=generator)
        else:
            out[:, t] = logits.max(dim=-1).indices
    return out


@right("generate_cached", "a list of pieces, a helper that chooses, the first call on its own")
def _(model, ids, max_new_tokens, generator=None):
    def choose(logits):
        if generator is None:
            return logits.topk(1, dim=-1).indices
        return torch.multinomial(torch.softmax(logits, dim=-1), num_samples=1, generator=generator)

    def fresh(text):
        caches = [KVCache() for _ in model.h]
        return caches, model(text[:, -model.block_size :], caches)[:, -1]

    if max_new_tokens == 0:
        return ids.clone()
    caches, logits = fresh(ids)
    pieces = [ids, choose(logits)]
    while len(pieces) <= max_new_tokens:
        if len(caches[0]) < model.block_size:
            logits = model(pieces[-1], caches)[:, -1]
        else:
            caches, logits = fresh(torch.cat(pieces, dim=1))
        pieces.append(choose(logits))
    return torch.cat(pieces, dim=1)


@wrong("cache_bytes", "keys only")
def _(config, B, T, dtype):
    return config["n_layer"] * B * T * config["n_embd"] * dtype.itemsize


@wrong("cache_bytes", "always two bytes per number")
def _(config, B, T, dtype):
    return 2 * config["n_layer"] * B * T * config["n_embd"] * 2


@wrong("cache_bytes", "the width once for each head")
def _(config, B, T, dtype):
    return 2 * config["n_layer"] * B * T * config["n_head"] * config["n_embd"] * dtype.itemsize


@wrong("cache_bytes", "one layer")
def _(config, B, T, dtype):
    return 2 * B * T * config["n_embd"] * dtype.itemsize


@wrong("cache_bytes", "the batch forgotten")
def _(config, B, T, dtype):
    return 2 * config["n_layer"] * T * config["n_embd"] * dtype.itemsize


@wrong("cache_bytes", "bits")
def _(config, B, T, dtype):
    return 2 * config["n_layer"] * B * T * config["n_embd"] * torch.finfo(dtype).bits


@wrong("cache_bytes", "a float")
def _(config, B, T, dtype):
    return 2 * config["n_layer"] * B * T * config["n_embd"] * torch.finfo(dtype).bits / 8


@wrong("cache_bytes", "hard-coded to 12 layers of 768")
def _(config, B, T, dtype):
    return 2 * 12 * 768 * B * T * dtype.itemsize


@wrong("cache_bytes", "head size fixed to 64")
def _(config, B, T, dtype):
    return 2 * config["n_layer"] * B * config["n_head"] * T * 64 * dtype.itemsize


@right("cache_bytes", "a tensor on the meta device is asked")
def _(config, B, T, dtype):
    heads = config["n_head"]
    one = torch.empty(B, heads, T, config["n_embd"] // heads, dtype=dtype, device="meta")
    return 2 * config["n_layer"] * one.numel() * one.element_size()


@right("cache_bytes", "summed over layers and over keys and values")
def _(config, B, T, dtype):
    size = torch.tensor([], dtype=dtype).element_size()
    head_size = config["n_embd"] // config["n_head"]
    total = 0
    for _layer in range(config["n_layer"]):
        for _kind in ("k", "v"):
            total += size * B * T * head_size * config["n_head"]
    return total


@right("gelu_tanh", "Horner and in-place steps on a copy")
def _(x):
    u = (0.044715 * x * x + 1) * x
    gate = torch.tanh(u * math.sqrt(2 / math.pi)).add(1)
    return gate.mul(0.5).mul(x)


@right("gelu_tanh", "the module nn.GELU")
def _(x):
    return nn.GELU("tanh")(x)


@right("mlp", "a loop over both layers, F.linear")
class _:
    def __init__(self, config):
        super().__init__()
        n = config.n_embd
        for name, (a, b) in {"c_fc": (n, 4 * n), "c_proj": (4 * n, n)}.items():
            setattr(self, name, nn.Linear(a, b))

    def forward(self, x):
        for i, layer in enumerate((self.c_fc, self.c_proj)):
            x = F.linear(x if i == 0 else gelu_tanh(x), layer.weight, layer.bias)
        return x


@right("fused_attention", "SDPA with an explicit mask, movedim")
class _:
    def __init__(self, config):
        super().__init__()
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)
        self.n_head = config.n_head

    def forward(self, x):
        B, T, C = x.shape
        parts = self.c_attn(x).reshape(B, T, 3, self.n_head, C // self.n_head)
        q, k, v = parts.movedim(3, 1).unbind(3)
        seen = torch.tril(torch.ones(T, T, dtype=torch.bool, device=x.device))
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=seen)
        return self.c_proj(y.movedim(1, 2).reshape(x.shape))


@right("fused_attention", "heads folded into the batch, bmm with a mask of -inf")
class _:
    def __init__(self, config):
        super().__init__()
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)
        self.n_head = config.n_head

    def forward(self, x):
        B, T, C = x.shape
        H, hs = self.n_head, C // self.n_head

        def fold(t):
            return t.reshape(B, T, H, hs).transpose(1, 2).reshape(B * H, T, hs)

        q, k, v = map(fold, torch.split(self.c_attn(x), C, dim=-1))
        mask = torch.full((T, T), float("-inf"), dtype=x.dtype, device=x.device).triu(1)
        weights = torch.softmax(torch.bmm(q, k.mT) * hs**-0.5 + mask, dim=-1)
        y = torch.bmm(weights, v).view(B, H, T, hs)
        return self.c_proj(torch.cat([y[:, h] for h in range(H)], dim=-1))


@right("block", "a helper inside of forward")
class _:
    def __init__(self, config):
        super().__init__()
        self.ln_1 = nn.LayerNorm(config.n_embd)
        self.attn = CausalSelfAttention(config)
        self.ln_2 = nn.LayerNorm(config.n_embd)
        self.mlp = MLP(config)

    def forward(self, x):
        def with_mlp(y):
            return y + self.mlp(self.ln_2(y))

        return with_mlp(self.attn(self.ln_1(x)) + x)


@right("gpt_layers", "add_module, tied by setattr")
class _:
    def __init__(self, config, generator=None):
        super().__init__()
        self.config = config
        stem = nn.Module()
        stem.add_module("wte", nn.Embedding(config.vocab_size, config.n_embd))
        stem.add_module("wpe", nn.Embedding(config.block_size, config.n_embd))
        stem.add_module("h", nn.ModuleList(map(lambda _: Block(config), range(config.n_layer))))
        stem.add_module("ln_f", nn.LayerNorm(config.n_embd))
        self.transformer = stem
        self.lm_head = nn.Linear(config.n_embd, config.vocab_size, bias=False)
        setattr(self.lm_head, "weight", stem.wte.weight)
        self.init_weights(generator)


@right("init_weights", "block by block, by hand")
class _:
    def init_weights(self, generator=None):
        t, narrow = self.transformer, 0.02 / (2 * self.config.n_layer) ** 0.5

        def linear(layer, std):
            layer.weight.data.normal_(0.0, std, generator=generator)
            layer.bias.data.zero_()

        for block in t.h:
            linear(block.attn.c_attn, 0.02)
            linear(block.attn.c_proj, narrow)
            linear(block.mlp.c_fc, 0.02)
            linear(block.mlp.c_proj, narrow)
            block.ln_1.reset_parameters()
            block.ln_2.reset_parameters()
        t.ln_f.reset_parameters()
        for table in (t.wpe, t.wte):
            table.weight.data.normal_(0.0, 0.02, generator=generator)


@right("gpt_forward", "early raise, nll_loss of log_softmax")
class _:
    def forward(self, idx, targets=None):
        T = idx.shape[-1]
        if self.config.block_size < T:
            raise ValueError("more tokens than positions")
        where = torch.arange(0, T, device=idx.device).unsqueeze(0)
        x = self.transformer.wpe(where) + self.transformer.wte(idx)
        for block in self.transformer.h:
            x = block(x)
        logits = self.lm_head(self.transformer.ln_f(x))
        loss = None
        if targets is not None:
            flat = F.log_softmax(logits.reshape(-1, logits.size(2)), dim=1)
            loss = F.nll_loss(flat, targets.reshape(-1))
        return logits, loss


@right("where_parameters", "shapes listed, products summed")
def _(config):
    C, L = config.n_embd, config.n_layer
    shapes = {
        "wte": [(config.vocab_size, C)],
        "wpe": [(config.block_size, C)],
        "attn": [(3 * C, C), (3 * C,), (C, C), (C,)] * L,
        "mlp": [(4 * C, C), (4 * C,), (C, 4 * C), (C,)] * L,
        "ln": [(C,), (C,)] * (2 * L + 1),
    }
    return {key: sum(math.prod(shape) for shape in rows) for key, rows in shapes.items()}


@right("our_name", "nested conditionals, the last two pieces by rsplit")
def _(name):
    *_, kind = ("x." + name).rsplit(".attn.", 1)
    if ".attn." in name and kind in ("bias", "masked_bias"):
        return None
    if name == "lm_head.weight":
        return "lm_head.weight"
    prefix = "transformer."
    return name if name[: len(prefix)] == prefix else prefix + name


@right("our_name", "a set of endings, any()")
def _(name):
    if any(name.endswith(end) for end in {".attn.bias", ".attn.masked_bias"}):
        return None
    if name != "lm_head.weight" and not name.startswith("transformer."):
        name = f"transformer.{name}"
    return name


@right("convert", "deep copies, transposed afterwards")
def _(state_dict):
    import copy

    ours = {}
    for name, tensor in state_dict.items():
        new = our_name(name)
        if new is not None:
            ours[new] = copy.deepcopy(tensor.detach()).contiguous()
    for name in ours:
        if name.endswith(
            ("attn.c_attn.weight", "attn.c_proj.weight", "mlp.c_fc.weight", "mlp.c_proj.weight")
        ):
            a, b = ours[name].shape
            turned = torch.zeros(b, a, dtype=ours[name].dtype, device=ours[name].device)
            turned += ours[name].T
            ours[name] = turned
    table = ours["transformer.wte.weight"]
    head = ours.setdefault("lm_head.weight", table.clone())
    if head.shape != table.shape or (head != table).any():
        raise ValueError("lm_head.weight is another table than wte.weight")
    return ours


@right("config_from", "removeprefix and partition")
def _(weights, n_head):
    vocab_size, n_embd = weights["transformer.wte.weight"].size()
    if n_embd % n_head > 0:
        raise ValueError("the heads do not fit")
    numbers = [
        name.removeprefix("transformer.h.").partition(".")[0]
        for name in weights
        if "transformer.h." in name
    ]
    return GPTConfig(
        n_layer=max(map(int, numbers)) + 1,
        n_head=n_head,
        n_embd=n_embd,
        vocab_size=vocab_size,
        block_size=weights["transformer.wpe.weight"].size(0),
    )


@right("load_into", "set differences, then one loop")
def _(model, weights):
    own = model.state_dict()
    if missing := set(own) - set(weights):
        raise KeyError(f"missing in weights: {missing}")
    if unknown := set(weights) - set(own):
        raise KeyError(f"not in the model: {unknown}")
    for name in own:
        if own[name].shape != weights[name].shape:
            raise ValueError(f"{name}: {own[name].shape} and {weights[name].shape}")
    for name in own:
        own[name].copy_(weights[name].detach())


@right("generate_topk", "a list of pieces, joined for each call")
def _(model, idx, n_new, k=50, generator=None):
    S = model.config.block_size
    pieces = [idx]
    for _ in range(n_new):
        text = torch.cat(pieces, dim=1)[:, -S:]
        last = model(text)[:, -1]
        many = min(k, last.size(-1))
        values, where = torch.topk(last, many, dim=-1, largest=True, sorted=True)
        weights = torch.softmax(values, -1)
        pick = torch.multinomial(weights, 1, generator=generator)
        pieces.append(torch.gather(where, -1, pick))
    return torch.cat(pieces, dim=1)


@right("text_loss", "window means weighted by their lengths")
def _(model, ids):
    S, N = model.config.block_size, ids.shape[0]
    losses, counts, begin = [], [], 0
    while begin < N - 1:
        window = ids[begin : begin + S + 1]
        x, y = window[:-1], window[1:]
        losses.append(F.cross_entropy(model(x.unsqueeze(0)).squeeze(0), y).item())
        counts.append(len(y))
        begin += S
    return sum(a * n for a, n in zip(losses, counts, strict=True)) / sum(counts)


@right("document_tokens", "concatenate, checked with any()")
def _(text, encode, eot):
    tokens = encode(text)
    if any(not 0 <= token <= 0xFFFF for token in (eot, *tokens)):
        raise ValueError("16 bits are too few")
    return np.concatenate([np.array([eot], np.uint16), np.array(tokens, np.uint16)])


@right("write_shards", "a bytearray between documents and files")
def _(documents, shard_size, folder):
    paths, waiting, size = [], bytearray(), 2 * shard_size

    def write(raw):
        name = os.path.join(folder, "shard_%04d.npy" % len(paths))
        np.save(name, np.frombuffer(bytes(raw), dtype=np.uint16))
        paths.append(name)

    for document in documents:
        waiting += np.ascontiguousarray(document, dtype=np.uint16).tobytes()
        while len(waiting) >= size:
            write(waiting[:size])
            del waiting[:size]
    if waiting:
        write(waiting)
    return paths


@right("load_tokens", "a LongTensor made from an int64 copy")
def _(path):
    shard = np.load(path, mmap_mode="r")
    out = torch.empty(len(shard), dtype=torch.long)
    out.numpy()[:] = shard
    return out


@right("next_batch", "narrow, and a copy of the piece")
class _:
    def next_batch(self):
        n = self.B * self.T
        need = self.position + n * self.world + 1
        while need > self.tokens.numel():
            self.open((self.shard + 1) % len(self.paths))
            need = self.position + n * self.world + 1
        piece = self.tokens.narrow(0, self.position + n * self.rank, n + 1).clone()
        self.position = need - 1
        return piece[:n].reshape(self.B, self.T), piece[1:].reshape(self.B, self.T)

    def reset(self):
        self.open(0, 0)


@right("loader_state", "int() and a copy of the dict first")
class _:
    def state_dict(self):
        state = {}
        state["shard"], state["position"] = int(self.shard), int(self.position)
        return state

    def load_state_dict(self, state):
        self.open(**dict(state))


@right("adamw_update", "corrections folded into factors of the averages")
def _(p, grad, m, v, t, lr, betas, eps, weight_decay):
    b1, b2 = betas
    m = m + (1 - b1) * (grad - m)
    v = b2 * v + (1 - b2) * grad.square()
    root = torch.sqrt(v) / (1 - b2**t) ** 0.5 + eps
    return p - lr * weight_decay * p - lr / (1 - b1**t) * m / root, m, v


@right("adamw_step", "try and except KeyError for the state")
class _:
    def step(self):
        for group in self.groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                try:
                    t, m, v = self.state[p]
                except KeyError:
                    t, m, v = (
                        0,
                        torch.zeros_like(p, requires_grad=False),
                        torch.zeros_like(p, requires_grad=False),
                    )
                with torch.no_grad():
                    after = adamw_update(
                        p, p.grad, m, v, t + 1, self.lr, self.betas, self.eps, group["weight_decay"]
                    )
                    p.copy_(after[0])
                self.state[p] = (t + 1, *after[1:])


@right("decay_groups", "named_parameters, sorted into a dict")
def _(model, weight_decay):
    kinds = {True: [], False: []}
    for _name, p in model.named_parameters():
        if p.requires_grad:
            kinds[p.dim() >= 2].append(p)
    return [
        {"params": kinds[True], "weight_decay": weight_decay},
        {"params": kinds[False], "weight_decay": 0.0},
    ]


@right("clip_global_norm", "torch's total norm, then the factor by hand")
def _(params, max_norm):
    params = [p for p in params if p.grad is not None]
    if len(params) == 0:
        return torch.zeros(())
    norm = torch.nn.utils.get_total_norm([p.grad for p in params])
    if norm.item() > max_norm:
        torch._foreach_mul_([p.grad for p in params], (max_norm / (norm + 1e-6)).item())
    return norm


@right("clip_global_norm", "norm of the norms")
def _(params, max_norm):
    grads = [p.grad.detach() for p in params if p.grad is not None]
    norms = [torch.linalg.vector_norm(g) for g in grads]
    if not norms:
        return torch.tensor(0.0)
    norm = torch.linalg.vector_norm(torch.stack(norms))
    over = bool(norm > max_norm)
    for g in grads if over else ():
        g.div_((norm + 1e-6) / max_norm)
    return norm


@right("pad_vocab", "whole tiles, and one more if something is left")
def _(n, multiple=128):
    import math

    tiles = n // multiple
    return math.prod((tiles + bool(n - tiles * multiple), multiple))


@right("pad_vocab", "a generator that counts upwards")
def _(n, multiple=128):
    return next(m for m in range(n, n + multiple) if m % multiple == 0)


@right("micro_loss", "picks the counted positions first, then one sum")
def _(model, x, y, total, dtype=None):
    around = contextlib.nullcontext()
    if dtype is not None:
        around = torch.autocast(device_type=x.device.type, dtype=dtype)
    with around:
        logits = model(x)
        counted = y != -100
        return F.cross_entropy(logits[counted], y[counted], reduction="sum") / total


@right("micro_loss", "a nested function, reshape")
def _(model, x, y, total, dtype=None):
    def loss():
        logits = model(x)
        V = logits.shape[-1]
        return F.cross_entropy(
            logits.reshape(-1, V), y.reshape(-1), ignore_index=-100, reduction="sum"
        ).div(total)

    if dtype is None:
        return loss()
    with torch.autocast(device_type=x.device.type, dtype=dtype):
        return loss()


@right("accumulate", "detached shares added up in float64")
def _(model, micro_batches, device="cpu", dtype=None):
    total = int(sum(torch.ne(y, -100).sum() for _, y in micro_batches))
    loss_sum = torch.zeros((), device=device, dtype=torch.float64)
    for i in range(len(micro_batches)):
        x, y = micro_batches[i]
        share = micro_loss(model, x.to(device), y.to(device), total, dtype)
        torch.autograd.backward(share)
        loss_sum += share.detach()
    return loss_sum.item()


@right("accumulate", "a helper that does one micro-batch; sum over map")
def _(model, micro_batches, device="cpu", dtype=None):
    total = sum((y != -100).sum().item() for _, y in micro_batches)

    def one(pair):
        share = micro_loss(model, pair[0].to(device), pair[1].to(device), total=total, dtype=dtype)
        share.backward()
        return share.item()

    return sum(map(one, micro_batches))


@right("set_up", "fused as a key that is always there; conditional return")
def _(model, lr, weight_decay, device="cpu", compile=False):
    torch.set_float32_matmul_precision("high")
    moved = model.to(torch.device(device))
    kwargs = dict(lr=lr, betas=(0.9, 0.95), eps=1e-8)
    kwargs["fused"] = device.startswith("cuda")
    optimizer = torch.optim.AdamW(param_groups(moved, weight_decay), **kwargs)
    if not compile:
        return moved, optimizer
    return torch.compile(moved), optimizer


@right("train_step", "rates first, clip_grad_norm_ on a list")
def _(model, optimizer, micro_batches, lr, max_norm=1.0, device="cpu", dtype=None):
    model.zero_grad(set_to_none=True)
    for group in optimizer.param_groups:
        group["lr"] = lr
    result = {"loss": accumulate(model, micro_batches, device, dtype)}
    result["norm"] = float(torch.nn.utils.clip_grad_norm_(list(model.parameters()), max_norm))
    optimizer.step()
    return result


@right("train_step", "one long vector for the norm")
def _(model, optimizer, micro_batches, lr, max_norm=1.0, device="cpu", dtype=None):
    for p in model.parameters():
        p.grad = None
    loss = accumulate(model, list(micro_batches), device, dtype)
    params = [p for p in model.parameters() if p.grad is not None]
    norm = torch.cat([p.grad.flatten() for p in params]).norm()
    factor = torch.clamp(max_norm / (norm + 1e-6), max=1.0)
    for p in params:
        p.grad *= factor
    for i, _ in enumerate(optimizer.param_groups):
        optimizer.param_groups[i].update({"lr": lr})
    optimizer.step()
    return dict(loss=loss, norm=norm.item())


@right("mfu", "seconds per token, as it is and as it could be")
def _(tokens_per_s, n_params, n_layer, n_head, head_size, T, peak):
    attention = 12 * n_layer * n_head * head_size * T
    at_best = (6 * n_params + attention) / peak
    return at_best * tokens_per_s


@right("get_lr", "nested conditional expression")
def _(it, max_lr, min_lr, warmup_steps, max_steps):
    w, m = warmup_steps, max_steps
    down = max_lr - min_lr
    return (
        max_lr * (it + 1) / w
        if it < w
        else min_lr
        if it > m
        else max_lr - down * (1 - math.cos(math.pi * (it - w) / (m - w))) / 2
    )


@right("get_lr", "the floor by min() on the step, numpy's cosine")
def _(it, max_lr, min_lr, warmup_steps, max_steps):
    import numpy as np

    if it < warmup_steps:
        return max_lr * ((it + 1) / warmup_steps)
    it = min(it, max_steps)
    share = 0.5 + 0.5 * float(np.cos(np.pi * (it - warmup_steps) / (max_steps - warmup_steps)))
    return float(share * (max_lr - min_lr) + min_lr)


@right("share_of_batch", "narrow; x and y on their own")
def _(tokens, B, T, rank, world_size, step):
    begin = step * (world_size * B * T) + rank * (B * T)
    return tuple(tokens.narrow(0, begin + shift, B * T).reshape(B, T) for shift in (0, 1))


@right("share_of_batch", "rows stacked in a loop, copies")
def _(tokens, B, T, rank, world_size, step):
    x, y = torch.zeros(B, T, dtype=tokens.dtype), torch.zeros(B, T, dtype=tokens.dtype)
    at = B * T * (rank + world_size * step)
    for b in range(B):
        x[b] = tokens[at : at + T]
        y[b] = tokens[at + 1 : at + T + 1]
        at += T
    return x, y


@right("accumulation_steps", "a Fraction")
def _(total_batch, B, T, world_size):
    from fractions import Fraction

    share = Fraction(total_batch, B * T * world_size)
    if share.denominator != 1 or share < 1:
        raise ValueError("no whole number of micro-batches")
    return share.numerator


@right("accumulation_steps", "math.gcd of the two")
def _(total_batch, B, T, world_size):
    import math

    once = B * T * world_size
    if total_batch < 1 or math.gcd(total_batch, once) != once:
        raise ValueError(f"{once} does not divide {total_batch}")
    return int(total_batch // once)


@right("broadcast_weights", "module by module, .data")
def _(model, broadcast):
    for module in model.modules():
        for p in module._parameters.values():
            if p is not None:
                broadcast(p.data, 0)
        for b in module._buffers.values():
            if b is not None:
                broadcast(b.data, 0)


@right("broadcast_weights", "the decorator's form of no_grad around a helper")
def _(model, broadcast):
    @torch.no_grad()
    def send(tensors):
        for tensor in tensors:
            broadcast(tensor, 0)

    send(model.parameters())
    send(model.buffers())


@right("average_gradients", "div_ under no_grad")
def _(model, world_size, all_reduce):
    with torch.no_grad():
        for _, p in model.named_parameters():
            grad = p.grad
            if grad is None:
                continue
            all_reduce(grad)
            grad.div_(world_size)


@right("average_gradients", "first all sums, then all divisions")
def _(model, world_size, all_reduce):
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    for grad in grads:
        all_reduce(grad)
    for grad in grads:
        grad.copy_(grad / world_size)


@right("accumulate_synced", "nullcontext for the last, no_sync for the others")
def _(ddp, micro_batches):
    import contextlib

    ddp.require_backward_grad_sync = True
    n, total = len(micro_batches), 0.0
    for i, (x, y) in enumerate(micro_batches, 1):
        with contextlib.nullcontext() if i == n else ddp.no_sync():
            logits = ddp(x)
            loss = F.cross_entropy(logits.reshape(-1, logits.size(-1)), y.reshape(-1))
            (loss / n).backward()
        total += loss.detach().item()
    return total / n


@right("accumulate_synced", "backward with a gradient of 1 / n")
def _(ddp, micro_batches):
    weight, losses = 1 / len(micro_batches), []
    *others, last = micro_batches
    for flag, pairs in ((False, others), (True, [last])):
        ddp.require_backward_grad_sync = flag
        for x, y in pairs:
            loss = F.cross_entropy(ddp(x).movedim(-1, 1), y)
            loss.backward(torch.full_like(loss, weight))
            losses.append(loss.detach())
    return torch.stack(losses).mean().item()


@right("report_loss", "copied into an empty tensor; write looked up by rank")
def _(loss, step, rank, world_size, all_reduce, write):
    mine = torch.empty_like(loss, requires_grad=False)
    mine.copy_(loss.detach())
    all_reduce(mine)
    mine /= world_size
    answer = mine.item()
    {True: write, False: lambda text: None}[rank == 0](f"step {step}: loss {answer:.4f}")
    return answer


@right("evaluation_loss", "a decorator's no_grad on a helper that returns sum and count")
def _(model, batches):
    @torch.no_grad()
    def tally(x, y):
        logp = model(x).log_softmax(-1)
        counts = y != -100
        picked = logp.gather(-1, y.where(counts, 0)[..., None])[..., 0]
        return -picked[counts].sum().item(), counts.sum().item()

    before = model.training
    model.eval()
    rows = [tally(x, y) for x, y in batches]
    model.train(before)
    total, n = map(sum, zip(*rows, strict=True))
    return total / n


@right("evaluation_loss", "train() only where it was training")
def _(model, batches):
    was_training = model.training
    if was_training:
        model.eval()
    loss, n = torch.zeros((), dtype=torch.float64), 0
    with torch.set_grad_enabled(False):
        for x, y in batches:
            logits = model(x)
            loss += F.cross_entropy(
                logits.view(-1, logits.shape[-1]), y.reshape(-1), reduction="sum", ignore_index=-100
            ).cpu()
            n += y.numel() - int((y == -100).sum())
    if was_training:
        model.train()
    return (loss / n).item()


@right("make_checkpoint", "clones by a recursive helper")
def _(model, optimizer, loader, generator, step):
    def twin(thing):
        if torch.is_tensor(thing):
            return thing.detach().clone()
        if isinstance(thing, dict):
            return {key: twin(value) for key, value in thing.items()}
        if isinstance(thing, (list, tuple)):
            return type(thing)(map(twin, thing))
        return thing

    return {
        "step": step,
        "generator": generator.get_state(),
        "position": loader.position,
        "optimizer": twin(optimizer.state_dict()),
        "model": twin(dict(model.state_dict())),
    }


@right("restore", "through a file in memory")
def _(checkpoint, model, optimizer, loader, generator):
    import io

    memory = io.BytesIO()
    torch.save(dict(checkpoint), memory)
    memory.seek(0)
    twin = torch.load(memory, weights_only=False)
    model.load_state_dict(twin["model"])
    optimizer.load_state_dict(twin["optimizer"])
    loader.position, step = twin["position"], twin["step"]
    generator.set_state(twin["generator"])
    return step


@wrong("save_atomic", "removed and written anew, by another spelling of the path")
def _(checkpoint, path):
    folder, name = os.path.split(path)
    path = os.path.join(folder, ".", name)
    if os.path.exists(path):
        os.unlink(path)
    with open(path, "wb") as file:
        torch.save(checkpoint, file)


@wrong("save_atomic", "the old one moved away first")
def _(checkpoint, path):
    if os.path.exists(path):
        os.rename(path, path + ".old")
    torch.save(checkpoint, path + ".tmp")
    os.replace(path + ".tmp", path)
    if os.path.exists(path + ".old"):
        os.remove(path + ".old")


@right("save_atomic", "the same name, in a folder beside it")
def _(checkpoint, path):
    import tempfile

    with tempfile.TemporaryDirectory(dir=os.path.dirname(path)) as folder:
        inner = os.path.join(folder, os.path.basename(path))
        torch.save(checkpoint, inner)
        os.replace(inner, path)


@right("save_atomic", "both steps in one try, temporary removed on failure")
def _(checkpoint, path):
    import contextlib

    name = os.fspath(path) + ".tmp"
    try:
        torch.save(checkpoint, name)
        os.replace(src=name, dst=path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


@right("pad_endings", "nested lists and len()")
def _(context, endings):
    longest = max(len(e) for e in endings)
    n = len(context)
    tokens, mask = [], []
    for e in endings:
        gap = longest - len(e)
        tokens.append(list(context) + list(e) + [0] * gap)
        mask.append([False] * n + [True] * len(e) + [False] * gap)
    return torch.tensor(tokens), torch.tensor(mask)


@right("pad_endings", "F.pad of each row, stacked")
def _(context, endings):
    T = len(context) + max(map(len, endings))

    def row(values):
        return F.pad(values, (0, T - len(values)))

    tokens = torch.stack([row(torch.tensor(context + e, dtype=torch.int64)) for e in endings])
    marks = [torch.cat([torch.zeros(len(context)), torch.ones(len(e))]) for e in endings]
    return tokens, torch.stack([row(mark) for mark in marks]).bool()


@right("completion_scores", "logsumexp and where")
def _(logits, tokens, mask):
    ahead, target, counts = logits[:, :-1], tokens[:, 1:], mask[:, 1:]
    chosen = torch.take_along_dim(ahead, target.unsqueeze(-1), dim=-1).squeeze(-1)
    logp = chosen - torch.logsumexp(ahead, dim=-1)
    total = torch.where(counts, logp, torch.zeros_like(logp)).sum(dim=-1)
    return total, total / counts.sum(dim=-1)


@right("accuracies", "the right one against the largest")
def _(totals, averages, labels):
    result = {}
    for name, scores in (("acc", totals), ("acc_norm", averages)):
        result[name] = (scores.max(dim=1).indices == labels).sum().item() / len(labels)
    return result


@right("accuracies", "numpy")
def _(totals, averages, labels):
    hits = [t.cpu().numpy().argmax(axis=1) == labels.cpu().numpy() for t in (totals, averages)]
    return dict(zip(("acc", "acc_norm"), (float(h.mean()) for h in hits), strict=True))


@right("cache_update", "torch.concat of a list that may have one item")
class _:
    def update(self, k, v):
        self.k = torch.concat([t for t in (self.k, k) if t is not None], dim=2)
        self.v = torch.concat([t for t in (self.v, v) if t is not None], dim=2)
        return self.k, self.v


@right("cache_update", "a buffer twice as large when it is full, self.k the filled part")
class _:
    def update(self, k, v):
        old = len(self)
        new = old + k.shape[2]
        if old == 0 or self.room[0].shape[2] < new:
            room = []
            for t, before in ((k, self.k), (v, self.v)):
                B, H, _, size = t.shape
                buffer = t.new_zeros(B, H, 2 * new, size)
                if old:
                    buffer[:, :, :old] = before
                room.append(buffer)
            self.room = room
        for buffer, t in zip(self.room, (k, v), strict=True):
            buffer[:, :, old:new] = t
        self.k, self.v = (buffer[:, :, :new] for buffer in self.room)
        return self.k, self.v


@right("attend_past", "additive mask of -inf, einsum")
def _(q, k, v):
    T_q, T_k = q.shape[2], k.shape[2]
    bias = torch.full((T_q, T_k), float("-inf"), dtype=q.dtype, device=q.device).triu(T_k - T_q + 1)
    scores = torch.einsum("...qd,...kd->...qk", q, k) * (q.shape[3] ** -0.5)
    return torch.einsum("...qk,...kv->...qv", torch.softmax(scores + bias, dim=-1), v)


@right("embed_from", "wte[ids], added position by position")
def _(ids, wte, wpe, n_past):
    T = ids.shape[1]
    if len(wpe) - n_past < T:
        raise ValueError("block_size is reached")
    return torch.stack([wte[ids[:, t]] + wpe[n_past + t] for t in range(T)], dim=1)


@right("cached_attention", "unflatten, indices for the three")
class _:
    def forward(self, x, cache=None):
        C = x.shape[-1]
        qkv = self.c_attn(x).unflatten(-1, (3, self.n_head, C // self.n_head))
        q, k, v = (qkv[:, :, i].transpose(1, 2) for i in range(3))
        if isinstance(cache, KVCache):
            k, v = cache.update(k=k, v=v)
        heads = attend_past(q, k, v)
        return self.c_proj(heads.transpose(1, 2).contiguous().flatten(start_dim=2))


@right("cached_block", "one expression with a walrus")
class _:
    def forward(self, x, cache=None):
        return (y := x + self.attn(self.ln_1(x), cache)) + self.mlp(self.ln_2(y))


@right("cached_gpt", "enumerate, an own check before embed_from's")
class _:
    def forward(self, ids, caches=None):
        past = 0
        if caches is not None and len(caches) > 0:
            past = len(caches[0])
        if past + ids.size(1) > self.block_size:
            raise ValueError("longer than block_size")
        x = embed_from(ids, self.wte.weight, self.wpe.weight, past)
        for i, block in enumerate(self.h):
            x = block(x) if caches is None else block(x, caches[i])
        return torch.matmul(self.ln_f(x), self.wte.weight.t())


@right("generate_cached", "window and caches; room looked at by what is to be fed")
def _(model, ids, max_new_tokens, generator=None):
    text, caches = ids.clone(), []
    for _ in range(max_new_tokens):
        used = len(caches[0]) if caches else model.block_size
        if used >= model.block_size:
            caches = [KVCache() for _ in model.h]
            feed = text[:, max(0, text.shape[1] - model.block_size) :]
        else:
            feed = text[:, -1:]
        last = model(feed, caches)[:, -1, :]
        if generator is None:
            token = torch.argmax(last, dim=1).unsqueeze(1)
        else:
            token = torch.multinomial(torch.softmax(last, dim=1), 1, generator=generator)
        text = torch.cat((text, token), dim=1)
    return text


@right("cache_bytes", "torch.finfo's bits, whole division")
def _(config, B, T, dtype):
    numbers = 2 * config["n_layer"] * B * T * config["n_embd"]
    return numbers * torch.finfo(dtype).bits // 8


@right("cache_bytes", "math.prod")
def _(config, B, T, dtype):
    import math

    layer = math.prod((B, config["n_head"], T, config["n_embd"] // config["n_head"]))
    return math.prod((2, config["n_layer"], layer, dtype.itemsize))
