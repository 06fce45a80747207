"""Whole programs: the models of tutorials and interviews, trained for twenty steps with a seed."""
import math

from harness import case, run


def descend(torch, model, loss_of, optimizer=None, steps=20):
    """What a training loop prints: the loss of each step."""
    optimizer = optimizer or torch.optim.Adam(model.parameters(), lr=1e-2)
    lines = []
    for step in range(steps):
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        optimizer.step()
        lines.append(f"step {step:2d} loss {loss.item():.4f}")
    return lines


@case
def lenet():
    import torch
    import torch.nn as nn
    import torch.nn.functional as F

    class LeNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
            self.conv2 = nn.Conv2d(6, 16, 5)
            self.fc1, self.fc2, self.fc3 = nn.Linear(16 * 5 * 5, 120), nn.Linear(120, 84), nn.Linear(84, 10)

        def forward(self, x):
            x = F.avg_pool2d(torch.sigmoid(self.conv1(x)), 2)
            x = F.max_pool2d(F.relu(self.conv2(x)), (2, 2))
            x = F.relu(self.fc1(torch.flatten(x, 1)))
            return F.log_softmax(self.fc3(F.relu(self.fc2(x))), dim=1)

    torch.manual_seed(1)
    net, x, y = LeNet(), torch.rand(16, 1, 28, 28), torch.randint(10, (16,))
    lines = descend(torch, net, lambda: F.nll_loss(net(x), y), torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9))
    with torch.no_grad():
        correct = net(x).argmax(dim=1, keepdim=True).eq(y.view_as(net(x).argmax(dim=1, keepdim=True))).sum().item()
    return lines, f"Accuracy: {correct}/{len(x)} ({100. * correct / len(x):.0f}%)", str(net)


@case
def residual_network():
    import torch
    from torch import nn

    class Block(nn.Module):
        def __init__(self, c_in, c_out, stride=1):
            super().__init__()
            self.body = nn.Sequential(nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False), nn.BatchNorm2d(c_out), nn.ReLU(inplace=True),
                                      nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False), nn.BatchNorm2d(c_out))
            self.skip = (nn.Identity() if stride == 1 and c_in == c_out else
                         nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out)))

        def forward(self, x):
            return torch.relu(self.body(x) + self.skip(x))

    torch.manual_seed(2)
    net = nn.Sequential(nn.Conv2d(3, 8, 3, 1, 1), Block(8, 8), Block(8, 16, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 4))
    for m in net.modules():
        if isinstance(m, nn.Conv2d):
            nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
    x, y = torch.randn(8, 3, 16, 16), torch.tensor([0, 1, 2, 3] * 2)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-4)
    lines = descend(torch, net, lambda: criterion(net(x), y), optimizer)
    net.eval()
    return lines, net(x).argmax(1), [name for name, _ in net.named_buffers()][:4], sum(p.numel() for p in net.parameters())


@case
def u_net():
    import torch
    from torch import nn

    def double(i, o):
        return nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.ReLU(), nn.Conv2d(o, o, 3, padding=1), nn.ReLU())

    class UNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.down1, self.down2, self.bottom = double(1, 4), double(4, 8), double(8, 16)
            self.pool = nn.MaxPool2d(2)
            self.up2, self.dec2 = nn.ConvTranspose2d(16, 8, 2, stride=2), double(16, 8)
            self.up1, self.dec1 = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True), double(12, 4)
            self.head = nn.Conv2d(4, 1, 1)

        def forward(self, x):
            a = self.down1(x)
            b = self.down2(self.pool(a))
            c = self.bottom(self.pool(b))
            d = self.dec2(torch.cat([self.up2(c), b], dim=1))
            return self.head(self.dec1(torch.cat([self.up1(d), a], dim=1)))

    torch.manual_seed(3)
    net, x = UNet(), torch.rand(2, 1, 16, 16)
    y = (x > 0.5).float()

    def dice_and_bce():
        out = net(x)
        p = out.sigmoid()
        dice = 1 - (2 * (p * y).sum((1, 2, 3)) + 1) / (p.sum((1, 2, 3)) + y.sum((1, 2, 3)) + 1)
        return nn.functional.binary_cross_entropy_with_logits(out, y) + dice.mean()
    return descend(torch, net, dice_and_bce)


