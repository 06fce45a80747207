"""Whole programs: the ways of training that tutorials, textbooks and interviews show, for twenty steps with a seed."""
import copy
import io
import math

from harness import case, run


def small_net(nn, i=4, h=16, o=3, last=()):
    return nn.Sequential(nn.Linear(i, h), nn.ReLU(), nn.Linear(h, o), *last)


@case
def regression_by_hand():
    import torch
    torch.manual_seed(0)
    true_w, true_b = torch.tensor([2, -3.4]), 4.2
    X = torch.normal(0, 1, (100, 2))
    y = (torch.matmul(X, true_w) + true_b + torch.normal(0, 0.01, (100,))).reshape(-1, 1)
    w, b = torch.normal(0, 0.01, size=(2, 1), requires_grad=True), torch.zeros(1, requires_grad=True)
    lines = []
    for epoch in range(4):
        order = torch.randperm(100).tolist()
        for i in range(0, 100, 20):
            pick = torch.tensor(order[i:i + 20])
            loss = ((torch.matmul(X[pick], w) + b - y[pick]) ** 2 / 2).sum()
            loss.backward()
            with torch.no_grad():
                for p in (w, b):
                    p -= 0.1 * p.grad / 20
                    p.grad.zero_()
        with torch.no_grad():
            lines.append(f"epoch {epoch + 1}, loss {float(((X @ w + b - y) ** 2 / 2).mean()):f}"[:18])
    return lines, [round(v, 3) for v in (true_w - w.reshape(true_w.shape)).abs().tolist()]


@case
def polynomial_with_a_function_of_ones_own():
    import torch

    class LegendrePolynomial3(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return 0.5 * (5 * x ** 3 - 3 * x)

        @staticmethod
        def backward(ctx, grad_output):
            x, = ctx.saved_tensors
            return grad_output * 1.5 * (5 * x ** 2 - 1)

    x = torch.linspace(-math.pi, math.pi, 200)
    y = torch.sin(x)
    a, b, c, d = (torch.full((), v, requires_grad=True) for v in (0.0, -1.0, 0.0, 0.3))
    lines = []
    for t in range(200):
        loss = (a + b * LegendrePolynomial3.apply(c + d * x) - y).pow(2).sum()
        if t % 20 == 19:
            lines.append((t, f"{loss.item():.3f}"))
        loss.backward()
        with torch.no_grad():
            for p in (a, b, c, d):
                p -= 5e-6 * p.grad
                p.grad = None
    return lines, f"Result: y = {a.item():.3f} + {b.item():.3f} * P3({c.item():.3f} + {d.item():.3f} x)"


@case
def generative_adversarial_network():
    import torch
    from torch import nn
    torch.manual_seed(1)
    G = nn.Sequential(nn.Linear(3, 16), nn.BatchNorm1d(16), nn.LeakyReLU(0.2, inplace=True), nn.Linear(16, 2))
    D = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Dropout(0.3), nn.Linear(16, 1), nn.Sigmoid())
    criterion = nn.BCELoss()
    g, d = (torch.optim.Adam(m.parameters(), lr=2e-3, betas=(0.5, 0.999)) for m in (G, D))
    fixed, lines = torch.randn(4, 3), []
    for i in range(20):
        real = torch.randn(16, 2) * 0.5 + torch.tensor([2.0, -1.0])
        label = torch.full((16,), 1.0)
        d.zero_grad()
        out = D(real).view(-1)
        err_real = criterion(out, label)
        err_real.backward()
        fake = G(torch.randn(16, 3))
        err_fake = criterion(D(fake.detach()).view(-1), label.fill_(0.0))
        err_fake.backward()
        d.step()
        g.zero_grad()
        out2 = D(fake).view(-1)
        err_g = criterion(out2, label.fill_(1.0))
        err_g.backward()
        g.step()
        lines.append("[%d] Loss_D: %.4f Loss_G: %.4f D(x): %.4f D(G(z)): %.4f" % (
            i, (err_real + err_fake).item(), err_g.item(), out.mean().item(), out2.mean().item()))
    with torch.no_grad():
        return lines, G(fixed).shape, [f"{v:.3f}" for v in G(fixed)[0].tolist()]


