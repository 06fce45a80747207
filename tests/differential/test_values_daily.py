"""Everyday statements and what they give: values, printed text, strides, dtypes and warnings."""
from harness import case, expressions, named_program, run

NAMES = dict(m="torch.arange(12.).reshape(3, 4)", w="torch.arange(8.).reshape(4, 2)", k="torch.tensor([2, 0, 1])",
             g="torch.ones(3, 4, requires_grad=True)", z="torch.arange(120.).reshape(2, 3, 4, 5)", y="torch.tensor([[1, 2], [3, 4]])",
             o="torch.tensor([True, False, True])", c="torch.tensor([1+2j, -3j, 4])", e="torch.empty(0)",
             n="nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))", a="torch.randn(4, 4)", b="torch.randn(2, 3, 3, dtype=torch.double)",
             h="torch.tensor([1.5, -2.25, 3e4, 1e-7], dtype=torch.half)", f="torch.tensor([1.5, -2.25, 3e4, 1e-7], dtype=torch.bfloat16)",
             q="a @ a.T + torch.eye(4)", u="torch.tensor([3, 200, 7], dtype=torch.uint8)", x4="torch.randn(2, 3, 6, 6)")

# printed text
expressions(r'''
repr(torch.tensor([]))
repr(torch.tensor([[]]))
repr(torch.empty(2, 0, dtype=torch.long))
repr(torch.tensor(3))
repr(torch.tensor(3.))
repr(torch.tensor(-0.))
repr(torch.tensor(1e-10))
repr(torch.tensor([1e10, 1.]))
repr(torch.tensor([1e-3, 1e3, 1e5]))
repr(torch.tensor([1., 2.5, nan, inf, -inf]))
repr(torch.tensor([nan]))
repr(torch.tensor([1., inf]))
repr(torch.tensor([0.1, 100000000.]))
repr(torch.tensor([123456.789, 0.0001]))
repr(torch.tensor([1e38, 1e-38]))
repr(torch.tensor([True, False]))
repr(torch.tensor([[True], [False]]))
repr(u)
repr(h)
repr(f)
repr(c)
repr(torch.tensor(1+2j))
repr(torch.tensor([1e10+1j, 2j]))
repr(torch.tensor([1+1j]).real)
repr(torch.tensor([1, -200, 30000]))
repr(torch.tensor([1, -200, 30000], dtype=torch.int16))
repr(torch.tensor([0.5], dtype=torch.double))
repr(g)
repr(g * 2)
repr((g * 2).sum())
repr(g[0])
repr(g.detach())
repr(g.double())
repr(torch.arange(1001))
repr(torch.arange(3000.).reshape(50, 60))
repr(torch.arange(2000).reshape(2, 1000))
repr(torch.arange(40))
repr(torch.arange(100.) / 7)
repr(torch.zeros(2, 3, 4))
repr(torch.zeros(1, 1, 1, 1))
repr(torch.zeros(3, 0, 2))
repr(z)
repr(torch.ones(2, device="meta"))
repr(nn.Parameter(m))
repr(nn.Parameter(torch.tensor(1.)))
str(m.t())
str(m[::2, 1:3])
f"{torch.tensor(3.14159):.2f}"
f"{torch.tensor(7):5d}|"
f"{torch.tensor(0.5)}"
f"{m[0]}"
"%.3f" % torch.tensor(2.5)
"%s" % torch.tensor([1, 2])
"{:>8}".format(torch.tensor(2).item())
"{:e}".format(torch.tensor(12345.678))
repr(m.shape)
str(m.size())
repr(torch.Size([2, 3]) + torch.Size([4]))
repr(m.dtype)
repr(m.device)
str(m.device)
repr(torch.device("cuda:1"))
repr(m.layout)
repr(torch.strided)
repr(torch.contiguous_format)
repr(torch.finfo(torch.float32))
repr(torch.iinfo(torch.int8))
repr(torch.finfo(torch.bfloat16))
repr(torch.max(m, 0))
repr(torch.sort(k))
repr(m.topk(2))
repr(torch.linalg.qr(torch.eye(2)))
repr(torch.unique(k, return_counts=True))
repr(torch.linalg.eigh(torch.eye(2)))
repr(m.mode())
repr(torch.Generator())[:24]
repr(n)
repr(n[0].weight.shape)
repr(nn.Conv2d(1, 2, 3, padding=1, bias=False))
repr(nn.Conv2d(1, 2, (3, 5), stride=(2, 1), padding="same", dilation=1) if 0 else nn.Conv2d(4, 4, (3, 5), stride=(2, 1), groups=2))
repr(nn.ConvTranspose2d(1, 2, 3, stride=2, output_padding=1))
repr(nn.MaxPool2d(2))
repr(nn.AvgPool2d(2, 1, 1))
repr(nn.AdaptiveAvgPool2d((1, None)))
repr(nn.BatchNorm2d(3, affine=False))
repr(nn.LayerNorm((3, 4)))
repr(nn.GroupNorm(2, 4))
repr(nn.InstanceNorm1d(3))
repr(nn.Dropout(0.1, inplace=True))
repr(nn.Embedding(3, 4, padding_idx=0))
repr(nn.EmbeddingBag(3, 4, mode="sum"))
repr(nn.LSTM(4, 3, 2, batch_first=True, dropout=0.1, bidirectional=True))
repr(nn.GRUCell(4, 3, bias=False))
repr(nn.MultiheadAttention(4, 2))
repr(nn.TransformerEncoderLayer(4, 2, 8))
repr(nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8), 2))
repr(nn.Softmax(dim=1))
repr(nn.LeakyReLU(0.2))
repr(nn.PReLU(3))
repr(nn.GELU())
repr(nn.ELU(0.5, inplace=True))
repr(nn.Hardtanh(-2, 2))
repr(nn.Threshold(0.1, 20))
repr(nn.Softplus())
repr(nn.Flatten())
repr(nn.Unflatten(1, (2, 3)))
repr(nn.Upsample(scale_factor=2, mode="bilinear"))
repr(nn.PixelShuffle(2))
repr(nn.ZeroPad2d(1))
repr(nn.ReflectionPad2d((1, 2, 3, 4)))
repr(nn.Bilinear(2, 3, 4))
repr(nn.CosineSimilarity(dim=0))
repr(nn.CrossEntropyLoss())
repr(nn.MSELoss(reduction="sum"))
repr(nn.ModuleList([nn.Linear(1, 2), nn.ReLU()]))
repr(nn.ModuleDict({"a": nn.Linear(1, 2), "b": nn.Tanh()}))
repr(nn.ParameterList([nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2, 2))]))
repr(nn.ParameterDict({"x": nn.Parameter(torch.ones(2))}))
repr(nn.Sequential())
repr(nn.Identity(3))
repr(nn.Linear(3, 2, bias=False, dtype=torch.double))
repr(nn.utils.parametrizations.spectral_norm(nn.Linear(2, 2)))
repr(nn.utils.weight_norm(nn.Linear(2, 2)))
repr(nn.LazyLinear(3))
repr(torch.optim.SGD([g], 0.1))
repr(torch.optim.Adam([{"params": [g]}, {"params": [g.clone().detach().requires_grad_()], "lr": 1e-4}], 1e-3))
repr(torch.optim.AdamW([g]))
repr(torch.distributions.Normal(0., 1.))
repr(torch.distributions.Categorical(torch.ones(3)))
repr(torch.distributions.MultivariateNormal(torch.zeros(2), torch.eye(2)))
repr(torch.jit.script(nn.Linear(2, 2)))
repr(g.grad_fn)
repr((g + 1).grad_fn)[:20]
repr((g @ w).grad_fn.next_functions[0][0])[:25]
repr(torch.no_grad())[:30]
repr(torch.is_grad_enabled())
repr(torch.nn.functional.relu)[:15]
repr(torch.float)
repr(m.storage())
repr(torch.tensor([1, 2]).storage())
m.storage().tolist()[:3]
len(m.storage())
repr(dict(n.named_parameters()).keys())
repr([p.shape for p in n.parameters()])
repr(list(n.state_dict()))
repr(type(m))
repr(type(nn.Parameter(m)))
m.type()
y.type()
h.type()
torch.typename(m)
torch.set_printoptions(precision=2); repr(m / 3)
torch.set_printoptions(sci_mode=True); repr(m)
torch.set_printoptions(threshold=5, edgeitems=1); repr(m)
torch.set_printoptions(linewidth=30); repr(m)
''', **NAMES)

