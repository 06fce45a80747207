"""A system on paper: does the design keep its budgets of bytes, time and money?

The calculator counts parameters, arithmetic and memory of a decoder-only transformer;
a small one is built to see that it counts right.
"""

import torch
import torch.nn as nn

import gradboard as gb

VOCABULARY = 8000
CONTEXT = 256


def parameters(layers, width):
    """Of embeddings, blocks (attention 4 d^2, feed-forward 8 d^2, their biases and norms) and the last norm; tied output."""
    block = 4 * width * width + 4 * width + 8 * width * width + 5 * width + 4 * width
    return VOCABULARY * width + CONTEXT * width + layers * block + 2 * width


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)


class Model(nn.Module):
    """Only what has parameters: nothing is run."""

    def __init__(self, layers, width):
        super().__init__()
        self.words, self.places = nn.Embedding(VOCABULARY, width), nn.Embedding(CONTEXT, width)
        self.blocks = nn.ModuleList([Block(width) for _ in range(layers)])
        self.norm = nn.LayerNorm(width)


def training_bytes(count):
    """float32 with Adam: weight, gradient and two moments."""
    return 16 * count


def budget():
    """A design and what it takes."""
    layers, width = int(gb.knob("layers", 6, 1, 24)), int(gb.knob("width", 256, 64, 1024))
    gb.ask("adam-bytes")
    count = parameters(layers, width)
    flops = 6 * count * CONTEXT                                # forward and backward of one sequence
    rows = {"parameters, millions": count / 1e6, "training memory, MiB": training_bytes(count) / 2**20,
            "per sequence, GFLOP": flops / 1e9}
    limits = {"parameters, millions": 10.0, "training memory, MiB": 256.0, "per sequence, GFLOP": 20.0}
    for name, value in rows.items():
        print(f"{name}: {value:.2f} of {limits[name]:.0f}")
    shown = torch.tensor([[rows[name], limits[name], 100 * rows[name] / limits[name]] for name in rows])
    gb.show(shown, view="grid", labels=[list(rows), ["needs", "budget", "percent"]])
    for deeper in range(1, 25):
        gb.log("parameters, millions", parameters(deeper, width) / 1e6, deeper, "layers")
        gb.log("budget", limits["parameters, millions"], deeper, "layers")
    gb.tell("adam-bytes", training_bytes(1))
    gb.ask("feasible")
    gb.tell("feasible", "yes" if all(rows[name] <= limits[name] for name in rows) else "no")
    small = Model(2, 64)
    gb.watch(small)
    gb.check("the calculator counts what the module has", sum(p.numel() for p in small.parameters()) == parameters(2, 64))


def story():
    """Numbers that somebody claims of a project, held against each other."""
    gb.ask("steps-claimed")
    examples, epochs, batch, seconds = 500_000, 3, 64, 0.25
    steps = -(-examples // batch) * epochs
    hours = steps * seconds / 3600
    print(f"{examples} examples, {epochs} epochs, batches of {batch}: {steps} steps, {hours:.2f} h at {seconds} s each")
    gb.tell("steps-claimed", steps)
    gb.ask("one-hour")
    gb.tell("one-hour", "yes" if hours <= 1 else "no")
    gb.check("the last batch of an epoch counts", steps == 3 * 7813)


if __name__ == "__main__":
    budget()
    story()
