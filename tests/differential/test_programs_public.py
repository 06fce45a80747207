"""Whole programs of the families that public teaching repositories hold: each is seeded and returns what it would print."""
from harness import case, run


@case
def conditional_random_field_over_an_lstm():
    import torch
    from torch import nn
    torch.manual_seed(1)
    words, tags, first, last = 7, 5, 3, 4

    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.lstm = nn.Embedding(words, 6), nn.LSTM(6, 4, bidirectional=True)
            self.emit, self.moves = nn.Linear(8, tags), nn.Parameter(torch.randn(tags, tags))
            self.moves.data[first, :] = -10000
            self.moves.data[:, last] = -10000

        def features(self, sentence):
            return self.emit(self.lstm(self.embed(sentence).view(len(sentence), 1, -1))[0].view(len(sentence), -1))

        def partition(self, features):
            alpha = torch.full((1, tags), -10000.)
            alpha[0][first] = 0.
            for f in features:
                alpha = torch.cat([torch.logsumexp(alpha + self.moves[t] + f[t].expand(1, tags), 1) for t in range(tags)]).view(1, -1)
            return torch.logsumexp(alpha + self.moves[last], 1)[0]

        def score(self, features, path):
            path = torch.cat([torch.LongTensor([first]), path])
            total = torch.Tensor([0])
            for i, f in enumerate(features):
                total = total + self.moves[path[i + 1], path[i]] + f[path[i + 1]]
            return total + self.moves[last, path[-1]]

        def best(self, features):
            v, back = torch.full((1, tags), -10000.).index_fill_(1, torch.tensor([first]), 0), []
            for f in features:
                value, at = (v + self.moves).max(1)
                back.append(at.tolist())
                v = (value + f).view(1, -1)
            end = v + self.moves[last]
            path = [torch.argmax(end, 1).item()]
            for at in reversed(back):
                path.append(at[path[-1]])
            return end.max(), path[-2::-1]

    model = Tagger()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, weight_decay=1e-4)
    data = [(torch.tensor([0, 1, 2, 3]), torch.tensor([0, 1, 1, 2])), (torch.tensor([4, 5, 6, 1, 0]), torch.tensor([2, 0, 1, 2, 0]))]
    losses = []
    for _ in range(12):
        for sentence, path in data:
            model.zero_grad()
            features = model.features(sentence)
            loss = model.partition(features) - model.score(features, path)
            loss.backward()
            optimizer.step()
            losses.append(f"{loss.item():.4f}")
    with torch.no_grad():
        score, path = model.best(model.features(data[0][0]))
    return losses, f"{score:.3f}", path


@case
def cells_unrolled_with_lbfgs():
    import math
    import torch
    from torch import nn
    torch.manual_seed(0)

    class Sequence(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b, self.out = nn.LSTMCell(1, 9), nn.GRUCell(9, 7), nn.Linear(7, 1)

        def forward(self, x, future=0):
            n, outputs = x.size(0), []
            h, c, g = (torch.zeros(n, k, dtype=torch.double) for k in (9, 9, 7))
            steps = list(x.split(1, dim=1))
            for i in range(len(steps) + future):
                h, c = self.a(steps[i] if i < len(steps) else out, (h, c))
                g = self.b(h, g)
                out = self.out(g)
                outputs += [out]
            return torch.cat(outputs, dim=1)

    wave = torch.sin((torch.arange(12.).double() + torch.tensor([[0.], [3.], [5.]]).double()) * math.pi / 6)
    model = Sequence().double()
    optimizer, printed = torch.optim.LBFGS(model.parameters(), lr=0.8, max_iter=5), []

    def closure():
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(wave[:, :-1]), wave[:, 1:])
        printed.append(f"{loss.item():.5f}")
        loss.backward()
        return loss
    for _ in range(3):
        optimizer.step(closure)
    with torch.no_grad():
        ahead = model(wave[:1, :-1], future=4)
    return printed, [f"{v:.3f}" for v in ahead[0, -4:].tolist()]


