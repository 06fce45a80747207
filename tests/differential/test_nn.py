"""Functions of layers: values, strides, node names, and gradients by every input."""

from harness import case, expressions, run

import torch
import torch.nn.functional as F

INPUTS = dict(x="torch.randn(2, 4, 8, 8)", s="torch.randn(2, 4, 8)", c="torch.randn(2, 4, 6, 6, 6)", w="torch.randn(4, 4, 3, 3)",
              v="torch.randn(4, 5)", t="torch.randn(4, 5)", i="torch.tensor([0, 1, 2, 3])")

FORWARD = """
F.conv1d(s, w[:, :, 0])
F.conv1d(s, w[:, :, 0], v[:4, 0], stride=2, padding=1)
F.conv2d(x, w)
F.conv2d(x, w, v[:4, 0], stride=2, padding=1)
F.conv2d(x, w, dilation=2)
F.conv2d(x, w[:, :2], groups=2, padding=2)
F.conv2d(x, w, padding="same")
F.conv2d(x.transpose(2, 3), w, padding="valid")
F.conv2d(torch.cat([x] * 4), w, padding=1)
F.conv2d(x.double(), w.double(), padding=(1, 0))
F.conv3d(c, torch.stack([w, w, w], 2), padding=1)
F.conv_transpose1d(s, w[:, :, 0], stride=2)
F.conv_transpose2d(x, w)
F.conv_transpose2d(x, w, stride=3, padding=1, output_padding=2)
F.conv_transpose2d(x, w[:, :2], groups=2, dilation=2)
F.max_pool1d(s, 2)
F.max_pool2d(x, 2)
F.max_pool2d(x, 3, 2, 1, 1, True)
F.max_pool2d(x, 2, 1, dilation=2)
F.max_pool3d(c, 2)
F.avg_pool1d(s, 2)
F.avg_pool2d(x, 2)
F.avg_pool2d(x, 3, 2, 1, True, False)
F.avg_pool2d(x, 3, 2, 1, divisor_override=2)
F.avg_pool3d(c, 2)
F.adaptive_avg_pool1d(s, 3)
F.adaptive_avg_pool2d(x, 3)
F.adaptive_avg_pool2d(x, 1)
F.adaptive_avg_pool3d(c, 2)
F.adaptive_max_pool1d(s, 3)
F.adaptive_max_pool2d(x, (3, 2))
F.batch_norm(x, None, None, training=True)
F.batch_norm(v, None, None, v[0], v[1], True)
F.instance_norm(x)
F.layer_norm(v, (5,), v[0], v[1])
F.layer_norm(x, (8, 8))
F.group_norm(x, 2, v[:, 0], v[:, 1])
F.local_response_norm(x, 2)
F.embedding(torch.tensor([[0, 1, 1], [3, 0, 2]]), v, padding_idx=1)
F.dropout(x, 0.3)
F.dropout(x.transpose(1, 3), 0.3)
F.dropout2d(x, 0.3)
F.alpha_dropout(v, 0.3, True)
F.pad(x, (1, 2, 0, 1))
F.pad(x, (-1, 2, 3, -2), value=2.0)
F.pad(x, (1, 2, 0, 1), mode="reflect")
F.pad(s, (3, 2), mode="replicate")
F.pixel_shuffle(x, 2)
F.pixel_unshuffle(x, 2)
F.interpolate(x, scale_factor=2)
F.interpolate(x, size=(5, 11), mode="bilinear")
F.interpolate(x, scale_factor=1.7, mode="bilinear", align_corners=True)
F.interpolate(x, size=(5, 11), mode="bicubic")
F.interpolate(s, scale_factor=2, mode="linear")
F.interpolate(x, scale_factor=2, mode="nearest-exact")
F.unfold(x, (2, 3), dilation=2, padding=1, stride=2)
F.fold(F.unfold(x, 3), (8, 8), 3)
F.normalize(v)
F.cosine_similarity(v, t)
F.pairwise_distance(v, t)
F.glu(x)
F.softmin(v, 1)
F.gumbel_softmax(v, hard=True)
F.nll_loss(v, i)
F.nll_loss(v, i, torch.arange(5.0), reduction="none", ignore_index=2)
F.nll_loss(s, torch.ones(2, 8).long(), reduction="sum")
F.cross_entropy(v, i)
F.cross_entropy(v[0], i[1])
F.cross_entropy(v, i, torch.arange(5.0) + 1, label_smoothing=0.1, ignore_index=2)
F.cross_entropy(v, t.softmax(1), torch.arange(5.0) + 1, label_smoothing=0.1)
F.cross_entropy(x, torch.ones(2, 8, 8).long(), reduction="sum", label_smoothing=0.2)
F.mse_loss(v, t)
F.mse_loss(v, t, reduction="none")
F.l1_loss(v, t)
F.smooth_l1_loss(v, t, beta=0.3)
F.huber_loss(v, t, delta=0.3, reduction="sum")
F.soft_margin_loss(v, t)
F.binary_cross_entropy(v.sigmoid(), t.sigmoid(), torch.arange(5.0))
F.binary_cross_entropy_with_logits(v, t.sigmoid(), torch.arange(5.0), pos_weight=torch.arange(5.0))
F.kl_div(v, t.exp(), reduction="batchmean")
F.poisson_nll_loss(v, t)
F.gaussian_nll_loss(v, t, torch.ones(4, 5))
F.hinge_embedding_loss(v, t)
F.margin_ranking_loss(v, t, torch.ones(4, 5))
F.cosine_embedding_loss(v, t, torch.ones(4))
F.triplet_margin_loss(v, t, t + 1)
F.multilabel_soft_margin_loss(v, t.sigmoid())
F.ctc_loss(torch.stack([v, t], 1).log_softmax(2), torch.tensor([[1, 2], [3, 3]]), (4, 4), (2, 2))
F.ctc_loss(torch.stack([v, t], 1).log_softmax(2), torch.tensor([1, 2, 3]), (4, 3), (1, 2), blank=4, reduction="none")
"""

