"""What Module, Parameter, containers, hooks and nn.utils do, and what they say when they cannot."""
from harness import case, expressions, run

_SETUP = '''
import copy, pickle, collections, io
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(2, 3)
        self.act = torch.nn.ReLU()
        self.register_buffer('b', torch.ones(2))
        self.register_buffer('c', torch.zeros(1), persistent=False)
        self.p = torch.nn.Parameter(torch.zeros(2))
        self.none = None
    def forward(self, x):
        return self.act(self.fc(x))
def net():
    torch.manual_seed(1)
    return Net()
def after(m, f):
    """m after f (m)."""
    r = f(m)
    return m, r
def keys(m):
    return list(m.state_dict())
def do(f, *more):
    """What f does to a fresh net: its result and its state."""
    m = net()
    r = f(m)
    return r, sorted(m._parameters), sorted(m._buffers), sorted(m._modules), sorted(m._non_persistent_buffers_set)
X = torch.tensor([[1., -2.]])
'''
_A = '''
do(lambda m: m.register_parameter('q', torch.nn.Parameter(torch.ones(1))))
do(lambda m: m.register_parameter('q', None))
do(lambda m: m.register_parameter('q', torch.ones(1)))
do(lambda m: m.register_parameter('q.r', None))
do(lambda m: m.register_parameter('', None))
do(lambda m: m.register_parameter(3, None))
do(lambda m: m.register_parameter('forward', None))
do(lambda m: m.register_parameter('fc', None))
do(lambda m: m.register_parameter('q', torch.nn.Parameter(torch.ones(1)) * 2))
do(lambda m: m.register_parameter('q', 3))
do(lambda m: m.register_buffer('q', torch.ones(1)))
do(lambda m: m.register_buffer('q', 3))
do(lambda m: m.register_buffer('q.r', None))
do(lambda m: m.register_buffer('', None))
do(lambda m: m.register_buffer(3, None))
do(lambda m: m.register_buffer('fc', None))
do(lambda m: m.register_buffer('b', None, persistent=False))
do(lambda m: m.add_module('q', torch.nn.ReLU()))
do(lambda m: m.add_module('q', None))
do(lambda m: m.add_module('q', 3))
do(lambda m: m.add_module('q.r', None))
do(lambda m: m.add_module('', None))
do(lambda m: m.add_module(3, None))
do(lambda m: m.add_module('forward', None))
do(lambda m: m.register_module('q', torch.nn.ReLU()))
do(lambda m: setattr(m, 'fc', torch.nn.ReLU()))
do(lambda m: setattr(m, 'fc', None))
do(lambda m: setattr(m, 'fc', 3))
do(lambda m: setattr(m, 'p', None))
do(lambda m: setattr(m, 'p', torch.ones(2)))
do(lambda m: setattr(m, 'p', 3))
do(lambda m: setattr(m, 'b', torch.zeros(1)))
do(lambda m: setattr(m, 'b', 3))
do(lambda m: setattr(m, 'b', None))
do(lambda m: setattr(m, 'b', torch.nn.Parameter(torch.ones(1))))
do(lambda m: setattr(m, 'c', torch.nn.ReLU()))
do(lambda m: setattr(m, 'p', torch.nn.ReLU()))
do(lambda m: setattr(m, 'none', torch.nn.ReLU()))
do(lambda m: setattr(m, 'fc', torch.nn.Parameter(torch.ones(1))))
do(lambda m: delattr(m, 'fc'))
do(lambda m: delattr(m, 'p'))
do(lambda m: delattr(m, 'c'))
do(lambda m: delattr(m, 'zzz'))
do(lambda m: m.zzz)
do(lambda m: m.get_submodule('fc').weight.shape)
do(lambda m: m.get_submodule('').__class__.__name__)
do(lambda m: m.get_submodule('fc.x'))
do(lambda m: m.get_submodule('b'))
do(lambda m: m.get_parameter('fc.bias').shape)
do(lambda m: m.get_parameter('fc.x'))
do(lambda m: m.get_parameter('b'))
do(lambda m: m.get_buffer('b'))
do(lambda m: m.get_buffer('p'))
do(lambda m: m.get_buffer('x'))
do(lambda m: m.get_extra_state())
do(lambda m: m.set_extra_state(1))
do(lambda m: [n for n, _ in m.named_parameters()])
do(lambda m: [n for n, _ in m.named_parameters('x', recurse=False)])
do(lambda m: [n for n, _ in m.named_buffers()])
do(lambda m: [(n, type(c).__name__) for n, c in m.named_modules(prefix='q')])
do(lambda m: [n for n, c in m.named_children()])
do(lambda m: len(list(m.modules())), )
do(lambda m: list(map(str, m.buffers())))
do(lambda m: (setattr(m, 'fc2', m.fc), [n for n, _ in m.named_modules()], [n for n, _ in m.named_modules(remove_duplicate=False)], [n for n, _ in m.named_parameters()], keys(m), [n for n, _ in m.named_children()])[1:])
do(lambda m: m.apply(lambda c: None) is m)
do(lambda m: [type(c).__name__ for c in [(m.apply(lambda c, l=[]: l.append(c)))]])
do(lambda m: m.train(False).training)
do(lambda m: m.train('x'))
do(lambda m: m.train(1))
do(lambda m: (m.eval(), m.fc.training)[1])
do(lambda m: m.requires_grad_(False).p.requires_grad)
do(lambda m: m.to(torch.float64).fc.weight.dtype)
do(lambda m: m.to('cpu', torch.float64).b.dtype)
do(lambda m: m.to(torch.int64))
do(lambda m: m.to('meta').fc.weight.is_meta)
do(lambda m: m.to('cuda'))
do(lambda m: m.to(torch.zeros(1, dtype=torch.float64)).p.dtype)
do(lambda m: m.to(dtype=torch.float16).p.dtype)
do(lambda m: m.to())
do(lambda m: m.to('x'))
do(lambda m: m.half().p.dtype)
do(lambda m: m.double().b.dtype)
do(lambda m: m.bfloat16().float().b.dtype)
do(lambda m: m.type(torch.float64).p.dtype)
do(lambda m: m.type('torch.DoubleTensor').p.dtype)
do(lambda m: m.cpu() is m)
do(lambda m: m.to_empty(device='meta').p.device)
do(lambda m: m.to_empty())
do(lambda m: m.share_memory() is m)
do(lambda m: m.zero_grad())
do(lambda m: (m(X).sum().backward(), m.zero_grad(), m.fc.weight.grad)[2])
do(lambda m: (m(X).sum().backward(), m.zero_grad(set_to_none=True), m.fc.weight.grad)[2])
do(lambda m: [n for n in dir(m) if n in ('fc', 'p', 'b', 'forward', 'weight')])
do(lambda m: repr(copy.deepcopy(m)))
do(lambda m: keys(pickle.loads(pickle.dumps(torch.nn.Sequential(torch.nn.Linear(1, 1))))))
do(lambda m: m(3))
do(lambda m: m())
do(lambda m: m(X, X))
do(lambda m: torch.nn.Module()(X))
do(lambda m: torch.nn.Module(3))
do(lambda m: torch.nn.Module(a=3))
do(lambda m: m.state_dict(prefix='x.').keys())
do(lambda m: list(m.state_dict(keep_vars=True).values())[0].requires_grad)
do(lambda m: type(m.state_dict()).__name__)
do(lambda m: m.state_dict()._metadata)
do(lambda m: m.load_state_dict(m.state_dict()))
do(lambda m: m.load_state_dict({}))
do(lambda m: m.load_state_dict({}, strict=False))
do(lambda m: m.load_state_dict({'q': 1, 'fc.r': 2, 'fc.weight': torch.ones(2, 2), 'p': 3}))
do(lambda m: m.load_state_dict({'q': 1, 'fc.weight': torch.ones(2, 2)}, strict=False))
do(lambda m: m.load_state_dict(3))
do(lambda m: m.load_state_dict([('p', 1)]))
do(lambda m: m.load_state_dict({'p': torch.tensor(3.)}, strict=False))
do(lambda m: (m.load_state_dict({'p': torch.ones(2, dtype=torch.int64)}, strict=False), m.p)[1])
do(lambda m: m.extra_repr())
do(lambda m: m._get_name())
do(lambda m: m.dump_patches)
do(lambda m: m._version)
do(lambda m: hasattr(m, 'T_destination'))
do(lambda m: m.xpu)
do(lambda m: m.ipu)
'''
expressions(_A, setup=_SETUP)

