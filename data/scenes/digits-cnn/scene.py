"""A small convolutional network learns to read handwritten digits.

1,797 pictures of 8 by 8 grey values, written by 13 people: 1,437 to learn from,
360 kept aside.  The last line says how many of those 360 it reads right.
"""

from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

import gradboard as gb

DIGITS = Path(__file__).resolve().parents[2] / "datasets" / "digits.bin"
RECORD = 65  # 64 pixels from 0 to 16, then the label
TRAIN = 1437


def load_digits():
    """Images (N, 1, 8, 8) between 0 and 1, labels (N,): training part, test part."""
    raw = bytearray(DIGITS.read_bytes())
    records = torch.frombuffer(raw, dtype=torch.uint8).reshape(-1, RECORD)
    images = records[:, :64].reshape(-1, 1, 8, 8).float() / 16
    labels = records[:, 64].long()
    return (images[:TRAIN], labels[:TRAIN]), (images[TRAIN:], labels[TRAIN:])


class DigitsCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(32, 64, kernel_size=3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.fc1 = nn.Linear(64 * 2 * 2, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x):                            # (N, 1, 8, 8)
        x = self.pool(F.relu(self.conv1(x)))         # (N, 32, 4, 4)
        x = self.pool(F.relu(self.conv2(x)))         # (N, 64, 2, 2)
        x = x.flatten(1)                             # (N, 256)
        x = F.dropout(x, gb.knob("dropout", 0.2, 0.0, 0.8), self.training)
        x = F.relu(self.fc1(x))                      # (N, 64)
        return self.fc2(x)                           # (N, 10), one score per digit


@torch.no_grad()
def accuracy(model, images, labels):
    model.eval()
    right = (model(images).argmax(dim=1) == labels).float().mean().item()
    model.train()
    return right


def train(epochs=30):
    torch.manual_seed(0)
    (images, labels), (test_images, test_labels) = load_digits()
    loader = DataLoader(TensorDataset(images, labels), batch_size=32, shuffle=True)

    model = gb.watch(DigitsCNN())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)

    gb.ask("parameters")
    gb.tell("parameters", sum(p.numel() for p in model.parameters()))
    gb.ask("flat-shape")
    gb.tell("flat-shape", model.pool(model.pool(images[:1].expand(1, 64, 8, 8))).flatten(1).shape)
    gb.ask("first-loss")

    step = 0
    for epoch in range(1, epochs + 1):
        for x, y in loader:
            rise = min(1.0, (step + 1) / len(loader))    # full speed after one epoch
            fall = 1 - step / (epochs * len(loader))     # and down to nothing at the end
            for group in optimizer.param_groups:
                group["lr"] = gb.knob("lr", 0.05, 0.001, 1.0, log=True) * rise * fall
                group["momentum"] = gb.knob("momentum", 0.9, 0.0, 0.99)
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()

            step += 1
            gb.log("loss", loss.item())
            if step == 1:
                gb.tell("first-loss", loss.item())
            if step <= 20:
                print(f"step {step:2d}  loss {loss.item():#.4g}")
        score = accuracy(model, test_images, test_labels)
        gb.log("test accuracy", score)
        gb.mark(f"epoch {epoch}")
        print(f"epoch {epoch:2d}  loss {loss.item():.4f}  test accuracy {score:.3f}")
    print(f"test accuracy {score:.3f}")


if __name__ == "__main__":
    train()
