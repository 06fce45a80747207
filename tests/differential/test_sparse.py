"""Sparse tensors by coordinates: how they are made, printed, multiplied, added and kept: conversations."""
from harness import named_program, run
from transcript import transcripts

SETUP = '''
import copy, io, torch
import torch.nn as nn
'''

transcripts(SETUP, r'''
# -- conversation 1
i = torch.tensor([[0, 1, 1], [2, 0, 2]]); s = torch.sparse_coo_tensor(i, torch.tensor([3., 4., 5.]), (2, 4)); print(s); s.shape, s.dtype, s.layout, s.device, s.is_sparse, s._nnz(), s.dim(), s.numel(), s.size(0), s.sparse_dim(), s.dense_dim(), s.is_coalesced(), s.requires_grad, s.is_leaf, type(s), isinstance(s, torch.Tensor), s.ndim, len(s), s.is_floating_point(), s.is_cuda, s.is_contiguous() if 0 else 0
# -- conversation 2
s = torch.sparse_coo_tensor([[0, 1, 1], [2, 0, 2]], [3, 4, 5], (2, 3)); print(s); s.to_dense()
# -- conversation 3
s = torch.sparse_coo_tensor([[0, 1, 1], [2, 0, 2]], [3, 4, 5]); print(s)
# -- conversation 4
s = torch.sparse_coo_tensor(torch.tensor([[0, 0, 1]]), torch.tensor([1., 2., 3.]), (3,)); print(s, s.coalesce(), s.coalesce().is_coalesced(), s.to_dense())
# -- conversation 5
s = torch.sparse_coo_tensor(torch.tensor([[0, 0, 1]]), torch.tensor([1., 2., 3.]), (3,)); s.indices()
# -- conversation 7
s = torch.eye(3).to_sparse(); print(s); s.is_coalesced(), s @ torch.ones(3, 2), torch.sparse.mm(s, torch.ones(3, 2)), torch.mm(s, torch.ones(3, 2)), torch.matmul(s, torch.ones(3)), s.mm(torch.ones(3, 1)), torch.spmm(s, torch.ones(3, 1)), s.matmul(torch.ones(3, 1)), s.mv(torch.ones(3)) , torch.sparse.addmm(torch.ones(3, 2), s, torch.ones(3, 2)), torch.addmm(torch.ones(3, 2), s, torch.ones(3, 2))
# -- conversation 10
v = torch.tensor([1., 2.], requires_grad=True); s = torch.sparse_coo_tensor([[0, 1], [1, 0]], v, (2, 2)); s.to_dense().sum().backward(); v.grad, s.requires_grad
# -- conversation 11
s = torch.sparse_coo_tensor([[0, 1], [1, 0]], [2., 3.], (2, 2)); s.numpy()
# -- conversation 14
s = torch.sparse_coo_tensor([[0, 1], [1, 0]], [2., 3.], (2, 2)); s.storage()
# -- conversation 16
s = torch.sparse_coo_tensor([[0, 1], [1, 0]], [2., 3.], (2, 2)); s[0], s[0, 1]
# -- conversation 17
s = torch.sparse_coo_tensor([[0, 5], [1, 0]], [2., 3.], (2, 2))
# -- conversation 18
s = torch.sparse_coo_tensor([[0, 1], [1, 0]], [2., 3., 4.], (2, 2))
# -- conversation 19
s = torch.sparse_coo_tensor([[0, -1], [1, 0]], [2., 3.], (2, 2))
# -- conversation 20
s = torch.sparse_coo_tensor([[0, 1], [1, 0]], [2., 3.], (2,))
# -- conversation 21
s = torch.sparse_coo_tensor([0, 1], [2., 3.], (2,))
# -- conversation 22
s = torch.sparse_coo_tensor(torch.tensor([[0., 1]]), [2., 3.], (2,))
# -- conversation 23
s = torch.sparse_coo_tensor((2, 3)); print(s)
# -- conversation 24
s = torch.sparse_coo_tensor(torch.empty(2, 0, dtype=torch.long), torch.empty(0), (2, 3)); print(s), s.to_dense()
# -- conversation 25
s = torch.sparse_coo_tensor([[0, 1]], torch.ones(2, 3), (4, 3)); print(s), s.dense_dim(), s.to_dense(), s.coalesce()
# -- conversation 26
s = torch.sparse.FloatTensor(torch.LongTensor([[0, 1], [1, 0]]), torch.FloatTensor([1, 2]), torch.Size([2, 3])); print(s); s.to_dense()
# -- conversation 27
s = torch.sparse_coo_tensor([[0, 1], [1, 0]], [2., 3.], (2, 2)); b = io.BytesIO(); torch.save(s, b); b.seek(0); print(torch.load(b)), copy.deepcopy(s).to_dense()
# -- conversation 28
m = nn.Module(); m.register_buffer('adj', torch.eye(2).to_sparse()); print(m.state_dict()), m.adj.is_sparse, m.double().adj.dtype
# -- conversation 29
s = torch.eye(2).to_sparse(); torch.sparse.softmax(s, dim=1), torch.sparse.log_softmax(s, dim=1)
# -- conversation 30
s = torch.eye(3).to_sparse(); d = torch.arange(9.).view(3, 3); d.sparse_mask(s.coalesce())
# -- conversation 31
torch.sparse.mm(torch.eye(3).to_sparse(), torch.eye(3).to_sparse())
# -- conversation 32
torch.cat([torch.eye(2).to_sparse(), torch.eye(2).to_sparse()])
# -- conversation 34
torch.mm(torch.eye(2).to_sparse(), torch.ones(3, 2))
# -- conversation 36
torch.eye(2).to_sparse().requires_grad_()
# -- conversation 37
x = torch.eye(2).to_sparse().requires_grad_(); torch.sparse.mm(x, torch.ones(2, 2)).sum().backward(); x.grad
# -- conversation 42
torch.ones(2, 2) * torch.eye(2).to_sparse()
# -- conversation 43
torch.sparse_coo_tensor([[0, 1], [1, 0]], [2., 3.], (2, 2), dtype=torch.float64, device='cpu', requires_grad=True)
# -- conversation 45
s = torch.eye(2).to_sparse(); s += s; s *= 2; print(s), s.zero_() 
# -- conversation 46
torch.eye(3).to_sparse(1), torch.eye(3).to_sparse().index_select(0, torch.tensor([1, 2])), torch.eye(3).to_sparse().any() if 0 else 0
# -- conversation 47
torch.allclose(torch.eye(2).to_sparse().to_dense(), torch.eye(2)), torch.sparse.spdiags(torch.ones(1, 3), torch.tensor([0]), (3, 3)).to_dense()
# -- products and gradients
w, s = torch.rand(3, 2, requires_grad=True), torch.eye(3).to_sparse()
y = torch.sparse.mm(s, w)
y.sum().backward()
w.grad, y.detach()
# -- sums
s = torch.sparse_coo_tensor([[0, 1], [1, 0]], [2., 3.], (2, 2))
s * 2, s / 2, -s, s + s, s.t(), s.transpose(0, 1), s * s, s.abs(), s.pow(2), s.clone(), s.detach(), torch.ones(2, 2) + s, s.double(), s - s, s.coalesce() * 2, s.sqrt(), s.mul(3), s.t().coalesce()
torch.sparse.sum(s), torch.sparse.sum(s, dim=0), torch.sparse.sum(s, 1)
# -- sums of several dtypes
f = lambda dtype, n=3: torch.sparse_coo_tensor([[0, 1]], torch.ones(2, dtype=dtype), (n,))
f(torch.float32) + f(torch.float64), f(torch.int64) + f(torch.float32), f(torch.float32) - f(torch.float64), torch.zeros(3) + f(torch.float64)
f(torch.float32).add_(f(torch.float64)), f(torch.float32).sub_(f(torch.float64)), torch.zeros(3).add_(f(torch.float64)), torch.zeros(3).sub_(f(torch.float32))
f(torch.int64).add_(f(torch.float32))
f(torch.int64).mul_(2.5)
f(torch.int64).div_(2)
torch.zeros(4) + f(torch.float32)
torch.zeros(1).add_(f(torch.float32))
# -- sums of several densities
pairs, rows = torch.sparse_coo_tensor([[0, 1], [2, 3]], [1., 2.], (3, 4)), torch.sparse_coo_tensor([[0, 1]], torch.ones(2, 4), (3, 4))
pairs + rows
rows + pairs
rows.add_(pairs)
pairs.sub_(rows)
# -- an attention over edges
class SpecialSpmm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, indices, values, shape, b):
        a = torch.sparse_coo_tensor(indices, values, shape)
        ctx.save_for_backward(a, b)
        ctx.N = shape[0]
        return torch.matmul(a, b)
    @staticmethod
    def backward(ctx, grad_output):
        a, b = ctx.saved_tensors
        grad_values = grad_b = None
        if ctx.needs_input_grad[1]:
            edge = a._indices()[0, :] * ctx.N + a._indices()[1, :]
            grad_values = grad_output.matmul(b.t()).view(-1)[edge]
        if ctx.needs_input_grad[3]:
            grad_b = a.t().matmul(grad_output)
        return None, grad_values, None, grad_b
v, b = torch.tensor([1., 2., 3.], requires_grad=True), torch.rand(3, 2, requires_grad=True)
SpecialSpmm.apply(torch.tensor([[0, 1, 2], [1, 0, 2]]), v, torch.Size([3, 3]), b).pow(2).sum().backward()
v.grad, b.grad
''')