_B = _SETUP + '''
log = []
def saw(name, value=None):
    def hook(*a):
        log.append((name, len(a), [type(v).__name__ for v in a]))
        return value
    return hook
def run_(m, x=None, back=True):
    x = torch.tensor([[1., -2.]], requires_grad=True) if x is None else x
    y = m(x)
    if back: y.sum().backward()
    return y, x.grad, log
def hooked(f, *a, **k):
    m = net()
    h = f(m)
    try:
        return run_(m, *a, **k), type(h).__name__
    finally:
        if hasattr(h, 'remove'): h.remove()
class Broken(torch.nn.Module):
    def __init__(self, kind):
        if kind == 'module': self.x = torch.nn.ReLU()
        if kind == 'param': self.x = torch.nn.Parameter(torch.ones(1))
        if kind == 'buffer': self.register_buffer('x', torch.ones(1))
        if kind == 'rparam': self.register_parameter('x', None)
        if kind == 'add': self.add_module('x', None)
        if kind == 'plain': self.x = 3
        if kind == 'tensor': self.x = torch.ones(1)
        if kind == 'get': self.x
        if kind == 'call': self(1)
        if kind == 'repr': repr(self)
        if kind == 'del': del self.x
'''
expressions('''
hooked(lambda m: m.register_forward_hook(saw('f')))
hooked(lambda m: m.register_forward_hook(lambda mod, i, o: o * 2))
hooked(lambda m: m.register_forward_pre_hook(lambda mod, i: (i[0] * 2,)))
hooked(lambda m: m.register_forward_pre_hook(lambda mod, i: i[0] * 2))
hooked(lambda m: m.register_forward_pre_hook(saw('p')))
hooked(lambda m: m.fc.register_full_backward_hook(saw('b')))
hooked(lambda m: m.fc.register_full_backward_hook(lambda mod, gi, go: (gi[0] * 10,)))
hooked(lambda m: m.fc.register_full_backward_hook(lambda mod, gi, go: (gi[0], gi[0])))
hooked(lambda m: m.fc.register_backward_hook(saw('old')))
hooked(lambda m: m.register_backward_hook(saw('old')))
hooked(lambda m: (m.fc.register_backward_hook(saw('old')), m.fc.register_full_backward_hook(saw('b'))))
hooked(lambda m: (m.fc.register_full_backward_hook(saw('b')), m.fc.register_backward_hook(saw('old'))))
hooked(lambda m: (m.register_forward_hook(saw('f')).remove(), 1))
hooked(lambda m: torch.nn.modules.module.register_module_forward_hook(saw('gf')))
hooked(lambda m: torch.nn.modules.module.register_module_forward_pre_hook(saw('gp')))
hooked(lambda m: torch.nn.modules.module.register_module_full_backward_hook(saw('gb')))
hooked(lambda m: m.register_forward_hook(saw('f')), torch.tensor([[1., 2.]]), back=False)
hooked(lambda m: m.fc.register_full_backward_hook(saw('b')), torch.tensor([[1., 2.]]))
m = net(); m.register_load_state_dict_post_hook(lambda mod, k: log.append((type(mod).__name__, k))); m.load_state_dict({}, strict=False), log
m = net(); m.register_load_state_dict_post_hook(lambda mod, k: k.missing_keys.clear()); m.load_state_dict({})
m = net(); m.register_load_state_dict_post_hook(lambda mod, k: 3); m.load_state_dict({}, strict=False)
m = net(); m._register_load_state_dict_pre_hook(lambda sd, *a: sd.update(p=torch.ones(2) * 5)); m.load_state_dict({}, strict=False), m.p
m = net(); m._register_load_state_dict_pre_hook(lambda mod, sd, *a: log.append(type(mod).__name__), with_module=True); m.load_state_dict({}, strict=False), log
m = net(); m._register_state_dict_hook(lambda mod, sd, prefix, meta: sd.pop('p')); m.state_dict().keys()
m = net(); m._register_state_dict_hook(lambda mod, sd, prefix, meta: {'a': 1}); m.state_dict()
Broken('module')
Broken('param')
Broken('buffer')
Broken('rparam')
Broken('add')
Broken('plain').x
Broken('tensor').x
Broken('get')
Broken('call')
Broken('repr')
''', setup=_B)