# values, strides, dtypes, warnings
expressions(r'''
m.t()
m.t().contiguous()
m.t() + 1
m.t() * m.t()
m + m.t().t()
z.permute(3, 0, 1, 2)
z.permute(3, 0, 1, 2).clone()
z.permute(3, 0, 1, 2).exp()
z.permute(0, 2, 3, 1).sum(0)
z.transpose(1, 2).reshape(2, 12, 5)
z.transpose(1, 2).flatten(1)
torch.zeros_like(z.permute(1, 0, 3, 2))
torch.empty_like(m.t()).stride()
torch.rand_like(m.t())
z.to(memory_format=torch.channels_last)
z.to(memory_format=torch.channels_last) + 1
z.to(memory_format=torch.channels_last).mean((2, 3), keepdim=True)
z.to(memory_format=torch.channels_last)[:, :1]
m.expand(2, 3, 4)
m.expand(2, 3, 4) + 1
m[:, None].expand(3, 2, 4).sum(0)
m.unfold(1, 2, 1)
m.as_strided((2, 2), (1, 2), 1)
m[:, [0, 2]]
m[[0, 2]]
m[k]
m[k, k]
m[:, None, k]
m[o]
m[o, 1:3]
m[m > 3]
z[:, [0, 1], :, [2, 3]]
z[0, ..., [1, 2]]
z[..., 0]
z[:, k[:2]][..., k]
m[1, ::2]
m[..., None]
m[-1]
m[1:1]
torch.where(m > 5, m, -m)
torch.where(m > 5, 1., 0.)
torch.where(m > 5, m, 0)
torch.where(o)
torch.cat([m, m.t().reshape(3, 4)], 1)
torch.cat([m.t(), m.t()])
torch.cat([m, y.float().repeat(1, 2)])
torch.cat([m, torch.ones(1, 4).int()])
torch.stack([m, m], 2)
torch.split(m, 2, dim=1)[1]
m.chunk(2)
m.unbind(1)[0]
torch.meshgrid(k, k)
torch.meshgrid(k, k, indexing="xy")
torch.sum(y)
y.sum(0)
y.float().mean()
y.prod()
o.sum()
u.sum()
u + 100
u - 201
-u
u // 2
u * 1.5
u / 2
y / 2
y // 2
y % 3
-y // 2
y ** 2
y ** 0.5
2 ** y
y ** -1.
m.int() // 3
m % -3
-m % 3
torch.fmod(-m, 3)
torch.remainder(m - 5, 3)
torch.div(m - 6, 4, rounding_mode="floor")
torch.div(y - 6, 4, rounding_mode="trunc")
y + 1.5
y + torch.tensor(1.5)
y + torch.tensor([1.5])
y + torch.tensor(1.5, dtype=torch.double)
h + m[0]
h + 1e-4
f + h
f * 3
c * 2
c + m[0, :3]
c.abs()
c.angle()
c.conj()
c.conj().sum()
torch.view_as_real(c)
o + o
o * 3
o & ~o
o.float() @ m
(m > 3).sum(1)
(m == m.max()).nonzero()
m.max()
m.max(1)
m.min(dim=0, keepdim=True)
m.argmax()
m.argmax(1, keepdim=True)
m.std()
m.std(0)
m.var(1, unbiased=False)
torch.var_mean(m, 0)
m.norm()
m.norm(dim=1)
m.norm(p=1)
m.median()
m.median(1)
torch.quantile(m, 0.3)
torch.quantile(m, torch.tensor([.1, .9]), dim=1)
m.cumsum(1)
y.cumprod(0)
m.logsumexp(1)
m.softmax(1)
F.softmax(m)
F.log_softmax(m[0])
torch.topk(m, 2, largest=False)
m.sort(descending=True)
torch.argsort(k)
k.unique()
torch.tensor([1, 1, 2, 3, 3]).unique(return_inverse=True, return_counts=True)
torch.unique_consecutive(torch.tensor([1, 1, 2, 1]))
torch.bincount(k, minlength=5)
torch.histc(m, 4)
m.flip(0)
m.roll(1, 1)
torch.rot90(m)
m.tril()
m.triu(1)
torch.diag(m[0])
torch.diag(m)
m.diagonal()
torch.diag_embed(m)
torch.trace(m)
torch.eye(3)[k]
F.one_hot(k, 4)
m.gather(1, y.repeat(1, 1)[:, :1].clamp(max=3))
m.scatter(1, torch.tensor([[0], [1], [2]]), 9.)
torch.zeros(3, 4).scatter_add(0, torch.tensor([[0, 0, 1, 1]]), torch.ones(1, 4))
m.index_add(0, k, m)
m.masked_fill(m > 5, -inf)
torch.clamp(m, 2, 5)
m.clamp(min=3)
torch.linspace(0, 1, 5)
torch.arange(0, 1, 0.3)
torch.arange(5, 0, -2)
torch.logspace(0, 2, 3)
torch.full((2, 2), 7)
torch.full((2,), True)
torch.tensor([1, 2.])
torch.tensor([[1, 2], [3, 4]], dtype=torch.float16)
torch.as_tensor([1, True])
torch.tensor([1, 2, 3])[torch.tensor(1)]
torch.tensor(m)
torch.tensor(g)
torch.rand(3)
torch.randn(2, 3)
torch.randint(10, (4,))
torch.randperm(6)
torch.normal(0., 1., (3,))
torch.empty(3).uniform_(-1, 1)
torch.bernoulli(torch.full((5,), .5))
torch.multinomial(torch.tensor([.1, .2, .7]), 5, replacement=True)
torch.einsum("ij,jk->ik", m, w)
torch.einsum("ij->ji", m)
torch.einsum("bij,bjk->bik", b, b)
torch.einsum("ii", a)
torch.einsum("i,j->ij", m[0], m[1])
m @ w
z @ z.transpose(2, 3)
torch.bmm(b, b)
torch.mv(m, m[0])
torch.dot(m[0], m[1])
torch.outer(m[0], m[1])
torch.tensordot(m, w, 1)
torch.kron(y, y)
torch.cross(m[:, :3], m[:, 1:])
torch.cdist(m, m)
torch.inverse(a)
torch.linalg.inv(a)
torch.linalg.inv(b)
torch.linalg.solve(a, a[:, :2])
torch.linalg.solve(a, a[0])
torch.linalg.solve(b, b)
torch.linalg.qr(a)
torch.linalg.qr(a[:, :2])
torch.linalg.qr(b)
torch.qr(a)
torch.linalg.cholesky(q)
torch.cholesky(q)
torch.linalg.cholesky(q, upper=True)
torch.cholesky_solve(q[:, :2], torch.linalg.cholesky(q))
torch.cholesky_inverse(torch.linalg.cholesky(q))
torch.linalg.svd(q)[1]
[t.stride() for t in torch.linalg.svd(a)]
[t.stride() for t in torch.linalg.svd(a[:, :2], full_matrices=False)]
[t.stride() for t in torch.svd(a)]
torch.linalg.svdvals(a)
torch.linalg.eigvalsh(q)
[t.stride() for t in torch.linalg.eigh(q)]
[t.stride() for t in torch.linalg.eigh(b)]
[t.stride() for t in torch.linalg.eig(a)]
torch.linalg.det(a)
torch.linalg.slogdet(a)
torch.linalg.lstsq(a, a[:, :2]).solution
torch.linalg.matrix_rank(q)
torch.linalg.pinv(a)
torch.linalg.pinv(a[:, :2])
torch.linalg.matrix_power(a, 3)
torch.linalg.norm(a, "nuc")
torch.linalg.cond(a)
torch.lu(a)
torch.linalg.lu(a)
torch.linalg.lu_factor(a)
torch.linalg.solve_triangular(a.triu(), a[:, :2], upper=True)
torch.triangular_solve(a[:, :2], a.triu())
torch.lstsq
torch.symeig(q)
torch.matrix_exp(a / 4)
torch.linalg.multi_dot([m, w, w.T])
torch.linalg.tensorsolve(torch.eye(6).reshape(2, 3, 2, 3), torch.ones(2, 3))
torch.fft.fft(m[0])
torch.fft.rfft(m)
torch.fft.ifft(torch.fft.fft(m))
torch.fft.fftshift(m)
torch.fft.fftfreq(4)
F.conv1d(torch.ones(1, 2, 5), torch.ones(3, 2, 3))
F.conv2d(x4, torch.randn(4, 3, 3, 3), padding=1)[0, 0]
F.conv2d(x4.to(memory_format=torch.channels_last), torch.randn(4, 3, 3, 3)).stride()
F.conv_transpose2d(x4, torch.randn(3, 2, 3, 3), stride=2).sum((2, 3))
F.max_pool2d(x4, 2)[0, 0]
F.max_pool2d(x4, 3, 2, 1, return_indices=True)[1][0, 0]
F.avg_pool2d(x4, 2)[0, 0]
F.adaptive_avg_pool2d(x4, 4)[0, 0]
F.adaptive_max_pool2d(x4, (2, 3))[0, 0]
F.interpolate(x4, scale_factor=2)[0, 0, 0]
F.interpolate(x4, size=(3, 9), mode="bilinear", align_corners=False)[0, 0]
F.interpolate(x4, scale_factor=1.5, mode="bicubic")[0, 0, 0]
F.interpolate(x4, scale_factor=0.5, mode="bilinear", antialias=True)[0, 0]
F.upsample(x4, scale_factor=2)[0, 0, 0]
F.pad(m, (1, 2))
F.pad(m, (1, 1, 2, 0), value=9)
F.pad(x4, (1, 1), mode="reflect")[0, 0, 0]
F.pad(x4, (2, 2, 1, 1), mode="circular").stride()
F.unfold(x4, 3)[0, :3, :3]
F.pixel_shuffle(torch.arange(16.).reshape(1, 4, 2, 2), 2)
F.grid_sample(x4, F.affine_grid(torch.eye(2, 3).expand(2, 2, 3), (2, 3, 4, 4)))[0, 0]
F.layer_norm(m, (4,))
F.group_norm(z, 3)[0, 0, 0]
F.batch_norm(m, torch.zeros(4), torch.ones(4), training=True)
F.instance_norm(z)[0, 0]
F.normalize(m)
F.cosine_similarity(m, m + 1)
F.pairwise_distance(m, m + 1)
F.gelu(m - 6)
F.gelu(m - 6, approximate="tanh")
F.silu(m - 6)
F.mish(m - 6)
F.elu(m - 6)
F.selu(m - 6)
F.softplus(m - 6)
F.hardswish(m - 6)
F.hardsigmoid(m - 6)
F.leaky_relu(m - 6)
F.relu6(m)
F.logsigmoid(m - 6)
F.softsign(m)
F.tanhshrink(m)
F.glu(m)
F.tanh(m)
F.sigmoid(m)
F.dropout(m, 0.5)
F.dropout(m, 0.5, training=False) is m
F.dropout2d(x4)[0, :, 0, 0]
F.dropout2d(m)
F.alpha_dropout(m, 0.3)
F.gumbel_softmax(m, hard=True)
F.cross_entropy(m, torch.tensor([0, 1, 2]))
F.cross_entropy(m, torch.tensor([0, 1, 2]), label_smoothing=0.1)
F.cross_entropy(m, m.softmax(1))
F.cross_entropy(m, torch.tensor([0, -100, 2]), reduction="none")
F.cross_entropy(m, torch.tensor([0, 1, 2]), weight=torch.arange(4.))
F.nll_loss(m.log_softmax(1), torch.tensor([0, 1, 2]), size_average=False)
F.mse_loss(m, m + 1)
F.mse_loss(m, m[0])
F.l1_loss(m, m[:, :1])
F.smooth_l1_loss(m, m * 1.1)
F.huber_loss(m, m * 1.3, delta=0.5)
F.binary_cross_entropy(torch.tensor([.2, 1., 0.]), torch.tensor([0., 1, 1]))
F.binary_cross_entropy_with_logits(m, torch.ones(3, 4), pos_weight=torch.arange(4.))
F.kl_div(m.log_softmax(1), m.softmax(1))
F.kl_div(m.log_softmax(1), m.softmax(1), reduction="batchmean")
F.triplet_margin_loss(m, m + 1, m - 1)
F.ctc_loss(torch.randn(5, 2, 3).log_softmax(2), torch.tensor([[1, 2], [2, 1]]), (5, 5), (2, 2))
nn.MSELoss(reduce=False)(m, m + 1)
nn.Softmax()(m)
nn.Linear(4, 3)(m)
nn.LSTM(4, 3)(torch.ones(5, 2, 4))[0]
nn.LSTM(4, 3, batch_first=True)(torch.ones(5, 2, 4))[0].stride()
nn.GRU(4, 3, bidirectional=True)(torch.ones(5, 2, 4))[1]
nn.RNN(4, 3, dropout=0.5)(torch.ones(5, 2, 4))[1]
nn.MultiheadAttention(4, 2)(torch.ones(5, 2, 4), torch.ones(5, 2, 4), torch.ones(5, 2, 4))
nn.MultiheadAttention(4, 2, batch_first=True)(torch.ones(5, 2, 4), torch.ones(5, 2, 4), torch.ones(5, 2, 4))[0].stride()
nn.TransformerEncoderLayer(4, 2, 8, 0.)(torch.ones(5, 2, 4))
nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8, 0., batch_first=True), 1).eval()(torch.randn(2, 5, 4))
nn.Embedding(5, 3, max_norm=1)(torch.tensor([1, 2]))
nn.Embedding(5, 3, padding_idx=1).weight
nn.EmbeddingBag(5, 3)(torch.tensor([[1, 2], [0, 4]]))
nn.Bilinear(4, 4, 2)(m, m)
nn.Conv2d(3, 2, 3, padding_mode="circular", padding=1)(x4)[0, 0]
nn.BatchNorm2d(3)(x4).mean((0, 2, 3))
nn.BatchNorm1d(4)(m).grad_fn.name()
nn.Conv2d(3, 2, 3)(x4).grad_fn.name()
nn.Linear(4, 3)(m).grad_fn.next_functions[0][0].name()
nn.utils.clip_grad_norm_([g], 1)
nn.utils.rnn.pad_sequence([m, m[:2]], batch_first=True)
nn.utils.rnn.pack_padded_sequence(z[0], [4, 2, 1, 1][:4], enforce_sorted=True).data if 0 else nn.utils.rnn.pack_padded_sequence(torch.ones(4, 3, 2), [4, 2, 1])
nn.init.xavier_uniform_(torch.empty(2, 3))
nn.init.kaiming_normal_(torch.empty(2, 3))
nn.init.orthogonal_(torch.empty(3, 3))
nn.init.trunc_normal_(torch.empty(4))
nn.init.calculate_gain("leaky_relu", 0.2)
nn.init.zeros_(torch.empty(0, 2))
torch.nn.functional.linear(z, torch.ones(2, 5)).stride()
m.grad
(g * 2).grad
g.grad_fn
(g * 2).is_leaf
(g * g).sum().backward()
torch.autograd.grad((g ** 3).sum(), g, create_graph=True)
torch.autograd.grad((g[0] * 2).sum(), g)
torch.autograd.functional.jacobian(lambda t: t ** 2, m[0])
torch.autograd.functional.hessian(lambda t: (t ** 3).sum(), m[0])
g.sum().grad_fn.next_functions
g.to(torch.double).grad_fn.name()
g.view(-1)._base is g
m._version
m.add_(1)._version
m.is_contiguous(), m.t().is_contiguous()
m.data_ptr() == m[0].data_ptr()
m.element_size(), m.nelement(), m.ndim
m.storage_offset(), m[1:, 1:].storage_offset()
m.numpy().strides
torch.from_numpy(m.numpy().T)
m.to(torch.int).numpy()
m.tolist()
m[0, 1].item()
int(m[1, 1]), float(m[0, 2]), bool(m[0, 0])
m.T
z.T
m.mT
c.H
y.T.contiguous().stride()
torch.equal(m, m.clone())
torch.allclose(m, m + 1e-9)
torch.isclose(m, m * (1 + 1e-6))
torch.isnan(torch.tensor([nan, 1.]))
torch.nan_to_num(torch.tensor([nan, inf, -inf]))
torch.floor_divide(m, 2)
m.__floordiv__(2)
torch.symeig
torch.range(0, 3)
torch.norm(m, 2, dim=0)
torch.chain_matmul(m, w)
torch.tensor([1, 2]).volatile
m.reinforce
torch.promote_types(torch.int, torch.half)
torch.result_type(y, 1.5)
torch.can_cast(torch.float, torch.int)
torch.utils.data.default_collate([{"a": 1, "b": (2., "x")}, {"a": 3, "b": (4., "y")}])
list(torch.utils.data.DataLoader(range(5), batch_size=2))
list(torch.utils.data.DataLoader(range(5), batch_size=2, shuffle=True))
list(torch.utils.data.BatchSampler(range(5), 2, True))
[list(s) for s in torch.utils.data.random_split(range(6), [2, 4])]
torch.distributions.Normal(0., 1.).sample((3,))
torch.distributions.Categorical(torch.tensor([.2, .8])).log_prob(torch.tensor(1))
torch.distributions.kl_divergence(torch.distributions.Normal(0., 1.), torch.distributions.Normal(1., 2.))
torch.distributions.Dirichlet(torch.ones(3)).sample()
torch.vmap
torch.cov(m)
torch.corrcoef(m)
torch.diff(m)
torch.gradient(m[0])
torch.trapezoid(m)
torch.cummax(m, 1)
torch.searchsorted(m[0], torch.tensor([1.5, 2]))
torch.bucketize(m, m[0])
torch.nanmean(torch.tensor([nan, 1, 3]))
torch.nansum(torch.tensor([nan, 1, 3]))
torch.tril_indices(3, 3)
torch.combinations(k)
torch.cartesian_prod(k, k[:2])
torch.repeat_interleave(k, k)
k.repeat(2, 2)
torch.vander(k)
torch.block_diag(m, y)
torch.atleast_3d(k)
torch.broadcast_tensors(m, m[0])
torch.aminmax(m)
torch.std_mean(m, 1)
torch.hypot(m, m)
torch.logaddexp(m, m)
torch.sinc(m)
torch.lgamma(m)
torch.erfinv(m / 12)
torch.special.expit(m)
torch.special.logsumexp(m, 0)
torch.special.entr(m)
torch.stft(torch.arange(16.), 8, return_complex=True)
torch.stft(torch.arange(16.), 8)
torch.istft(torch.stft(torch.arange(16.), 8, window=torch.hann_window(8), return_complex=True), 8, window=torch.hann_window(8))
torch.hann_window(5)
torch.sparse_coo_tensor([[0, 1], [1, 2]], [3., 4.], (2, 3)).to_dense()
repr(m.to_sparse())
torch.segment_reduce(torch.arange(6.), "sum", lengths=torch.tensor([2, 4]))
torch.complex(m, -m)[0]
torch.polar(m[0], m[1])
torch.nn.functional.embedding(k, m)
torch.overrides.is_tensor_like(m)
torch.is_floating_point(y), torch.is_complex(c), torch.is_nonzero(torch.tensor(1))
torch.get_num_threads() > 0
torch.are_deterministic_algorithms_enabled()
torch.backends.mps.is_available()
torch.cuda.device_count()
torch.initial_seed()
torch.get_rng_state().shape
torch.seed() != torch.seed()
torch.default_generator.initial_seed()
torch.Generator().manual_seed(3).initial_seed()
torch.rand(2, generator=torch.Generator().manual_seed(3))
torch.iinfo(torch.int64).max
torch.finfo(torch.half).eps
torch.pi, torch.inf, torch.e
''', **NAMES)