TABLE = """
def table(**options):
    torch.manual_seed(0)
    return nn.Embedding(5, 3, sparse=True, **options)
def trained(optimizer, steps=3, **options):
    e = table()
    o = optimizer(e.parameters(), **options)
    for _ in range(steps):
        o.zero_grad()
        loss = (e(torch.tensor([1, 3, 1])) ** 2).sum()
        loss.backward()
        o.step()
    return repr(e.weight), o.state_dict()["state"], repr(e.weight.grad)
"""
for text in (
    "e = table(); e(torch.tensor([1, 3, 1])).sum().backward(); g = e.weight.grad; r = repr(g), g.is_sparse, g.layout, g.is_coalesced(), g.to_dense(), g._nnz()",
    "e = table(padding_idx=1); e(torch.tensor([1, 3, 1, 0])).sum().backward(); r = repr(e.weight.grad)",
    "e = table(padding_idx=1); e(torch.tensor([[1, 1]])).sum().backward(); r = repr(e.weight.grad)",
    "e = table(); (e(torch.tensor([1, 3, 1])).sum() + e(torch.tensor([[0, 3]])).pow(2).sum()).backward(); r = repr(e.weight.grad)",
    "e = table(); e(torch.tensor([4, 1])).sum().backward(); e(torch.tensor([1])).sum().backward(); r = repr(e.weight.grad)",
    "e = table(); e(torch.tensor([4, 1])).sum().backward(); g = e.weight.grad; e(torch.tensor([2])).sum().backward(); r = repr(g)",
    "e = table(); e(torch.tensor([4, 1])).sum().backward(); e.weight.sum().backward(); r = e.weight.grad, e.weight.grad.is_sparse",
    "e = table(); e.weight.sum().backward(); e(torch.tensor([4, 1])).sum().backward(); r = e.weight.grad",
    "e = table(); (e.weight.sum() + e(torch.tensor([4, 1])).sum()).backward(); r = e.weight.grad",
    "e = table(); e(torch.tensor([4, 1])).sum().backward(); e.zero_grad(); r = repr(e.weight.grad)",
    "e = table(); e(torch.tensor([4, 1])).sum().backward(); e.weight.grad.zero_(); e(torch.tensor([2])).sum().backward(); r = repr(e.weight.grad)",
    "e = table(); r = repr(torch.autograd.grad(e(torch.tensor([4, 1])).sum(), e.weight))",
    "e = table(); w = []; e.weight.register_hook(lambda g: w.append(repr(g))); e(torch.tensor([4, 1])).sum().backward(); r = w",
    "e = table(scale_grad_by_freq=True); e(torch.tensor([4, 1])).sum().backward()",
    "w = torch.ones(4, 2, requires_grad=True); F.embedding(torch.tensor([1, 1]), w, sparse=True).sum().backward(); r = repr(w.grad)",
    "e = table(); e(torch.tensor([1, 1, 2])).sum().backward(); r = nn.utils.clip_grad_norm_(e.parameters(), 0.1), repr(e.weight.grad)",
    "e = table(); e(torch.tensor([4, 1])).sum().backward(); g = e.weight.grad; r = repr(g * 2), repr(g + g), repr(torch.clone(g)), torch.ones(5, 3) + g",
    "e = table(); e(torch.tensor([4, 1])).sum().backward(); import copy; r = repr(copy.deepcopy(e).weight.grad)",
    "t = torch.zeros(5, 3); e = table(); e(torch.tensor([4, 1])).sum().backward(); r = t.add_(e.weight.grad, alpha=-0.5)",
    "e = table(); e(torch.tensor([4, 1])).sum().backward(); torch.zeros(3, 3).add_(e.weight.grad)",
    "r = trained(torch.optim.SGD, lr=0.1)",
    "r = trained(torch.optim.SGD, lr=0.1, maximize=True)",
    "r = trained(torch.optim.SGD, lr=0.1, momentum=0.9)[0]",
    "r = trained(torch.optim.SGD, lr=0.1, momentum=0.9, nesterov=True)[0]",
    "r = trained(torch.optim.SGD, lr=0.1, weight_decay=0.1)",
    "r = trained(torch.optim.SparseAdam, lr=0.1)",
    "r = trained(torch.optim.SparseAdam, lr=0.1, maximize=True)",
    "r = trained(torch.optim.Adagrad, lr=0.1)",
    "r = trained(torch.optim.Adagrad, lr=0.1, lr_decay=0.1)",
    "r = trained(torch.optim.Adagrad, lr=0.1, weight_decay=0.1)",
    *(f"r = trained(torch.optim.{name})" for name in ("Adam", "AdamW", "Adamax", "Adadelta", "RMSprop", "Rprop", "NAdam", "RAdam", "ASGD")),
):
    named_program(text, TABLE)