expressions(FORWARD, rtol=1e-4, atol=1e-5, **INPUTS)


def gradients(line):
    torch.manual_seed(0)
    space = {"torch": torch, "F": F}
    for name, source in INPUTS.items():
        space[name] = eval(source, space)
        if space[name].is_floating_point():
            space[name].requires_grad_()
    y = eval(line, space)
    (y * torch.arange(y.numel()).reshape(y.shape).sin()).sum().backward()
    return [space[name].grad for name in INPUTS]


for number, source in enumerate(FORWARD.strip().splitlines()):
    def differentiate(source=source):
        return gradients(source)
    differentiate.__name__ = f"gradient {number}: {source}"
    case(differentiate, rtol=1e-3, atol=1e-4)


def twice(function, x):
    x = x.clone().requires_grad_()
    slope, = torch.autograd.grad(function(x).sum(), x, create_graph=True)
    return torch.autograd.grad((slope ** 2).sum(), x)[0]


@case(rtol=1e-3, atol=1e-3)
def second_derivatives():
    torch.manual_seed(0)
    x, w, v, t = torch.randn(2, 4, 8, 8), torch.randn(4, 4, 3, 3), torch.randn(4, 5), torch.randn(4, 5)
    return [twice(lambda a: F.conv2d(a, w, padding=1) ** 2, x), twice(lambda a: F.conv2d(x, a) ** 2, w),
            twice(lambda a: F.conv_transpose2d(a, w) ** 2, x), twice(lambda a: F.mse_loss(a, t), v),
            twice(lambda a: F.binary_cross_entropy_with_logits(a, t.sigmoid()), v),
            twice(lambda a: F.cross_entropy(a, torch.tensor([0, 1, 2, 3])), v),
            twice(lambda a: F.max_pool2d(a, 2) ** 2, x), twice(lambda a: F.avg_pool2d(a, 2) ** 2, x)]


@case(rtol=1e-4, atol=1e-5)
def running_statistics():
    torch.manual_seed(0)
    x, mean, var = torch.randn(3, 4, 5), torch.zeros(4), torch.ones(4)
    F.batch_norm(x, mean, var, training=True, momentum=0.3)
    F.instance_norm(x, mean, var)
    return mean, var, F.batch_norm(x, mean, var)


def recurrent(layer, x):
    x = x.clone().requires_grad_()
    out, state = layer(x)
    states = state if isinstance(state, tuple) else (state,)
    sum((y * torch.arange(y.numel()).reshape(y.shape).cos()).sum() for y in (out, *states)).backward()
    return [out.detach(), *(h.detach() for h in states), x.grad, *(p.grad for p in layer.parameters())]


@case(rtol=1e-3, atol=1e-5)
def recurrent_layers():
    torch.manual_seed(0)
    x = torch.randn(5, 3, 4)
    return [recurrent(layer, x) for layer in (torch.nn.LSTM(4, 3, 2, bidirectional=True),
                                              torch.nn.GRU(4, 3, 2, batch_first=True),
                                              torch.nn.RNN(4, 3, nonlinearity="relu", bias=False))]


@case(rtol=1e-3, atol=1e-5)
def packed_sequences():
    torch.manual_seed(0)
    rnn, x = torch.nn.utils.rnn, torch.randn(5, 3, 4)
    packed = rnn.pack_padded_sequence(x, [3, 5, 1], enforce_sorted=False)
    results = []
    for layer in (torch.nn.LSTM(4, 3, bidirectional=True), torch.nn.GRU(4, 3)):
        out, state = layer(packed)
        padded, lengths = rnn.pad_packed_sequence(out)
        padded.sum().backward()
        results += [padded.detach(), lengths, [p.grad for p in layer.parameters()]]
    return results


@case(rtol=1e-4, atol=1e-5)
def attention():
    torch.manual_seed(0)
    layer, x = torch.nn.MultiheadAttention(4, 2), torch.randn(3, 2, 4)
    mask = torch.ones(3, 3).triu(1).bool()
    return layer(x, x, x, attn_mask=mask), layer(x, x[:2], x[:2], average_attn_weights=False)


run(__file__)
