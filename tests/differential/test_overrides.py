"""__torch_function__: conversations."""
from harness import run
from transcript import transcripts

SETUP = '''
import torch, warnings
from torch import nn
import torch.nn.functional as F
from torch.overrides import has_torch_function, handle_torch_function, is_tensor_like, get_overridable_functions, has_torch_function_unary, has_torch_function_variadic, get_ignored_functions, resolve_name, is_tensor_method_or_property, wrap_torch_function, get_testing_overrides
log = []
def nm(f): return getattr(f, '__name__', None) or repr(f)
class Sub(torch.Tensor): pass
class Log(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        log.append((nm(func), [t.__name__ for t in types], len(args), sorted(kwargs or {})))
        return super().__torch_function__(func, types, args, kwargs or {})
class Duck:
    def __init__(s, v): s.v = v
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        if func is torch.mean: return 'duck mean'
        if func is torch.add: return ('duck add', [type(a).__name__ for a in args], kwargs)
        return NotImplemented
class Meta:
    def __init__(s, t): s.t = t
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        args = [a.t if hasattr(a, 't') and isinstance(a, Meta) else a for a in args]
        return Meta(func(*args, **(kwargs or {})))
    def __repr__(s): return f'Meta({s.t})'
def lg():
    out = list(log); log.clear(); return out
'''