expressions('''
torch.nn.Parameter(torch.ones(2))
torch.nn.Parameter(torch.ones(2), requires_grad=False)
torch.nn.Parameter(torch.ones(2, dtype=torch.int64))
torch.nn.Parameter(torch.ones(2, dtype=torch.int64), requires_grad=False)
torch.nn.Parameter()
torch.nn.Parameter([1.])
isinstance(torch.nn.Parameter(torch.ones(1)), torch.Tensor), isinstance(torch.ones(1), torch.nn.Parameter), type(torch.nn.Parameter(torch.ones(1)) * 1)
copy.deepcopy(torch.nn.Parameter(torch.ones(1), False)).requires_grad
pickle.loads(pickle.dumps(torch.nn.Parameter(torch.ones(1))))
torch.nn.Parameter(torch.nn.Parameter(torch.ones(1))), torch.nn.Parameter(torch.ones(1)).is_leaf
repr(torch.nn.UninitializedParameter()), torch.nn.parameter.is_lazy(torch.nn.UninitializedParameter()), isinstance(torch.nn.UninitializedParameter(), torch.nn.Parameter)
torch.nn.UninitializedParameter().shape
torch.nn.UninitializedParameter().share_memory_()
u = torch.nn.UninitializedParameter(); u.materialize((2, 3)); type(u).__name__, u.shape
type(copy.deepcopy(torch.nn.UninitializedParameter())).__name__
repr(torch.nn.UninitializedBuffer())
s = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU()); s[0], s[-1], len(s), s[:1], [type(c).__name__ for c in s]
torch.nn.Sequential(torch.nn.Linear(2, 3))[1]
torch.nn.Sequential(torch.nn.Linear(2, 3))[-2]
torch.nn.Sequential(torch.nn.Linear(2, 3))['a']
torch.nn.Sequential(3)
torch.nn.Sequential(collections.OrderedDict(a=torch.nn.Linear(1, 2), b=torch.nn.ReLU())).b
s = torch.nn.Sequential(torch.nn.ReLU(), torch.nn.Tanh(), torch.nn.Sigmoid()); del s[1]; s
s = torch.nn.Sequential(torch.nn.ReLU(), torch.nn.Tanh(), torch.nn.Sigmoid()); del s[:2]; s
s = torch.nn.Sequential(torch.nn.ReLU(), torch.nn.Tanh()); s[0] = torch.nn.Sigmoid(); s.append(torch.nn.ELU()); s
s = torch.nn.Sequential(torch.nn.ReLU()); s.insert(0, torch.nn.Tanh()); s.extend(torch.nn.Sequential(torch.nn.ELU())); s
torch.nn.Sequential(torch.nn.ReLU()).insert(5, torch.nn.Tanh())
torch.nn.Sequential(torch.nn.ReLU()).insert(0, 3)
torch.nn.Sequential(torch.nn.ReLU()) + torch.nn.Sequential(torch.nn.Tanh())
torch.nn.Sequential(torch.nn.ReLU()) + 3
torch.nn.Sequential(torch.nn.ReLU()) * 2
torch.nn.Sequential(torch.nn.ReLU()) * 0
torch.nn.Sequential(torch.nn.ReLU()) * 1.5
2 * torch.nn.Sequential(torch.nn.ReLU())
torch.nn.Sequential(torch.nn.ReLU(), torch.nn.Tanh()).pop(0)
torch.nn.Sequential()(torch.ones(1))
torch.nn.Sequential(torch.nn.Linear(2, 3))(torch.ones(1), torch.ones(1))
l = torch.nn.ModuleList([torch.nn.ReLU()]); l.append(torch.nn.Tanh()); l.extend([torch.nn.ELU()]); l.insert(1, torch.nn.Sigmoid()); l
l = torch.nn.ModuleList([torch.nn.ReLU(), torch.nn.Tanh(), torch.nn.ELU()]); del l[0]; l[0] = torch.nn.Sigmoid(); l, l[1:], l[-1], len(l)
torch.nn.ModuleList([torch.nn.ReLU()]).extend(3)
torch.nn.ModuleList([torch.nn.ReLU()]).append(3)
torch.nn.ModuleList([torch.nn.ReLU()])[3]
torch.nn.ModuleList([torch.nn.ReLU()])(1)
torch.nn.ModuleList([torch.nn.ReLU()]) + torch.nn.ModuleList([torch.nn.Tanh()])
torch.nn.ModuleList([torch.nn.ReLU(), torch.nn.Tanh()]).pop(0)
l = torch.nn.ModuleList([torch.nn.ReLU()]); l += [torch.nn.Tanh()]; l
d = torch.nn.ModuleDict({'a': torch.nn.ReLU()}); d['b'] = torch.nn.Tanh(); d.update([('c', torch.nn.ELU())]); d, list(d), 'b' in d, len(d), list(d.items()), d.pop('a'), d
torch.nn.ModuleDict({'a': torch.nn.ReLU()})['b']
torch.nn.ModuleDict({'a': 3})
torch.nn.ModuleDict([1])
torch.nn.ModuleDict([('a', torch.nn.ReLU(), 3)])
torch.nn.ModuleDict(3)
d = torch.nn.ModuleDict({'a': torch.nn.ReLU()}); d.clear(); len(d), d
torch.nn.ModuleDict({'a.b': torch.nn.ReLU()})
torch.nn.ModuleDict({'keys': torch.nn.ReLU()})
torch.nn.ModuleDict({'a': torch.nn.ReLU()})(1)
p = torch.nn.ParameterList([torch.ones(1), torch.zeros(2)]); p.append(torch.ones(3)); p.extend([torch.ones(1)]); p, len(p), p[1:], p[-1], [type(q).__name__ for q in p]
torch.nn.ParameterList([torch.ones(1)])[4]
torch.nn.ParameterList([torch.ones(1), 'x', 3])
torch.nn.ParameterList([torch.ones(1)]).extend(3)
torch.nn.ParameterList([torch.ones(1)])(1)
p = torch.nn.ParameterList([torch.ones(1)]); p[0] = torch.zeros(2); p += [torch.ones(2)]; p, list(p.state_dict())
d = torch.nn.ParameterDict({'a': torch.ones(1)}); d['b'] = torch.zeros(2); d.update({'c': torch.ones(1)}); d, list(d.keys()), list(d.items()), 'a' in d, d.pop('a'), d.get('z'), d.setdefault('q', torch.ones(1)), len(d)
torch.nn.ParameterDict({'a': torch.ones(1)})['b']
torch.nn.ParameterDict({'a': torch.ones(1)}) | torch.nn.ParameterDict({'b': torch.ones(1)})
torch.nn.ParameterDict({'a': torch.ones(1)}).copy(), torch.nn.ParameterDict.fromkeys(torch.nn.ParameterDict(), ['x', 'y'], 1)
list(reversed(torch.nn.ParameterDict({'a': torch.ones(1), 'b': torch.ones(1)}))), torch.nn.ParameterDict({'a': torch.ones(1)}).popitem()
torch.nn.ParameterDict([('a', torch.ones(1))])
torch.nn.ParameterDict([1])
''', setup=_SETUP)

