# en: no shortcut module where none is needed; pooling by AdaptiveAvgPool2d
# zh: 不需要时 shortcut 为 None；用 AdaptiveAvgPool2d 汇总
import torch
import torch.nn as nn
import torch.nn.functional as F


class Block(nn.Module):
    def __init__(self, channels_in, channels_out, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels_out)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels_out)
        nn.init.zeros_(self.bn2.weight)
        self.shortcut = None
        if stride != 1 or channels_in != channels_out:
            self.shortcut = nn.Sequential(nn.Conv2d(channels_in, channels_out, 1, stride, bias=False), nn.BatchNorm2d(channels_out))

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        way = x if self.shortcut is None else self.shortcut(x)
        return (self.bn2(self.conv2(out)) + way).clamp(min=0)


def stage(channels_in, channels_out, blocks, stride):
    return nn.Sequential(Block(channels_in, channels_out, stride), *[Block(channels_out, channels_out) for _ in range(blocks - 1)])


class SmallResNet(nn.Module):
    def __init__(self, width=8, blocks=1, classes=4):
        super().__init__()
        self.conv = nn.Conv2d(3, width, kernel_size=3, padding="same", bias=False)
        self.bn = nn.BatchNorm2d(width)
        self.layer1 = stage(width, width, blocks, 1)
        self.layer2 = stage(width, 2 * width, blocks, 2)
        self.layer3 = stage(2 * width, 4 * width, blocks, 2)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(4 * width, classes)

    def forward(self, x):
        x = torch.relu(self.bn(self.conv(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc(self.pool(x).flatten(1))