@case
def character_rnn():
    import torch
    from torch import nn
    text = "the quick brown fox jumps over the lazy dog and runs away "
    chars = sorted(set(text))
    index = {c: i for i, c in enumerate(chars)}
    data = torch.tensor([index[c] for c in text])

    class CharRNN(nn.Module):
        def __init__(self, n, hidden=24):
            super().__init__()
            self.encoder, self.rnn, self.decoder = nn.Embedding(n, 12), nn.LSTM(12, hidden, 2, dropout=0.1), nn.Linear(hidden, n)

        def forward(self, x, state=None):
            out, state = self.rnn(self.encoder(x).unsqueeze(1), state)
            return self.decoder(out.squeeze(1)), state

    torch.manual_seed(4)
    net = CharRNN(len(chars))
    optimizer, lines, state = torch.optim.RMSprop(net.parameters(), lr=5e-3), [], None
    for step in range(20):
        at = step % 3 * 15
        logits, state = net(data[at:at + 15], state)
        state = tuple(s.detach() for s in state)
        loss = nn.functional.cross_entropy(logits, data[at + 1:at + 16])
        optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(net.parameters(), 0.5)
        optimizer.step()
        lines.append(f"{loss.item():.4f} {math.exp(loss):.2f} {norm:.3f}")
    net.eval()
    generated, state, last = [], None, data[:1]
    with torch.no_grad():
        for _ in range(20):
            logits, state = net(last, state)
            last = torch.multinomial((logits[-1] / 0.8).softmax(0), 1)
            generated.append(chars[last.item()])
    return lines, "".join(generated)


@case
def packed_sequences():
    import torch
    from torch import nn
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
    torch.manual_seed(5)
    sequences = [torch.randint(1, 9, (n,)) for n in (5, 2, 7, 3)]
    lengths = torch.tensor([len(s) for s in sequences])
    batch, y = pad_sequence(sequences, batch_first=True), torch.tensor([0, 1, 1, 0])
    embed = nn.Embedding(9, 6, padding_idx=0)
    gru, head = nn.GRU(6, 5, batch_first=True, bidirectional=True), nn.Linear(10, 2)
    model = nn.ModuleList([embed, gru, head])

    def loss_of():
        packed = pack_padded_sequence(embed(batch), lengths, batch_first=True, enforce_sorted=False)
        out, h = gru(packed)
        out, n = pad_packed_sequence(out, batch_first=True)
        assert out.shape == (4, 7, 10) and n.tolist() == lengths.tolist()
        return nn.functional.cross_entropy(head(torch.cat((h[0], h[1]), dim=-1)), y)
    return batch, descend(torch, model, loss_of), embed.weight.grad[0]


