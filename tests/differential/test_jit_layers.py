"""torch.jit.script of every layer: results, gradients, and the same after saving and loading."""

import io

import torch
import torch.nn as nn

from harness import case, run


class Call(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x)


class CallTwo(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x, h: torch.Tensor):
        return self.layer(x, h)


class CallThree(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x, h: torch.Tensor, c: torch.Tensor):
        out, (h, c) = self.layer(x, (h, c))
        return out, h, c


def inputs():
    return {"X": torch.randn(2, 3), "Y": torch.randn(2, 3).abs(), "I": torch.randn(2, 3, 4, 4), "S": torch.randn(2, 3, 5),
            "S2": torch.randn(2, 2, 3), "V": torch.randn(2, 3, 4, 4, 4), "E": torch.randint(0, 10, (2, 3)),
            "Q": torch.randn(2, 3, 4)}


def called(module, arguments, space):
    """What module gives, and what of its parameters' gradients."""
    torch.manual_seed(2)
    out = eval(f"module({arguments})", {**space, "module": module, "torch": torch})
    first = out[0] if isinstance(out, tuple) else out
    if not first.requires_grad:
        return out
    first.sum().backward()
    return out, [None if p.grad is None else p.grad + 0.0 for p in module.parameters()]


def layer(made, arguments):
    def run_case():
        space = inputs()
        torch.manual_seed(1)
        module = torch.jit.script(eval(made))
        out = called(module, arguments, space)
        file = io.BytesIO()
        torch.jit.save(module, file)
        file.seek(0)
        again = torch.jit.load(file)
        again.zero_grad()
        return out, called(again, arguments, space)
    run_case.__name__ = f"{made} ({arguments})"
    case(run_case)