_U = _SETUP + '''
import torch.nn.utils.prune as prune, torch.nn.utils.parametrize as P, torch.nn.utils.parametrizations as PN
U = torch.nn.utils
def lin(*a, **k):
    torch.manual_seed(1)
    m = torch.nn.Linear(*(a or (3, 4)), **k)
    with torch.no_grad():
        for q in m.parameters(): q.copy_((q * 64).floor() / 64)
    return m
def conv(cls=torch.nn.Conv2d):
    torch.manual_seed(1)
    return cls(2, 3, 2)
def state(m):
    return repr(m), type(m).__name__, {k: v for k, v in m.state_dict().items()}, [n for n, _ in m.named_parameters()], [n for n, _ in m.named_buffers()]
def forward_twice(m, x):
    return m(x), m(x), state(m)
class Sym(torch.nn.Module):
    def forward(self, x): return x.triu() + x.triu(1).t()
    def right_inverse(self, a): return a.triu()
class Exp(torch.nn.Module):
    def forward(self, x): return x.exp()
class Two(torch.nn.Module):
    def forward(self, a, b): return a + b
    def right_inverse(self, x): return x / 2, x / 2
class Shape(torch.nn.Module):
    def forward(self, x): return x[0]
class Dtype(torch.nn.Module):
    def forward(self, x): return x.double()
class Bad(torch.nn.Module):
    def forward(self, x): return 3
'''
expressions('''
state(U.weight_norm(lin()))
state(U.weight_norm(lin(), dim=None))
U.weight_norm(U.weight_norm(lin()))
state(U.remove_weight_norm(U.weight_norm(lin())))
U.remove_weight_norm(lin())
m = U.weight_norm(lin()); y = m(torch.ones(2, 3)).pow(2).sum(); y.backward(); m.weight_g.grad, m.weight_v.grad, m.weight.grad_fn.name()
state(U.spectral_norm(lin()))
forward_twice(U.spectral_norm(lin()), torch.ones(2, 3))
forward_twice(U.spectral_norm(lin()).eval(), torch.ones(2, 3))
forward_twice(U.spectral_norm(conv(torch.nn.ConvTranspose2d), n_power_iterations=2), torch.ones(1, 2, 3, 3))
state(U.remove_spectral_norm(U.spectral_norm(lin())))
U.remove_spectral_norm(lin())
U.spectral_norm(U.spectral_norm(lin()))
U.spectral_norm(lin(), n_power_iterations=0)
U.spectral_norm(lin(), name='zzz')
m = U.spectral_norm(lin()); m(torch.ones(2, 3)).sum().backward(); m.weight_orig.grad
m = U.spectral_norm(lin()); s = m.state_dict(); U.spectral_norm(lin()).load_state_dict(s), s._metadata
state(PN.spectral_norm(lin()))
forward_twice(PN.spectral_norm(lin()), torch.ones(2, 3))
forward_twice(PN.spectral_norm(conv(), dim=1).eval(), torch.ones(1, 2, 3, 3))
PN.spectral_norm(lin(), name='zzz')
PN.spectral_norm(lin(), n_power_iterations=0)
PN.spectral_norm(lin(), dim=4)
m = PN.spectral_norm(lin()); m(torch.ones(2, 3)).sum().backward(); m.parametrizations.weight.original.grad
state(PN.orthogonal(lin(3, 3)))
state(PN.orthogonal(lin(3, 3), orthogonal_map='cayley'))
state(PN.orthogonal(lin(3, 4), orthogonal_map='matrix_exp'))
state(PN.orthogonal(lin(3, 3), orthogonal_map='matrix_exp', use_trivialization=False))
m = PN.orthogonal(lin(3, 3)); w = m.weight; w, (w.t() @ w)
PN.orthogonal(lin(), orthogonal_map='zzz')
PN.orthogonal(lin(), name='bias')
PN.orthogonal(lin(), name='zzz')
state(P.register_parametrization(lin(3, 3), 'weight', Sym()))
m = P.register_parametrization(lin(3, 3), 'weight', Sym()); m.weight = torch.ones(3, 3); m.weight, m.parametrizations.weight.original
m = P.register_parametrization(lin(3, 3), 'weight', Sym()); P.register_parametrization(m, 'weight', Exp()); m, m.weight
m = P.register_parametrization(lin(3, 3), 'weight', Exp()); m.weight = torch.ones(3, 3)
m = P.register_parametrization(lin(3, 3), 'weight', Two()); state(m), m.weight
m = P.register_parametrization(lin(3, 3), 'weight', Two()); m.weight = torch.ones(3, 3); m.parametrizations.weight.original1
P.register_parametrization(lin(3, 3), 'zzz', Exp())
P.register_parametrization(lin(3, 3), 'weight', Shape())
P.register_parametrization(lin(3, 3), 'weight', Dtype())
P.register_parametrization(lin(3, 3), 'weight', Bad())
P.register_parametrization(P.register_parametrization(lin(3, 3), 'weight', Exp()), 'weight', Shape())
P.register_parametrization(lin(3, 3), 'weight', Shape(), unsafe=True).weight
m = P.register_parametrization(lin(3, 3), 'weight', Sym()); P.is_parametrized(m), P.is_parametrized(m, 'weight'), P.is_parametrized(m, 'bias'), P.type_before_parametrizations(m).__name__
m = P.register_parametrization(lin(3, 3), 'weight', Exp()); state(P.remove_parametrizations(m, 'weight'))
m = P.register_parametrization(lin(3, 3), 'weight', Exp()); state(P.remove_parametrizations(m, 'weight', leave_parametrized=False))
m = P.register_parametrization(lin(3, 3), 'weight', Two()); state(P.remove_parametrizations(m, 'weight', leave_parametrized=False))
m = P.register_parametrization(lin(3, 3), 'weight', Two()); state(P.remove_parametrizations(m, 'weight'))
P.remove_parametrizations(lin(), 'weight')
m = P.register_parametrization(lin(3, 3), 'weight', Exp()); pickle.dumps(m)
m = P.register_parametrization(lin(3, 3), 'weight', Exp()); n = copy.deepcopy(m); state(n)
m = P.register_parametrization(lin(3, 3), 'weight', Exp()); c = P.cached(); c.__enter__(); r = m.weight is m.weight; c.__exit__(None, None, None); r, m.weight is m.weight
m = P.register_parametrization(lin(3, 3), 'weight', Exp()); n = lin(3, 3); P.transfer_parametrizations_and_params(m, n); state(n)
state(prune.l1_unstructured(lin(), 'weight', 5))
state(prune.l1_unstructured(lin(), 'weight', 0.25))
state(prune.random_unstructured(lin(), 'weight', 0.25))
state(prune.random_structured(lin(), 'weight', 0.5, dim=0))
state(prune.ln_structured(lin(), 'weight', 1, n=2, dim=1))
state(prune.ln_structured(lin(), 'weight', 0.5, n=float('-inf'), dim=0))
state(prune.identity(lin(), 'bias'))
state(prune.custom_from_mask(lin(), 'bias', torch.tensor([1, 0, 1, 0])))
state(prune.remove(prune.l1_unstructured(lin(), 'weight', 5), 'weight'))
prune.remove(lin(), 'weight')
m = prune.ln_structured(prune.l1_unstructured(lin(), 'weight', 4), 'weight', 1, 1, 0); state(m), type(list(m._forward_pre_hooks.values())[0]).__name__, len(list(m._forward_pre_hooks.values())[0])
prune.is_pruned(lin()), prune.is_pruned(prune.identity(lin(), 'bias')), prune.is_pruned(torch.nn.Sequential(prune.identity(lin(), 'bias')))
m = torch.nn.Sequential(lin(), lin(4, 2)); prune.global_unstructured([(m[0], 'weight'), (m[1], 'weight')], prune.L1Unstructured, amount=0.3); state(m)
prune.global_unstructured([(lin(), 'weight')], prune.LnStructured, amount=0.3, n=2)
prune.global_unstructured(3, prune.L1Unstructured, amount=0.3)
prune.l1_unstructured(lin(), 'weight', 1.5)
prune.l1_unstructured(lin(), 'weight', -1)
prune.l1_unstructured(lin(), 'weight', 100)
prune.l1_unstructured(lin(), 'weight', 'x')
prune.ln_structured(lin(), 'bias', 1, 2, 0)
prune.ln_structured(lin(), 'weight', 1, 2, 5)
prune.l1_unstructured(lin(), 'zzz', 1)
m = prune.l1_unstructured(lin(), 'weight', 5); m(torch.ones(1, 3)).sum().backward(); m.weight_orig.grad, m.weight.grad_fn.name(), m(torch.ones(1, 3))
prune.L1Unstructured(amount=2).prune(torch.tensor([3., -1, 2]))
prune.l1_unstructured(lin(), 'weight', 2, importance_scores=torch.arange(12.).view(4, 3)).weight
U.parameters_to_vector(lin().parameters())
m = lin(); U.vector_to_parameters(torch.arange(16.), m.parameters()); m.weight, m.bias
U.vector_to_parameters([1.], lin().parameters())
U.vector_to_parameters(torch.ones(3), lin().parameters())
U.parameters_to_vector([])
m = lin(); m(torch.ones(2, 3)).sum().backward(); U.clip_grad_norm_(m.parameters(), 0.5), m.weight.grad
m = lin(); m(torch.ones(2, 3)).sum().backward(); U.clip_grad_norm_(m.parameters(), 0.5, norm_type=float('inf')), m.weight.grad
m = lin(); m(torch.ones(2, 3) * nan).sum().backward(); U.clip_grad_norm_(m.parameters(), 0.5, error_if_nonfinite=True)
m = lin(); m(torch.ones(2, 3) * nan).sum().backward(); U.clip_grad_norm_(m.parameters(), 0.5)
U.clip_grad_norm_(lin().parameters(), 1.), U.clip_grad_norm_([], 1.)
m = lin(); m(torch.ones(2, 3)).sum().backward(); U.clip_grad_value_(m.parameters(), 1.5), m.weight.grad, m.bias.grad
m = lin(); m(torch.ones(2, 3)).sum().backward(); U.clip_grad_norm(m.parameters(), 0.5)
m = lin(); m(torch.ones(2, 3)).sum().backward(); U.clip_grad_value_(m.weight, 1.5), m.weight.grad
type(U.skip_init(torch.nn.Linear, 2, 3)).__name__, U.skip_init(torch.nn.Linear, 2, 3).weight.shape
U.skip_init(torch.nn.ReLU)
U.skip_init(int)
b = torch.nn.BatchNorm2d(3).eval(); c = conv().eval(); state(U.fuse_conv_bn_eval(c, b))
U.fuse_conv_bn_eval(conv(), torch.nn.BatchNorm2d(3))
U.fusion.fuse_linear_bn_eval(lin().eval(), torch.nn.BatchNorm1d(4).eval())
U.convert_conv2d_weight_memory_format(conv(), torch.channels_last).weight.stride()
U.stateless.functional_call(lin(), {'weight': torch.ones(4, 3)}, torch.ones(1, 3))
U.stateless.functional_call(lin(), {'weight': torch.ones(4, 3), 'bias': torch.zeros(4)}, (torch.ones(1, 3),))
U.stateless.functional_call(net(), {'fc.weight': torch.ones(3, 2), 'b': torch.zeros(2)}, (X,))
U.stateless.functional_call(net(), {'fc.zzz': torch.ones(3, 2)}, (X,))
U.stateless.functional_call(net(), {'zzz.fc': torch.ones(3, 2)}, (X,))
m = lin(); w = torch.ones(4, 3, requires_grad=True); U.stateless.functional_call(m, {'weight': w}, torch.ones(1, 3)).sum().backward(); w.grad, m.weight.grad, m.bias.grad
torch.nn.grad.conv2d_input((1, 2, 4, 4), torch.ones(3, 2, 2, 2), torch.ones(1, 3, 3, 3))
torch.nn.grad.conv2d_weight(torch.ones(1, 2, 4, 4), (3, 2, 2, 2), torch.ones(1, 3, 3, 3))
torch.nn.grad.conv1d_weight(torch.ones(1, 2, 4), (3, 2, 2), torch.ones(1, 3, 3))
torch.nn.DataParallel(lin())(torch.ones(1, 3)), keys(torch.nn.DataParallel(lin()))
d = torch.nn.DataParallel(lin()).state_dict(); torch.nn.modules.utils.consume_prefix_in_state_dict_if_present(d, 'module.'); list(d), list(d._metadata)
torch.nn.factory_kwargs({'device': 'cpu'}), torch.nn._reduction.get_enum('sum')
''', setup=_U, rtol=1e-4, atol=1e-5)

