"""torch.save and torch.load: conversations."""
from harness import run
from transcript import transcripts

SETUP = '''
import torch, io, os, tempfile, pickle, collections, sys
from torch import nn
def rt(x, **k):
    b = io.BytesIO(); torch.save(x, b, **{a: v for a, v in k.items() if a.startswith('_')}); b.seek(0)
    return torch.load(b, **{a: v for a, v in k.items() if not a.startswith('_')})
class Net(nn.Module):
    def __init__(s):
        super().__init__(); s.fc = nn.Linear(2, 3); s.register_buffer('b', torch.ones(2)); s.extra = {'a': [1, 2]}
    def forward(s, x): return s.fc(x)
class Obj:
    def __init__(s): s.x = torch.ones(2); s.y = 'hi'
class Evil:
    def __reduce__(s): return (os.system, ('true',))
d = tempfile.mkdtemp(); os.chdir(d)
'''

transcripts(SETUP, r'''
# -- there and back
rt(torch.ones(2, 3))
rt({'a': torch.ones(2), 'b': [1, 2.5, None, True, 'x', b'y'], 'c': (1, (2,)), 'd': {1, 2}})
rt(nn.Linear(2, 3))
n = Net(); m = rt(n); m, m.extra, m.b, torch.equal(m.fc.weight, n.fc.weight), m.fc.weight.requires_grad, type(m.fc.weight)
o = rt(Obj()); o.x, o.y
rt(torch.nn.Parameter(torch.ones(2)))
rt(torch.ones(2, requires_grad=True))
rt(torch.ones(2, requires_grad=True) * 2)
x = torch.arange(6.).view(2, 3); y = rt([x, x[0], x.t()]); y[0].data_ptr() == y[1].data_ptr(), y[2].stride(); y[1][0] = 9; y[0]
rt(torch.ones(2).bfloat16()), rt(torch.ones(2).half()), rt(torch.tensor([True])), rt(torch.tensor([1], dtype=torch.uint8))
rt(torch.Size([2, 3])), rt(torch.float32), rt(torch.device('cpu'))
rt(collections.OrderedDict(a=1)), rt(collections.defaultdict(list, a=[1])), rt(collections.Counter('aab')), rt(collections.deque([1, 2]))
rt(slice(1, 2)), rt(range(3)), rt(1 + 2j), rt(2**100), rt(-2**70), rt(float('inf')), rt('é\n'), rt(frozenset([1]))
rt(len), rt(int), rt(torch.add), rt(nn.Linear), rt(nn.functional.relu)
rt(Exception('x')), rt(ValueError(1, 2))
import datetime, pathlib, decimal, fractions, enum, argparse, functools
rt(datetime.datetime(2020, 1, 1)), rt(pathlib.Path('/a')), rt(decimal.Decimal('1.5')), rt(fractions.Fraction(1, 2)), rt(argparse.Namespace(a=1))
rt(functools.partial(int, base=2))('101')
class Color(enum.Enum): RED = 1
rt(Color.RED)
P = collections.namedtuple('P', 'a b'); P.__module__ = '__main__'
rt(P(1, 2))
rt(torch.ones(2, 0)), rt(torch.tensor(3)), rt(torch.ones(2, 3).expand(4, 2, 3)).stride()
rt(torch.ones(1, 2, 2, 2).to(memory_format=torch.channels_last)).stride()
rt(lambda x: x)
def f(): pass
rt(f) is f
g = torch.Generator().manual_seed(3); rt(g.get_state()).shape
a = []; a.append(a); rt(a)
x = torch.ones(2); x.foo = 3; rt(x)
rt(torch.ones(3).storage())
rt(torch.ones(3)[1:].clone().storage()).tolist()
# -- places and files
torch.save(torch.ones(2), 'nodir/x.pt')
torch.load('missing.pt')
torch.load(3)
open('empty.pt', 'wb').close(); torch.load('empty.pt')
open('bad.pt', 'wb').write(b'hello world') and None
torch.load('bad.pt')
open('bad2.pt', 'wb').write(b'PK\x03\x04 not a zip') and None
torch.load('bad2.pt')
open('bad3.pt', 'wb').write(b'\x80\x02}q') and None
torch.load('bad3.pt')
pickle.dump({'a': 1}, open('plain.pkl', 'wb'), protocol=2)
torch.load('plain.pkl')
torch.save(torch.ones(100), 'ok.pt'); data = open('ok.pt', 'rb').read(); open('cut.pt', 'wb').write(data[:len(data) // 2]) and None
torch.load('cut.pt')
torch.load('ok.pt', 'cuda')
torch.load('ok.pt', map_location='cuda:0')
torch.load('ok.pt', map_location='cpu').shape
torch.load('ok.pt', map_location=torch.device('cpu')).shape
torch.load('ok.pt', map_location={'cuda:0': 'cpu'}).shape
torch.load('ok.pt', map_location=lambda s, l: s).shape
seen = []; torch.load('ok.pt', map_location=lambda s, l: (seen.append((type(s).__name__, l)), s)[1]).shape; seen
torch.load('ok.pt', map_location='foo')
torch.load('ok.pt', foo=3)
torch.load(open('ok.pt', 'rb')).shape
with open('ok.pt', 'rb') as fh: print(torch.load(fh).shape)
torch.load(pathlib.Path('ok.pt')).shape if 'pathlib' in globals() else None
torch.load(io.BytesIO(b''))
torch.load(io.BytesIO(b'abc'))
torch.load('ok.pt', pickle_module=pickle).shape
# -- weights_only
torch.save(Evil(), 'evil.pt')
torch.load('evil.pt', weights_only=True)
torch.save(nn.Linear(2, 3), 'lin.pt')
torch.load('lin.pt', weights_only=True)
torch.save(nn.Linear(2, 3).state_dict(), 'sd.pt')
sorted(torch.load('sd.pt', weights_only=True))
torch.save({'a': 1, 'b': [torch.ones(2)], 'p': nn.Parameter(torch.ones(2)), 'c': (1, 2), 't': torch.float32, 's': torch.Size([2]), 'o': collections.OrderedDict(a=2), 'x': {1}}, 'mix.pt')
torch.load('mix.pt', weights_only=True)
torch.save({'a': 1, 'b': [torch.ones(2)], 'p': nn.Parameter(torch.ones(2)), 'c': (1, 2), 't': torch.float32, 's': torch.Size([2]), 'o': collections.OrderedDict(a=2)}, 'mix.pt')
torch.load('mix.pt', weights_only=True)
torch.save(Obj(), 'obj.pt')
torch.load('obj.pt', weights_only=True)
torch.save(torch.ones(2), 'leg.pt', _use_new_zipfile_serialization=False)
torch.load('leg.pt', weights_only=True)
torch.load('sd.pt', weights_only=True, pickle_module=pickle)
torch.save(torch.optim.Adam([nn.Parameter(torch.ones(2))]).state_dict(), 'opt.pt')
torch.load('opt.pt', weights_only=True)['param_groups'][0]['lr']
torch.save(collections.Counter('a'), 'cnt.pt')
torch.load('cnt.pt', weights_only=True)
torch.save(torch.device('cpu'), 'dev.pt')
torch.load('dev.pt', weights_only=True)
# -- the form before 1.6
rt({'a': torch.ones(2), 'n': [1, (2,)]}, _use_new_zipfile_serialization=False)
x = torch.arange(6.).view(2, 3); y = rt([x, x[0], x.t(), x.half(), x.bool()], _use_new_zipfile_serialization=False); y; y[0].data_ptr() == y[1].data_ptr(); y[2].stride()
rt(nn.Linear(2, 3), _use_new_zipfile_serialization=False)
rt(nn.Linear(2, 2).state_dict(), _use_new_zipfile_serialization=False).keys()
b = io.BytesIO(); torch.save(torch.arange(3), b, _use_new_zipfile_serialization=False); b.getvalue()[:20]
b = io.BytesIO(); torch.save(torch.arange(3), b, _use_new_zipfile_serialization=False); torch.save(5, b, _use_new_zipfile_serialization=False); b.seek(0); torch.load(b), torch.load(b)
# -- modules, optimisers, storages
opt = torch.optim.SGD(nn.Linear(2, 2).parameters(), lr=0.1, momentum=0.9)
o2 = rt(opt); o2
rt(torch.optim.Adam(nn.Linear(2, 2).parameters()).state_dict())
s = torch.optim.lr_scheduler.StepLR(opt, 2); rt(s.state_dict())
from torch.utils.data import TensorDataset, DataLoader
rt(TensorDataset(torch.ones(2)))[0]
rt(DataLoader([1, 2])).batch_size
rt(nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU()))
rt(nn.LSTM(2, 3)), rt(nn.Transformer(4, 2, 1, 1, 8))(torch.ones(2, 1, 4), torch.ones(2, 1, 4)).shape
rt(nn.ModuleList([nn.Linear(1, 1)])), rt(nn.ParameterList([nn.Parameter(torch.ones(1))])), rt(nn.ModuleDict({'a': nn.ReLU()}))
pickle.loads(pickle.dumps(torch.ones(2))), pickle.loads(pickle.dumps(nn.Parameter(torch.ones(2)))), pickle.loads(pickle.dumps(Net())).b
import copy
copy.deepcopy(torch.ones(2)), copy.deepcopy(Net()).b, copy.copy(torch.ones(2))
pickle.dumps(torch.ones(2, requires_grad=True) * 2) and None
copy.deepcopy(torch.ones(2, requires_grad=True) * 2)
torch.ones(2).__reduce_ex__(2)[0]
torch.save(nn.Linear(2, 3), 'a.pt'); torch.load('a.pt')
torch.serialization.default_restore_location(torch.ones(2).storage(), 'cpu').tolist()
torch.serialization.get_default_load_endianness() if hasattr(torch.serialization, 'get_default_load_endianness') else None
torch.serialization.location_tag(torch.ones(2).storage())
torch.serialization.normalize_storage_type(torch.FloatStorage)
torch.serialization.DEFAULT_PROTOCOL
torch.serialization.SourceChangeWarning
torch.serialization.register_package
import zipfile
torch.save({'a': torch.ones(2)}, 'model_v1.pt'); [n for n in zipfile.ZipFile('model_v1.pt').namelist()]
b = io.BytesIO(); torch.save(torch.ones(1), b); b.seek(0); zipfile.ZipFile(b).namelist()
torch.is_storage(torch.ones(2).storage()), torch.ones(2).storage(), torch.ones(2).storage()[0], len(torch.ones(2).storage())
torch.FloatStorage([1, 2]), torch.FloatStorage(2).size(), torch.LongStorage([1]).tolist()
torch.ones(2).storage().dtype, type(torch.ones(2).storage()), torch.ones(2).storage_type()
# -- classes of one's own
class Sub(torch.Tensor): pass
s = torch.ones(2).as_subclass(Sub); s.tag = 5
y = rt(s); type(y), y.tag
x = torch.ones(2); x.foo = 3; rt(x).foo
p = nn.Parameter(torch.ones(2)); p.note = 'a'; rt(p).note, rt(p)
rt(torch.ones(3).storage()).tolist(), type(rt(torch.ones(3).storage()))
rt(torch.ones(2, requires_grad=True) * 3)
pickle.loads(pickle.dumps(torch.ones(2, requires_grad=True) * 3))
rt(torch.nn.utils.rnn.pack_sequence([torch.ones(2)]))
rt([torch.ones(2)] * 2)[0] is rt([torch.ones(2)] * 2)[1]
y = rt([x, x]); y[0] is y[1]
class Slots:
    __slots__ = ('a',)
s = Slots(); s.a = torch.ones(1); rt(s).a
class Stated:
    def __getstate__(s): return {'v': 1}
    def __setstate__(s, st): s.w = st['v'] + 1
rt(Stated()).w
''')

run(__file__)