for line in """
nn.Linear(3, 4) | X
nn.Bilinear(3, 3, 2) | X, X
nn.Identity() | X
nn.Flatten() | I
nn.Unflatten(1, (1, 3)) | X
nn.ReLU() | X
nn.ReLU(True) | X
nn.ReLU6() | X
nn.ELU() | X
nn.SELU() | X
nn.CELU() | X
nn.GELU() | X
nn.GELU("tanh") | X
nn.SiLU() | X
nn.Mish() | X
nn.Sigmoid() | X
nn.Tanh() | X
nn.Softplus() | X
nn.Softsign() | X
nn.Softshrink() | X
nn.Hardshrink() | X
nn.Hardtanh() | X
nn.Hardsigmoid() | X
nn.Hardswish() | X
nn.LeakyReLU(0.2) | X
nn.PReLU() | X
nn.LogSigmoid() | X
nn.Tanhshrink() | X
nn.Threshold(.1, 2.) | X
nn.GLU(0) | X
nn.Softmax(1) | X
nn.Softmax() | X
nn.LogSoftmax(1) | X
nn.Softmin(1) | X
nn.Softmax2d() | I
nn.Dropout(0.5) | X
nn.Dropout2d(0.5) | I
nn.Dropout3d(0.5) | V
nn.Dropout1d(0.5) | S
nn.AlphaDropout(0.5) | X
nn.Conv1d(3, 2, 2) | S
nn.Conv2d(3, 2, 3) | I
nn.Conv2d(3, 2, 3, padding=1, padding_mode="reflect") | I
nn.Conv2d(3, 2, 3, padding="same") | I
nn.Conv2d(3, 3, 3, stride=2, groups=3, bias=False) | I
nn.Conv3d(3, 2, 2) | V
nn.ConvTranspose1d(3, 2, 2) | S
nn.ConvTranspose2d(3, 2, 3, stride=2) | I
nn.ConvTranspose3d(3, 2, 2) | V
nn.MaxPool1d(2) | S
nn.MaxPool2d(2) | I
nn.MaxPool2d(2, return_indices=True) | I
nn.MaxPool3d(2) | V
nn.AvgPool1d(2) | S
nn.AvgPool2d(2) | I
nn.AvgPool3d(2) | V
nn.LPPool2d(2, 2) | I
nn.LPPool1d(2, 2) | S
nn.AdaptiveAvgPool1d(2) | S
nn.AdaptiveAvgPool2d((1, 1)) | I
nn.AdaptiveAvgPool2d(2) | I
nn.AdaptiveAvgPool3d(2) | V
nn.AdaptiveMaxPool1d(2) | S
nn.AdaptiveMaxPool2d(2) | I
nn.AdaptiveMaxPool3d(2) | V
nn.BatchNorm1d(3) | X
nn.BatchNorm1d(3).eval() | X
nn.BatchNorm1d(3, affine=False) | X
nn.BatchNorm1d(3, track_running_stats=False) | X
nn.BatchNorm1d(3, momentum=None) | X
nn.BatchNorm2d(3) | I
nn.BatchNorm3d(3) | V
nn.InstanceNorm1d(3) | S
nn.InstanceNorm2d(3, affine=True) | I
nn.InstanceNorm2d(3, track_running_stats=True) | I
nn.LayerNorm(3) | X
nn.LayerNorm(3, elementwise_affine=False) | X
nn.GroupNorm(3, 3) | I
nn.LocalResponseNorm(2) | I
nn.Embedding(10, 3) | E
nn.Embedding(10, 3, padding_idx=0) | E
nn.Embedding(10, 3, max_norm=1.) | E
nn.EmbeddingBag(10, 3) | E
nn.EmbeddingBag(10, 3, mode="sum") | torch.tensor([1, 2, 3]), torch.tensor([0, 1])
nn.RNNCell(3, 4) | X
nn.RNNCell(3, 4, nonlinearity="relu") | X
nn.LSTMCell(3, 4) | X
nn.LSTMCell(3, 4) | X, (torch.zeros(2, 4), torch.zeros(2, 4))
nn.GRUCell(3, 4) | X
nn.MultiheadAttention(4, 2) | Q, Q, Q
nn.MultiheadAttention(4, 2, batch_first=True) | Q, Q, Q
nn.MultiheadAttention(4, 2, batch_first=True).eval() | Q, Q, Q
nn.L1Loss() | X, Y
nn.MSELoss() | X, Y
nn.MSELoss(reduction="sum") | X, Y
nn.CrossEntropyLoss() | X, torch.tensor([0, 1])
nn.CrossEntropyLoss(label_smoothing=.1, weight=torch.ones(3)) | X, torch.tensor([0, 1])
nn.NLLLoss() | X, torch.tensor([0, 1])
nn.BCELoss() | X.sigmoid(), Y.sigmoid()
nn.BCEWithLogitsLoss() | X, Y.sigmoid()
nn.SmoothL1Loss() | X, Y
nn.HuberLoss() | X, Y
nn.KLDivLoss(reduction="batchmean") | X, Y
nn.PoissonNLLLoss() | X, Y
nn.GaussianNLLLoss() | X, Y, torch.ones(2, 3)
nn.HingeEmbeddingLoss() | X, Y.sign()
nn.MarginRankingLoss() | X, Y, torch.ones(2, 3)
nn.SoftMarginLoss() | X, Y.sign()
nn.MultiMarginLoss() | X, torch.tensor([0, 1])
nn.MultiLabelMarginLoss() | X, torch.tensor([[0, -1, 1], [1, -1, 0]])
nn.MultiLabelSoftMarginLoss() | X, Y
nn.CosineEmbeddingLoss() | X, Y, torch.ones(2)
nn.TripletMarginLoss() | X, Y, X+1
nn.CTCLoss() | torch.randn(5, 2, 4).log_softmax(2), torch.tensor([[1, 2], [2, 3]]), torch.tensor([5, 5]), torch.tensor([2, 2])
nn.CosineSimilarity() | X, Y
nn.PairwiseDistance() | X, Y
nn.PixelShuffle(1) | I
nn.PixelUnshuffle(2) | I
nn.ChannelShuffle(3) | I
nn.Upsample(scale_factor=2) | I
nn.Upsample(scale_factor=2., mode="bilinear") | I
nn.Upsample(size=(5, 5), mode="bilinear", align_corners=True) | I
nn.Upsample(scale_factor=2, mode="bicubic") | I
nn.UpsamplingNearest2d(scale_factor=2) | I
nn.UpsamplingBilinear2d(scale_factor=2) | I
nn.ZeroPad2d(1) | I
nn.ConstantPad1d(1, 2.) | S
nn.ConstantPad2d((1, 2, 0, 1), 2.) | I
nn.ReflectionPad2d(1) | I
nn.ReflectionPad1d(1) | S
nn.ReplicationPad2d(1) | I
nn.ReplicationPad3d(1) | V
nn.Fold((4, 4), (2, 2)) | torch.randn(1, 12, 9)
nn.Unfold(2) | I
nn.Sequential(nn.Linear(3, 3), nn.ReLU()) | X
nn.Sequential(nn.Conv2d(3, 2, 3, padding=1), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 2)) | I
Call(nn.RNN(3, 4)) | S2
Call(nn.RNN(3, 4, nonlinearity="relu", batch_first=True)) | S2
Call(nn.LSTM(3, 4, 2, bidirectional=True)) | S2
Call(nn.LSTM(3, 4, proj_size=2, batch_first=True)) | S2
Call(nn.LSTM(3, 4)) | X
Call(nn.GRU(3, 4, dropout=.5, num_layers=2)) | S2
CallTwo(nn.GRU(3, 4)) | S2, torch.ones(1, 2, 4)
CallThree(nn.LSTM(3, 4)) | S2, torch.ones(1, 2, 4), torch.ones(1, 2, 4)
Call(nn.Embedding(10, 3, max_norm=1.)) | E
""".strip().splitlines():
    layer(*line.split(" | "))

run(__file__)
