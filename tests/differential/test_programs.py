"""Whole small programs with a seed: the same four digits for twenty steps."""
from harness import case, run


def train(make, loss_of, optimizer, steps=20, seed=0):
    """Losses of the first steps, as a program would print them."""
    import torch
    torch.manual_seed(seed)
    model = make(torch, torch.nn)
    opt = optimizer(torch.optim, model.parameters())
    printed = []
    for _ in range(steps):
        opt.zero_grad()
        loss = loss_of(torch, torch.nn.functional, model)
        loss.backward()
        opt.step()
        printed.append(f"{loss.item():.4f}")
    return printed, str(model)


def sgd(optim, params):
    return optim.SGD(params, lr=0.05, momentum=0.9)


def adam(optim, params):
    return optim.Adam(params, lr=1e-2)


@case
def linear_regression():
    import torch
    torch.manual_seed(1)
    x = torch.rand(50, 1)
    y = 3 * x + 2 + 0.1 * torch.randn(50, 1)
    w, b = torch.zeros(1, requires_grad=True), torch.zeros(1, requires_grad=True)
    out = []
    for _ in range(20):
        loss = ((x * w + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= 0.5 * w.grad
            b -= 0.5 * b.grad
        w.grad.zero_()
        b.grad.zero_()
        out.append(f"{loss.item():.4f} {w.item():.3f} {b.item():.3f}")
    return out


@case
def mlp():
    def make(torch, nn):
        make.x, make.y = torch.randn(32, 10), torch.randint(0, 3, (32,))
        return nn.Sequential(nn.Linear(10, 20), nn.ReLU(), nn.Dropout(0.2), nn.Linear(20, 3))
    return train(make, lambda torch, F, m: F.cross_entropy(m(make.x), make.y), sgd)


@case
def cnn():
    def make(torch, nn):
        make.x, make.y = torch.randn(8, 1, 12, 12), torch.randint(0, 4, (8,))
        return nn.Sequential(nn.Conv2d(1, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 8, 3),
                             nn.GELU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(32, 4))
    return train(make, lambda torch, F, m: F.cross_entropy(m(make.x), make.y), adam)


@case
def recurrent():
    def make(torch, nn):
        class Tagger(nn.Module):
            def __init__(self):
                super().__init__()
                self.embed = nn.Embedding(20, 8)
                self.rnn = nn.LSTM(8, 12, num_layers=2, batch_first=True)
                self.head = nn.Linear(12, 5)

            def forward(self, x):
                return self.head(self.rnn(self.embed(x))[0])
        make.x, make.y = torch.randint(0, 20, (4, 7)), torch.randint(0, 5, (4, 7))
        return Tagger()
    return train(make, lambda torch, F, m: F.cross_entropy(m(make.x).flatten(0, 1), make.y.flatten()), adam)


@case
def gru_regression():
    def make(torch, nn):
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.rnn = nn.GRU(3, 6)
                self.head = nn.Linear(6, 1)

            def forward(self, x):
                out, h = self.rnn(x)
                return self.head(h[-1])
        make.x, make.y = torch.randn(5, 4, 3), torch.randn(4, 1)
        return Net()
    return train(make, lambda torch, F, m: F.mse_loss(m(make.x), make.y), sgd)


@case
def transformer():
    def make(torch, nn):
        class Model(nn.Module):
            def __init__(self):
                super().__init__()
                self.embed = nn.Embedding(11, 16)
                layer = nn.TransformerEncoderLayer(16, 4, 32, batch_first=True)
                self.encoder = nn.TransformerEncoder(layer, 2)
                self.head = nn.Linear(16, 11)

            def forward(self, x):
                return self.head(self.encoder(self.embed(x)))
        make.x = torch.randint(0, 11, (6, 9))
        return Model()
    return train(make, lambda torch, F, m: F.cross_entropy(m(make.x).view(-1, 11), make.x.view(-1).roll(1)),
                 lambda optim, p: optim.AdamW(p, lr=1e-3))


@case
def attention_by_hand():
    def make(torch, nn):
        class Block(nn.Module):
            def __init__(self):
                super().__init__()
                self.qkv, self.out, self.norm = nn.Linear(8, 24), nn.Linear(8, 8), nn.LayerNorm(8)
                self.register_buffer("mask", torch.tril(torch.ones(5, 5)).bool())

            def forward(self, x):
                b, t, c = x.shape
                q, k, v = (p.view(b, t, 2, 4).transpose(1, 2) for p in self.qkv(self.norm(x)).split(8, dim=-1))
                scores = (q @ k.transpose(-2, -1) / 2).masked_fill(~self.mask, float("-inf")).softmax(-1)
                return x + self.out((scores @ v).transpose(1, 2).reshape(b, t, c))
        make.x, make.y = torch.randn(3, 5, 8), torch.randn(3, 5, 8)
        return Block()
    return train(make, lambda torch, F, m: F.smooth_l1_loss(m(make.x), make.y), adam)


@case
def autoencoder_with_noise():
    def make(torch, nn):
        class Vae(nn.Module):
            def __init__(self):
                super().__init__()
                self.enc, self.mu, self.logvar, self.dec = nn.Linear(12, 8), nn.Linear(8, 2), nn.Linear(8, 2), nn.Linear(2, 12)

            def forward(self, x):
                h = torch.tanh(self.enc(x))
                mu, logvar = self.mu(h), self.logvar(h)
                z = mu + torch.randn_like(mu) * (0.5 * logvar).exp()
                return torch.sigmoid(self.dec(z)), mu, logvar
        make.x = torch.rand(16, 12)
        return Vae()

    def loss(torch, F, m):
        out, mu, logvar = m(make.x)
        kl = -0.5 * (1 + logvar - mu.pow(2) - logvar.exp()).sum()
        return F.binary_cross_entropy(out, make.x, reduction="sum") + kl
    return train(make, loss, adam)


@case
def loader_scheduler_and_clipping():
    import torch
    from torch.utils.data import DataLoader, TensorDataset, random_split
    torch.manual_seed(3)
    data = TensorDataset(torch.randn(40, 5), torch.randint(0, 2, (40,)).float())
    train_set, test_set = random_split(data, [30, 10])
    model = torch.nn.Sequential(torch.nn.Linear(5, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))
    opt = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=1e-3, nesterov=True, momentum=0.8)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=5)
    criterion, out = torch.nn.BCEWithLogitsLoss(), []
    for epoch in range(5):
        model.train()
        for x, y in DataLoader(train_set, batch_size=8, shuffle=True):
            opt.zero_grad()
            loss = criterion(model(x).squeeze(1), y)
            loss.backward()
            norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
        schedule.step()
        model.eval()
        with torch.no_grad():
            right = sum(((model(x).squeeze(1) > 0) == y.bool()).sum().item() for x, y in DataLoader(test_set, batch_size=4))
        out.append(f"{epoch} {loss.item():.4f} {norm:.4f} {schedule.get_last_lr()[0]:.5f} {right}")
    return out


