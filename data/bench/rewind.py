"""rewind.py STEPS MEGABYTES: trains the network of the scene digits-cnn beside so much memory, and says how it went.

A snapshot is taken between two steps, by a child that is waited for: its processor time tells that there was one, what
the copying itself took, and which step it stopped.
Prints `name<tab>unit<tab>value`.
"""
import resource
import statistics
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

n_steps, n_megabytes = int(sys.argv[1]), int(sys.argv[2])


class DigitsCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(32, 64, kernel_size=3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.fc1, self.fc2 = nn.Linear(64 * 2 * 2, 64), nn.Linear(64, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = F.dropout(x.flatten(1), 0.2, self.training)
        return self.fc2(F.relu(self.fc1(x)))


torch.manual_seed(0)
images, labels = torch.rand(1437, 1, 8, 8), torch.randint(0, 10, (1437,))
loader = DataLoader(TensorDataset(images, labels), batch_size=32, shuffle=True)
model = DigitsCNN()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
ballast = torch.ones(n_megabytes << 18)


def copying():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def train():
    while True:
        for x, y in loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            yield


steps = train()
for _ in range(60):
    next(steps)
times, copied = [], []
processor = time.process_time() + copying()
for _ in range(n_steps):
    begin, before = time.perf_counter(), copying()
    next(steps)
    times.append(time.perf_counter() - begin)
    copied.append(copying() - before)
processor = time.process_time() + copying() - processor
usual = statistics.median(times)
pauses = [took - usual for took, copy in zip(times, copied) if copy]
print(f"speed\tsteps/s\t{n_steps / sum(times):.5g}")
print(f"processor\tms/step\t{1e3 * processor / n_steps:.5g}")
print(f"resident\tMB\t{int(open('/proc/self/statm').read().split()[1]) * resource.getpagesize() / 1e6:.4g}")
if pauses:
    print(f"snapshot\tms\t{1e3 * statistics.median(pauses):.4g}")
    print(f"copying\tms\t{1e3 * statistics.median(filter(None, copied)):.4g}")
    print(f"quickest\tms\t{1e3 * min(pauses):.4g}")