@case
def masked_language_model_with_tied_words():
    import random
    import numpy as np
    import torch
    from torch import nn
    torch.manual_seed(2)
    random.seed(2)
    vocabulary, length, width, heads = 17, 9, 12, 3

    class Attention(nn.Module):
        def __init__(self):
            super().__init__()
            self.q, self.k, self.v, self.o = (nn.Linear(width, width) for _ in range(4))
            self.norm = nn.LayerNorm(width)

        def forward(self, x, hidden):
            n = x.size(0)
            q, k, v = (f(x).view(n, -1, heads, width // heads).transpose(1, 2) for f in (self.q, self.k, self.v))
            scores = torch.matmul(q, k.transpose(-1, -2)) / np.sqrt(width // heads)
            scores.masked_fill_(hidden.unsqueeze(1).repeat(1, heads, 1, 1), -1e9)
            weights = nn.Softmax(dim=-1)(scores)
            mixed = torch.matmul(weights, v).transpose(1, 2).contiguous().view(n, -1, width)
            return self.norm(self.o(mixed) + x), weights

    class Bert(nn.Module):
        def __init__(self):
            super().__init__()
            self.words, self.places, self.parts = nn.Embedding(vocabulary, width), nn.Embedding(length, width), nn.Embedding(2, width)
            self.layers = nn.ModuleList(Attention() for _ in range(2))
            self.next = nn.Sequential(nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 2))
            self.decoder = nn.Linear(width, vocabulary, bias=False)
            self.decoder.weight = self.words.weight
            self.bias = nn.Parameter(torch.zeros(vocabulary))

        def forward(self, ids, parts, places):
            x = self.words(ids) + self.places(torch.arange(ids.size(1)).unsqueeze(0).expand_as(ids)) + self.parts(parts)
            hidden = ids.data.eq(0).unsqueeze(1).expand(ids.size(0), ids.size(1), ids.size(1))
            for layer in self.layers:
                x, weights = layer(x, hidden)
            there = torch.gather(x, 1, places[:, :, None].expand(-1, -1, x.size(-1)))
            return self.decoder(nn.functional.gelu(there)) + self.bias, self.next(x[:, 0]), weights

    batch = []
    for i in range(4):
        ids = [1] + [random.randrange(4, vocabulary) for _ in range(random.randint(4, 7))]
        at = random.sample(range(1, len(ids)), 2)
        batch.append([[3 if j in at else w for j, w in enumerate(ids)] + [0] * (length - len(ids)),
                      [0] * 4 + [1] * (length - 4), [ids[j] for j in at], at, i % 2 == 0])
    ids, parts, wanted, places, follows = map(torch.LongTensor, zip(*batch))
    model = Bert()
    optimizer, criterion, printed = torch.optim.Adam(model.parameters(), lr=0.01), nn.CrossEntropyLoss(), []
    for _ in range(12):
        optimizer.zero_grad()
        words, nexts, weights = model(ids, parts, places)
        loss = criterion(words.transpose(1, 2), wanted).float().mean() + criterion(nexts, follows)
        loss.backward()
        optimizer.step()
        printed.append("{:.4f}".format(loss))
    return printed, words.data.max(2)[1].tolist(), weights[0, 0, :, -1].sum().item(), len(list(model.parameters()))


@case
def llama_block_with_rotary_cache_and_experts():
    import torch
    import torch.nn.functional as F
    from torch import nn
    torch.manual_seed(3)
    width, heads, shared, experts = 16, 4, 2, 3

    class RMSNorm(nn.Module):
        def __init__(self, n, eps=1e-6):
            super().__init__()
            self.weight, self.eps = nn.Parameter(torch.ones(n)), eps

        def forward(self, x):
            return (x.float() * torch.rsqrt(x.float().pow(2).mean(-1, keepdim=True) + self.eps)).type_as(x) * self.weight

    def turns(n, size, theta=10000.0):
        f = 1.0 / (theta ** (torch.arange(0, size, 2)[: size // 2].float() / size))
        f = torch.outer(torch.arange(n), f)
        return torch.polar(torch.ones_like(f), f)

    def rotate(x, t):
        c = torch.view_as_complex(x.float().reshape(*x.shape[:-1], -1, 2))
        return torch.view_as_real(c * t.view(1, c.size(1), 1, -1)).flatten(3).type_as(x)

    class Attention(nn.Module):
        def __init__(self):
            super().__init__()
            self.size = width // heads
            self.wq, self.wo = nn.Linear(width, width, bias=False), nn.Linear(width, width, bias=False)
            self.wk, self.wv = (nn.Linear(width, shared * self.size, bias=False) for _ in range(2))
            self.register_buffer("ck", torch.zeros(2, 8, shared, self.size), persistent=False)
            self.register_buffer("cv", torch.zeros(2, 8, shared, self.size), persistent=False)

        def forward(self, x, start, t, mask):
            b, n, _ = x.shape
            q, k, v = (f(x).view(b, n, -1, self.size) for f in (self.wq, self.wk, self.wv))
            q, k = rotate(q, t), rotate(k, t)
            if not torch.is_grad_enabled():
                self.ck[:b, start:start + n], self.cv[:b, start:start + n] = k, v
                k, v = self.ck[:b, :start + n], self.cv[:b, :start + n]
            k, v = (y.repeat_interleave(heads // shared, dim=2).transpose(1, 2) for y in (k, v))
            s = q.transpose(1, 2) @ k.transpose(2, 3) / self.size ** 0.5
            s = F.softmax((s if mask is None else s + mask).float(), dim=-1).type_as(q)
            return self.wo((s @ v).transpose(1, 2).contiguous().view(b, n, -1))

    class Experts(nn.Module):
        def __init__(self):
            super().__init__()
            self.gate = nn.Linear(width, experts, bias=False)
            self.w1, self.w2, self.w3 = (nn.ModuleList(nn.Linear(i, o, bias=False) for _ in range(experts))
                                         for i, o in ((width, 24), (24, width), (width, 24)))

        def forward(self, x):
            flat = x.view(-1, x.shape[-1])
            weights, chosen = torch.topk(F.softmax(self.gate(flat), dim=1, dtype=torch.float), 2)
            weights = weights / weights.sum(-1, keepdim=True)
            out = torch.zeros_like(flat)
            for i in range(experts):
                rows, nth = torch.where(chosen == i)
                y = self.w2[i](F.silu(self.w1[i](flat[rows])) * self.w3[i](flat[rows]))
                out.index_add_(0, rows, y * weights[rows, nth, None])
            return out.view_as(x)

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.words, self.attention, self.experts = nn.Embedding(11, width), Attention(), Experts()
            self.norms, self.head = nn.ModuleList(RMSNorm(width) for _ in range(3)), nn.Linear(width, 11, bias=False)
            self.turns = turns(8, width // heads)

        def forward(self, ids, start=0):
            n = ids.size(1)
            mask = torch.full((n, n), float("-inf")).triu(1) if n > 1 else None
            h = self.words(ids)
            h = h + self.attention(self.norms[0](h), start, self.turns[start:start + n], mask)
            h = h + self.experts(self.norms[1](h))
            return self.head(self.norms[2](h))

    model, ids = Model(), torch.randint(0, 11, (2, 7))
    optimizer, printed = torch.optim.AdamW(model.parameters(), lr=1e-2, betas=(0.9, 0.95)), []
    for _ in range(12):
        loss = F.cross_entropy(model(ids[:, :-1]).view(-1, 11), ids[:, 1:].reshape(-1))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        printed.append(f"{loss.item():.4f} {norm:.3f}")
    with torch.no_grad():
        whole = model(ids[:, :5])
        steps = [model(ids[:, :3])[:, -1]] + [model(ids[:, i:i + 1], i)[:, -1] for i in (3, 4)]
    same = torch.allclose(torch.stack(steps, 1), whole[:, 2:], atol=1e-5)
    return printed, same, sorted(model.state_dict())[:2]


@case
def beam_search_and_top_p():
    import torch
    torch.manual_seed(4)
    table = torch.randn(9, 9)

    def beams(width, steps, alpha=0.7):
        live, done = [([0], 0.0)], []
        for _ in range(steps):
            grown = []
            for path, score in live:
                values, at = torch.log_softmax(table[path[-1]], -1).topk(width)
                grown += [(path + [i], score + v) for v, i in zip(values.tolist(), at.tolist())]
            grown.sort(key=lambda g: -g[1])
            done += [(p, s / len(p) ** alpha) for p, s in grown[:width] if p[-1] == 8]
            live = [g for g in grown[:width] if g[0][-1] != 8]
        return [(p, f"{s:.4f}") for p, s in sorted(done + live, key=lambda g: -g[1])[:3]]

    def nucleus(logits, p):
        ordered, at = torch.sort(logits, descending=True)
        out = ordered.softmax(-1).cumsum(-1) > p
        out[..., 1:], out[..., 0] = out[..., :-1].clone(), False
        return logits.masked_fill(out.scatter(-1, at, out), -float("inf"))
    kept = nucleus(table, 0.6)
    drawn = torch.multinomial(kept.softmax(-1), 3, replacement=True)
    top = table.clone()
    top[top < torch.topk(top, 2)[0][:, [-1]]] = -float("Inf")
    return beams(3, 5), kept.isinf().sum(-1).tolist(), drawn.tolist(), torch.multinomial(top.softmax(1), 2).tolist()


@case
def layer_fused_by_hand_and_checked():
    import torch
    import torch.nn.functional as F
    from torch.autograd.function import once_differentiable
    torch.manual_seed(5)

    class Normalised(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, weight, eps=1e-3):
            ctx.save_for_backward(x, weight)
            y = F.conv2d(x, weight)
            ctx.mean, ctx.deviation, ctx.eps = y.mean((0, 2, 3)), y.var((0, 2, 3), unbiased=True).sqrt(), eps
            y -= ctx.mean[None, :, None, None]
            y /= (ctx.deviation + eps)[None, :, None, None]
            return y

        @staticmethod
        @once_differentiable
        def backward(ctx, grad):
            x, weight = ctx.saved_tensors
            y = F.conv2d(x, weight)
            n, wide = y.numel() / y.size(1), lambda t: t[None, :, None, None]
            d = ctx.deviation + ctx.eps
            centred = y - wide(ctx.mean)
            slope = -(centred * grad).sum((0, 2, 3)) / d ** 2 / (2 * ctx.deviation)
            out = centred * wide(slope * 2 / (n - 1)) + (grad - wide(grad.sum((0, 2, 3)) / n)) / wide(d)
            return (F.conv_transpose2d(out, weight), F.conv2d(x.transpose(0, 1), out.transpose(0, 1)).transpose(0, 1), None)

    weight = torch.rand(3, 2, 3, 3, dtype=torch.double, requires_grad=True)
    x = torch.rand(2, 2, 5, 5, dtype=torch.double, requires_grad=True)
    checked = torch.autograd.gradcheck(Normalised.apply, (x, weight))
    optimizer, printed = torch.optim.Adadelta([weight], lr=1.0), []
    for _ in range(5):
        loss = (Normalised.apply(x, weight).relu() - 0.5).pow(2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        printed.append(f"{loss.item():.6f}")
    return checked, printed, weight.grad.stride()


@case
def springs_simulated_and_moved():
    import torch
    from torch import nn
    torch.manual_seed(6)
    free = nn.Parameter(torch.randn(2, 2))
    optimizer, printed = torch.optim.Adam([free], lr=0.05), []
    for _ in range(10):
        optimizer.zero_grad()
        places, speeds = torch.cat([torch.zeros(1, 2), free]), torch.zeros(3, 2)
        for _ in range(6):
            forces = torch.zeros_like(places)
            for i, j, rest in (0, 1, 1.0), (1, 2, 0.5):
                way = places[j] - places[i]
                pull = 10 * (way.norm() - rest) * way / (way.norm() + 1e-6)
                forces[i] += pull
                forces[j] -= pull
            forces[:, 1] -= 9.81
            speeds = speeds + forces * 0.05
            places = places + speeds * 0.05
            places[0] = torch.zeros(2)
            speeds[0] = torch.tensor([0.0, 0.0])
        loss = (places - torch.tensor([[0., 0.], [1., 0.], [1., 1.]])).pow(2).mean()
        loss.backward()
        optimizer.step()
        printed.append(f"{loss.item():.6f}")
    return printed, places.detach(), free.grad


@case
def layers_that_train_themselves_forward():
    import torch
    torch.manual_seed(7)

    class Layer(torch.nn.Linear):
        def __init__(self, i, o):
            super().__init__(i, o)
            self.optimizer = torch.optim.Adam(self.parameters(), lr=0.03)

        def forward(self, x):
            return torch.relu(torch.mm(x / (x.norm(2, 1, keepdim=True) + 1e-4), self.weight.T) + self.bias.unsqueeze(0))

        def train(self, good, bad):
            for _ in range(6):
                g, b = self(good).pow(2).mean(1), self(bad).pow(2).mean(1)
                loss = torch.log1p(torch.exp(torch.cat([-g + 2, b - 2]))).mean()
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
                printed.append(f"{loss.item():.5f}")
            return self(good).detach(), self(bad).detach()

    def mark(x, y):
        out = x.clone()
        out[:, :4] *= 0.0
        out[range(x.shape[0]), y] = x.max()
        return out
    printed, x, y = [], torch.rand(12, 10), torch.randint(0, 4, (12,))
    good, bad = mark(x, y), mark(x, (y + torch.randint(1, 4, (12,))) % 4)
    layers = [Layer(10, 16), Layer(16, 16)]
    for layer in layers:
        good, bad = layer.train(good, bad)
    goodness = []
    for label in range(4):
        h, total = mark(x, label), []
        for layer in layers:
            h = layer(h)
            total.append(h.pow(2).mean(1))
        goodness.append(sum(total).unsqueeze(1))
    guess = torch.cat(goodness, 1).argmax(1)
    return printed, guess.tolist(), 1.0 - guess.eq(y).float().mean().item()


@case
def graph_convolutions_with_a_sparse_adjacency():
    import math
    import torch
    import torch.nn.functional as F
    from torch import nn
    torch.manual_seed(42)

    class GraphConvolution(nn.Module):
        def __init__(self, n_in, n_out):
            super().__init__()
            self.weight, self.bias = nn.Parameter(torch.FloatTensor(n_in, n_out)), nn.Parameter(torch.FloatTensor(n_out))
            bound = 1. / math.sqrt(n_out)
            self.weight.data.uniform_(-bound, bound)
            self.bias.data.uniform_(-bound, bound)

        def forward(self, x, adjacency):
            return torch.spmm(adjacency, torch.mm(x, self.weight)) + self.bias

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = GraphConvolution(6, 8), GraphConvolution(8, 3)

        def forward(self, x, adjacency):
            x = F.dropout(F.relu(self.first(x, adjacency)), 0.5, training=self.training)
            return F.log_softmax(self.second(x, adjacency), dim=1)

    edges = torch.randint(0, 20, (2, 60))
    edges = torch.cat((edges, edges.flip(0), torch.arange(20).expand(2, -1)), 1)
    adjacency = torch.sparse.FloatTensor(edges, torch.full((140,), 0.2), torch.Size([20, 20])).coalesce()
    x, labels = torch.randn(20, 6), torch.randint(0, 3, (20,))
    model = Net()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=5e-4)
    losses = [str(adjacency)]
    for _ in range(20):
        optimizer.zero_grad()
        loss = F.nll_loss(model(x, adjacency)[:10], labels[:10])
        loss.backward()
        optimizer.step()
        losses.append(f"{loss.item():.4f}")
    return losses


run(__file__)
