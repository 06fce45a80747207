# en: a sum over the places of the kernel: each time the whole picture, shifted
# zh: 对核的每个位置求和，每次整张图平移一下
import torch
import torch.nn.functional as F


def output_size(size, kernel, stride=1, padding=0, dilation=1):
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    n, c, h, w = x.shape
    o, per_group, kh, kw = weight.shape
    oh, ow = output_size(h, kh, stride, padding, dilation), output_size(w, kw, stride, padding, dilation)
    x = F.pad(x, [padding] * 4).reshape(n, groups, per_group, h + 2 * padding, w + 2 * padding)
    kernel = weight.reshape(groups, o // groups, per_group, kh, kw)
    out = 0
    for i in range(kh):
        for j in range(kw):
            top, left = i * dilation, j * dilation
            part = x[..., top:top + (oh - 1) * stride + 1:stride, left:left + (ow - 1) * stride + 1:stride]
            out = out + torch.einsum("ngchw,goc->ngohw", part, kernel[..., i, j])
    out = out.reshape(n, o, oh, ow)
    return out + bias.view(1, o, 1, 1) if bias is not None else out