@case
def gradient_penalty():
    import torch
    from torch import autograd, nn
    torch.manual_seed(2)
    D, lines = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1)), []
    optimizer = torch.optim.RMSprop(D.parameters(), lr=5e-3)
    for _ in range(20):
        real, fake = torch.randn(8, 2) + 1, torch.randn(8, 2) - 1
        alpha = torch.rand(8, 1)
        mixed = (alpha * real + (1 - alpha) * fake).requires_grad_(True)
        out = D(mixed)
        grads = autograd.grad(outputs=out, inputs=mixed, grad_outputs=torch.ones_like(out), create_graph=True, retain_graph=True,
                              only_inputs=True)[0]
        penalty = ((grads.norm(2, dim=1) - 1) ** 2).mean()
        loss = D(fake).mean() - D(real).mean() + 10 * penalty
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        lines.append(f"{loss.item():.4f} {penalty.item():.4f}")
    return lines


@case
def meta_learning():
    import torch
    import torch.nn.functional as F
    torch.manual_seed(3)
    theta = [torch.randn(8, 1).mul_(0.5).requires_grad_(), torch.zeros(8, requires_grad=True),
             torch.randn(1, 8).mul_(0.5).requires_grad_(), torch.zeros(1, requires_grad=True)]

    def net(x, p):
        return F.linear(torch.tanh(F.linear(x, p[0], p[1])), p[2], p[3])

    optimizer, lines = torch.optim.Adam(theta, lr=1e-2), []
    for _ in range(20):
        total = 0.0
        for _ in range(2):
            amplitude, phase = torch.rand(1) * 4 + 0.1, torch.rand(1) * math.pi
            x = torch.rand(10, 1) * 10 - 5
            y = amplitude * torch.sin(x + phase)
            fast = theta
            for _ in range(2):
                grads = torch.autograd.grad(F.mse_loss(net(x[:5], fast), y[:5]), fast, create_graph=True)
                fast = [p - 0.05 * g for p, g in zip(fast, grads)]
            total = total + F.mse_loss(net(x[5:], fast), y[5:])
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        lines.append(f"{total.item() / 2:.4f}")
    return lines


@case
def deep_q_learning():
    import random
    from collections import deque, namedtuple
    import torch
    from torch import nn
    random.seed(0)
    torch.manual_seed(4)
    Transition = namedtuple("Transition", ("state", "action", "next_state", "reward"))
    policy, memory = small_net(nn, 2, 16, 2), deque([], maxlen=64)
    target = small_net(nn, 2, 16, 2)
    target.load_state_dict(policy.state_dict())
    optimizer, lines = torch.optim.AdamW(policy.parameters(), lr=1e-2, amsgrad=True), []
    state = torch.tensor([[0.0, 0.0]])
    for step in range(60):
        epsilon = 0.05 + 0.85 * math.exp(-step / 20)
        if random.random() > epsilon:
            with torch.no_grad():
                action = policy(state).max(1)[1].view(1, 1)
        else:
            action = torch.tensor([[random.randrange(2)]], dtype=torch.long)
        following = state + torch.tensor([[0.1, -0.05]]) * (action * 2 - 1)
        reward = -following.norm().view(1)
        done = step % 15 == 14
        memory.append(Transition(state, action, None if done else following, reward))
        state = torch.zeros(1, 2) if done else following
        if len(memory) < 16:
            continue
        batch = Transition(*zip(*random.sample(memory, 16)))
        mask = torch.tensor(tuple(map(lambda s: s is not None, batch.next_state)), dtype=torch.bool)
        values = policy(torch.cat(batch.state)).gather(1, torch.cat(batch.action))
        later = torch.zeros(16)
        with torch.no_grad():
            later[mask] = target(torch.cat([s for s in batch.next_state if s is not None])).max(1)[0]
        loss = nn.SmoothL1Loss()(values, (later * 0.9 + torch.cat(batch.reward)).unsqueeze(1))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_value_(policy.parameters(), 100)
        optimizer.step()
        weights = target.state_dict()
        for key, value in policy.state_dict().items():
            weights[key] = value * 0.05 + weights[key] * 0.95
        target.load_state_dict(weights)
        if step % 3 == 0:
            lines.append(f"{step} {epsilon:.3f} {loss.item():.4f}")
    return lines


