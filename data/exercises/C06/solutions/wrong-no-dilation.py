# en: the size leaves dilation out
# zh: 输出大小没有算 dilation
import torch
import torch.nn.functional as F


def output_size(size, kernel, stride=1, padding=0, dilation=1):
    return (size + 2 * padding - kernel) // stride + 1


def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    n, channels, height, width = x.shape
    out_channels, _, kh, kw = weight.shape
    columns = F.unfold(x, (kh, kw), dilation, padding, stride)               # (N, C * KH * KW, L)
    columns = columns.reshape(n, groups, -1, columns.shape[-1])
    rows = weight.reshape(groups, out_channels // groups, -1)
    out = (rows @ columns).reshape(n, out_channels, output_size(height, kh, stride, padding, dilation), -1)
    return out if bias is None else out + bias.reshape(-1, 1, 1)