for text in ('''
e = nn.Embedding(5, 3, sparse=True)
e(torch.tensor([1, 3, 1])).sum().backward()
r = repr(e.weight.grad)
''', '''
e = nn.Embedding(5, 3, sparse=True)
e(torch.tensor([1, 3, 1])).sum().backward()
r = e.weight.grad.to_dense(), e.weight.grad.is_sparse, e.weight.grad.layout
''', '''
e = nn.Embedding(5, 3, sparse=True)
opt = torch.optim.SparseAdam(e.parameters(), 0.1)
for _ in range(2):
    opt.zero_grad()
    (e(torch.tensor([1, 3, 1])) ** 2).sum().backward()
    opt.step()
r = e.weight, opt.state_dict()["state"]
''', '''
e = nn.Embedding(5, 3, sparse=True)
opt = torch.optim.SGD(e.parameters(), 0.1, momentum=0.9)
for _ in range(2):
    opt.zero_grad()
    (e(torch.tensor([1, 3, 1])) ** 2).sum().backward()
    opt.step()
r = e.weight
''', '''
e = nn.Embedding(5, 3, sparse=True)
opt = torch.optim.Adagrad(e.parameters(), 0.1)
for _ in range(2):
    opt.zero_grad()
    (e(torch.tensor([1, 3, 1])) ** 2).sum().backward()
    opt.step()
r = e.weight
''', '''
e = nn.Embedding(5, 3, sparse=True)
opt = torch.optim.Adam(e.parameters(), 0.1)
e(torch.tensor([1, 3, 1])).sum().backward()
opt.step()
''', '''
e = nn.Embedding(5, 3, sparse=True)
opt = torch.optim.SGD(e.parameters(), 0.1, weight_decay=0.1)
e(torch.tensor([1, 3, 1])).sum().backward()
opt.step()
''', '''
x = torch.tensor([1+2j, 3-1j, 0.5j, 2.]).reshape(1, 1, 4)
r = F.conv1d(x, torch.tensor([1j, 2., 1 - 1j]).reshape(1, 1, 3))
''', '''
x = torch.randn(1, 2, 5, 5, dtype=torch.cfloat, requires_grad=True)
y = nn.Conv2d(2, 3, 3, dtype=torch.cfloat)(x)
r = y.detach(), torch.autograd.grad(y.abs().sum(), x)
''', '''
r = torch.tensor([1., 2, 3]).bfloat16() % 0.7, torch.fmod(torch.tensor([10.3, -7.7]).bfloat16(), 0.7), (torch.tensor([10.3, -7.7]).bfloat16() // 0.7)
'''):
    named_program(text)

run(__file__)
