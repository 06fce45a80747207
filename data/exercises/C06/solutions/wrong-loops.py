# en: a loop over the pixels of the output: right, and slow
# zh: 对每个输出像素循环：对，但是慢
import torch
import torch.nn.functional as F


def output_size(size, kernel, stride=1, padding=0, dilation=1):
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    n, c, h, w = x.shape
    o, per_group, kh, kw = weight.shape
    x = F.pad(x, [padding] * 4)
    oh, ow = output_size(h, kh, stride, padding, dilation), output_size(w, kw, stride, padding, dilation)
    rows = []
    for i in range(oh):
        for j in range(ow):
            window = x[:, :, i * stride:i * stride + dilation * (kh - 1) + 1:dilation, j * stride:j * stride + dilation * (kw - 1) + 1:dilation]
            rows.append(torch.einsum("ngcij,gocij->ngo", window.reshape(n, groups, per_group, kh, kw), weight.reshape(groups, -1, per_group, kh, kw)).reshape(n, o))
    out = torch.stack(rows, dim=2).reshape(n, o, oh, ow)
    return out if bias is None else out + bias[:, None, None]