@case
def reinforce_with_multinomial():
    import torch
    from torch import nn
    torch.manual_seed(5)
    policy, rewards = small_net(nn, 2, 8, 2, (nn.Softmax(dim=-1),)), []
    optimizer, lines = torch.optim.Adam(policy.parameters(), lr=2e-2), []
    for episode in range(20):
        state, logs, rewards = torch.tensor([0.5, -0.5]), [], []
        for _ in range(10):
            probs = policy(state.unsqueeze(0))
            action = probs.multinomial(1)
            logs.append(torch.log(probs.gather(1, action)).squeeze())
            state = (state + 0.1 * (action.float().squeeze() * 2 - 1)).clamp(-1, 1)
            rewards.append(1.0 - state.abs().sum().item())
        returns, R = [], 0
        for r in rewards[::-1]:
            R = r + 0.9 * R
            returns.insert(0, R)
        returns = torch.tensor(returns)
        returns = (returns - returns.mean()) / (returns.std() + 1e-6)
        loss = torch.stack([-log * R for log, R in zip(logs, returns)]).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        lines.append(f"episode {episode}\treward {sum(rewards):.3f}\tloss {loss.item():.4f}")
    return lines


@case
def early_stopping_and_the_best_state():
    import torch
    from torch import nn
    torch.manual_seed(6)
    net, x, v = small_net(nn, 4, 32, 1), torch.randn(12, 4), torch.randn(12, 4)
    y, w = x.sum(1, keepdim=True) + torch.randn(12, 1), v.sum(1, keepdim=True) + torch.randn(12, 1)
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-2)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, "min", factor=0.5, patience=2)
    best, patience, lines, state = math.inf, 0, [], None
    for epoch in range(60):
        net.train()
        loss = nn.functional.mse_loss(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        net.eval()
        with torch.no_grad():
            check = nn.functional.mse_loss(net(v), w).item()
        scheduler.step(check)
        lines.append(f"{epoch} {loss.item():.3f} {check:.3f} {optimizer.param_groups[0]['lr']:g}")
        if check < best - 1e-4:
            best, patience, state = check, 0, copy.deepcopy(net.state_dict())
        else:
            patience += 1
            if patience == 6:
                lines.append("stopped")
                break
    net.load_state_dict(state)
    return lines, f"{nn.functional.mse_loss(net(v), w).item():.3f}", f"{best:.3f}"


@case
def saving_and_going_on():
    import torch
    from torch import nn

    def begin():
        torch.manual_seed(7)
        net = small_net(nn)
        return net, torch.optim.Adam(net.parameters(), lr=1e-2), torch.randn(10, 4), torch.randint(3, (10,))

    def train(net, optimizer, x, y, n):
        out = []
        for _ in range(n):
            loss = nn.functional.cross_entropy(net(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            out.append(f"{loss.item():.4f}")
        return out

    net, optimizer, x, y = begin()
    whole = train(net, optimizer, x, y, 20)
    net, optimizer, x, y = begin()
    first, file = train(net, optimizer, x, y, 10), io.BytesIO()
    torch.save({"epoch": 10, "model_state_dict": net.state_dict(), "optimizer_state_dict": optimizer.state_dict(),
                "rng": torch.get_rng_state()}, file)
    file.seek(0)
    checkpoint = torch.load(file, map_location=torch.device("cpu"))
    torch.manual_seed(99)
    net = small_net(nn)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.5)
    messages = [str(net.load_state_dict(checkpoint["model_state_dict"]))]
    optimizer.load_state_dict(checkpoint["optimizer_state_dict"])
    try:
        small_net(nn, o=2).load_state_dict(checkpoint["model_state_dict"])
    except RuntimeError as error:
        messages.append(str(error))
    return whole == first + train(net, optimizer, x, y, 10), whole, messages, optimizer.state_dict()["param_groups"]


@case
def weight_decay_groups_and_accumulation():
    import torch
    from torch import nn
    torch.manual_seed(8)
    net = nn.Sequential(nn.Linear(4, 8), nn.LayerNorm(8), nn.GELU(), nn.Linear(8, 3))
    decay = [p for p in net.parameters() if p.ndim >= 2]
    other = [p for p in net.parameters() if p.ndim < 2]
    optimizer = torch.optim.AdamW([{"params": decay, "weight_decay": 0.1}, {"params": other, "weight_decay": 0., "lr": 5e-3}], lr=1e-2)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=[2e-2, 1e-2], total_steps=20)
    x, y, lines = torch.randn(24, 4), torch.randint(3, (24,)), []
    for step in range(20):
        total = 0.0
        for part, labels in zip(x.chunk(3), y.chunk(3)):
            loss = nn.functional.cross_entropy(net(part), labels) / 3
            loss.backward()
            total += loss.item()
        optimizer.step()
        optimizer.zero_grad()
        scheduler.step() if step < 19 else None
        lines.append(f"{total:.4f} " + " ".join(f"{g['lr']:.5f}" for g in optimizer.param_groups))
    return lines, str(optimizer)


@case
def mixup_and_label_smoothing():
    import torch
    from torch import nn
    torch.manual_seed(9)
    net, x, y, lines = small_net(nn), torch.randn(16, 4), torch.randint(3, (16,)), []
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=5, T_mult=2)
    hard, smooth = nn.CrossEntropyLoss(), nn.CrossEntropyLoss(label_smoothing=0.1, weight=torch.tensor([1.0, 2.0, 0.5]))
    for step in range(20):
        lam, order = float(torch.rand(1)), torch.randperm(16)
        out = net(lam * x + (1 - lam) * x[order])
        one_hot = lam * nn.functional.one_hot(y, 3).float() + (1 - lam) * nn.functional.one_hot(y[order], 3).float()
        loss = hard(out, one_hot) + smooth(out, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        lines.append(f"{loss.item():.4f} {scheduler.get_last_lr()[0]:.4f}")
    return lines


@case
def knowledge_distillation():
    import torch
    from torch import nn
    import torch.nn.functional as F
    torch.manual_seed(10)
    teacher, student, x, y = small_net(nn, h=32), small_net(nn, h=4), torch.randn(20, 4), torch.randint(3, (20,))
    for p in teacher.parameters():
        p.requires_grad = False
    optimizer, lines, T = torch.optim.Adam(filter(lambda p: p.requires_grad, student.parameters()), lr=1e-2), [], 4.0
    for _ in range(20):
        soft = nn.KLDivLoss(reduction="batchmean")(F.log_softmax(student(x) / T, dim=1), F.softmax(teacher(x) / T, dim=1)) * T * T
        loss = 0.7 * soft + 0.3 * F.cross_entropy(student(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        lines.append(f"{loss.item():.4f} {soft.item():.4f}")
    return lines, [p.grad for p in teacher.parameters()]


@case
def siamese_and_triplets():
    import torch
    from torch import nn
    import torch.nn.functional as F
    torch.manual_seed(11)
    net, lines = small_net(nn, 6, 12, 4), []
    optimizer, triplet = torch.optim.SGD(net.parameters(), lr=0.05), nn.TripletMarginLoss(margin=1.0, p=2)
    for _ in range(20):
        a, b = torch.randn(8, 6), torch.randn(8, 6)
        same = torch.randint(2, (8,)).float()
        ea, eb = net(a), net(b)
        distance = F.pairwise_distance(ea, eb)
        contrastive = (same * distance.pow(2) + (1 - same) * F.relu(1.0 - distance).pow(2)).mean()
        cosine = F.cosine_embedding_loss(ea, eb, same * 2 - 1)
        loss = contrastive + cosine + triplet(ea, net(a + 0.1), eb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        lines.append(f"{contrastive.item():.4f} {cosine.item():.4f} {loss.item():.4f}")
    return lines


@case
def contrastive_learning():
    import torch
    from torch import nn
    import torch.nn.functional as F
    torch.manual_seed(112)
    net, x, lines = small_net(nn, 6, 12, 4), torch.randn(8, 6), []
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(20):
        z = F.normalize(torch.cat([net(x + 0.1 * torch.randn_like(x)), net(x + 0.1 * torch.randn_like(x))]), dim=1)
        similarity = z @ z.T / 0.5
        similarity = similarity[~torch.eye(16, dtype=torch.bool)].view(16, 15)
        labels = torch.cat([torch.arange(7, 15), torch.arange(0, 8)])
        loss = F.cross_entropy(similarity, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        lines.append(f"{loss.item():.4f}")
    return lines


@case
def word_vectors_with_negative_sampling():
    import torch
    from torch import nn
    import torch.nn.functional as F
    words = "we are what we repeatedly do excellence then is not an act but a habit".split()
    vocabulary = {w: i for i, w in enumerate(dict.fromkeys(words))}
    ids = [vocabulary[w] for w in words]
    pairs = [(ids[i], ids[j]) for i in range(len(ids)) for j in range(max(0, i - 2), min(len(ids), i + 3)) if i != j]
    torch.manual_seed(13)
    center, context = nn.Embedding(len(vocabulary), 6), nn.Embedding(len(vocabulary), 6)
    nn.init.uniform_(center.weight, -0.5 / 6, 0.5 / 6)
    frequency = torch.bincount(torch.tensor(ids), minlength=len(vocabulary)).float().pow(0.75)
    optimizer, lines = torch.optim.SGD([*center.parameters(), *context.parameters()], lr=0.5), []
    c, o = torch.tensor(pairs).t()
    for _ in range(20):
        negative = torch.multinomial(frequency, len(pairs) * 3, replacement=True).view(-1, 3)
        v = center(c)
        positive = F.logsigmoid((v * context(o)).sum(-1))
        other = F.logsigmoid(-torch.bmm(context(negative), v.unsqueeze(2)).squeeze(2)).sum(-1)
        loss = -(positive + other).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        lines.append(f"{loss.item():.4f}")
    near = F.cosine_similarity(center.weight[:1], center.weight).topk(3)
    return lines, near.indices


@case
def style_and_input_optimisation():
    import torch
    from torch import nn
    import torch.nn.functional as F
    torch.manual_seed(14)
    features = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 8, 3, padding=1)).requires_grad_(False)
    content, style = torch.rand(1, 3, 10, 10), torch.rand(1, 3, 10, 10)

    def gram(t):
        b, c, h, w = t.size()
        f = t.view(b * c, h * w)
        return torch.mm(f, f.t()).div(b * c * h * w)

    caught = {}
    features[0].register_forward_hook(lambda module, inputs, output: caught.__setitem__("low", output))
    wanted_content = features(content)
    features(style)
    wanted_style = gram(caught["low"])
    image, lines = content.clone().requires_grad_(), []
    optimizer = torch.optim.LBFGS([image], max_iter=2)
    for _ in range(10):
        def closure():
            optimizer.zero_grad()
            out = features(image)
            loss = F.mse_loss(out, wanted_content) + 1e4 * F.mse_loss(gram(caught["low"]), wanted_style)
            loss.backward()
            return loss
        lines.append(f"{optimizer.step(closure).item():.3f}")
        with torch.no_grad():
            image.clamp_(0, 1)
    return lines


@case
def adversarial_example():
    import torch
    from torch import nn
    import torch.nn.functional as F
    torch.manual_seed(15)
    net, x, y, lines = small_net(nn), torch.rand(6, 4), torch.randint(3, (6,)), []
    for epsilon in (0, 0.05, 0.1, 0.2, 0.3):
        data = x.clone()
        data.requires_grad = True
        loss = F.nll_loss(F.log_softmax(net(data), dim=1), y)
        net.zero_grad()
        loss.backward()
        bad = torch.clamp(data + epsilon * data.grad.data.sign(), 0, 1)
        lines.append("Epsilon: {}\tloss {:.4f}\tTest Accuracy = {} / {}".format(
            epsilon, F.cross_entropy(net(bad), y).item(), (net(bad).argmax(1) == y).sum().item(), 6))
    return lines


@case
def moving_average_of_weights():
    import torch
    from torch import nn
    torch.manual_seed(16)
    net, x, y = small_net(nn), torch.randn(10, 4), torch.randint(3, (10,))
    ema = copy.deepcopy(net).requires_grad_(False)
    optimizer, lines = torch.optim.NAdam(net.parameters(), lr=1e-2), []
    for _ in range(20):
        loss = nn.functional.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            for e, p in zip(ema.parameters(), net.parameters()):
                e.mul_(0.9).add_(p, alpha=0.1)
            lines.append(f"{loss.item():.4f} {nn.functional.cross_entropy(ema(x), y).item():.4f}")
    return lines


@case
def checkpointing_saves_what_hooks_see():
    import torch
    from torch import nn
    from torch.utils.checkpoint import checkpoint, checkpoint_sequential
    torch.manual_seed(17)
    net, x, calls, norms = nn.Sequential(*[nn.Sequential(nn.Linear(6, 6), nn.Tanh()) for _ in range(4)]), torch.randn(5, 6), [], []
    x.requires_grad_()
    net[1].register_forward_hook(lambda m, i, o: calls.append("forward"))
    net[1].register_full_backward_hook(lambda m, gi, go: norms.append(f"{go[0].norm().item():.4f}"))
    net[0][0].weight.register_hook(lambda g: g * 2)
    optimizer, lines = torch.optim.SGD(net.parameters(), lr=0.1), []
    for step in range(6):
        out = (checkpoint(net, x) if step % 3 == 0 else checkpoint_sequential(net, 2, x) if step % 3 == 1 else net(x))
        loss = out.pow(2).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        lines.append(f"{loss.item():.4f} {net[0][0].weight.grad.norm().item():.4f}")
    return lines, len(calls), norms


@case
def layer_by_layer_gradients():
    import torch
    from torch import nn
    torch.manual_seed(18)
    lines = []
    for activation in (nn.Sigmoid(), nn.Tanh(), nn.ReLU(), nn.SELU()):
        net = nn.Sequential(*[m for _ in range(6) for m in (nn.Linear(16, 16), activation)])
        for name, p in net.named_parameters():
            if name.endswith("weight"):
                nn.init.xavier_normal_(p, gain=nn.init.calculate_gain("relu"))
        kept = []

        def keep(module, inputs, output):
            output.retain_grad()
            kept.append(output)
        for m in net:
            if isinstance(m, nn.Linear):
                m.register_forward_hook(keep)
        net(torch.randn(4, 16)).sum().backward()
        lines.append(f"{type(activation).__name__:8}" + " ".join(f"{t.grad.abs().mean().item():.2e}" for t in kept))
    return lines


@case
def loader_sampler_and_split():
    import torch
    from torch import nn
    from torch.utils.data import DataLoader, Dataset, WeightedRandomSampler, random_split

    class Pairs(Dataset):
        def __len__(self):
            return 30

        def __getitem__(self, i):
            return {"x": torch.tensor([i / 30, (i % 7) / 7]), "label": int(i % 7 == 0), "name": f"n{i}"}

    torch.manual_seed(19)
    train, valid = random_split(Pairs(), [24, 6], generator=torch.Generator().manual_seed(42))
    labels = torch.tensor([train[i]["label"] for i in range(len(train))])
    weights = (1.0 / torch.bincount(labels).float())[labels]
    loader = DataLoader(train, batch_size=8, sampler=WeightedRandomSampler(weights, 24), drop_last=True)
    net, lines = small_net(nn, 2, 8, 2), []
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
    for epoch in range(4):
        for batch in loader:
            loss = nn.functional.cross_entropy(net(batch["x"]), batch["label"])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            lines.append(f"{epoch} {loss.item():.4f} {batch['name'][:2]}")
        scheduler.step()
    hits = sum((net(b["x"]).argmax(1) == b["label"]).sum().item() for b in DataLoader(valid, batch_size=4))
    return lines, hits, valid.indices


@case
def low_rank_adapters_on_a_frozen_network():
    import torch
    from torch import nn

    class LoRA(nn.Module):
        def __init__(self, base, r=2, alpha=4):
            super().__init__()
            self.base, self.scale = base, alpha / r
            self.A, self.B = nn.Parameter(torch.empty(r, base.in_features)), nn.Parameter(torch.zeros(base.out_features, r))
            nn.init.kaiming_uniform_(self.A, a=math.sqrt(5))
            base.requires_grad_(False)

        def forward(self, x):
            return self.base(x) + self.scale * (x @ self.A.T @ self.B.T)

    torch.manual_seed(20)
    net = small_net(nn)
    for name, child in list(net.named_children()):
        if isinstance(child, nn.Linear):
            setattr(net, name, LoRA(child))
    trainable = [p for p in net.parameters() if p.requires_grad]
    x, y, lines = torch.randn(10, 4), torch.randint(3, (10,)), []
    optimizer = torch.optim.Adam(trainable, lr=2e-2)
    for _ in range(20):
        loss = nn.functional.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        lines.append(f"{loss.item():.4f}")
    return lines, sum(p.numel() for p in trainable), str(net), [n for n, p in net.named_parameters() if p.grad is None]


@case
def denoising_diffusion():
    import torch
    from torch import nn
    torch.manual_seed(21)
    betas = torch.linspace(1e-4, 0.2, 10)
    bars = torch.cumprod(1 - betas, dim=0)
    net, lines = small_net(nn, 3, 32, 2), []
    optimizer = torch.optim.RAdam(net.parameters(), lr=1e-2)
    for _ in range(20):
        x0, t = torch.randn(16, 2) * 0.3 + 1, torch.randint(0, 10, (16,))
        eps = torch.randn_like(x0)
        a = bars[t].unsqueeze(1)
        xt = a.sqrt() * x0 + (1 - a).sqrt() * eps
        loss = nn.functional.mse_loss(net(torch.cat([xt, t[:, None] / 10], 1)), eps)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        lines.append(f"{loss.item():.4f}")
    x = torch.randn(2, 2)
    with torch.no_grad():
        for t in reversed(range(10)):
            eps = net(torch.cat([x, torch.full((2, 1), t / 10)], 1))
            x = (x - betas[t] / (1 - bars[t]).sqrt() * eps) / (1 - betas[t]).sqrt()
            x = x + betas[t].sqrt() * torch.randn_like(x) if t else x
    return lines, [[f"{v:.2f}" for v in row] for row in x.tolist()]


@case
def newton_and_hessians():
    import torch
    from torch.autograd.functional import hessian, jacobian

    def rosenbrock(p):
        return (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2

    p, lines = torch.tensor([-1.2, 1.0], dtype=torch.float64), []
    for _ in range(8):
        g, h = jacobian(rosenbrock, p), hessian(rosenbrock, p)
        p = p - torch.linalg.solve(h, g)
        lines.append(f"{rosenbrock(p).item():.6e}"[:6])
    return lines, p.round(decimals=3), torch.linalg.eigvalsh(h)


@case
def principal_components_and_means():
    import torch
    torch.manual_seed(22)
    x = torch.randn(40, 3, dtype=torch.float64) * torch.tensor([3.0, 1.0, 0.1], dtype=torch.float64)
    centred = x - x.mean(dim=0)
    values = torch.linalg.svdvals(centred) ** 2 / 39
    centers = x[:3].clone()
    for _ in range(10):
        assigned = torch.cdist(x, centers).argmin(dim=1)
        centers = torch.stack([x[assigned == k].mean(0) for k in range(3)])
    return values, torch.cov(x.t()).diagonal().sum() - values.sum() < 1e-9, torch.bincount(assigned), centers


run(__file__)
