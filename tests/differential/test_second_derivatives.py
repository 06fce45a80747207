"""Gradients of gradients: every backward rule is itself made of ops that can be differentiated."""
import side_by_side

OPS = '''
a.view(6, 4)
a.reshape(-1)
a.transpose(0, 1).reshape(-1)
a.expand(2, 2, 3, 4)
a[:, :1].expand(2, 3, 4)
a.permute(2, 0, 1)
a.transpose(0, 2)
m.t()
a.squeeze()
a[:, :1].squeeze(1)
a.unsqueeze(1)
a.select(1, 1)
a[:, 1:, ::2]
a.unfold(2, 2, 1)
a.diagonal(0, 1, 2)
a.as_strided((2, 3), (12, 4))
torch.cat(a.split(1))
torch.cat(a.split([1, 1]))
torch.stack(a.unbind(2), 1)
torch.cat([a, a * 2], 1)
torch.stack([a, a * a])
torch.block_diag(m, v)
a.repeat(2, 1, 1)
a.repeat_interleave(2, 0)
a.flip(0, 2)
a.roll(1, 2)
a.rot90()
a.tril()
m.diag()
v.diag()
torch.diag_embed(a)
a[i]
a[:, j]
a[B]
a.index_select(1, torch.tensor([0, 2, 2]))
a.gather(2, torch.tensor([[[0, 1]]]).expand(2, 3, 2))
a.scatter(2, torch.tensor([[[0]]]).expand(2, 3, 1), y[:, :, :1])
a.scatter_add(2, torch.tensor([[[0, 0, 1, 2]]]).expand(2, 3, 4), y)
a.index_add(0, torch.tensor([0, 0]), y)
a.index_copy(0, torch.tensor([1, 0]), y)
a.index_fill(0, torch.tensor([1]), 2.)
a.index_put((torch.tensor([0]), torch.tensor([1])), v)
a.index_put((torch.tensor([0, 0]),), y, accumulate=True)
a.masked_select(B)
a.masked_scatter(B, y)
a.take(torch.tensor([3, 3, 5]))
a.put(torch.tensor([3, 4]), w[:2])
a.sort(1)[0]
a.topk(2)[0]
a.median(1)[0]
a.kthvalue(2)[0]
m.mm(n)
m.t().mm(m)
a.bmm(y.transpose(1, 2))
m.mv(v)
v.dot(v * 2)
torch.addmm(n[0], m, n)
torch.baddbmm(w, a, y.transpose(1, 2))
torch.addbmm(w, a, y.transpose(1, 2))
torch.addmv(w, m, v)
torch.addr(m, w, v)
torch.outer(v, w)
a @ n
a @ v
F.linear(a, m, w)
torch.einsum('bij,bkj,j->bk', a, y, v)
torch.tensordot(a, y, dims=2) if False else torch.tensordot(a, y, dims=([0, 2], [0, 2]))
torch.kron(m, v)
torch.trace(s)
torch.linalg.cross(m[:, :3], m[:, 1:])
torch.linalg.inv(s)
torch.linalg.det(s)
torch.linalg.slogdet(s)[1]
torch.linalg.solve(s, n)
torch.linalg.cholesky(s @ s.t() + torch.eye(4))
torch.linalg.solve_triangular(s.triu() + torch.eye(4), n, upper=True)
torch.linalg.qr(m.t())[1]
torch.linalg.svdvals(m)
torch.linalg.eigvalsh(s + s.t())
torch.linalg.pinv(s[:3])
torch.linalg.matrix_norm(m)
'''.strip().split('\n')

TEMPLATE = '''leaves = [a, y, m, n, s, v, w]; out = {}; \
first = torch.autograd.grad((out * out * out).sum(), leaves, create_graph=True, allow_unused=True); \
second = torch.autograd.grad(sum((g * g * 0.01).sum() for g in first if g is not None and g.requires_grad), leaves, \
allow_unused=True); [None if g is None else (g * 1).contiguous() for g in second]'''

KNOWN = []

if __name__ == '__main__':
    side_by_side.main([TEMPLATE.format(op) for op in OPS], KNOWN)
