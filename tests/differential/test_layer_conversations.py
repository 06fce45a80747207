"""Layers, losses, optimisers, loaders and files in small conversations: what they say to odd questions."""
from harness import run
from transcript import transcripts

SETUP = """
import collections
import io
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import optim
from torch.utils.data import DataLoader, Dataset, IterableDataset, default_collate
"""

transcripts(SETUP, r'''
# -- layers
nn.Bilinear(2, 3, 4, bias=False)(torch.ones(2), torch.ones(3)).grad_fn.name()
nn.EmbeddingBag(10, 3, scale_grad_by_freq=True, mode="max")(torch.tensor([[1, 2]]))
nn.EmbeddingBag(10, 3, sparse=True, mode="max")(torch.tensor([[1, 2]]))
nn.RNNCell(2, 3)(torch.ones(4, 2), torch.ones(3))
nn.LSTMCell(2, 3)(torch.ones(4, 2), (torch.ones(3, 3), torch.ones(4, 3)))
nn.utils.rnn.PackedSequence(torch.ones(3, 2))
nn.utils.rnn.PackedSequence((torch.ones(3, 2), torch.tensor([2, 1])))
p = nn.ParameterDict({"a": torch.ones(2)})
p[3] = 4
p[3]
del p[3]
# -- losses
F.binary_cross_entropy_with_logits(torch.ones(2), torch.ones(2), pos_weight=torch.ones(3))
F.kl_div(torch.zeros(2, 3), torch.zeros(2, 3), size_average=False)
F.kl_div(torch.zeros(2, 3), torch.ones(2, 3), reduce=False, reduction="batchmean")
# -- optimisers
optim.SparseAdam([{"params": [torch.zeros(2).to_sparse()]}, {"params": [torch.zeros(2), torch.zeros(2).to_sparse()]}])
optim.SparseAdam([torch.zeros(2), torch.zeros(2).to_sparse()])
s = optim.swa_utils.SWALR(optim.SGD([nn.Parameter(torch.ones(1))], lr=1.), swa_lr=.1)
s.state_dict()
s.anneal_func(.3)
# -- loaders
class It(IterableDataset):
    def __iter__(self): return iter(range(3))
repr(DataLoader(It()).sampler).split(" at ")[0]
class Rows(Dataset):
    def __len__(self): return 5
    def __getitem__(self, i): return i
    def __getitems__(self, indices):
        print(indices)
        return [10 * i for i in indices]
list(DataLoader(Rows(), 2))
list(DataLoader(Rows(), None))
next(iter(DataLoader(torch.utils.data.TensorDataset(torch.arange(3)), 2, sampler=[-1, 0])))
next(iter(DataLoader(torch.utils.data.TensorDataset(torch.ones(2)), sampler=[5])))
class Bad(Rows):
    __getitems__ = None
    def __getitem__(self, i):
        torch.utils.data.get_worker_info().seed = 3
try:
    list(DataLoader(Bad(), 2, num_workers=1))
except RuntimeError as error:
    print([line for line in str(error).split("\n") if not line.lstrip().startswith("File")])
# -- where files are put
b = io.BytesIO()
torch.save(nn.Linear(2, 1).state_dict(), b)
def load(where):
    b.seek(0)
    return torch.load(b, map_location=where)
load("meta")
load({"cpu": "meta"})["bias"].stride()
load(lambda storage, location: storage)["bias"].shape
m = nn.Linear(2, 1)
m.load_state_dict(load("meta"))
b = io.BytesIO()
torch.save(torch.ones(2), b, _use_new_zipfile_serialization=False)
load("meta")
# -- printing, nodes, derivatives, distributions, checkpoints
torch.set_printoptions(foo=3)
x = torch.tensor([1., 2.], requires_grad=True)
(x * 2).grad_fn.requires_grad
torch.autograd.functional.jacobian(lambda a: a.outer(a), x.detach(), vectorize=True, strategy="forward-mode").stride()
torch.autograd.functional.jacobian(lambda a: a * 2, x.detach(), strict=True, vectorize=True, strategy="forward-mode")
torch.autograd.gradcheck(lambda t: t.to_sparse(), x.detach().double().requires_grad_())
D = torch.distributions
D.kl_divergence(D.ContinuousBernoulli(.3), D.Uniform(0., 1.)), D.kl_divergence(D.ContinuousBernoulli(.3), D.Uniform(-1., 2.))
import torch.utils.checkpoint; torch.utils.checkpoint.check_backward_validity([torch.ones(1)])
''')

run(__file__)