transcripts(SETUP, r'''
# -- classes of one's own
x = torch.ones(2).as_subclass(Sub)
x, type(x + 1), type(x.sum()), type(x[0]), type(x.view(2)), type(torch.add(1, x)), type(x.tolist())
type(torch.stack([x, x])), type(x.max(0)), type(x.max(0)[0]), type(x.split(1)[0]), type(F.relu(x)), type(x.T), type(x.data), type(x.detach()), type(x.clone())
type(torch.ones(2) + x), type(x @ x), type(-x), type(x == x), type(abs(x)), type(x.to(torch.int32)), type(x.numpy()), type(x.size()), type(x.shape)
x.requires_grad_(); y = (x * 2).sum(); type(y); y.backward(); type(x.grad)
Sub([1., 2.]), Sub(2, 3).shape, type(Sub([1, 2]))
type(torch.Tensor._make_subclass(Sub, torch.ones(2), True)), torch.Tensor._make_subclass(Sub, torch.ones(2), True).requires_grad
repr(torch.ones(2).as_subclass(Sub)), str(torch.ones(2).as_subclass(Sub))
nn.Linear(2, 2)(torch.ones(1, 2).as_subclass(Sub)).__class__.__name__
isinstance(x, torch.Tensor), torch.is_tensor(x)
torch.ones(2).as_subclass(int)
torch.ones(2).as_subclass(3)
type(torch.ones(2).as_subclass(Sub).as_subclass(torch.Tensor))
type(x.new_ones(2)), type(torch.ones_like(x)), type(torch.zeros(2))
type(nn.Parameter(torch.ones(2).as_subclass(Sub)))
list(type(v) for v in torch.ones(2).as_subclass(Sub))
f'{torch.tensor(1.5).as_subclass(Sub):.2f}'
type(torch.where(torch.tensor([True, False]), x, x)), type(torch.cat([torch.ones(2), x]))
# -- a class that logs
x = torch.ones(2).as_subclass(Log); lg()
x + 1; lg()
1 + x; lg()
x.sum(); lg()
torch.sum(x, dim=0); lg()
torch.add(x, x, alpha=2); lg()
x.shape; lg()
x[0]; lg()
x[0] = 3; lg()
len(x); lg()
x.T; lg()
x.grad; lg()
x.requires_grad_(); lg()
F.softmax(x.detach(), dim=0); lg()
torch.stack([x, x]); lg()
x @ x; lg()
-x; lg()
x == 1; lg()
x.detach().add_(1); lg()
x.view(1, 2); lg()
x.size(0); lg()
x.dim(); lg()
x.float(); lg()
x.tolist(); lg()
x.is_cuda, x.dtype, x.device, x.is_leaf, x.ndim; lg()
repr(x) and None; log.clear()
torch.ones(2) * x; lg()
2 ** x; lg()
x ** 2; lg()
torch.is_tensor(x); lg()
torch.cat([x, torch.ones(1)]); lg()
F.linear(x.detach(), torch.ones(3, 2)); lg()
nn.Linear(2, 3)(x.detach()); lg()
torch.einsum('i,i->', x, x); lg()
x.split(1); lg()
torch.split(x, 1); lg()
x.unique(); lg()
torch.norm(x); lg()
x.new_ones(2); lg()
torch.ones_like(x); lg()
x.__array__ and None; lg()
x[0].item(); lg()
x.detach().float().int(); lg()
x.data; lg()
x.is_floating_point(); lg()
x.requires_grad; lg()
x.stride(); lg()
x.contiguous(); lg()
x.detach().zero_(); lg()
x.detach().fill_(1); lg()
x.repeat(2); lg()
torch.tensor(x.detach()); lg()
torch.as_tensor(x.detach()); lg()
bool(x.sum() > 0); lg()
float(x.sum()); lg()
hash(x) and None; lg()
F.conv1d(x.detach().view(1, 1, 2), torch.ones(1, 1, 1)); lg()
F.layer_norm(x.detach(), (2,)); lg()
F.gelu(x.detach()); lg()
F.interpolate(x.detach().view(1, 1, 2), 4); lg()
F.pad(x.detach(), (1, 1)); lg()
F.one_hot(torch.tensor([1]).as_subclass(Log)); lg()
F.normalize(x.detach(), dim=0); lg()
torch.linalg.norm(x.detach()); lg()
torch.special.expit(x.detach()); lg()
torch.topk(x, 1); lg()
torch.meshgrid(x.detach(), indexing='ij') and None; lg()
torch.tensordot(x.detach(), x.detach(), dims=1); lg()
# -- strangers
d = Duck(3)
torch.mean(d)
torch.add(d, torch.ones(2))
torch.add(torch.ones(2), d)
torch.add(1, d, alpha=3)
torch.add(input=d, other=3)
torch.sum(d)
torch.stack([d])
torch.ones(2) + d
torch.ones(2).add(d)
F.relu(d)
m = Meta(torch.ones(2))
torch.add(m, 1), torch.stack([m.t]), F.relu(m), torch.matmul(m, m), F.softmax(m, dim=0), torch.cat([m.t])
torch.mul(torch.ones(2), m)
torch.ones(2) * m
is_tensor_like(d), is_tensor_like(torch.ones(2)), is_tensor_like(3), is_tensor_like(torch.ones(2).as_subclass(Sub)), is_tensor_like(m)
has_torch_function((d,)), has_torch_function((torch.ones(2),)), has_torch_function((torch.ones(2).as_subclass(Sub),)), has_torch_function_unary(d), has_torch_function_variadic(1, d), has_torch_function([3, 4])
has_torch_function((nn.Parameter(torch.ones(1)),))
def myfunc(a, b=1):
    if has_torch_function((a,)): return handle_torch_function(myfunc, (a,), a, b=b)
    return 'plain'
myfunc(3), myfunc(torch.ones(1))
myfunc(d)
myfunc(torch.ones(2).as_subclass(Log)); lg()
# -- switches and modes
with torch._C.DisableTorchFunction(): z = torch.ones(2).as_subclass(Log) + 1
type(z), lg()
torch._C._is_torch_function_enabled() if hasattr(torch._C, '_is_torch_function_enabled') else None
torch.nn.Parameter.__torch_function__
torch._C._disabled_torch_function_impl
class Dis(torch.Tensor):
    __torch_function__ = torch._C._disabled_torch_function_impl
type(torch.ones(2).as_subclass(Dis) + 1), has_torch_function((torch.ones(2).as_subclass(Dis),))
from torch.overrides import TorchFunctionMode
class Mode(TorchFunctionMode):
    def __torch_function__(self, func, types, args=(), kwargs=None):
        log.append(nm(func)); return func(*args, **(kwargs or {}))
lg()
with Mode():
    with Mode(): torch.ones(2)
lg()
class Repl(TorchFunctionMode):
    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func is torch.add: return 'replaced'
        return func(*args, **(kwargs or {}))
with Repl(): print(torch.add(1, 2), torch.ones(2).add(1))
class Sub1(Log): pass
torch.add(torch.ones(2).as_subclass(Sub1), torch.ones(2).as_subclass(Log)); lg()
class A(torch.Tensor): pass
class B(torch.Tensor): pass
torch.ones(2).as_subclass(A) + torch.ones(2).as_subclass(B)
class C1(A): pass
type(torch.ones(2).as_subclass(A) + torch.ones(2).as_subclass(C1)), type(torch.ones(2).as_subclass(C1) + torch.ones(2).as_subclass(A))
type(torch.ones(2).as_subclass(A) + nn.Parameter(torch.ones(2)))
class NI(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None): return NotImplemented
torch.add(torch.ones(2).as_subclass(NI), 1)
torch.ones(2).as_subclass(NI) + 1
torch.ones(2).as_subclass(NI).sum()
class Inst(torch.Tensor):
    def __torch_function__(self, func, types, args=(), kwargs=None): return 5
torch.ones(2).as_subclass(Inst) + 1
resolve_name(torch.add), resolve_name(torch.Tensor.add), is_tensor_method_or_property(torch.Tensor.add), is_tensor_method_or_property(torch.add)
len(get_overridable_functions()) > 5, torch.Tensor in get_overridable_functions() or None
torch.add in get_overridable_functions()[torch], torch.Tensor.add in get_overridable_functions()[torch.Tensor]
len(get_testing_overrides()) > 100, torch.tensor in get_ignored_functions()
class Str(torch.Tensor):
    @staticmethod
    def __new__(cls, x, extra=None, *args, **kwargs): return super().__new__(cls, x, *args, **kwargs)
    def __init__(self, x, extra=None): self.extra = extra
s = Str([1., 2.], extra='e'); s.extra, s, type(s + 1), hasattr(s + 1, 'extra')
class MT(torch.Tensor):
    def __repr__(self): return 'MT!'
    def double_it(self): return self * 2
torch.ones(2).as_subclass(MT), torch.ones(2).as_subclass(MT).double_it(), str(torch.ones(2).as_subclass(MT))
''')

run(__file__)