@case
def small_gpt():
    import torch
    import torch.nn as nn
    from torch.nn import functional as F

    class Attention(nn.Module):
        def __init__(self, d, heads, size):
            super().__init__()
            self.c_attn, self.c_proj, self.heads = nn.Linear(d, 3 * d), nn.Linear(d, d), heads
            self.register_buffer("bias", torch.tril(torch.ones(size, size)).view(1, 1, size, size))

        def forward(self, x):
            B, T, C = x.size()
            q, k, v = self.c_attn(x).split(C, dim=2)
            k, q, v = (t.view(B, T, self.heads, C // self.heads).transpose(1, 2) for t in (k, q, v))
            att = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
            att = F.softmax(att.masked_fill(self.bias[:, :, :T, :T] == 0, float("-inf")), dim=-1)
            return self.c_proj((att @ v).transpose(1, 2).contiguous().view(B, T, C))

    class Block(nn.Module):
        def __init__(self, d, heads, size):
            super().__init__()
            self.ln_1, self.attn, self.ln_2 = nn.LayerNorm(d), Attention(d, heads, size), nn.LayerNorm(d)
            self.mlp = nn.ModuleDict(dict(c_fc=nn.Linear(d, 4 * d), c_proj=nn.Linear(4 * d, d), act=nn.GELU()))
            self.mlpf = lambda x: self.mlp.c_proj(self.mlp.act(self.mlp.c_fc(x)))

        def forward(self, x):
            x = x + self.attn(self.ln_1(x))
            return x + self.mlpf(self.ln_2(x))

    class GPT(nn.Module):
        def __init__(self, vocabulary=13, d=16, size=12):
            super().__init__()
            self.transformer = nn.ModuleDict(dict(wte=nn.Embedding(vocabulary, d), wpe=nn.Embedding(size, d),
                                                  h=nn.ModuleList([Block(d, 2, size) for _ in range(2)]), ln_f=nn.LayerNorm(d)))
            self.lm_head = nn.Linear(d, vocabulary, bias=False)
            self.transformer.wte.weight = self.lm_head.weight
            self.apply(self._init_weights)

        def _init_weights(self, module):
            if isinstance(module, (nn.Linear, nn.Embedding)):
                torch.nn.init.normal_(module.weight, mean=0.0, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                torch.nn.init.zeros_(module.bias)

        def forward(self, idx, targets=None):
            pos = torch.arange(0, idx.size(1), dtype=torch.long).unsqueeze(0)
            x = self.transformer.wte(idx) + self.transformer.wpe(pos)
            for block in self.transformer.h:
                x = block(x)
            logits = self.lm_head(self.transformer.ln_f(x))
            loss = None if targets is None else F.cross_entropy(logits.view(-1, logits.size(-1)), targets.view(-1), ignore_index=-1)
            return logits, loss

    torch.manual_seed(6)
    model = GPT()
    decay, no_decay = set(), set()
    for mn, m in model.named_modules():
        for pn, _ in m.named_parameters(recurse=False):
            name = f"{mn}.{pn}" if mn else pn
            (decay if pn == "weight" and isinstance(m, nn.Linear) else no_decay).add(name)
    parameters = dict(model.named_parameters())
    groups = [{"params": [parameters[n] for n in sorted(decay & parameters.keys())], "weight_decay": 0.1},
              {"params": [parameters[n] for n in sorted(no_decay & parameters.keys())], "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=3e-3, betas=(0.9, 0.95))
    data = torch.randint(0, 13, (8, 12))
    lines = descend(torch, model, lambda: model(data[:, :-1], data[:, 1:])[1], optimizer)
    model.eval()
    idx = data[:1, :3]
    for _ in range(6):
        logits = model(idx)[0][:, -1, :]
        v, _ = torch.topk(logits, 5)
        logits[logits < v[:, [-1]]] = -float("inf")
        idx = torch.cat((idx, torch.multinomial(F.softmax(logits, dim=-1), num_samples=1)), dim=1)
    return lines, idx, sorted(decay)[:3], len(no_decay)


@case
def sequence_to_sequence_with_attention():
    import torch
    from torch import nn
    import torch.nn.functional as F

    class Encoder(nn.Module):
        def __init__(self, n, h):
            super().__init__()
            self.embedding, self.gru = nn.Embedding(n, h), nn.GRU(h, h)

        def forward(self, x):
            return self.gru(self.embedding(x))

    class Decoder(nn.Module):
        def __init__(self, n, h):
            super().__init__()
            self.embedding, self.gru, self.out = nn.Embedding(n, h), nn.GRUCell(2 * h, h), nn.Linear(2 * h, n)
            self.w, self.u, self.v = nn.Linear(h, h, bias=False), nn.Linear(h, h, bias=False), nn.Linear(h, 1, bias=False)

        def forward(self, token, hidden, memory):
            scores = self.v(torch.tanh(self.w(memory) + self.u(hidden).unsqueeze(0))).squeeze(-1)
            weights = F.softmax(scores, dim=0)
            context = torch.einsum("tb,tbh->bh", weights, memory)
            hidden = self.gru(torch.cat([self.embedding(token), context], 1), hidden)
            return self.out(torch.cat([hidden, context], 1)), hidden, weights

    torch.manual_seed(7)
    encoder, decoder = Encoder(10, 8), Decoder(10, 8)
    source = torch.randint(2, 10, (6, 4))
    target = source.flip(0)
    parameters = list(encoder.parameters()) + list(decoder.parameters())
    optimizer, lines = torch.optim.Adam(parameters, lr=2e-2), []
    for step in range(20):
        memory, hidden = encoder(source)
        hidden, token, loss = hidden[-1], torch.zeros(4, dtype=torch.long), 0
        teacher = torch.rand(1).item() < 0.5
        for t in range(len(target)):
            logits, hidden, weights = decoder(token, hidden, memory)
            loss = loss + F.cross_entropy(logits, target[t])
            token = target[t] if teacher else logits.topk(1)[1].squeeze(1).detach()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        lines.append(f"{loss.item() / len(target):.4f} {'teacher' if teacher else 'own'}")
    return lines, weights.sum(0)


@case
def transformer_classifier():
    import torch
    from torch import nn

    class PositionalEncoding(nn.Module):
        def __init__(self, d_model, dropout=0.1, max_len=50):
            super().__init__()
            self.dropout = nn.Dropout(p=dropout)
            position = torch.arange(max_len).unsqueeze(1)
            div_term = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
            pe = torch.zeros(max_len, 1, d_model)
            pe[:, 0, 0::2] = torch.sin(position * div_term)
            pe[:, 0, 1::2] = torch.cos(position * div_term)
            self.register_buffer("pe", pe)

        def forward(self, x):
            return self.dropout(x + self.pe[:x.size(0)])

    class Classifier(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.position = nn.Embedding(12, 16), PositionalEncoding(16)
            layer = nn.TransformerEncoderLayer(16, 2, 32, 0.1, activation="gelu", norm_first=True)
            self.encoder, self.head = nn.TransformerEncoder(layer, 2, nn.LayerNorm(16)), nn.Linear(16, 3)

        def forward(self, x, mask):
            h = self.encoder(self.position(self.embed(x.t()) * math.sqrt(16)), src_key_padding_mask=mask)
            keep = (~mask).t().unsqueeze(-1)
            return self.head((h * keep).sum(0) / keep.sum(0))

    torch.manual_seed(8)
    net = Classifier()
    x = torch.randint(1, 12, (6, 9))
    x[torch.arange(9)[None] >= torch.tensor([9, 4, 6, 9, 2, 7])[:, None]] = 0
    y = torch.tensor([0, 1, 2, 0, 1, 2])
    optimizer = torch.optim.AdamW(net.parameters(), lr=5e-3)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: min((s + 1) ** -0.5, (s + 1) * 4 ** -1.5))
    lines = []
    for _ in range(20):
        loss = nn.functional.cross_entropy(net(x, x == 0), y, label_smoothing=0.1)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        lines.append(f"{loss.item():.4f} lr {scheduler.get_last_lr()[0]:.2e}")
    return lines


@case
def encoder_and_decoder_with_masks():
    import torch
    from torch import nn
    torch.manual_seed(10)
    model = nn.Transformer(d_model=8, nhead=2, num_encoder_layers=1, num_decoder_layers=1, dim_feedforward=16, dropout=0.0,
                           batch_first=True)
    embed, head = nn.Embedding(7, 8), nn.Linear(8, 7)
    x = torch.randint(1, 7, (4, 5))
    start = torch.cat([torch.zeros(4, 1, dtype=torch.long), x[:, :-1]], 1)
    everything = nn.ModuleList([model, embed, head])
    mask = nn.Transformer.generate_square_subsequent_mask(5)

    def loss_of():
        out = model(embed(x), embed(start), tgt_mask=mask)
        return nn.functional.cross_entropy(head(out).transpose(1, 2), x)
    return mask, descend(torch, everything, loss_of)


@case
def variational_autoencoder():
    import torch
    from torch import nn
    from torch.nn import functional as F

    class VAE(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1, self.fc21, self.fc22, self.fc3, self.fc4 = (nn.Linear(64, 32), nn.Linear(32, 4), nn.Linear(32, 4),
                                                                  nn.Linear(4, 32), nn.Linear(32, 64))

        def reparameterize(self, mu, logvar):
            std = torch.exp(0.5 * logvar)
            return mu + torch.randn_like(std) * std

        def forward(self, x):
            h = F.relu(self.fc1(x.view(-1, 64)))
            mu, logvar = self.fc21(h), self.fc22(h)
            return torch.sigmoid(self.fc4(F.relu(self.fc3(self.reparameterize(mu, logvar))))), mu, logvar

    torch.manual_seed(10)
    model, x = VAE(), torch.rand(16, 1, 8, 8)

    def loss_of():
        recon, mu, logvar = model(x)
        bce = F.binary_cross_entropy(recon, x.view(-1, 64), reduction="sum")
        return (bce - 0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())) / len(x)
    return descend(torch, model, loss_of, torch.optim.Adam(model.parameters(), lr=1e-3))


@case
def convolutional_autoencoder():
    import torch
    from torch import nn
    torch.manual_seed(11)
    net = nn.Sequential(nn.Conv2d(1, 4, 3, stride=2, padding=1), nn.LeakyReLU(0.2), nn.Conv2d(4, 8, 3, stride=2, padding=1), nn.ELU(),
                        nn.ConvTranspose2d(8, 4, 3, stride=2, padding=1, output_padding=1), nn.PReLU(),
                        nn.ConvTranspose2d(4, 1, 2, stride=2), nn.Sigmoid())
    x = torch.rand(4, 1, 8, 8)
    noisy = (x + 0.1 * torch.randn_like(x)).clamp(0, 1)
    return descend(torch, net, lambda: nn.functional.mse_loss(net(noisy), x)), str(net)


@case
def graph_convolution():
    import torch
    from torch import nn

    class GCNLayer(nn.Module):
        def __init__(self, i, o):
            super().__init__()
            self.weight, self.bias = nn.Parameter(torch.empty(i, o)), nn.Parameter(torch.zeros(o))
            nn.init.xavier_uniform_(self.weight)

        def forward(self, x, a):
            return a @ (x @ self.weight) + self.bias

    torch.manual_seed(12)
    edges = torch.tensor([[0, 0, 1, 2, 3, 4, 5], [1, 2, 2, 3, 4, 5, 3]])
    a = torch.zeros(6, 6)
    a[edges[0], edges[1]] = 1
    a = a + a.t() + torch.eye(6)
    d = a.sum(1).pow(-0.5)
    a = d[:, None] * a * d[None, :]
    layers, x = nn.ModuleList([GCNLayer(5, 8), GCNLayer(8, 2)]), torch.randn(6, 5)
    y, known = torch.tensor([0, 0, 0, 1, 1, 1]), torch.tensor([True, False, False, True, False, True])

    def loss_of():
        out = layers[1](torch.relu(layers[0](x, a)), a)
        return nn.functional.cross_entropy(out[known], y[known])
    return a, descend(torch, layers, loss_of)


@case
def matrix_factorisation_with_embedding_bag():
    import torch
    from torch import nn
    torch.manual_seed(13)
    users, items, bag = nn.Embedding(6, 4), nn.Embedding(8, 4), nn.EmbeddingBag(10, 4, mode="mean")
    u, i, r = torch.randint(6, (20,)), torch.randint(8, (20,)), torch.rand(20) * 4 + 1
    words, offsets = torch.randint(10, (50,)), torch.arange(0, 50, 50 // 20)[:20]
    model = nn.ModuleList([users, items, bag])
    return descend(torch, model, lambda: ((users(u) * (items(i) + bag(words, offsets))).sum(1) - r).pow(2).mean(),
                   torch.optim.Adagrad(model.parameters(), lr=0.1))


@case
def mixture_of_experts():
    import torch
    from torch import nn
    torch.manual_seed(14)
    gate, experts = nn.Linear(6, 3), nn.ModuleList(nn.Linear(6, 2) for _ in range(3))
    model, x, y = nn.ModuleList([gate, experts]), torch.randn(12, 6), torch.randn(12, 2)

    def loss_of():
        weights, chosen = gate(x).softmax(-1).topk(2, dim=-1)
        out = torch.zeros(12, 2)
        for e, expert in enumerate(experts):
            rows, slot = torch.where(chosen == e)
            if rows.numel():
                out = out.index_add(0, rows, expert(x[rows]) * weights[rows, slot, None])
        return nn.functional.mse_loss(out, y)
    return descend(torch, model, loss_of)


run(__file__)
