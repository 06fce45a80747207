"""Healthy programs in other hands: each comes near a cause and does on purpose, or harmlessly, what looks like it."""
from healthy import START

BODIES = {
"trainer, zero in the hook": """
class System(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(6, 8), nn.GELU(), nn.Linear(8, 3))
    def training_step(self, batch):
        x, y = batch
        return F.cross_entropy(self.net(x), y)
    def configure_optimizers(self):
        opt = torch.optim.AdamW(self.parameters(), lr=0.01)
        return opt, torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=3)
class Trainer:
    def before(self):
        self.opt.zero_grad(set_to_none=True)
    def fit(self, system, data):
        self.opt, plan = system.configure_optimizers()
        history = {"train": [], "valid": []}
        for epoch in range(3):
            system.train()
            for batch in data:
                self.before()
                loss = system.training_step(batch)
                loss.backward()
                nn.utils.clip_grad_norm_(system.parameters(), 1.0)
                self.opt.step()
                history["train"].append(loss.item())
            plan.step()
            system.eval()
            with torch.inference_mode():
                history["valid"].append(sum(system.training_step(b) for b in data).item() / len(data))
        return history
print(Trainer().fit(System(), [(torch.randn(4, 6), torch.randint(3, (4,))) for _ in range(4)]))
""",
"monte carlo dropout": """
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 1))
opt = torch.optim.Adam(net.parameters())
for _ in range(4):
    opt.zero_grad()
    net(torch.randn(8, 4)).pow(2).mean().backward()
    opt.step()
net.eval()
for m in net.modules():
    if isinstance(m, nn.Dropout):
        m.train()
with torch.no_grad():
    draws = torch.stack([net(torch.ones(2, 4)) for _ in range(5)])
print(draws.mean(0), draws.std(0))
""",
"batch norm recalibrated": """
net = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(4):
    opt.zero_grad()
    net(torch.randn(8, 4)).pow(2).mean().backward()
    opt.step()
net.train()
with torch.no_grad():
    for _ in range(5):
        net(torch.randn(16, 4))
net.eval()
with torch.no_grad():
    print(net(torch.randn(3, 4)))
""",
"accumulation with a rest": """
def train(net, opt, batches, every):
    opt.zero_grad()
    for k, (x, y) in enumerate(batches, 1):
        (F.mse_loss(net(x), y) / every).backward()
        if k % every == 0 or k == len(batches):
            opt.step()
            opt.zero_grad()
net = nn.Linear(3, 1)
train(net, torch.optim.SGD(net.parameters(), lr=0.1), [(torch.randn(4, 3), torch.randn(4, 1)) for _ in range(10)], 4)
""",
"several losses, one step": """
net = nn.Linear(5, 3)
opt = torch.optim.Adam(net.parameters())
for _ in range(4):
    opt.zero_grad()
    for task in range(3):
        net(torch.randn(6, 5))[:, task].pow(2).mean().backward()
    opt.step()
""",
"projection before a softmax of attention": """
class Attention(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.qkv = nn.Linear(d, 3 * d)
        self.out = nn.Linear(d, 5)
    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, -1)
        mask = torch.full((x.shape[1],) * 2, float("-inf")).triu(1)
        return self.out((q @ k.mT / q.shape[-1] ** 0.5 + mask).softmax(-1) @ v).mean(1)
net = Attention(8)
opt = torch.optim.Adam(net.parameters())
for _ in range(3):
    opt.zero_grad()
    F.cross_entropy(net(torch.randn(2, 6, 8)), torch.randint(5, (2,))).backward()
    opt.step()
""",
"distillation": """
teacher, student = nn.Linear(4, 3), nn.Linear(4, 3)
opt = torch.optim.SGD(student.parameters(), lr=0.1)
for _ in range(4):
    x = torch.randn(8, 4)
    with torch.no_grad():
        soft = (teacher(x) / 2).softmax(-1)
    loss = F.kl_div((student(x) / 2).log_softmax(-1), soft, reduction="batchmean") + F.cross_entropy(student(x), soft.argmax(-1))
    opt.zero_grad(); loss.backward(); opt.step()
""",
"cross entropy of probabilities as targets": """
net = nn.Linear(4, 3)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
mix = torch.rand(6, 3).softmax(1)
for _ in range(3):
    opt.zero_grad()
    F.cross_entropy(net(torch.randn(6, 4)), mix).backward()
    opt.step()
""",
"gumbel and reward": """
policy = nn.Linear(4, 2)
opt = torch.optim.Adam(policy.parameters())
baseline = 0.0
for _ in range(6):
    log_probs, rewards = [], []
    state = torch.randn(4)
    for _ in range(5):
        dist = torch.distributions.Categorical(logits=policy(state))
        action = dist.sample()
        log_probs.append(dist.log_prob(action))
        rewards.append(float(action))
        state = torch.randn(4)
    baseline = 0.9 * baseline + 0.1 * sum(rewards)
    loss = -torch.stack(log_probs).sum() * (sum(rewards) - baseline)
    opt.zero_grad(); loss.backward(); opt.step()
""",
"hidden state carried, detached in a helper": """
def repackage(h):
    return h.detach() if torch.is_tensor(h) else tuple(repackage(v) for v in h)
rnn, head = nn.LSTM(3, 5), nn.Linear(5, 1)
opt = torch.optim.SGD([*rnn.parameters(), *head.parameters()], lr=0.1)
state = (torch.zeros(1, 2, 5), torch.zeros(1, 2, 5))
for _ in range(20):
    state = repackage(state)
    out, state = rnn(torch.randn(4, 2, 3), state)
    opt.zero_grad()
    head(out).pow(2).mean().backward()
    opt.step()
""",
"replay of detached pairs": """
from collections import deque
memory = deque(maxlen=50)
net = nn.Linear(3, 2)
opt = torch.optim.Adam(net.parameters())
for t in range(25):
    state = torch.randn(3)
    q = net(state)
    memory.append((state, int(q.argmax()), float(q.max().detach())))
    states = torch.stack([m[0] for m in memory])
    loss = (net(states).max(1).values - torch.tensor([m[2] for m in memory])).pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
""",
"graph that grows and is used": """
w = torch.randn(3, requires_grad=True)
opt = torch.optim.SGD([w], lr=0.01)
for length in range(1, 15):
    opt.zero_grad()
    state, outs = torch.zeros(3), []
    for _ in range(length):
        state = torch.tanh(state + w)
        outs.append(state)
    torch.stack(outs).pow(2).mean().backward()
    opt.step()
""",
"in place before the graph": """
x = torch.empty(4, 3)
nn.init.uniform_(x)
x.sub_(x.mean()).div_(x.std())
w = nn.Parameter(torch.zeros(3))
with torch.no_grad():
    w.fill_(0.1)
    w[0] = 2
y = (x @ w)
y = y + 1
y += 2
y.sum().backward()
print(w.grad)
""",
"residual added in place": """
class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.lin = nn.Linear(d, d)
        self.act = nn.ReLU(inplace=True)
    def forward(self, x):
        h = self.act(self.lin(x))
        return h + x
net = nn.Sequential(Block(4), Block(4), nn.Linear(4, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(3):
    opt.zero_grad(); net(torch.randn(5, 4)).pow(2).mean().backward(); opt.step()
""",
"two backwards on purpose": """
net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.01)
for _ in range(3):
    opt.zero_grad()
    out = net(torch.randn(4, 3))
    out.mean().backward(retain_graph=True)
    (out ** 2).mean().backward()
    opt.step()
""",
"grad asked before there is one": """
net = nn.Linear(3, 1)
def norms(module):
    return {n: None if p.grad is None else p.grad.norm().item() for n, p in module.named_parameters()}
print(norms(net))
net(torch.randn(2, 3)).sum().backward()
print(norms(net))
for p in net.parameters():
    p.grad = None
print(norms(net))
""",
"fine tuning the head": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(nn.Linear(6, 8), nn.ReLU())
        self.head = nn.Linear(8, 2)
    def forward(self, x):
        return self.head(self.backbone(x))
net = Net()
for p in net.backbone.parameters():
    p.requires_grad_(False)
opt = torch.optim.Adam(filter(lambda p: p.requires_grad, net.parameters()))
for _ in range(3):
    opt.zero_grad()
    F.cross_entropy(net(torch.randn(4, 6)), torch.randint(2, (4,))).backward()
    opt.step()
for p in net.backbone.parameters():
    p.requires_grad_(True)
opt.add_param_group({"params": net.backbone.parameters(), "lr": 1e-4})
for _ in range(3):
    opt.zero_grad()
    F.cross_entropy(net(torch.randn(4, 6)), torch.randint(2, (4,))).backward()
    opt.step()
""",
"adversarial pair with two optimisers": """
gen, critic = nn.Linear(2, 3), nn.Linear(3, 1)
g_opt, c_opt = torch.optim.RMSprop(gen.parameters()), torch.optim.RMSprop(critic.parameters())
for step in range(6):
    for _ in range(2):
        c_opt.zero_grad()
        fake = gen(torch.randn(4, 2)).detach()
        (critic(fake).mean() - critic(torch.randn(4, 3)).mean()).backward()
        c_opt.step()
        with torch.no_grad():
            for p in critic.parameters():
                p.clamp_(-0.1, 0.1)
    g_opt.zero_grad()
    (-critic(gen(torch.randn(4, 2))).mean()).backward()
    g_opt.step()
""",
"column against column of targets": """
data = torch.utils.data.TensorDataset(torch.randn(12, 3), torch.randn(12))
net = nn.Linear(3, 1)
opt = torch.optim.Adam(net.parameters())
for x, y in torch.utils.data.DataLoader(data, batch_size=4):
    opt.zero_grad()
    loss = F.mse_loss(net(x).squeeze(-1), y) + 0.1 * (net(x) - y.unsqueeze(1)).abs().mean()
    loss.backward()
    opt.step()
weights = torch.tensor([[1.0], [2.0]]) * torch.tensor([1.0, 2.0, 3.0])
print(weights.shape)
""",
"warm up by hand": """
net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
plan = torch.optim.lr_scheduler.LambdaLR(opt, lambda k: min(1.0, (k + 1) / 10))
milestones = torch.optim.lr_scheduler.MultiStepLR(opt, [2, 4], gamma=0.5)
for epoch in range(5):
    for _ in range(4):
        opt.zero_grad(); net(torch.randn(4, 3)).pow(2).mean().backward(); opt.step()
        plan.step()
    milestones.step()
""",
"infinities that mean something": """
scores = torch.randn(3, 5, requires_grad=True)
mask = torch.rand(3, 5) > 0.7
mask[:, 0] = False
attention = scores.masked_fill(mask, float("-inf")).softmax(-1)
best = torch.full((3,), float("-inf"))
for column in scores.detach().unbind(1):
    best = torch.maximum(best, column)
(attention * torch.randn(3, 5)).sum().backward()
print(best, torch.logsumexp(scores.masked_fill(mask, -torch.inf), 1))
""",
}

HEALTHY_STYLES = {name.replace(" ", "-").replace(",", ""): START + body for name, body in BODIES.items()}
