"""What PyTorch says to wrong arguments."""
from harness import expressions, run

expressions('''
torch.add(a, "x")
a.add("x")
a + "x"
a @ 2
torch.matmul(a, 2)
a ** "x"
a.exp(1)
torch.exp(2)
a.reshape("s")
a.eq("x")
a == "x"
a != "x"
a < "x"
a.mean(foo=1)
a.mean(0, dim=0)
torch.cat(a)
torch.cat([1])
torch.rand("x")
a.permute(0.5)
torch.arange("x")
a.clamp("x")
a.pow("x")
a.masked_fill(1, 2)
torch.stack(3)
torch.where(1)
a.foo
torch.foo
torch.sum(a, 5)
a.to("cuda")
a.cuda()
a.to("x")
a.type(3)
bool(a)
int(a)
len(torch.tensor(1))
a.item()
a.requires_grad_("x")
torch.ones(2, dtype=torch.int)[5]
a["x"]
a[1.5]
a[{}]
a[::0]
a[::-1]
a[0, 0]
a[5]
a[True]
a[None]
a[..., 0]
a[[0, 1]]
a[[True, False, True]]
a[range(2)]
torch.ones(2, 2)[[0, 1], [1, 0]]
a.__setitem__(0, [1])
a.__setitem__(0, "s")
a.__delitem__(0)
a.size(5)
a.stride(3)
a.backward()
torch.ones(3, requires_grad=True).backward()
a.retain_grad()
a.register_hook(lambda g: g)
setattr(a, "requires_grad", 3)
setattr(torch.tensor(1), "requires_grad", True)
setattr(torch.ones(2, requires_grad=True) * 2, "requires_grad", False)
setattr(a, "grad", 3)
setattr(a, "grad", torch.ones(2))
setattr(a, "grad", torch.ones(3).double())
setattr(a, "shape", 3)
setattr(a, "data", 3)
torch.ones(2, requires_grad=True).numpy()
torch.device("foo")
torch.device("cuda")
torch.device("cpu", 0)
torch.finfo(torch.int8)
torch.iinfo(torch.float)
torch.finfo(torch.float32)
torch.iinfo(torch.int64)
torch.finfo(torch.bfloat16)
torch.set_default_dtype(torch.int)
torch.set_num_threads(0)
torch.result_type(1, 2.0)
torch.can_cast(torch.float, torch.int)
torch.promote_types(torch.int, torch.float)
torch.float32
torch.Size([2, 3])
torch.Size([2, 3])[1:]
torch.strided
torch.contiguous_format
"{:.2f}".format(torch.tensor(1.234))
"{:.2f}".format(a)
f"{a} {torch.tensor(3)}"
a + torch.ones(4)
torch.ones(2, 3) @ torch.ones(2, 3)
torch.ones(2, 3).view(5)
a.view(2, -1)
torch.ones(2, 3).mm(a)
a.unsqueeze(3)
a.squeeze(4)
a.T
torch.ones(3).mT
torch.ones(2, 2, 2).H
a.add_(torch.ones(2, 3))
torch.ones(3, dtype=torch.int).add_(1.5)
torch.ones(3, requires_grad=True).add_(1)
1 / torch.tensor([0., 2.])
5 % torch.tensor([3, 2])
2 ** torch.tensor([1, 2])
7 // torch.tensor([2, 4])
1 - a
True + a
a + True
torch.tensor([1, 2]) / 2
torch.tensor([1, 2]) // 2
torch.tensor([1, 2]) * 2.5
-torch.tensor([True])
~torch.tensor([1.])
torch.tensor([True]) - torch.tensor([False])
1 in a
"x" in a
list(torch.arange(3))
iter(torch.tensor(1))
torch.typename(a)
''', a="torch.ones(3)")

# Which overloads there are, in which order, and why each does not fit.
expressions('''
torch.randint(10)
torch.randint(0,10,5)
torch.zeros(t,"x")
torch.zeros(2,foo=1)
torch.zeros((2,3),(3,))
torch.ones("x","y")
torch.rand("x","y")
torch.rand(2.,3.)
torch.empty("x","y")
torch.full("x")
torch.full(3)
torch.randperm(3,4)
torch.arange(1,"x")
torch.add(t)
t.max(foo=1)
torch.max(t,foo=1)
t.std(foo=1)
t.view("x")
t.view(2.0,3)
t.view()
t.sum(foo=1)
t.sum(1.5)
t.mean(1.5)
t.mean(foo=1)
torch.sum(t,1.5)
torch.softmax(t)
torch.softmax(t,1.5)
t.softmax()
torch.cat(t,t)
torch.cat(t,0)
torch.addmm(t,t)
t.addmm_(t)
torch.argsort()
torch.where(t>0,1)
torch.where(t>0,"x",t)
torch.where(1,t,t)
torch.clamp(t,"x")
torch.all(t,foo=1)
t.all(foo=1)
t.median(foo=1)
t.transpose("x")
t.transpose(1)
t.transpose(0.5,1)
t.gather(1)
t.gather(1,1)
t.scatter(1)
t.scatter_(1,t,"x")
t.index_select(0)
t.index_select(0,[1])
t.masked_fill(1,2)
t.masked_fill(t>0)
t.fill_("x")
t.sort(foo=1)
torch.div(t,t,rounding_mode=1)
torch.div(t)
torch.pow(t)
torch.pow(t,"x")
t.random_("x")
torch.randint_like(t)
t.to(foo=1)
torch.cumsum(t)
torch.nn.functional.conv2d(t,"x")
torch.conv2d(t,"x")
torch.subtract(t,"x")
torch.multiply(t,"x")
torch.divide(t,"x")
torch.true_divide(t,"x")
torch.floor_divide(t,"x")
t.index_fill(0,t,"x")
t.index_add(0,1)
t.var(1.5)
torch.full(3, 4)
t.repeat('x')
torch.max(t, dim=(0, 1))
torch.cat(t, 0)
t.addmm_(foo=1)
torch.flatten('x')
torch.sort('x')
torch.unbind('x')
torch.std(t, foo=1)
torch.std(t, [1], 'x', (1, 2), foo=[1])
nn.Conv2d(1, 1, 3)([1, 2])
t.add(foo=1, beta=2)
t[0].detach_()
t.view(6).detach_()
(t.requires_grad_() * 2)[0].detach_()
torch.view_as_real(torch.ones(2, dtype=torch.cfloat)).detach_()
nn.BatchNorm2d(3, foo=1)
nn.BatchNorm1d()
nn.InstanceNorm2d(2, foo=1)
''', t="torch.ones(2, 3)")

run(__file__)
