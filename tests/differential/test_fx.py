"""torch.fx: functions and modules traced to graphs; graphs changed, run, printed and written as Python: conversations."""
from harness import run
from transcript import transcripts

SETUP = '''
import copy, math, operator, pickle
import torch, torch.fx as fx
import torch.nn as nn
import torch.nn.functional as F
from typing import List, Optional, Tuple
'''

transcripts(SETUP, r'''
# -- conversation 1
gm = fx.symbolic_trace(lambda x, y: torch.relu(x) + y.sum(dim=1, keepdim=True) * 2); print(gm.graph); print(gm.code); gm(torch.ones(2, 3), torch.ones(2, 3))
# -- conversation 2
class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.param = nn.Parameter(torch.rand(3, 4))
        self.linear = nn.Linear(4, 5)
    def forward(self, x):
        return self.linear(x + self.param).clamp(min=0.0, max=1.0)
m = M(); s = fx.symbolic_trace(m)
print(s.graph); print(s.code); print(s); print(type(s), s.__class__.__name__)
for n in s.graph.nodes: print(n.op, n.name, n.target, n.args, n.kwargs, n.users, n.all_input_nodes, n.next, n.prev, n.type)
(s(torch.ones(3, 4)), [k for k in s.state_dict()], s.print_readable())
# -- conversation 3
print(fx.symbolic_trace(lambda x: [torch.sqrt(x), math.sqrt(x), x.T, x.shape[0], x.size(0), -x, ~x, x ** 2, 1 - x, x // 2, x % 2, 2 / x, x @ x, x == x, x < 1, x & x, x | x, x ^ x, x << 1, abs(x) if 0 else x]).code)
# -- conversation 4
fx.symbolic_trace(lambda x: x if x.sum() > 0 else -x)
# -- conversation 5
fx.symbolic_trace(lambda x: [i for i in x])
# -- conversation 6
fx.symbolic_trace(lambda x: len(x))
# -- conversation 7
print(fx.symbolic_trace(lambda x: torch.zeros(3) + x).code)
# -- conversation 8
print(fx.symbolic_trace(lambda x: x + torch.ones(2) * 3).graph)
# -- conversation 9
print(fx.symbolic_trace(lambda x: x.foo.bar(1, k=2)).code)
# -- conversation 10
s = fx.symbolic_trace(lambda x, y=3: x + y, concrete_args={'y': 3}); print(s.code); s(1, 3)
# -- conversation 11
g = fx.Graph(); x = g.placeholder('x'); y = g.call_function(torch.relu, (x,)); z = g.call_method('sum', (y,), {'dim': 0}); g.output(z)
gm = fx.GraphModule(nn.Module(), g); print(g, gm.code, gm); gm(torch.tensor([[-1., 2.]]))
# -- conversation 12
gm = fx.symbolic_trace(lambda x, y: torch.add(x, y) * 2)
for n in gm.graph.nodes:
    if n.op == 'call_function' and n.target == torch.add:
        n.target = torch.mul
gm.graph.lint(); _ = _ = gm.recompile(); print(gm.code); gm(torch.tensor(3.), torch.tensor(4.))
# -- conversation 13
gm = fx.symbolic_trace(lambda x: torch.relu(x) + 1)
for n in gm.graph.nodes:
    if n.op == 'call_function' and n.target is torch.relu:
        with gm.graph.inserting_after(n):
            new = gm.graph.call_function(torch.sigmoid, n.args); n.replace_all_uses_with(new)
        gm.graph.erase_node(n)
print(gm.recompile().src); print(gm.graph); gm(torch.tensor(0.))
# -- conversation 14
gm = fx.symbolic_trace(lambda x, w1, w2: torch.cat([w1, w2]).sum() + x)
m = fx.replace_pattern(gm, lambda a, b: torch.cat([a, b]).sum(), lambda a, b: torch.stack([a, b]))
print(gm.code); print(m)
# -- conversation 15
gm = fx.symbolic_trace(lambda x: torch.relu(x))
list(gm.graph.nodes)[1].graph.erase_node(list(gm.graph.nodes)[1])
# -- conversation 16
gm = fx.symbolic_trace(lambda x: (torch.relu(x), x * 2)[1]); print(gm.graph.eliminate_dead_code(), gm.graph); _ = _ = gm.recompile(); print(gm.code)
# -- conversation 17
class Swap(fx.Transformer):
    def call_function(self, target, args, kwargs):
        return torch.sigmoid(*args, **kwargs) if target == torch.neg else super().call_function(target, args, kwargs)
    def call_method(self, target, args, kwargs):
        return args[0].sigmoid() if target == 'neg' else super().call_method(target, args, kwargs)
gm = fx.symbolic_trace(lambda x: torch.neg(x).neg() + 1); t = Swap(gm).transform(); print(t.code); t(torch.tensor(1.))
# -- conversation 18
class P(fx.Interpreter):
    def run_node(self, n):
        r = super().run_node(n); print(n.op, n.name, getattr(r, 'shape', r)); return r
P(fx.symbolic_trace(nn.Sequential(nn.Linear(2, 3), nn.ReLU()))).run(torch.ones(1, 2))
# -- conversation 19
fx.Interpreter(fx.symbolic_trace(nn.Sequential(nn.Linear(2, 3), nn.ReLU()))).run(torch.ones(1, 5))
# -- conversation 20
from torch.fx.passes.shape_prop import ShapeProp; gm = fx.symbolic_trace(nn.Sequential(nn.Linear(2, 3), nn.ReLU())); ShapeProp(gm).propagate(torch.ones(1, 2)); [print(n.name, n.meta['tensor_meta'].dtype, n.meta['tensor_meta'].shape, n.meta['tensor_meta']) for n in gm.graph.nodes]
# -- conversation 21
gm = fx.symbolic_trace(nn.Sequential(nn.Linear(2, 3), nn.ReLU())); g2 = pickle.loads(pickle.dumps(gm)); print(g2.code, g2); g3 = copy.deepcopy(gm); print(g3.code); (g2(torch.ones(1, 2)) == gm(torch.ones(1, 2))).all(), list(g3.state_dict())
# -- conversation 22
gm = fx.symbolic_trace(nn.Sequential(nn.Linear(2, 3), nn.Dropout())); gm, gm.eval().training, gm.get_submodule('0'), gm.add_submodule('a.b', nn.ReLU()), gm, gm.delete_submodule('a.b'), gm.delete_all_unused_submodules(), gm
# -- conversation 23
class T(fx.Tracer):
    def is_leaf_module(self, m, n): return isinstance(m, nn.Sequential) or super().is_leaf_module(m, n)
m = nn.Sequential(nn.Sequential(nn.Linear(1, 1), nn.ReLU()), nn.Tanh()); t = T(); 
class W(nn.Module):
    def __init__(s): super().__init__(); s.m = m
    def forward(s, x): return s.m(x)
w = W(); print(t.trace(w)); print(fx.Tracer().trace(w))
# -- conversation 24
torch.fx.wrap(3)
# -- conversation 25
g = fx.Graph(); a = g.placeholder('a'); a.args.foo if 0 else None; b = g.call_function(torch.add, (a, [a, 1])); b.args[1].append(3)
# -- conversation 26
g = fx.Graph(); g.call_function('x')
# -- conversation 27
g = fx.Graph(); g.create_node('foo', 'x')
# -- conversation 28
m = nn.Module(); g = fx.Graph(); g.call_module('q', (g.placeholder('x'),)); fx.GraphModule(m, g)
# -- conversation 29
g = fx.Graph(); g.call_module('q', (g.placeholder('x'),)); fx.GraphModule({}, g)
# -- conversation 30
g = fx.Graph(); x = g.placeholder('x', type_expr=torch.Tensor); y = fx.Proxy(x); z = y + y * 2; g.output(z.node); print(g); fx.GraphModule(nn.Module(), g)(3), z
# -- conversation 31
def f(x: torch.Tensor, y: List[int], z: Optional[float] = None) -> Tuple[torch.Tensor, int]:
    return x + 1, 2
gm = fx.symbolic_trace(f); print(gm.graph); print(gm.code)
# -- conversation 32
gm = fx.symbolic_trace(lambda input, type, x_1, forward_2: input + type + x_1 + forward_2); print(gm.code)
# -- conversation 33
print(fx.symbolic_trace(nn.TransformerEncoderLayer(4, 2)).graph) if 0 else None
# -- conversation 34
g = fx.symbolic_trace(lambda x: x + 1).graph; g.print_tabular()
# -- conversation 35
class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.seq = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU())
        self.fc = nn.Linear(2, 2)
    def forward(self, x, flag: bool = True):
        x = self.seq(x)
        x = F.adaptive_avg_pool2d(x, (1, 1)).flatten(1)
        x = F.relu(self.fc(x)); x = F.linear(x, self.fc.weight, self.fc.bias)
        x = F.dropout(x, 0.5, self.training); x = F.gelu(x); x = F.softmax(x, dim=-1); x = F.layer_norm(x, (2,))
        c = x.shape[1]
        x = torch.cat([x, x], dim=0); x = x.view(-1, c); x = x[:, :1]; x = x[0, None, ..., 0]
        return {'o': x, 'l': [x, (x, 1)]}
s = fx.symbolic_trace(M().eval()); print(s.graph); print(s.code); s(torch.ones(1, 1, 4, 4))
# -- conversation 36
print(fx.symbolic_trace(lambda x: [f(x) for f in (F.silu, F.sigmoid, F.tanh, F.leaky_relu, F.elu, F.relu6, F.hardtanh, F.softplus, F.logsigmoid, F.pixel_shuffle if 0 else F.glu, F.hardswish, F.mish, F.celu, F.selu, F.softsign, F.normalize, F.instance_norm, torch.sigmoid, torch.tanh, torch.exp, torch.nn.functional.one_hot, torch.fft.fft, torch.linalg.inv, torch.special.erf, F.alpha_dropout, F.dropout2d, torch.flatten, torch.var, torch.linalg.norm, torch.norm, torch.unique, torch.split if 0 else torch.abs)]).code)
# -- conversation 37
print(fx.symbolic_trace(lambda x: [F.interpolate(x, scale_factor=2, mode='nearest'), F.pad(x, (1, 1)), F.batch_norm(x, None, None), F.group_norm(x, 2), F.avg_pool2d(x, 2), F.max_pool2d(x, 2, 2), F.max_pool1d(x, 2), F.adaptive_max_pool2d(x, 1), F.unfold(x, 2), F.dropout(x), F.threshold(x, 1, 2), F.local_response_norm(x, 2), torch.split(x, 2), torch.chunk(x, 2), torch.stack([x, x]), torch.einsum('ij->ji', x), torch.meshgrid(x, x), torch.sum(x, dim=1), torch.mean(x, 1, True), torch.max(x, 1), torch.clamp(x, 0, 1), torch.topk(x, 2), torch.squeeze(x, 1), torch.transpose(x, 0, 1), torch.reshape(x, (1, -1)), F.log_softmax(x, dim=1), F.gumbel_softmax(x), torch.arange(3) + x if 0 else 1, x.new_zeros(3), torch.zeros_like(x), torch.ones_like(x), torch.rand_like(x), torch.tril(x), torch.cumsum(x, 0), torch.argmax(x, dim=1), torch.sort(x), torch.gather(x, 1, x)]).code)
# -- conversation 38
print(fx.symbolic_trace(lambda x: [x.t(), x.mean(), x.pow(2).sum(-1, keepdim=True).sqrt(), x.to(torch.float64), x.float(), x.unsqueeze(0).expand(2, -1), x.permute(1, 0).contiguous(), x.detach(), x.device, x.dtype, x.is_cuda, x.dim(), x[x > 0], x[..., 1:], x[None], x.data, x.grad, x.softmax(-1), x.chunk(2)[0], x.split(1, dim=0)[1]]).code)
# -- conversation 39
a, b = torch.ones(2), torch.ones(2); print(fx.symbolic_trace(lambda x: [a + x, x + a, a * x, a @ x, a.add(x), torch.add(a, x), a - x, a / x, a == x, a[x] if 0 else 1, a.matmul(x), F.linear(x, torch.eye(2)), a.pow(x), torch.dot(a, b)]).code)
# -- conversation 40
from torch.nn.utils.fusion import fuse_conv_bn_eval
class W(nn.Module):
    def __init__(s):
        super().__init__(); s.c = nn.Conv2d(1, 1, 1); s.b = nn.BatchNorm2d(1); s.n = nn.ModuleList([nn.Linear(1, 1), nn.Linear(1, 1)])
    def forward(s, x):
        x = s.b(s.c(x))
        for l in s.n: x = l(x)
        return x
m = W().eval(); g = fx.symbolic_trace(m); mods = dict(g.named_modules())
for n in g.graph.nodes:
    if n.op == 'call_module' and type(mods[n.target]) is nn.BatchNorm2d and type(mods[n.args[0].target]) is nn.Conv2d:
        f = fuse_conv_bn_eval(mods[n.args[0].target], mods[n.target]); g.c = f; n.replace_all_uses_with(n.args[0]); g.graph.erase_node(n)
g.graph.lint(); _ = _ = g.recompile(); print(g); x = torch.rand(1, 1, 1, 1); torch.allclose(g(x), m(x), atol=1e-5), g.print_readable()
# -- conversation 41
torch._assert(False, 'no')
''')

run(__file__)
