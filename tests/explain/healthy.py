"""Programs with nothing wrong, some of them near a cause: what they do on purpose must not be taken for it."""

START = """import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
"""

# name -> body
BODIES = {
"mlp": """
net = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3))
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
for i in range(8):
    loss = F.cross_entropy(net(torch.randn(5, 6)), torch.randint(3, (5,)))
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(i, loss.item())
""",
"zero after step": """
net = nn.Linear(4, 1)
opt = torch.optim.Adam(net.parameters())
for i in range(6):
    loss = net(torch.randn(5, 4)).pow(2).mean()
    loss.backward()
    opt.step()
    opt.zero_grad()
""",
"module zero_grad": """
net = nn.Linear(4, 1)
opt = torch.optim.Adam(net.parameters())
for i in range(6):
    net.zero_grad()
    net(torch.randn(5, 4)).pow(2).mean().backward()
    opt.step()
""",
"set to none": """
net = nn.Linear(4, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for i in range(6):
    opt.zero_grad(set_to_none=True)
    net(torch.randn(5, 4)).pow(2).mean().backward()
    opt.step()
print(net.weight.grad is None)
opt.zero_grad(set_to_none=True)
print(net.weight.grad)
""",
"grad none by hand": """
net = nn.Linear(4, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for i in range(6):
    for p in net.parameters():
        p.grad = None
    net(torch.randn(5, 4)).pow(2).mean().backward()
    opt.step()
""",
"accumulation": """
net = nn.Linear(4, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for i in range(12):
    (net(torch.randn(5, 4)).pow(2).mean() / 4).backward()
    if (i + 1) % 4 == 0:
        opt.step()
        opt.zero_grad()
""",
"manual sgd": """
w = torch.randn(4, requires_grad=True)
for i in range(6):
    loss = (w * torch.arange(4)).pow(2).sum()
    loss.backward()
    with torch.no_grad():
        w -= 0.01 * w.grad
        w.grad.zero_()
""",
"manual sgd, asks first": """
w = torch.randn(4, requires_grad=True)
for i in range(6):
    if w.grad is not None:
        w.grad.zero_()
    (w ** 2).sum().backward()
    w.data -= 0.01 * w.grad
""",
"functional sgd": """
w = torch.randn(4, requires_grad=True)
for i in range(6):
    g, = torch.autograd.grad((w ** 2).sum(), w)
    w = (w - 0.1 * g).detach().requires_grad_()
print(w)
""",
"grad adds up on purpose": """
x = torch.tensor([1., 2.], requires_grad=True)
y = (x ** 2).sum()
y.backward(retain_graph=True)
print(x.grad)
y.backward()
print(x.grad)
""",
"before and after": """
x = torch.tensor([1., 2.], requires_grad=True)
print(x.grad)
(x ** 3).sum().backward()
print(x.grad)
""",
"retain_grad": """
x = torch.tensor([1., 2.], requires_grad=True)
y = x * 2
y.retain_grad()
(y ** 2).sum().backward()
print(y.grad, x.grad)
""",
"autograd.grad leaves grad alone": """
x = torch.tensor([1., 2.], requires_grad=True)
y = (x ** 2).sum()
print(torch.autograd.grad(y, x))
print(x.grad)
""",
"frozen": """
body, head = nn.Linear(4, 3), nn.Linear(3, 1)
for p in body.parameters():
    p.requires_grad = False
opt = torch.optim.SGD(head.parameters(), lr=0.1)
for i in range(5):
    loss = head(torch.relu(body(torch.randn(5, 4)))).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
for name, p in list(body.named_parameters()) + list(head.named_parameters()):
    print(name, p.grad)
""",
"frozen, all given": """
net = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 1))
net[0].requires_grad_(False)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for i in range(5):
    loss = net(torch.randn(5, 4)).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
""",
"features without gradient": """
body, head = nn.Linear(4, 3), nn.Linear(3, 1)
opt = torch.optim.SGD(head.parameters(), lr=0.1)
for i in range(5):
    with torch.no_grad():
        feats = body(torch.randn(5, 4))
    loss = head(feats).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
""",
"gan": """
G, D = nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3)), nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.1), nn.LeakyReLU(0.2), nn.Linear(8, 1))
og, od = torch.optim.Adam(G.parameters()), torch.optim.Adam(D.parameters())
bce = nn.BCEWithLogitsLoss()
fixed = torch.randn(4, 2)
for i in range(6):
    real, fake = torch.randn(5, 3), G(torch.randn(5, 2))
    od.zero_grad()
    (bce(D(real), torch.ones(5, 1)) + bce(D(fake.detach()), torch.zeros(5, 1))).backward()
    od.step()
    og.zero_grad()
    bce(D(fake), torch.ones(5, 1)).backward()
    og.step()
    with torch.no_grad():
        picture = G(fixed)
print(picture.shape)
""",
"dqn": """
import copy
q = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
target = copy.deepcopy(q)
opt = torch.optim.Adam(q.parameters())
for i in range(6):
    s, r, n = torch.randn(5, 4), torch.randn(5), torch.randn(5, 4)
    with torch.no_grad():
        a = q(s).argmax(1)
        goal = r + 0.9 * target(n).max(1)[0]
    loss = F.smooth_l1_loss(q(s).gather(1, a.unsqueeze(1)).squeeze(1), goal)
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(q.parameters(), 1.0)
    opt.step()
    if i % 3 == 0:
        target.load_state_dict(q.state_dict())
""",
"reinforce": """
policy = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
opt = torch.optim.Adam(policy.parameters())
for episode in range(5):
    kept, rewards = [], []
    for t in range(7):
        d = torch.distributions.Categorical(logits=policy(torch.randn(4)))
        a = d.sample()
        kept.append(d.log_prob(a))
        rewards.append(float(a))
    loss = -(torch.stack(kept) * torch.tensor(rewards)).sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
""",
"actor critic": """
actor, critic = nn.Linear(4, 2), nn.Linear(4, 1)
opt = torch.optim.Adam(list(actor.parameters()) + list(critic.parameters()))
for i in range(5):
    s, r = torch.randn(6, 4), torch.randn(6)
    v = critic(s).squeeze(-1)
    d = torch.distributions.Categorical(logits=actor(s))
    adv = r - v.detach()
    loss = -(d.log_prob(d.sample()) * adv).mean() + F.mse_loss(v, r)
    opt.zero_grad()
    loss.backward()
    opt.step()
""",
"rnn, detached": """
rnn, head = nn.GRU(3, 5, batch_first=True), nn.Linear(5, 1)
opt = torch.optim.SGD(list(rnn.parameters()) + list(head.parameters()), lr=0.1)
h = torch.zeros(1, 2, 5)
for i in range(8):
    out, h = rnn(torch.randn(2, 4, 3), h.detach())
    loss = head(out).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
""",
"rnn, unrolled": """
cell, head = nn.RNNCell(3, 5), nn.Linear(5, 1)
opt = torch.optim.SGD(list(cell.parameters()) + list(head.parameters()), lr=0.1)
for i in range(6):
    h, outs = torch.zeros(2, 5), []
    for t in range(6):
        h = cell(torch.randn(2, 3), h)
        outs.append(h)
    loss = head(torch.stack(outs)).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
""",
"lstm, growing lengths": """
lstm, head = nn.LSTM(3, 5), nn.Linear(5, 2)
opt = torch.optim.Adam(list(lstm.parameters()) + list(head.parameters()))
for n in range(2, 12):
    out, _ = lstm(torch.randn(n, 2, 3))
    loss = F.cross_entropy(head(out[-1]), torch.randint(2, (2,)))
    opt.zero_grad()
    loss.backward()
    opt.step()
""",
"losses as numbers": """
net = nn.Linear(4, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
losses, total = [], 0.0
for i in range(20):
    loss = net(torch.randn(5, 4)).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    losses.append(loss.item())
    total += float(loss)
print(total / len(losses))
""",
"losses detached": """
net = nn.Linear(4, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
losses, mean = [], torch.zeros(())
for i in range(20):
    loss = net(torch.randn(5, 4)).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    losses.append(loss.detach())
    mean = 0.9 * mean + 0.1 * loss.detach()
print(torch.stack(losses).mean(), mean)
""",
"dropout, eval": """
net = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5), nn.ReLU(), nn.Linear(8, 2))
opt = torch.optim.Adam(net.parameters())
x, y = torch.randn(20, 4), torch.randint(2, (20,))
for epoch in range(3):
    net.train()
    for k in range(4):
        out = net(x[k * 5:k * 5 + 5])
        loss = F.cross_entropy(out, y[k * 5:k * 5 + 5])
        hits = (out.argmax(1) == y[k * 5:k * 5 + 5]).float().mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        print(F.cross_entropy(net(x), y).item(), (net(x).argmax(1) == y).float().mean().item())
""",
"batch norm, eval, inference mode": """
net = nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten(), nn.Linear(3 * 36, 2))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for i in range(4):
    loss = F.cross_entropy(net(torch.randn(4, 1, 8, 8)), torch.randint(2, (4,)))
    opt.zero_grad(); loss.backward(); opt.step()
net.eval()
with torch.inference_mode():
    print(net(torch.randn(4, 1, 8, 8)).argmax(1))
""",
"shapes first": """
net = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(0.1), nn.Linear(8, 2))
with torch.no_grad():
    print(net(torch.randn(3, 4)).argmax(1).shape)
opt = torch.optim.Adam(net.parameters())
for i in range(3):
    loss = F.cross_entropy(net(torch.randn(6, 4)), torch.randint(2, (6,)))
    opt.zero_grad(); loss.backward(); opt.step()
""",
"transformer": """
layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.1, batch_first=True)
net, head = nn.TransformerEncoder(layer, 2), nn.Linear(8, 3)
opt = torch.optim.AdamW(list(net.parameters()) + list(head.parameters()))
mask = torch.triu(torch.full((5, 5), float('-inf')), 1)
for i in range(3):
    loss = F.cross_entropy(head(net(torch.randn(2, 5, 8), mask)).reshape(-1, 3), torch.randint(3, (10,)))
    opt.zero_grad(); loss.backward(); opt.step()
net.eval()
with torch.no_grad():
    print(head(net(torch.randn(1, 5, 8), mask)).argmax(-1))
""",
"attention by hand": """
q, k, v = (nn.Linear(6, 6) for _ in range(3))
params = [p for m in (q, k, v) for p in m.parameters()]
opt = torch.optim.Adam(params)
for i in range(4):
    x = torch.randn(2, 4, 6)
    scores = q(x) @ k(x).transpose(-2, -1) / 6 ** 0.5
    scores = scores.masked_fill(torch.tril(torch.ones(4, 4)) == 0, float('-inf'))
    out = torch.softmax(scores, -1) @ v(x)
    loss = out.pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
""",
"safe logarithm": """
x = torch.tensor([-1., 0., 2.], requires_grad=True)
y = torch.where(x > 0, torch.log(x.clamp(min=1e-6)), torch.zeros(()))
y.sum().backward()
print(x.grad, torch.log(torch.tensor([-1.])).isnan(), torch.tensor(float('inf')))
""",
"nan on purpose": """
x = torch.tensor([1., float('nan'), 3.])
print(x.nan_to_num(0.).sum(), x.nanmean(), torch.tensor([0.]) / 0)
w = torch.randn(3, requires_grad=True)
(w * x.nan_to_num(0.)).sum().backward()
print(w.grad)
""",
"in place where nobody needs it": """
x = torch.randn(4, requires_grad=True)
y = x * 2
y += 1
z = y.relu_()
z.sum().backward()
buffer = torch.zeros(4)
for i in range(3):
    buffer += x.detach()
print(buffer)
""",
"double backward": """
x = torch.randn(3, requires_grad=True)
y = (x ** 3).sum()
g, = torch.autograd.grad(y, x, create_graph=True)
(g ** 2).sum().backward()
print(x.grad)
""",
"gradient penalty": """
D = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.Adam(D.parameters())
for i in range(5):
    x = torch.randn(6, 3, requires_grad=True)
    g, = torch.autograd.grad(D(x).sum(), x, create_graph=True)
    loss = ((g.norm(dim=1) - 1) ** 2).mean() + D(x).mean()
    opt.zero_grad(); loss.backward(); opt.step()
""",
"maml": """
w = torch.randn(3, requires_grad=True)
opt = torch.optim.SGD([w], lr=0.01)
for task in range(4):
    fast = w
    for k in range(6):
        x = torch.randn(3)
        g, = torch.autograd.grad(((fast * x).sum() - 1) ** 2, fast, create_graph=True)
        fast = fast - 0.1 * g
    loss = ((fast * torch.randn(3)).sum() - 1) ** 2
    opt.zero_grad(); loss.backward(); opt.step()
""",
"maml without optimizer": """
w = torch.randn(3, requires_grad=True)
fast = w
for k in range(20):
    g, = torch.autograd.grad(((fast * torch.randn(3)).sum() - 1) ** 2, fast, create_graph=True)
    fast = fast - 0.1 * g
((fast * torch.randn(3)).sum() ** 2).backward()
print(w.grad)
""",
"two losses, one graph": """
net = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 2))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for i in range(5):
    out = net(torch.randn(6, 4))
    opt.zero_grad()
    out[:, 0].pow(2).mean().backward(retain_graph=True)
    out[:, 1].abs().mean().backward()
    opt.step()
""",
"lbfgs": """
w = torch.randn(3, requires_grad=True)
opt = torch.optim.LBFGS([w], lr=0.1, max_iter=4)
def closure():
    opt.zero_grad()
    loss = ((w - 1) ** 2).sum()
    loss.backward()
    return loss
for i in range(4):
    opt.step(closure)
""",
"picture is optimised": """
net = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 1))
picture = torch.randn(1, 6, requires_grad=True)
opt = torch.optim.Adam([picture], lr=0.1)
for i in range(6):
    loss = -net(picture).mean()
    opt.zero_grad(); loss.backward(); opt.step()
""",
"fgsm": """
net = nn.Linear(6, 3)
x = torch.randn(4, 6, requires_grad=True)
loss = F.cross_entropy(net(x), torch.randint(3, (4,)))
loss.backward()
adversarial = x + 0.1 * x.grad.sign()
print(F.cross_entropy(net(adversarial), torch.randint(3, (4,))).item())
""",
"columns against columns": """
net = nn.Linear(4, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for i in range(4):
    x, y = torch.randn(6, 4), torch.randn(6)
    loss = F.mse_loss(net(x).squeeze(1), y) + F.l1_loss(net(x), y.unsqueeze(1)) + (net(x).view(-1) - y).pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
""",
"all pairs": """
centers = nn.Parameter(torch.randn(5))
opt = torch.optim.SGD([centers], lr=0.1)
for i in range(4):
    x = torch.randn(5)
    rbf = torch.exp(-(x.unsqueeze(1) - centers) ** 2)
    distance = (x[:, None] - x[None, :]).abs()
    loss = (rbf.sum(1) - 1).pow(2).mean() + distance.mean()
    opt.zero_grad(); loss.backward(); opt.step()
""",
"soft targets": """
student, teacher = nn.Linear(4, 3), nn.Sequential(nn.Linear(4, 3), nn.Dropout(0.1))
opt = torch.optim.SGD(student.parameters(), lr=0.1)
for i in range(4):
    x = torch.randn(6, 4)
    with torch.no_grad():
        soft = torch.softmax(teacher(x) / 2, 1)
    loss = F.kl_div(F.log_softmax(student(x) / 2, 1), soft, reduction='batchmean') + F.cross_entropy(student(x), soft)
    opt.zero_grad(); loss.backward(); opt.step()
""",
"log softmax and nll": """
net = nn.Sequential(nn.Linear(4, 3), nn.LogSoftmax(1))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for i in range(4):
    loss = nn.NLLLoss()(net(torch.randn(6, 4)), torch.randint(3, (6,)))
    opt.zero_grad(); loss.backward(); opt.step()
print(net(torch.randn(1, 4)).exp(), torch.softmax(torch.randn(2, 3), 1))
""",
"bce": """
net = nn.Linear(4, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for i in range(4):
    out, y = net(torch.randn(6, 4)), torch.randint(2, (6, 1)).float()
    loss = F.binary_cross_entropy(torch.sigmoid(out), y) + F.binary_cross_entropy_with_logits(out, y)
    opt.zero_grad(); loss.backward(); opt.step()
    print((torch.sigmoid(out) > 0.5).float().eq(y).float().mean())
""",
"softmax for show": """
net = nn.Linear(4, 3)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for i in range(4):
    out = net(torch.randn(6, 4))
    share = torch.softmax(out, 1)
    loss = F.cross_entropy(out, torch.randint(3, (6,)))
    opt.zero_grad(); loss.backward(); opt.step()
    print(share.max(1)[0].mean().item())
""",
"two optimisers": """
a, b = nn.Linear(4, 3), nn.Linear(3, 1)
oa, ob = torch.optim.SGD(a.parameters(), lr=0.1), torch.optim.Adam(b.parameters())
for i in range(5):
    loss = b(torch.relu(a(torch.randn(5, 4)))).pow(2).mean()
    oa.zero_grad(); ob.zero_grad()
    loss.backward()
    oa.step(); ob.step()
""",
"group added": """
a, b = nn.Linear(4, 3), nn.Linear(3, 1)
opt = torch.optim.SGD(a.parameters(), lr=0.1)
opt.add_param_group({'params': b.parameters(), 'lr': 0.01})
for i in range(5):
    loss = b(torch.relu(a(torch.randn(5, 4)))).pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
""",
"steps per epoch": """
net = nn.Linear(4, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
sched = torch.optim.lr_scheduler.StepLR(opt, step_size=2, gamma=0.1)
loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.randn(20, 4)), batch_size=4)
for epoch in range(6):
    for (x,) in loader:
        loss = net(x).pow(2).mean()
        opt.zero_grad(); loss.backward(); opt.step()
    sched.step()
""",
"one cycle per batch": """
net = nn.Linear(4, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=0.1, epochs=3, steps_per_epoch=5)
for epoch in range(3):
    for k in range(5):
        loss = net(torch.randn(4, 4)).pow(2).mean()
        opt.zero_grad(); loss.backward(); opt.step()
        sched.step()
""",
"cosine per batch": """
net = nn.Linear(4, 1)
opt = torch.optim.AdamW(net.parameters())
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=15)
for epoch in range(3):
    for k in range(5):
        loss = net(torch.randn(4, 4)).pow(2).mean()
        opt.zero_grad(); loss.backward(); opt.step()
        sched.step()
""",
"cosine per epoch": """
net = nn.Linear(4, 1)
opt = torch.optim.AdamW(net.parameters())
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=5)
for epoch in range(5):
    for k in range(4):
        loss = net(torch.randn(4, 4)).pow(2).mean()
        opt.zero_grad(); loss.backward(); opt.step()
    sched.step()
""",
"warm-up and decay per batch": """
net = nn.Linear(4, 1)
opt = torch.optim.AdamW(net.parameters(), lr=0.1)
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda k: min(1, k / 5) * 0.98 ** k)
slow = torch.optim.lr_scheduler.ExponentialLR(torch.optim.SGD(net.parameters(), lr=0.1), 0.99)
for k in range(20):
    loss = net(torch.randn(4, 4)).pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
    sched.step()
""",
"plateau": """
net = nn.Linear(4, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
sched = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, patience=1)
for epoch in range(6):
    loss = net(torch.randn(8, 4)).pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
    sched.step(loss.item())
""",
"mean teacher": """
import copy
net = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 2))
teacher = copy.deepcopy(net).requires_grad_(False)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for i in range(5):
    x = torch.randn(6, 4)
    with torch.no_grad():
        goal = teacher(x)
    loss = F.mse_loss(net(x), goal)
    opt.zero_grad(); loss.backward(); opt.step()
    with torch.no_grad():
        for a, b in zip(teacher.parameters(), net.parameters()):
            a.mul_(0.9).add_(b, alpha=0.1)
""",
"vae": """
enc, dec = nn.Linear(6, 4), nn.Linear(2, 6)
opt = torch.optim.Adam(list(enc.parameters()) + list(dec.parameters()))
for i in range(5):
    x = torch.rand(5, 6)
    mu, logvar = enc(x).chunk(2, 1)
    z = mu + torch.randn_like(mu) * (0.5 * logvar).exp()
    loss = F.mse_loss(dec(z), x) - 0.5 * (1 + logvar - mu ** 2 - logvar.exp()).mean()
    opt.zero_grad(); loss.backward(); opt.step()
""",
"straight through": """
codes = nn.Embedding(4, 3)
enc = nn.Linear(5, 3)
opt = torch.optim.Adam(list(enc.parameters()) + list(codes.parameters()))
for i in range(5):
    z = enc(torch.randn(6, 5))
    index = torch.cdist(z, codes.weight).argmin(1)
    q = codes(index)
    out = z + (q - z).detach()
    loss = out.pow(2).mean() + F.mse_loss(q, z.detach()) + F.mse_loss(z, q.detach())
    opt.zero_grad(); loss.backward(); opt.step()
""",
"custom function": """
class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * 2
    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return g * 2
w = torch.randn(3, requires_grad=True)
Double.apply(w).pow(2).sum().backward()
print(w.grad)
""",
"norms of gradients": """
net = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for i in range(4):
    opt.zero_grad()
    net(torch.randn(5, 4)).pow(2).mean().backward()
    total = sum(p.grad.norm() ** 2 for p in net.parameters() if p.grad is not None) ** 0.5
    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
    print(total.item())
""",
"integers beside": """
emb = nn.Embedding(10, 4)
opt = torch.optim.SGD(emb.parameters(), lr=0.1)
for i in range(4):
    ids = torch.randint(10, (6,))
    loss = emb(ids).pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
    print((emb.weight * 10).long().sum(), ids.float().mean(), (emb.weight > 0).sum())
""",
}

HEALTHY = {name.replace(" ", "-").replace(",", ""): START + body for name, body in BODIES.items()}
