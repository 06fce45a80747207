"""What programs from outside met that no other comparison had asked for."""
from harness import case, expressions, run

expressions('''
[n for n, c in layers() if c.__module__ != "torch.nn.modules." + home(c)]
isinstance(nn.CELU(), nn.ELU), isinstance(nn.LogSoftmax(1), nn.Softmax), isinstance(nn.Softshrink(), nn.Hardshrink)
isinstance(nn.Fold(2, 2), nn.Unfold), isinstance(nn.Conv2d(1, 1, 1), nn.modules.conv._ConvNd)
isinstance(nn.BatchNorm2d(1), nn.modules.batchnorm._BatchNorm), nn.modules.instancenorm.InstanceNorm2d(1)
torch._assert(True, "said")
torch._assert(torch.tensor(1) == 2, "said")
torch._C._log_api_usage_once("program"), torch._C._get_tracing_state()
F.grad.conv2d_input((1, 1, 4, 4), torch.ones(1, 1, 3, 3), torch.ones(1, 1, 2, 2))
F.grad.conv1d_weight(torch.arange(5.).view(1, 1, 5), (1, 1, 3), torch.ones(1, 1, 3))
torch._six.string_classes, torch._six.inf
F.grad.conv2d_weight(torch.ones(1, 1, 4, 4), (1, 1, 3, 3), torch.ones(1, 1, 2, 2, requires_grad=True))
F.grad.conv1d_input((1, 1, 5), torch.ones(1, 1, 3, requires_grad=True), torch.ones(1, 1, 3))
nn.EmbeddingBag.from_pretrained(torch.arange(6.).view(3, 2), mode="sum")(torch.tensor([[0, 2]]))
nn.EmbeddingBag.from_pretrained(torch.arange(6.).view(3, 2), freeze=False).weight
nn.EmbeddingBag.from_pretrained(torch.ones(3))
last(torch.nn.functional.adaptive_avg_pool2d(x, 1))
last(torch.nn.functional.adaptive_avg_pool2d(x.contiguous(), 1))
''', x="torch.arange(24.).view(2, 3, 2, 2).requires_grad_().mul(2).to(memory_format=torch.channels_last)", setup='''
def last(t):
    return t.stride(), t.requires_grad, torch.autograd.grad((t * t).sum(), x_of(t))[0].stride()
def x_of(t):
    node = t.grad_fn
    while node.next_functions:
        node = next(n for n, i in node.next_functions if n is not None)
    return node.variable
HOMES = {"Flatten": "flatten", "Unflatten": "flatten", "Fold": "fold", "Unfold": "fold", "PixelShuffle": "pixelshuffle",
         "ChannelShuffle": "channelshuffle", "Upsample": "upsampling", "CosineSimilarity": "distance",
         "InstanceNorm1d": "instancenorm"}
def layers():
    return [(n, getattr(torch.nn, n)) for n in HOMES]
def home(c):
    return HOMES[c.__name__]
''')

run(__file__)
