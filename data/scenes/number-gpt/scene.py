"""A small decoder-only transformer translates number words, both ways.

    三 百 二 十 五 <en>  ->  three hundred twenty five <end>
    three hundred twenty five <zh>  ->  三 百 二 十 五 <end>

It sees 700 of the numbers from 1 to 999 and is tested on the other 299.  Since
the rule is known, so is the source of every word; the scene measures how often
a head puts its largest weight there.  Nothing in training tells a head where to
look.
"""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

DIGITS = "零一二三四五六七八九"
ONES = ("zero one two three four five six seven eight nine ten eleven twelve thirteen "
        "fourteen fifteen sixteen seventeen eighteen nineteen").split()
TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()
PAD, TO_EN, TO_ZH, END = "<pad>", "<en>", "<zh>", "<end>"
WORDS = [PAD, TO_EN, TO_ZH, END, *DIGITS, "十", "百", *ONES[1:], *TENS[2:], "hundred"]
ID = {word: index for index, word in enumerate(WORDS)}
LENGTH = 10      # 九 百 九 十 九 <en> nine hundred ninety nine <end>, less the last
NO_TARGET = -100


# The numbers --------------------------------------------------------------------------

def pieces(n):
    """The number as pairs that mean the same: Chinese characters, English word."""
    hundreds, rest = divmod(n, 100)
    tens, ones = divmod(rest, 10)
    result = []
    if hundreds:
        result += [(DIGITS[hundreds], ONES[hundreds]), ("百", "hundred")]
    if rest >= 20:
        result.append((DIGITS[tens] + "十", TENS[tens]))
        if ones:
            result.append((DIGITS[ones], ONES[ones]))
    elif rest >= 10:
        result.append((("一" if hundreds else "") + "十" + (DIGITS[ones] if ones else ""), ONES[rest]))
    elif rest:
        result.append((("零" if hundreds else "") + DIGITS[ones], ONES[ones]))
    return result


def sentence(n, to_english):
    """The tokens of one example, and for each token the number of its piece (or None)."""
    chinese, english = [], []
    for number, (characters, word) in enumerate(pieces(n)):
        chinese += [(character, number) for character in characters]
        english.append((word, number))
    if to_english:
        pairs = chinese + [(TO_EN, None)] + english
    else:
        pairs = english + [(TO_ZH, None)] + chinese
    return [token for token, _ in pairs] + [END], [number for _, number in pairs] + [None]


def tensors(numbers):
    """ids and targets (N, 10), and source (N, 10, 10): is this key a source for that query?

    Position t predicts token t + 1.  Only the words after <en> or <zh> are
    targets; the source of such a word is every token of its piece before them.
    """
    ids, targets, sources = [], [], []
    for n in numbers:
        for to_english in (True, False):
            tokens, piece = sentence(n, to_english)
            start = tokens.index(TO_EN if to_english else TO_ZH)
            row = [ID[token] for token in tokens]
            gap = LENGTH - (len(row) - 1)
            ids.append(row[:-1] + [ID[PAD]] * gap)
            targets.append([NO_TARGET] * start + row[start + 1:] + [NO_TARGET] * gap)
            source = [[False] * LENGTH for _ in range(LENGTH)]
            for query in range(start, len(row) - 2):
                for key in range(start):
                    source[query][key] = piece[key] == piece[query + 1]
            sources.append(source)
    return torch.tensor(ids), torch.tensor(targets), torch.tensor(sources)


# The model ----------------------------------------------------------------------------

