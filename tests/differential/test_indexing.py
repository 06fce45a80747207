"""Square brackets and everything that takes indices or masks."""
import side_by_side

EXPRESSIONS = '''
x[0]
x[-1]
x[5]
x[0, 1]
x[0, 1, 2]
x[0, 0, 0, 0]
x[...]
x[:]
x[1:]
x[:, 1:]
x[::2]
x[..., 0]
x[..., ::2]
x[0, ..., 1]
x[None]
x[:, None]
x[..., None]
x[None, 0, None]
x[0:2, 0:3]
x[0:2]
x[5:]
x[1:0]
x[-2:]
x[::-1]
x[::0]
x[True]
x[False]
x[True, False]
x[1.5]
x[i]
x[i, i]
x[:, i]
x[..., i]
x[i, :, i]
x[i, None, i]
x[None, i]
x[0, i]
x[:, 0, i]
x[i, 0]
x[i, 1:]
x[1:, i]
x[j]
x[j, i[:2]]
x[j, :, j]
x[[0, 1]]
x[[0, 1], [1, 0]]
x[[[0, 1], [1, 0]]]
x[(0, 1)]
x[torch.tensor(1)]
x[torch.tensor(1), :, torch.tensor(0)]
x[torch.tensor(True)]
x[torch.tensor(False)]
x[torch.tensor([5])]
x[:, torch.tensor([7])]
x[torch.tensor([-9]), :, torch.tensor([0])]
x[torch.tensor([1.])]
x[torch.tensor([0, 1], dtype=torch.int32)]
x[torch.tensor([0, 1], dtype=torch.uint8)]
x[x > 0]
x[x > 100]
x[x[0] > 0]
x[:, x[0, 0] > 0]
x[b]
x[:, b]
x[:, b, 0]
x[b[:2]]
x[b[:2], 1:]
x[torch.zeros(2, 4) > 0]
x[torch.zeros(0, dtype=torch.long)]
x[:, :, :, torch.tensor([0])]
x[torch.tensor([0, 1, 1]), torch.tensor([0, 1])]
m[torch.arange(3), torch.tensor([0, 2, 1])]
z = y * 1; z[0] = 1; z
z = y * 1; z[0, 1] = v; z
z = y * 1; z[..., 0] = 5; z
z = y * 1; z[:, 1:] = v; z
z = y * 1; z[None] = 3.5; z
z = y * 1; z[...] = y; z
z = y * 1; z[True] = 2; z
z = y * 1; z[False] = 2; z
z = y * 1; z[i] = v; z
z = y * 1; z[i, i] = 7; z
z = y * 1; z[:, i] = v; z
z = y * 1; z[z > 0] = 0; z
z = y * 1; z[z > 0] = v; z
z = y * 1; z[B] = torch.arange(8.); z
z = y * 1; z[0] = torch.ones(7); z
z = y * 1; z[0] = torch.ones(1, 1, 3, 4); z
z = y * 1; z[0] = torch.ones(2, 3, 4); z
z = y * 1; z[torch.tensor([0])] = torch.ones(2); z
z = y * 1; z[torch.tensor([0])] = torch.ones(4).double(); z
z = y * 1; z[torch.tensor([7])] = 1; z
z = y * 1; z[5] = 1; z
z = y * 1; z[j] = y[0]; z
z = L * 1; z[0] = 2.7; z
z = L * 1; z[B] = 2.7; z
z = L * 1; z[0, 0, 0] = True; z
z = y * 1; z[0][1][2] = 9; z
z = y * 1; z[0] += 1; z
z = y * 1; z[i] += 1; z
z = torch.zeros(3); z[[0, 0, 1]] += 1; z
z = m * 1; z[:, 0], z[:, 1] = z[:, 1], z[:, 0].clone(); z
x.index_select(0, i)
x.index_select(-1, i)
x.index_select(0, torch.tensor(0))
x.index_select(0, torch.tensor([5]))
x.index_select(0, j)
x.index_select(0, torch.tensor([0.]))
x.index_select(7, i)
x.index_select(0, torch.tensor([1], dtype=torch.int32))
x.gather(0, torch.zeros(1, 2, 2, dtype=torch.long))
x.gather(-1, torch.tensor([[[0, 1], [1, 0]]]))
x.gather(0, torch.tensor([0]))
x.gather(0, torch.zeros(5, 5, 5).long())
x.gather(0, torch.full((1, 1, 1), 7))
x.gather(0, torch.zeros(1, 1, 1))
x.take_along_dim(torch.zeros(1, 3, 4, dtype=torch.long), 0)
x.take_along_dim(x.argsort(-1), -1)
x.take_along_dim(torch.tensor([0, 1]))
x.take_along_dim(torch.tensor([0]), 0)
x.scatter(0, torch.zeros(1, 2, 2, dtype=torch.long), y)
x.scatter(0, torch.zeros(1, 2, 2, dtype=torch.long), 3.5)
x.scatter(-1, torch.tensor([[[1, 0]]]), y)
x.scatter(0, torch.full((1, 1, 1), 7), y)
x.scatter(0, torch.zeros(1, 1, 1), y)
x.scatter(0, torch.zeros(5, 5, 5).long(), y)
x.scatter(0, torch.zeros(1, 1, 1).long(), y.double())
x.scatter(0, torch.zeros(1, 1, 1).long(), y, reduce='foo')
x.detach().scatter(0, torch.zeros(2, 1, 1).long(), y.detach(), reduce='add')
x.detach().scatter(0, torch.zeros(2, 1, 1).long(), 2, reduce='multiply')
x.scatter_add(0, torch.zeros(2, 2, 2, dtype=torch.long), y)
x.scatter_add(-1, torch.tensor([[[1, 0, 1]]]), y)
y.scatter_reduce(0, torch.zeros(2, 3, 4).long(), y * 2, 'sum')
y.scatter_reduce(0, torch.zeros(2, 3, 4).long(), y * 2, 'mean')
y.scatter_reduce(0, torch.zeros(2, 3, 4).long(), y * 2, 'amax')
y.scatter_reduce(0, torch.zeros(2, 3, 4).long(), y * 2, 'amin')
y.scatter_reduce(0, torch.zeros(2, 3, 4).long(), y * 2, 'prod')
y.scatter_reduce(0, torch.zeros(2, 3, 4).long(), y * 2, 'sum', include_self=False)
y.scatter_reduce(0, torch.zeros(2, 3, 4).long(), y * 2, 'mean', include_self=False)
y.scatter_reduce(0, torch.zeros(2, 3, 4).long(), y * 2, 'amax', include_self=False)
L.scatter_reduce(0, torch.zeros(2, 3, 4).long(), L * 2, 'mean')
x.scatter_reduce(0, torch.zeros(1, 1, 1).long(), y, 'foo')
z = y * 1; z.scatter_(1, torch.tensor([[[1, 0, 2, 1]]]), 5.)
z = y * 1; z.scatter_add_(1, torch.tensor([[[1, 0, 2, 1]]]), y)
torch.zeros(3, 5).scatter_(1, torch.tensor([[1], [0], [4]]), 1)
x.index_add(0, torch.tensor([0]), x[:1])
x.index_add(0, torch.tensor([0]), x[:1], alpha=2)
x.index_add(-1, torch.tensor([0, 0]), x[..., :2])
x.index_add(0, torch.tensor([0]), x)
x.index_add(0, torch.tensor([5]), x[:1])
x.index_add(0, torch.tensor([0]), x[:1].double())
x.index_copy(0, torch.tensor([0]), y[:1])
x.index_copy(0, torch.tensor([1, 0]), x)
x.index_copy(0, torch.tensor([0]), x)
x.index_copy(0, torch.tensor([5]), x[:1])
x.index_fill(0, torch.tensor([0]), 7.)
x.index_fill(-1, torch.tensor([0, -1]), 7)
x.index_fill(0, torch.tensor([0]), torch.tensor(2.))
x.index_fill(0, torch.tensor([5]), 1)
x.index_fill(0, torch.tensor([0]), x)
z = y * 1; z.index_fill_(1, torch.tensor([0]), 0)
z = y * 1; z.index_add_(1, torch.tensor([0]), y[:, :1])
z = y * 1; z.index_copy_(1, torch.tensor([0]), y[:, 1:2])
x.masked_select(x > 0)
x.masked_select(B)
x.masked_select(x)
x.masked_select(torch.tensor([True, False]))
x.masked_fill(x > 0, 0)
x.masked_fill(x > 0, torch.tensor(2.))
x.masked_fill(x > 0, x)
x.masked_fill(B[0, 0], -math.inf)
x.masked_scatter(x > 0, y)
x.masked_scatter(x > -9, y[0])
x.masked_scatter(x > 0, y.double())
z = y * 1; z.masked_scatter_(B, m)
z = y * 1; z.masked_fill_(B, 3)
x.take(torch.tensor([0, 0]))
x.take(torch.tensor([[0, -1]]))
x.take(torch.tensor([50]))
x.take(torch.tensor([0.]))
x.put(torch.tensor([0, -1]), w[:2])
x.put(torch.tensor([0, 0]), w[:2], True)
x.put(torch.tensor([0, 1]), y[0])
x.put(torch.tensor([50]), y[0, 0, :1])
x.put(torch.tensor([0]), torch.tensor([1]))
z = y * 1; z.put_(torch.tensor([3, 4]), w[:2])
x.index_put((torch.tensor([0]),), torch.tensor(1.))
x.index_put((torch.tensor([0]),), y[0, 0, 0])
x.index_put((torch.tensor([0, 0]),), y[0, 0, 0], accumulate=True)
y.index_put((i, i), v)
y.index_put((i, i), v, True)
y.index_put((B,), w[0])
y.index_put((None, i), v) if False else 0
y.index_put((torch.tensor([5]),), y[0])
y.index_put((torch.tensor([0]),), y.double())
y.index_put((torch.tensor([0]),), y)
x.nonzero()
x.nonzero(as_tuple=True)
torch.nonzero(B)
torch.nonzero(B, as_tuple=True)
torch.argwhere(B)
torch.where(B)
torch.where(B, y, m)
torch.where(B, y, 0.)
torch.tensor(3.).nonzero()
torch.tensor(0.).nonzero()
B[:0].nonzero()
F.one_hot(torch.tensor([1, 2]))
F.one_hot(torch.tensor([[1, 2], [0, 3]]), 5)
F.one_hot(torch.tensor(1), 2)
F.one_hot(torch.tensor([1, 2]), 2)
F.one_hot(torch.tensor([-1, 2]))
F.one_hot(torch.tensor([1.]))
F.one_hot(torch.tensor([], dtype=torch.long))
F.one_hot(torch.tensor([1]), 0)
torch.zeros(3).scatter(0, torch.tensor([]), 1.5)
torch.zeros(2, 3, dtype=torch.long).index_add(0, torch.tensor([0, 0]), torch.ones(2, 3, dtype=torch.long), alpha=3)
torch.ones(3, dtype=torch.half).index_add(0, torch.tensor([0, 0]), torch.ones(2, dtype=torch.half))
torch.ones(3, dtype=torch.bfloat16)[torch.tensor([0, 2])]
torch.ones(3, dtype=torch.bool).scatter(0, torch.tensor([0]), False)
z = x * 1; z.select(0, 0)[...] = 0; z
len(x)
list(v)
v[2].item()
y[1, 2, 3].item()
'''.strip().split('\n')

