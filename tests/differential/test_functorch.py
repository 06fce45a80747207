"""functorch: gradients, Jacobians and batches as functions of functions: conversations."""
from harness import run
from transcript import transcripts

SETUP = '''
import torch
import torch.nn as nn
import torch.nn.functional as F
from functorch import combine_state_for_ensemble, grad, grad_and_value, hessian, jacrev, make_functional, make_functional_with_buffers, vjp, vmap
import functorch
'''

transcripts(SETUP, r'''
# -- batches
vmap(torch.dot)(torch.ones(3, 2), torch.ones(3, 2)), vmap(lambda x: x * 2)(torch.arange(3.)), vmap(torch.mul, in_dims=(0, None))(torch.ones(2, 3), torch.arange(3.)), vmap(lambda x: (x, x.sum()), out_dims=(1, 0))(torch.ones(2, 3)), vmap(lambda d: d['a'] + 1)({'a': torch.ones(2)})
# -- gradients
grad(torch.sin)(torch.tensor(1.)), grad(grad(torch.sin))(torch.tensor(1.)), grad(lambda x, y: (x * y).sum(), argnums=(0, 1))(torch.ones(2), torch.arange(2.)), grad(lambda x: (x.sum(), x * 2), has_aux=True)(torch.ones(2))
# -- gradients in batches
vmap(grad(torch.sin))(torch.arange(3.)), vmap(vmap(lambda x, y: x + y, (None, 0)), (0, None))(torch.arange(2.), torch.arange(3.))
# -- Jacobians
o, f = vjp(torch.sin, torch.ones(2)); o, f(torch.ones(2)), jacrev(torch.sin)(torch.arange(2.)), hessian(lambda x: (x ** 3).sum())(torch.arange(2.)), grad_and_value(lambda x: x.sum())(torch.ones(2)), jacrev(lambda x, y: x * y, argnums=1)(torch.arange(2.), torch.ones(2))
# -- a module
f, p = make_functional(nn.Linear(2, 1)); f(p, torch.ones(1, 2)), len(p), f
# -- gradients of each sample
m = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)).eval(); f, p, b = make_functional_with_buffers(m); x, t = torch.randn(4, 3), torch.randint(2, (4,)); [g.shape for g in vmap(grad(lambda p, b, x, t: F.cross_entropy(f(p, b, x[None]), t[None])), (None, None, 0, 0))(p, b, x, t)], [len(v) for v in (p, b)]
# -- an ensemble
ms = [nn.Linear(2, 1) for _ in range(3)]; f, p, b = combine_state_for_ensemble(ms); vmap(f, in_dims=(0, 0, None))(p, b, torch.ones(1, 2)).shape, [q.shape for q in p]
# -- not a number
grad(lambda x: x)(torch.ones(2))
# -- not a tensor
grad(lambda x: 1)(torch.ones(2))
# -- nothing to map over
vmap(lambda x: x)(torch.tensor(1.))
# -- different sizes
vmap(lambda x, y: x)(torch.ones(2), torch.ones(3))
# -- different structures
vmap(lambda x: x, in_dims=(0, 0))(torch.ones(2))
# -- no tensor comes back
vmap(lambda x: 1)(torch.ones(2))
# -- values that differ from call to call are no numbers
vmap(lambda x: x.sum().item())(torch.ones(2, 3))
vmap(lambda x: x if x.sum() > 0 else -x)(torch.ones(2, 3))
vmap(lambda x: float(x.sum()))(torch.ones(2, 3))
vmap(lambda x: x.tolist())(torch.ones(2, 3))
vmap(lambda x: x.numpy())(torch.ones(2, 3))
vmap(lambda x: x.nonzero())(torch.ones(2, 3))
vmap(lambda x: x[x > 0])(torch.ones(2, 3))
vmap(lambda x: x.masked_select(x > 0))(torch.ones(2, 3))
vmap(lambda x: max(x, -x))(torch.ones(2, 3))
vmap(grad(lambda x: x.sum() if x.sum() > 0 else -x.sum()))(torch.ones(2, 3))
grad(vmap(lambda x: x if x > 0 else -x))(torch.ones(3))
vmap(lambda x: x * torch.tensor(2.).item() + int(torch.tensor(1)))(torch.ones(2, 3)), vmap(lambda x: x if len(x) > 2 else -x)(torch.ones(2, 3))
y = vmap(lambda x: x + 1)(torch.ones(2, 3)); y.sum().item(), y.tolist(), bool(y[0, 0])
# -- a name that there is not
functorch.foo
''')

run(__file__)