class Attention(nn.Module):
    """Every token asks (q), every token offers (k), and the answers (v) are mixed."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)

    def split(self, x):                                             # (N, T, width)
        n, t, width = x.shape
        return x.view(n, t, self.heads, width // self.heads).transpose(1, 2)

    def forward(self, x, hidden):                                   # hidden: True = may not look
        n, t, width = x.shape
        q, k, v = self.split(self.query(x)), self.split(self.key(x)), self.split(self.value(x))
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])   # (N, heads, T, T)
        scores = scores.masked_fill(hidden, float("-inf"))
        weights = torch.softmax(scores, dim=-1)                     # each row sums to 1
        self.weights = weights.detach()
        mixed = weights @ v                                         # (N, heads, T, width / heads)
        return self.out(mixed.transpose(1, 2).reshape(n, t, width))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x, hidden):
        x = x + self.attention(self.norm1(x), hidden)
        return x + self.mlp(self.norm2(x))


class NumberGPT(nn.Module):
    """Two blocks of eight heads.  Both are causal: no token sees a later one.

    In the first, a token looks at itself and the one before it, on its own side of
    <en> or <zh>: 十 learns that it is 二十, a word learns what it follows.
    In the second, every token looks at the source.
    """

    def __init__(self, width=64, heads=8, reach=2):
        super().__init__()
        self.reach = reach
        self.token = nn.Embedding(len(WORDS), width)
        self.position = nn.Embedding(LENGTH, width)
        self.near = Block(width, heads)
        self.far = Block(width, heads)
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, len(WORDS))

    def forward(self, ids):                                         # (N, T)
        place = torch.arange(ids.shape[1])
        back = place[:, None] - place                               # how far the key lies back
        writing = ((ids == ID[TO_EN]) | (ids == ID[TO_ZH])).cumsum(dim=1).bool()
        future = back < 0
        other_side = writing[:, :, None] != writing[:, None, :]     # (N, T, T)
        both_written = writing[:, :, None] & writing[:, None, :]
        not_near = future | (back >= self.reach) | other_side
        not_far = future | both_written

        x = self.token(ids) + self.position(place)                  # (N, T, width)
        x = self.near(x, not_near[:, None])
        x = self.far(x, not_far[:, None])
        return self.head(self.norm(x))                              # (N, T, words)


# Measures -----------------------------------------------------------------------------

@torch.no_grad()
def exact_match(model, ids, targets):
    """Share of examples with every word right.

    All words are predicted at once from the true words before them.  Writing one
    word after the other gives the same count: up to the first mistake, the words
    before are the true ones.
    """
    right = (model(ids).argmax(dim=-1) == targets) | (targets == NO_TARGET)
    return right.all(dim=1).float().mean().item()


@torch.no_grad()
def looks_at_source(model, ids, source):
    """For each head: the share of output words for which the largest weight lies on
    a source token of that word."""
    model(ids)
    counts = source.any(dim=-1)                                     # (N, T): has a source
    shares = {}
    for name, block in (("near", model.near), ("far", model.far)):
        largest = block.attention.weights.argmax(dim=-1)            # (N, heads, T)
        for head in range(largest.shape[1]):
            hit = source.gather(2, largest[:, head, :, None]).squeeze(2)
            shares[f"{name} {head + 1}"] = hit[counts].float().mean().item()
    return shares


@torch.no_grad()
def without_head(model, head, ids, targets):
    """Exact match while one head of the second block says nothing: its columns of `out` are zero."""
    out, heads = model.far.attention.out.weight, model.far.attention.heads
    columns = out[:, head * out.shape[1] // heads:(head + 1) * out.shape[1] // heads]
    kept = columns.clone()
    columns.zero_()
    score = exact_match(model, ids, targets)
    columns.copy_(kept)
    return score


@torch.no_grad()
def translate(model, tokens):
    """Writes one token after the other until <end>; shows where the model looks."""
    tokens = list(tokens)
    start = len(tokens)
    while tokens[-1] != END and len(tokens) <= LENGTH:
        scores = model(torch.tensor([[ID[token] for token in tokens]]))
        tokens.append(WORDS[scores[0, -1].argmax().item()])
    for block in (model.near, model.far):
        gb.show(block.attention.weights[0], view="attn", labels=(tokens[:-1], tokens[:-1]))
    return " ".join(tokens[start:])


# Training -----------------------------------------------------------------------------

def rate_at(step, steps):
    """Rises over 50 steps, then falls along a cosine."""
    rise = min(1.0, (step + 1) / 50)
    return rise * (0.02 + 0.5 * (1 + math.cos(math.pi * step / steps)))


def train(steps=600, batch=128, seed=0):
    torch.manual_seed(seed)
    order = (torch.randperm(999) + 1).tolist()
    known, held_out = order[:700], order[700:]
    ids, targets, _ = tensors(known)
    test_ids, test_targets, test_source = tensors(held_out)

    model = gb.watch(NumberGPT())
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.003, weight_decay=0.01)
    print(f"{sum(p.numel() for p in model.parameters())} parameters, numbers up to {len(order)}: "
          f"{len(known)} to learn from, {len(held_out)} kept aside")
    shares = looks_at_source(model, test_ids, test_source)
    untrained = [share for name, share in shares.items() if name.startswith("far")]
    print(f"untrained, the heads of the second block look at the source for "
          f"{min(untrained):.2f} to {max(untrained):.2f} of the words")
    gb.ask("rows-sum")
    gb.ask("first-loss")
    gb.ask("head-count")

    for step in range(steps):
        chosen = torch.randint(len(ids), (batch,))
        x, y = ids[chosen], targets[chosen]
        for group in optimizer.param_groups:
            group["lr"] = gb.knob("lr", 0.003, 0.0001, 0.02, log=True) * rate_at(step, steps)
        loss = F.cross_entropy(model(x).transpose(1, 2), y, ignore_index=NO_TARGET)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

        gb.log("loss", loss.item())
        if step == 0:
            gb.tell("rows-sum", model.far.attention.weights.sum(dim=-1).mean().item())
            gb.tell("first-loss", loss.item())
        if step < 20:
            print(f"step {step + 1:4d}  loss {loss.item():#.4g}")
        if (step + 1) % 100 == 0:
            shares = looks_at_source(model, test_ids, test_source)
            best = max(shares, key=shares.get)
            held = exact_match(model, test_ids, test_targets)
            gb.log("held-out exact match", held)
            gb.log("looks at the source", shares[best])
            gb.mark(f"step {step + 1}")
            print(f"step {step + 1:4d}  loss {loss.item():.4f}  held-out exact {held:.3f}  "
                  f"head {best} looks at the source for {shares[best]:.2f}")
            translate(model, ["三", "百", "二", "十", "五", TO_EN])

    gb.tell("head-count", sum(share >= 0.8 for share in shares.values()))
    for n in held_out[:3]:
        for to_english in (True, False):
            tokens, _ = sentence(n, to_english)
            given = tokens[:tokens.index(TO_EN if to_english else TO_ZH) + 1]
            print(f"{n:3d}  {' '.join(given)}  ->  {translate(model, given)}")
    for head in range(model.far.attention.heads):
        score = without_head(model, head, test_ids, test_targets)
        print(f"without head far {head + 1}: held-out exact {score:.3f}")
    print(f"head {best} puts its largest weight on the source for {shares[best]:.3f} of the output words")
    print(f"exact match: training words {exact_match(model, ids, targets):.3f}, held-out words {held:.3f}")


if __name__ == "__main__":
    train()
