"""Tensors without data: sizes, strides, dtype, device and grad_fn of what is computed on device meta."""
from harness import case, expressions, run

E = "lambda *sizes, **how: torch.empty(*sizes, device='meta', **how)"
L = "torch.empty(2, 3, dtype=torch.long, device='meta')"

expressions("""
nn.Conv2d(3, 4, 3, device='meta')(e(1, 3, 8, 8))
nn.Conv1d(3, 4, 3, device='meta')(e(1, 3, 8))
nn.Conv3d(3, 4, 3, device='meta')(e(1, 3, 8, 8, 8))
nn.ConvTranspose2d(3, 4, 3, device='meta')(e(1, 3, 8, 8))
nn.BatchNorm2d(3, device='meta')(e(2, 3, 4, 4))
nn.BatchNorm2d(3, device='meta').eval()(e(2, 3, 4, 4))
nn.LayerNorm(4, device='meta')(e(2, 4))
nn.GroupNorm(2, 4, device='meta')(e(2, 4, 3))
nn.functional.max_pool2d(e(1, 2, 4, 4), 2)
nn.functional.avg_pool2d(e(1, 2, 4, 4), 2)
nn.functional.adaptive_avg_pool2d(e(1, 2, 4, 4), 1)
nn.functional.adaptive_max_pool2d(e(1, 2, 4, 4), 1)
nn.Embedding(5, 3, device='meta')(L)
nn.Linear(3, 4, device='meta')(e(2, 3))
nn.functional.softmax(e(2, 3), 1)
nn.functional.log_softmax(e(2, 3), 1)
nn.functional.cross_entropy(e(2, 3), L[:, 0])
nn.functional.mse_loss(e(2), e(2))
nn.functional.binary_cross_entropy(e(2), e(2))
nn.functional.binary_cross_entropy_with_logits(e(2), e(2))
nn.functional.relu(e(2))
nn.functional.gelu(e(2))
nn.functional.dropout(e(2))
nn.functional.silu(e(2))
nn.functional.leaky_relu(e(2))
torch.sigmoid(e(2))
nn.LSTM(3, 4, device='meta')(e(2, 1, 3))[0]
nn.GRU(3, 4, device='meta')(e(2, 1, 3))[0]
nn.MultiheadAttention(4, 2, device='meta')(e(2, 1, 4), e(2, 1, 4), e(2, 1, 4))[0]
nn.TransformerEncoderLayer(4, 2, 8, device='meta')(e(2, 1, 4))
torch.einsum('ij,jk->ik', e(2, 3), e(3, 4))
torch.cat([e(2), e(3)])
torch.stack([e(2), e(2)])
nn.functional.pad(e(2, 3), (1, 1))
nn.functional.pad(e(1, 2, 3), (1, 1), 'reflect')
nn.functional.interpolate(e(1, 1, 4, 4), scale_factor=2)
nn.functional.interpolate(e(1, 1, 4, 4), scale_factor=2, mode='bilinear')
nn.functional.pixel_shuffle(e(1, 4, 2, 2), 2)
nn.functional.unfold(e(1, 1, 4, 4), 2)
nn.functional.fold(e(1, 4, 9), (4, 4), 2)
e(2, 3).sum(0)
e(2, 3).mean()
e(2, 3).max(1)[0]
e(2, 3).argmax(1)
e(2, 3).topk(2)[0]
e(2, 3).sort()[0]
e(3).cumsum(0)
e(2, 3).std()
e(3).norm()
e(2, 3).gather(1, L)
e(2, 3).scatter(1, L, e(2, 3))
e(2, 3).index_select(0, L[:, 0])
e(5, 3)[L]
e(2).masked_fill(e(2, dtype=torch.bool), 0)
torch.where(e(2, dtype=torch.bool), e(2), e(2))
e(2, 2).tril()
e(2).flip(0)
e(2).roll(1)
e(2).repeat(3)
torch.arange(5, device='meta')
torch.linspace(0, 1, 5, device='meta')
torch.eye(3, device='meta')
torch.rand(3, device='meta')
torch.randint(0, 3, (3,), device='meta')
torch.randperm(3, device='meta')
torch.full((2,), 3., device='meta')
torch.fft.fft(e(4))
torch.outer(e(2), e(3))
e(2).dot(e(2))
e(2).clamp(0, 1)
nn.functional.normalize(e(2, 3))
nn.functional.cosine_similarity(e(2, 3), e(2, 3))
nn.functional.glu(e(4))
torch.bernoulli(e(3))
nn.Sequential(nn.Conv2d(3, 4, 3, device='meta'), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 2, device='meta'))(e(1, 3, 8, 8))
torch.optim.SGD(nn.Linear(2, 2, device='meta').parameters(), .1).step()
nn.Linear(2, 2, device='meta')(e(1, 2)).sum().backward()
e(1).tolist()
e(1).cpu()
torch.ones(2).copy_(e(2))
e(2).copy_(torch.ones(2))
e(2) + torch.ones(2)
nn.functional.nll_loss(e(2, 3), L[:, 0])
nn.functional.kl_div(e(2), e(2))
nn.functional.smooth_l1_loss(e(2), e(2))
nn.functional.huber_loss(e(2), e(2))
nn.functional.l1_loss(e(2), e(2))
e(3).eq(1).any()
[x.shape for x in e(2, 3)]
nn.Linear(2, 2, device='meta').load_state_dict(nn.Linear(2, 2).state_dict())
nn.Linear(2, 2, device='meta').to('cpu')
nn.init.xavier_uniform_(e(2, 2))
""", e=E, L=L, nn="torch.nn")