KNOWN = [
    'x[1.5] [scalar]', 'x.take_along_dim(x.argsort(-1), -1) [scalar]',  # another error is found first
    'x.scatter(0, torch.zeros(1, 1, 1).long(), y, reduce=\'foo\') [empty]',
    'x.scatter_reduce(0, torch.zeros(1, 1, 1).long(), y, \'foo\')', 'y.double())', 'x.index_copy(0,',
    'x.masked_select(x > 0) [transposed]', 'x.masked_select(x > 0) [permuted]',
    'x.masked_select(torch.tensor([True, False])) [transposed]', 'x.masked_select(torch.tensor([True, False])) [permuted]',  # PyTorch's gradient takes the order of memory for that of the elements
    'x[None, i] [transposed]', 'x[None, i] [permuted]',  # another order of memory
    'x.scatter(0, torch.zeros(1, 2, 2', 'x.scatter(-1,', 'x.scatter_add(', 'z.scatter_add_(',  # inputs are counted otherwise
    'x.index_fill(0, torch.tensor([0]), 7.) [empty]', 'x.index_fill(0, torch.tensor([0]), torch.tensor(2.)) [empty]',
    'x.index_fill(0, torch.tensor([5]), 1) [empty]',  # PyTorch speaks of storages
]

if __name__ == '__main__':
    side_by_side.main(EXPRESSIONS, KNOWN)