# -- compressed rows
ROWS = """
s = torch.sparse_csr_tensor([0, 2, 3], [0, 2, 1], [1., 2., 3.], (2, 3))
i = torch.sparse_csr_tensor(torch.tensor([0, 2, 3], dtype=torch.int32), torch.tensor([0, 2, 1], dtype=torch.int32), torch.tensor([1, 2, 3]))
"""
for text in (
    "r = repr(s), repr(i), s.layout, s.shape, s.crow_indices(), s.col_indices(), s.values(), s._nnz(), s.is_sparse, s.is_sparse_csr, s.requires_grad",
    "r = s.to_dense(), repr(s.to_sparse()), repr(s.to_sparse().to_sparse_csr()), repr(s.double()), repr(s.clone()), repr(s.detach()), s.sum(), torch.sum(s)",
    "r = s @ torch.ones(3, 2), torch.mm(s, torch.ones(3, 2)), torch.sparse.mm(s, torch.ones(3, 1)), torch.ones(2, 2) @ s, torch.addmm(torch.ones(2, 2), s, torch.ones(3, 2))",
    "r = repr(-s), repr(s.abs()), repr(s.sin()), repr(torch.sqrt(s)), repr(s * s), repr(s[0]), s[0, 1]",
    "r = repr(torch.eye(3).to_sparse_csr()), repr(torch.tensor([[0, 1], [2, 0]]).to_sparse_csr()), repr(torch.zeros(2, 2).to_sparse_csr())",
    "r = repr(torch.arange(400.).reshape(20, 20).to_sparse_csr())",
    "r = repr(torch.sparse_csr_tensor([0, 2, 3], [0, 2, 1], [1., 2., 3.], (2, 3), requires_grad=True))",
    "r = repr(torch.sparse_csr_tensor([0, 2, 3], [0, 2, 1], [1., 2., 3.], dtype=torch.double))",
    "w = torch.ones(3, 2, requires_grad=True); (s @ w).sum().backward(); r = w.grad",
    *("r = " + line for line in (
        "s @ torch.ones(3)", "torch.mv(s, torch.ones(3))", "s @ torch.ones(2, 2)", "s * 2", "s + s", "s - s", "s / 2", "s.exp()", "s == s", "s @ i", "s[0:1]", "s.stride()",
        "s.is_contiguous()", "s.numpy()", "s.tolist()", "s.item()", "s.to_dense(torch.double)",
        "torch.sparse_csr_tensor([0, 2], [0, 2, 1], [1., 2., 3.], (2, 3))", "torch.sparse_csr_tensor([0, 2, 3], [0, 5, 1], [1., 2., 3.], (2, 3))",
        "torch.sparse_csr_tensor([1, 2, 3], [0, 2, 1], [1., 2., 3.], (2, 3))", "torch.sparse_csr_tensor([0, 2, 4], [0, 2, 1], [1., 2., 3.], (2, 3))",
        "torch.sparse_csr_tensor([0, 2, 3], [2, 0, 1], [1., 2., 3.], (2, 3))", "torch.sparse_csr_tensor([0, 2, 3], [0, 2, 1], [1., 2.], (2, 3))",
        "torch.sparse_csr_tensor([0., 2, 3], [0, 2, 1], [1., 2., 3], (2, 3))")),
):
    named_program(text, ROWS)

# -- bags of embeddings
BAG = """
def bag(*inputs, **options):
    torch.manual_seed(0)
    b = nn.EmbeddingBag(5, 3, sparse=True, **options)
    out = b(*inputs)
    (out ** 2).sum().backward()
    return out.detach(), b.weight.grad.to_dense(), b.weight.grad.is_sparse
i = torch.tensor([1, 2, 1, 4, 0])
"""
for text in ("r = bag(torch.tensor([[1, 2], [1, 4]]))", "r = bag(torch.tensor([[1, 2], [1, 4]]), mode='sum')", "r = bag(i, torch.tensor([0, 2]))",
             "r = bag(i, torch.tensor([0, 2, 2]), mode='sum')", "r = bag(i, torch.tensor([0, 2, 5]), include_last_offset=True)",
             "r = bag(i, torch.tensor([0, 3]), padding_idx=1)", "r = bag(i, torch.tensor([0, 3]), torch.arange(5.), mode='sum')", "r = bag(i)", "r = bag(i, torch.tensor([1]))",
             "r = bag(torch.tensor([7]), torch.tensor([0]))"):
    named_program(text, BAG)

run(__file__)
