"""Training steps of the kinds that interviews and lessons run; workloads.py registers them.

Each function returns a step: one call trains once.  Sizes are those of a lesson: seconds of training, not hours."""
import torch
import torch.nn as nn
import torch.nn.functional as F


def classifier_step(model, optimizer, inputs, targets):
    def step():
        optimizer.zero_grad()
        loss = F.cross_entropy(model(inputs), targets)
        loss.backward()
        optimizer.step()
    return step


def linear_regression():
    x = torch.randn(64, 3)
    y = x @ torch.tensor([1.0, -2.0, 0.5]) + 0.1 * torch.randn(64)
    w, b = torch.zeros(3, requires_grad=True), torch.zeros(1, requires_grad=True)

    def step():
        loss = ((x @ w + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w.sub_(0.1 * w.grad)
            b.sub_(0.1 * b.grad)
            w.grad.zero_()
            b.grad.zero_()
    return step


def mlp_sgd():
    model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    return classifier_step(model, torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9), torch.randn(64, 784),
                           torch.randint(10, (64,)))


def lenet():
    model = nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(),
                          nn.MaxPool2d(2), nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(),
                          nn.Linear(84, 10))
    return classifier_step(model, torch.optim.SGD(model.parameters(), lr=0.01), torch.randn(64, 1, 28, 28),
                           torch.randint(10, (64,)))


class Residual(nn.Module):
    def __init__(self, before, after, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(after)
        self.conv2 = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(after)
        self.short = nn.Sequential() if stride == 1 and before == after else nn.Sequential(
            nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + self.short(x))


def resnet8():
    model = nn.Sequential(nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), Residual(16, 16, 1),
                          Residual(16, 32, 2), Residual(32, 64, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))
    return classifier_step(model, torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4),
                           torch.randn(32, 3, 32, 32), torch.randint(10, (32,)))


class Recurrent(nn.Module):
    def __init__(self, kind, vocabulary=64, width=128):
        super().__init__()
        self.embedding, self.rnn = nn.Embedding(vocabulary, 64), kind(64, width, batch_first=True)
        self.head = nn.Linear(width, vocabulary)

    def forward(self, tokens):
        return self.head(self.rnn(self.embedding(tokens))[0]).flatten(0, 1)


def recurrent(kind):
    model = Recurrent(kind)
    tokens = torch.randint(64, (32, 65))
    return classifier_step(model, torch.optim.Adam(model.parameters(), lr=1e-3), tokens[:, :-1], tokens[:, 1:].flatten())


def lstm():
    return recurrent(nn.LSTM)


def gru():
    return recurrent(nn.GRU)


def transformer_classifier():
    layer = nn.TransformerEncoderLayer(64, 4, 128, dropout=0.1, batch_first=True)
    encoder, head = nn.TransformerEncoder(layer, 2), nn.Linear(64, 4)
    optimizer = torch.optim.Adam([*encoder.parameters(), *head.parameters()], lr=1e-3)
    x, y = torch.randn(16, 32, 64), torch.randint(4, (16,))
    return classifier_step(lambda inputs: head(encoder(inputs).mean(1)), optimizer, x, y)


def vae():
    encoder, mean, spread = nn.Linear(784, 400), nn.Linear(400, 20), nn.Linear(400, 20)
    decoder = nn.Sequential(nn.Linear(20, 400), nn.ReLU(), nn.Linear(400, 784), nn.Sigmoid())
    parts = nn.ModuleList([encoder, mean, spread, decoder])
    optimizer = torch.optim.Adam(parts.parameters(), lr=1e-3)
    x = torch.rand(64, 784)

    def step():
        optimizer.zero_grad()
        h = F.relu(encoder(x))
        mu, logvar = mean(h), spread(h)
        z = mu + torch.randn_like(mu) * torch.exp(0.5 * logvar)
        loss = F.binary_cross_entropy(decoder(z), x, reduction="sum") - 0.5 * torch.sum(1 + logvar - mu ** 2 - logvar.exp())
        loss.backward()
        optimizer.step()
    return step


def gan():
    generator = nn.Sequential(nn.Linear(64, 256), nn.LeakyReLU(0.2), nn.Linear(256, 784), nn.Tanh())
    critic = nn.Sequential(nn.Linear(784, 256), nn.LeakyReLU(0.2), nn.Linear(256, 1))
    for_g = torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.5, 0.999))
    for_c = torch.optim.Adam(critic.parameters(), lr=2e-4, betas=(0.5, 0.999))
    real, yes, no = torch.rand(64, 784), torch.ones(64, 1), torch.zeros(64, 1)

    def step():
        fake = generator(torch.randn(64, 64))
        for_c.zero_grad()
        loss = F.binary_cross_entropy_with_logits(critic(real), yes) + F.binary_cross_entropy_with_logits(critic(fake.detach()), no)
        loss.backward()
        for_c.step()
        for_g.zero_grad()
        F.binary_cross_entropy_with_logits(critic(fake), yes).backward()
        for_g.step()
    return step


def dqn():
    online = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
    target = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
    target.load_state_dict(online.state_dict())
    optimizer = torch.optim.Adam(online.parameters(), lr=1e-3)
    state, after, reward = torch.randn(32, 4), torch.randn(32, 4), torch.randn(32)
    action, done = torch.randint(2, (32, 1)), torch.zeros(32)

    def step():
        q = online(state).gather(1, action).squeeze(1)
        with torch.no_grad():
            aim = reward + 0.99 * (1 - done) * target(after).max(1)[0]
        loss = F.smooth_l1_loss(q, aim)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(online.parameters(), 10)
        optimizer.step()
    return step


STEPS = (linear_regression, mlp_sgd, lenet, resnet8, lstm, gru, transformer_classifier, vae, gan, dqn)