@case
def a_network_is_measured_before_it_has_memory():
    import torch
    from torch import nn
    net = nn.Sequential(nn.Conv2d(3, 4, 3, device="meta"), nn.BatchNorm2d(4, device="meta"), nn.ReLU(), nn.MaxPool2d(2),
                        nn.Flatten(), nn.Dropout(), nn.Linear(36, 2, device="meta"))
    y = net(torch.empty(5, 3, 8, 8, device="meta"))
    return y, [tuple(b.shape) for b in net.to_empty(device="cpu").buffers()]


def trained(name, **how):
    def steps():
        import torch
        from torch import nn
        layer = nn.Linear(3, 2, device="meta")
        optimizer = getattr(torch.optim, name)(layer.parameters(), lr=0.1, **how)
        for _ in range(2):
            loss = nn.functional.cross_entropy(layer(torch.empty(4, 3, device="meta")), torch.empty(4, dtype=torch.long, device="meta"))
            loss.backward()
            optimizer.step()
        state = optimizer.state[layer.weight]
        return loss, sorted((k, str(v.device), tuple(v.shape)) if isinstance(v, torch.Tensor) else (k, v) for k, v in state.items())
    steps.__name__ = f"steps of {name} {how}"
    case(steps)


for _name in ("SGD", "Adam", "AdamW", "Adamax", "Adagrad", "Adadelta", "RMSprop", "Rprop", "NAdam", "RAdam", "ASGD"):
    trained(_name)
trained("SGD", momentum=0.9)


# With a tensor that has memory: products, embeddings, losses and choices look at sizes only, arithmetic does not.
expressions("""
nn.Linear(3, 4, device='meta')(c)
nn.Linear(3, 4)(m)
c @ m.t(), m @ c.t(), c.mm(m.t()), c.mv(m[0])
torch.bmm(c[None], m.t()[None])
torch.addmm(c[0, 0], c, m.t())
torch.matmul(c[None], m.t())
torch.einsum('ij,kj', c, m)
torch.cat([c, m]), torch.stack([c, m])
nn.Embedding(3, 2, device='meta')(l)
nn.functional.cross_entropy(m, l), nn.functional.cross_entropy(c, l.to('meta'))
c.gather(0, m.long()), m.gather(0, c.long())
m[l], m.index_select(0, l)
c[l.to('meta')]
m.masked_fill(c > 0, 0)
m.scatter(0, c.long(), m), m.index_add(0, l, m)
nn.MultiheadAttention(3, 1, device='meta')(c[None], c[None], c[None])[0]
c + m
m.add_(c)
torch.maximum(c, m)
nn.LayerNorm(3, device='meta')(c)
nn.functional.mse_loss(c, m)
""", c="torch.ones(2, 3)", m="torch.empty(2, 3, device='meta')", l="torch.zeros(2).long()")

run(__file__)