expressions('''
state(torch.nn.LazyLinear(3))
m = torch.nn.LazyLinear(3); m(torch.ones(2, 5)), type(m).__name__, m.weight.shape
m = torch.nn.LazyConv2d(4, 3, padding=1); m(torch.ones(1, 2, 5, 5)).shape, m
m = torch.nn.LazyConv1d(4, 3, groups=2); m(torch.ones(1, 3, 5))
m = torch.nn.LazyConv2d(4, 3); m(torch.ones(5, 5))
m = torch.nn.LazyConvTranspose2d(4, 3); m(torch.ones(1, 2, 5, 5)).shape, m
m = torch.nn.LazyConv3d(4, 2, bias=False); m(torch.ones(2, 3, 3, 3)).shape, m
m = torch.nn.LazyBatchNorm2d(); m(torch.rand(2, 3, 4, 4)).shape, m, [(k, v.shape) for k, v in m.state_dict().items()]
m = torch.nn.LazyBatchNorm1d(affine=False); m(torch.rand(2, 3)).shape, m
m = torch.nn.LazyInstanceNorm1d(affine=True); m(torch.rand(2, 3, 4)).shape, m
m = torch.nn.LazyLinear(3); m.load_state_dict(torch.nn.Linear(2, 3).state_dict()), m.weight.shape
m = torch.nn.Linear(2, 3); m.load_state_dict(torch.nn.LazyLinear(3).state_dict())
torch.nn.Sequential(torch.nn.LazyLinear(3), torch.nn.ReLU(), torch.nn.LazyLinear(1))(torch.ones(2, 5))
list(torch.nn.LazyLinear(3).parameters())
torch.nn.LazyLinear(3).has_uninitialized_params(), torch.nn.LazyLinear(3).double().weight.dtype
torch.nn.LazyLinear(3, dtype=torch.float64)(torch.ones(1, 2, dtype=torch.float64))
U.weight_norm(torch.nn.LazyLinear(3))
U.spectral_norm(torch.nn.LazyLinear(3))
copy.deepcopy(torch.nn.LazyLinear(3))
torch.nn.LazyLinear(3).share_memory()
''', setup=_U + '''
def state(m):
    return repr(m), list(m.state_dict()), [repr(p) for p in m.parameters()]
''')

expressions('''
[str(inspect.signature(getattr(torch.nn, n).forward)) for n in "Linear Bilinear Identity Conv1d Conv2d BatchNorm2d LayerNorm GroupNorm InstanceNorm1d Dropout AlphaDropout ReLU GELU Softmax ELU LeakyReLU PReLU Tanh".split()]
[str(inspect.signature(getattr(torch.nn, n).forward)) for n in "MaxPool2d AvgPool1d AdaptiveAvgPool2d ZeroPad2d ReflectionPad1d Flatten Unflatten Fold Embedding PixelShuffle Upsample CosineSimilarity".split()]
[str(inspect.signature(getattr(torch.nn, n).forward)) for n in "MSELoss CrossEntropyLoss NLLLoss BCELoss KLDivLoss CTCLoss TripletMarginLoss SmoothL1Loss Sequential".split()]
''', setup="import inspect")

run(__file__)