@case
def two_networks():
    import torch
    import torch.nn as nn
    torch.manual_seed(2)
    g, d = nn.Sequential(nn.Linear(2, 8), nn.LeakyReLU(0.2), nn.Linear(8, 2)), nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))
    og, od = (torch.optim.Adam(m.parameters(), lr=1e-2, betas=(0.5, 0.999)) for m in (g, d))
    criterion, out = nn.BCEWithLogitsLoss(), []
    for _ in range(10):
        real, fake = torch.randn(16, 2) + 2, g(torch.randn(16, 2))
        ld = criterion(d(real), torch.ones(16, 1)) + criterion(d(fake.detach()), torch.zeros(16, 1))
        od.zero_grad()
        ld.backward()
        od.step()
        lg = criterion(d(fake), torch.ones(16, 1))
        og.zero_grad()
        lg.backward()
        og.step()
        out.append(f"{ld:.4f} {lg:.4f}")
    return out


@case
def state_and_hooks():
    import copy
    import io
    import torch
    import torch.nn as nn
    torch.manual_seed(0)
    model, seen = nn.Sequential(nn.Linear(3, 4), nn.Sigmoid(), nn.Linear(4, 2)), []
    handles = [model[0].register_forward_hook(lambda m, i, o: seen.append(("forward", type(m).__name__, tuple(o.shape)))),
               model[2].register_full_backward_hook(lambda m, gi, go: seen.append(("backward", tuple(go[0].shape))))]
    model(torch.ones(5, 3)).sum().backward()
    for handle in handles:
        handle.remove()
    model(torch.ones(5, 3)).sum().backward()
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    file.seek(0)
    other = copy.deepcopy(model)
    nn.init.zeros_(other[0].weight)
    result = other.load_state_dict(torch.load(file))
    same = all(torch.equal(a, b) for a, b in zip(model.state_dict().values(), other.state_dict().values()))
    return seen, str(result), same, sum(p.numel() for p in model.parameters()), [n for n, _ in model.named_parameters()], model[0].weight.grad


@case
def a_tensor_class_of_ones_own():
    import torch

    class Mine(torch.Tensor):
        def hello(self):
            return "hello"

    p = Mine([1., 2.])
    kinds = [p + 1, 1 + p, p.sum(), p[0], torch.exp(p), torch.ones(2) + p, p.view(2, 1), p.max(0)[0], p.split(1)[0], p.clone(),
             p.detach(), p * p, p.int(), p > 0, -p, p.data, torch.ones(2).as_subclass(Mine), p.as_subclass(torch.Tensor)]
    return repr(p), (p * 2).hello(), [type(k).__name__ for k in kinds]


run(__file__)
