"""Checkpoints: what one side saves, the other loads; what is broken says so."""
import importlib.util
import io
import os
import subprocess
import sys
import tempfile
from collections import OrderedDict

from side_by_side import engine_folder

ENGINE = os.path.abspath(engine_folder())

MAKE = '''
import sys, torch
from collections import OrderedDict
shared = [1, 2.5]
values = {
    'int': 7, 'big': 2 ** 80, 'negative': -2 ** 40, 'float': -0.125, 'none': None, 'flags': [True, False], 'text': 'hé', 'raw': b'\\x00\\xff',
    'tuples': [(), (1,), (1, 2, 3), (1, 2, 3, 4)], 'set': {3}, 'ordered': OrderedDict(b=1, a=2), 'size': torch.Size([2, 3]),
    'dtype': torch.float16, 'shared': shared, 'again': shared,
    'matrix': torch.arange(6.).reshape(2, 3), 'turned': torch.arange(6.).reshape(2, 3).t(), 'part': torch.arange(10)[3:7:2],
    'scalar': torch.tensor(1.5, dtype=torch.float64), 'empty': torch.empty(0, 3), 'half': torch.ones(2).half(),
    'brain': torch.ones(2).bfloat16(), 'bools': torch.tensor([True, False]), 'bytes': torch.tensor([1, 255], dtype=torch.uint8),
    'needs': torch.ones(2, requires_grad=True),
}
values['row'] = values['matrix'][1]
'''

SAVE = MAKE + 'torch.save(values, sys.argv[1])'

CHECK = MAKE + '''
loaded = torch.load(sys.argv[1])
assert list(loaded) == list(values), list(loaded)
for key, value in values.items():
    got = loaded[key]
    if isinstance(value, torch.Tensor):
        assert got.dtype == value.dtype and got.shape == value.shape and got.stride() == value.stride(), key
        assert got.tolist() == value.tolist() and got.requires_grad == value.requires_grad, key
    else:
        assert got == value and type(got) is type(value), (key, got)
assert loaded['shared'] is loaded['again']
loaded['row'][0] = 99.
assert loaded['matrix'][1, 0] == 99.
'''

NET = '''
import sys, torch
from torch import nn
torch.manual_seed(3)
net = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 2))
'''
NET_SAVE = NET + 'torch.save(net.state_dict(), sys.argv[1])'
NET_LOAD = NET + '''
other = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 2))
state = torch.load(sys.argv[1])
assert list(state) == ['0.weight', '0.bias', '2.weight', '2.bias']
other.load_state_dict(state)
x = torch.arange(8.).reshape(2, 4)
assert (net(x) - other(x)).abs().max() < 1e-5
'''


def run(code, path, ours):
    environment = dict(os.environ, PYTHONPATH=ENGINE)
    if not ours:
        environment.pop('PYTHONPATH', None)
        environment.update(OPENBLAS_NUM_THREADS='1', ATEN_CPU_CAPABILITY='avx2')
    done = subprocess.run(['/usr/bin/python3', '-c', code, path], env=environment, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        print(done.stderr)
    return done.returncode == 0


def have_oracle():
    environment = {k: v for k, v in os.environ.items() if k != 'PYTHONPATH'}
    return subprocess.run(['/usr/bin/python3', '-c', 'import torch'], env=environment, stderr=subprocess.DEVNULL).returncode == 0


def both_ways(folder):
    sides = [(True, True)] + ([(True, False), (False, True)] if '--recorded' not in sys.argv and have_oracle() else [])
    bad = 0
    for save, load in [(SAVE, CHECK), (NET_SAVE, NET_LOAD)]:
        for saver, loader in sides:
            path = os.path.join(folder, 'file.pt')
            good = run(save, path, saver) and run(load, path, loader)
            names = {True: 'ours', False: 'torch'}
            print('ok' if good else 'not ok', 'state_dict' if save is NET_SAVE else 'values', names[saver], '->', names[loader])
            bad += not good
    return bad


def broken():
    """Every byte changed once, and every length cut: an exception with a text, or a load."""
    sys.path.insert(0, ENGINE)
    import torch
    buffer = io.BytesIO()
    torch.save({'a': torch.arange(6.).reshape(2, 3), 'b': [1, 'x' * 9, (1, 2)], 'c': OrderedDict(d=None)}, buffer)
    whole = buffer.getvalue()
    bad = 0
    for at in range(len(whole)):
        for data in (whole[:at], whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1:]):
            try:
                torch.load(io.BytesIO(data))
            except Exception as error:
                if not str(error):
                    print('not ok byte', at, repr(error))
                    bad += 1
    for text in (b'hello', b'', b'PK\x05\x06' + bytes(18)):
        try:
            torch.load(io.BytesIO(text))
            print('not ok', text, 'was loaded')
            bad += 1
        except Exception as error:
            bad += not str(error)
    return bad


if __name__ == '__main__':
    if '--live' in sys.argv and importlib.util.find_spec('torch') is None:
        print('PyTorch is not installed (python3-torch)')
        sys.exit(77)
    with tempfile.TemporaryDirectory() as place:
        failed = both_ways(place) + broken()
    print('#', failed, 'failed')
    sys.exit(1 if failed else 0)
