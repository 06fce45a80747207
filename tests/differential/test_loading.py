"""Loaders with and without worker processes, samplers, collation: conversations."""
from harness import run
from transcript import transcripts

SETUP = '''
import os
os.sched_getaffinity = lambda pid: range(8)  # whether there are too many workers depends on the machine
import torch, numpy as np, collections
from torch.utils.data import (DataLoader, Dataset, IterableDataset, TensorDataset, Subset, ConcatDataset, ChainDataset, random_split, RandomSampler, SequentialSampler, SubsetRandomSampler, WeightedRandomSampler, BatchSampler, Sampler, get_worker_info, default_collate, default_convert)
from torch.utils.data.distributed import DistributedSampler
class It(IterableDataset):
    def __init__(s, n, l=None): s.n, s.l = n, l
    def __iter__(s):
        w = get_worker_info()
        if w is None: return iter(range(s.n))
        return iter(range(w.id, s.n, w.num_workers))
class ItLen(It):
    def __len__(s): return s.l
class Ds(Dataset):
    def __init__(s, n): s.n = n
    def __len__(s): return s.n
    def __getitem__(s, i): return i
class Err(Ds):
    def __getitem__(s, i):
        if i == 2: raise ValueError("bad sample")
        return i
class KErr(Ds):
    def __getitem__(s, i):
        return {}["k"]
class Rnd(Ds):
    def __getitem__(s, i):
        import random
        return (i, torch.randint(1000, (1,)).item(), random.randint(0, 1000))
class Seed(Ds):
    def __getitem__(s, i):
        w = get_worker_info()
        return (w.id, w.seed, w.num_workers)
P = collections.namedtuple('P', 'a b')
'''

transcripts(SETUP, '''
# -- numbers of workers
list(DataLoader(Rnd(4), num_workers=2))
list(DataLoader(Rnd(4), num_workers=2))
# -- seeds of workers
list(DataLoader(Seed(4), num_workers=2, batch_size=None))
list(DataLoader(Seed(4), num_workers=2, batch_size=1))
# -- generators
list(DataLoader(Seed(4), num_workers=2, generator=torch.Generator().manual_seed(1)))
list(DataLoader(Ds(5), shuffle=True, num_workers=2, generator=torch.Generator().manual_seed(1)))
# -- too many workers
DataLoader(Ds(3), num_workers=9)
# -- errors in workers
def said(loader):
    try:
        list(loader)
    except Exception as error:
        lines = str(error).splitlines()
        return type(error).__name__, lines[:2], lines[-2:]
said(DataLoader(Err(4), num_workers=1))
said(DataLoader(Err(4), num_workers=2, batch_size=2))
said(DataLoader(KErr(4), num_workers=1))
# -- streams in workers
list(DataLoader(It(10), num_workers=2, batch_size=3))
list(DataLoader(It(7), num_workers=3))
list(DataLoader(It(7), num_workers=2, batch_size=None))
list(DataLoader(It(7), num_workers=2, batch_size=2, drop_last=True))
# -- length of a stream
l = DataLoader(ItLen(10, 4), batch_size=2)
len(l)
list(l)
len(DataLoader(It(10)))
# -- wrong length in workers
l = DataLoader(ItLen(10, 4), batch_size=2, num_workers=2)
list(l)
# -- options for streams
DataLoader(It(3), sampler=[1])
DataLoader(It(3), batch_sampler=[[1]])
DataLoader(It(3), shuffle=True)
DataLoader(It(3), shuffle=False)
# -- options
DataLoader(Ds(3), batch_size=None, drop_last=True)
DataLoader(Ds(3), batch_size=None, shuffle=True).batch_sampler
DataLoader(Ds(3), persistent_workers=True)
DataLoader(Ds(3), prefetch_factor=0, num_workers=1)
DataLoader(Ds(3), prefetch_factor=-1)
DataLoader(Ds(3), timeout=5)
DataLoader(Ds(3), num_workers=1, multiprocessing_context='foo')
DataLoader(Ds(3), num_workers=0, multiprocessing_context='fork')
DataLoader(Ds(3), num_workers=1, multiprocessing_context='fork').multiprocessing_context
DataLoader(Ds(3), num_workers=1, multiprocessing_context=3)
DataLoader(Ds(3), batch_size=2.5)
DataLoader(Ds(3), batch_size=-1)
DataLoader(Ds(3), batch_size='a')
DataLoader(Ds(3), batch_size=True)
DataLoader(Ds(0))
DataLoader(Ds(0), shuffle=True)
list(DataLoader(Ds(0)))
DataLoader(Ds(3), drop_last=3)
DataLoader(3)
len(DataLoader(3))
DataLoader(Ds(3), collate_fn=3)
DataLoader(Ds(3), foo=3)
# -- attributes
l = DataLoader(Ds(3), batch_size=2)
l.drop_last = 3
l.num_workers = 3
l.multiprocessing_context = 'fork'
l.dataset = 3
l.batch_sampler
type(l.sampler).__name__
l.collate_fn
l.generator
l.check_worker_number_rationality()
repr(l)
type(iter(l)).__name__
type(iter(DataLoader(Ds(3), num_workers=1))).__name__
len(iter(l))
i = iter(l); next(i); next(i); next(i)
next(i)
# -- collate
default_collate([1, 2])
default_collate([1, 2.5])
default_collate([1.5, 2])
default_collate([True, False])
default_collate([(1, 'a'), (2, 'b')])
default_collate([P(1, 2.), P(3, 4.)])
default_collate([{'a': 1, 'b': [1, 2]}, {'a': 2, 'b': [3, 4]}])
default_collate([collections.OrderedDict(a=1), collections.OrderedDict(a=3)])
default_collate([collections.defaultdict(int, a=1), collections.defaultdict(int, a=3)])
default_collate([np.float64(1), np.float64(2)])
default_collate([np.int32(1), np.int32(2)])
default_collate([np.array(1), np.array(2)])
default_collate([np.arange(3), np.arange(3)])
default_collate([np.arange(3), np.arange(4)])
default_collate([np.array(['a', 'b'])])
default_collate([np.array([object()])])
default_collate([np.str_('a')])
default_collate([None])
default_collate([])
default_collate([set([1])])
default_collate([object()])
default_collate([[1, 2], [3]])
default_collate([(1, 2), (3,)])
default_collate([[torch.ones(2)], [torch.ones(3)]])
default_collate([torch.ones(2), torch.ones(3)])
default_collate([torch.ones(2), 3])
default_collate([torch.ones(2, requires_grad=True), torch.ones(2)])
default_collate(['a', b'c'])
default_collate([b'c', b'd'])
default_collate([2**70])
default_collate([1+2j, 3j])
default_collate(({'a': 1}, {'b': 1}))
default_collate(({'a': 1}, {'a': 1, 'b': 1}))
default_collate([range(3), range(3)])
default_collate([torch.tensor(1), torch.tensor(2)])
default_collate(torch.ones(2, 3))
default_collate([torch.nn.Parameter(torch.ones(2)), torch.nn.Parameter(torch.ones(2))])
# -- convert
default_convert(np.arange(3))
default_convert(np.float32(3))
default_convert([np.arange(2), 3, 'a'])
default_convert((np.arange(2), 3, 'a'))
default_convert({'a': np.arange(2)})
default_convert(P(np.arange(2), 2))
default_convert(np.array(['a']))
default_convert(np.str_('a'))
default_convert('abc')
default_convert(collections.OrderedDict(a=np.arange(2)))
default_convert(range(3))
default_convert(None)
# -- random_split
random_split(range(10), [3, 7], generator=torch.Generator().manual_seed(42))[0].indices
random_split(range(10), [0.3, 0.7], generator=torch.Generator().manual_seed(42))[0].indices
[len(x) for x in random_split(range(10), [0.33, 0.33, 0.34])]
random_split(range(10), [0.3, 0.8])
random_split(range(10), [3, 8])
random_split(range(10), [1.5, -0.5])
random_split(range(3), [0.01, 0.99])
random_split(range(10), [10])[0][3]
random_split(range(10), [5, 5], torch.default_generator)[1].dataset
# -- DistributedSampler
list(DistributedSampler(range(10), num_replicas=3, rank=1))
list(DistributedSampler(range(10), num_replicas=3, rank=1, shuffle=False))
list(DistributedSampler(range(10), num_replicas=3, rank=2, drop_last=True))
s = DistributedSampler(range(10), 3, 2, seed=5); s.set_epoch(3); list(s)
len(s), s.num_samples, s.total_size, s.epoch, s.seed
DistributedSampler(range(10), 3, 3)
DistributedSampler(range(10), 3, -1)
DistributedSampler(range(10))
DistributedSampler(range(10), num_replicas=2)
list(DistributedSampler(range(2), 5, 3))
# -- WeightedRandomSampler
list(WeightedRandomSampler([1., 2, 3], 6, replacement=True, generator=torch.Generator().manual_seed(1)))
list(WeightedRandomSampler(torch.tensor([1., 2, 3]), 3, replacement=False))
list(WeightedRandomSampler([1., 2, 3], 4, replacement=False))
WeightedRandomSampler([1., 2, 3], 0)
WeightedRandomSampler([1., 2, 3], 2.5)
WeightedRandomSampler([1., 2, 3], True)
WeightedRandomSampler([1., 2, 3], 2, replacement=1)
WeightedRandomSampler([[1., 2, 3]], 2)
len(WeightedRandomSampler([1., 2, 3], 7))
# -- samplers and datasets
list(RandomSampler(range(5), generator=torch.Generator().manual_seed(1)))
RandomSampler([])
RandomSampler(range(3), num_samples=2.5)
RandomSampler(range(3), replacement=None)
list(SubsetRandomSampler([]))
list(SubsetRandomSampler(range(5), generator=torch.Generator().manual_seed(1)))
len(SubsetRandomSampler(range(4)))
list(BatchSampler(SequentialSampler(range(5)), batch_size=2, drop_last=False))
BatchSampler([1], 2.5, False)
BatchSampler([1], True, False)
BatchSampler([1], 2, 3)
BatchSampler([1], 2)
len(BatchSampler(range(5), 2, True)), len(BatchSampler(range(5), 2, False))
list(Sampler(3))
len(Sampler(3))
len(Dataset())
Dataset() + Dataset()
len(IterableDataset())
iter(IterableDataset())
It(3) + It(2)
list(It(3) + It(2))
list(ChainDataset([It(2), Ds(3)]))
len(ChainDataset([It(2)]))
TensorDataset(torch.ones(2, 3), torch.ones(3))
TensorDataset()
len(TensorDataset(torch.ones(3)))
ConcatDataset([It(3)])
ConcatDataset([Ds(3)])[5]
ConcatDataset([Ds(3)])[-5]
ConcatDataset([Ds(3), Ds(4)]).cumulative_sizes
ConcatDataset([Ds(3), Ds(4)]).cummulative_sizes
Subset(range(10), [1, 2])[5]
Subset(range(10), [1, 2]).indices
list(Subset(range(10), [1, 2]))
Dataset[int]
IterableDataset[int]
# -- numpy's numbers in workers
def winit(i): np.random.seed(i); torch.manual_seed(i)
class NpRnd(Ds):
    def __getitem__(s, i): return np.random.rand(), np.random.randint(1000)
list(DataLoader(NpRnd(4), num_workers=2))
list(DataLoader(NpRnd(4), num_workers=2, worker_init_fn=winit))
# -- persistent workers
l = DataLoader(Rnd(4), num_workers=2, persistent_workers=True, shuffle=True)
list(l); list(l); torch.rand(1)
l = DataLoader(It(7), num_workers=2, persistent_workers=True)
list(l); list(l)
i1 = iter(l); next(i1)
i2 = iter(l); i1 is i2; list(i2)
# -- loaders that are left
l = DataLoader(Ds(10), num_workers=2, prefetch_factor=1, shuffle=True)
it = iter(l); next(it); next(it); del it
torch.rand(1)
[[x.item() for x in l] for _ in range(2)]
torch.rand(1)
# -- what goes wrong in workers
class Wi(Ds):
    def __getitem__(s, i): return repr(get_worker_info())
list(DataLoader(Wi(1), num_workers=1))
class Ws(Ds):
    def __getitem__(s, i):
        try: get_worker_info().id = 3
        except Exception as e: return str(e)
list(DataLoader(Ws(1), num_workers=1))
def bad(i): raise ValueError("init")
try: list(DataLoader(Ds(3), num_workers=1, worker_init_fn=bad))
except Exception as e: print(type(e), str(e).splitlines()[0], str(e).splitlines()[-1])
class Slow(Ds):
    def __getitem__(s, i):
        import time; time.sleep(2); return i
list(DataLoader(Slow(1), num_workers=1, timeout=1))
class Die(Ds):
    def __getitem__(s, i):
        import os; os._exit(3)
list(DataLoader(Die(1), num_workers=1))
class Custom(Exception):
    def __init__(s, a, b): super().__init__(a, b)
class CErr(Ds):
    def __getitem__(s, i): raise Custom(1, 2)
try: list(DataLoader(CErr(3), num_workers=1))
except Exception as e: print(type(e), str(e).splitlines()[0], str(e).splitlines()[-1])
class SI(Ds):
    def __getitem__(s, i): raise StopIteration("x")
try: list(DataLoader(SI(3), num_workers=1))
except BaseException as e: print(type(e), str(e).splitlines()[:1])
# -- other loaders
import pickle
pickle.dumps(iter(DataLoader(Ds(3))))
l = DataLoader(Ds(3), pin_memory=True); list(l)
DataLoader[int]
class BS:
    def __iter__(s): return iter([[0, 1], [2]])
list(DataLoader(Ds(3), batch_sampler=BS()))
len(DataLoader(Ds(3), batch_sampler=BS()))
list(DataLoader(Ds(3), batch_sampler=[[0], [1, 2]]))
list(DataLoader(Ds(5), sampler=[4, 3, 2], batch_size=2))
list(DataLoader(Ds(5), sampler=SubsetRandomSampler([1, 2]), batch_size=2))
list(DataLoader(torch.arange(4), batch_size=2))
list(DataLoader(np.arange(4), batch_size=2))
list(DataLoader('abcd', batch_size=2))
list(DataLoader({0: 1, 1: 2}, batch_size=2))
list(DataLoader([[1, 2], [3, 4]], batch_size=2, collate_fn=lambda b: torch.tensor(b)))
from torch.utils.data.dataloader import default_collate as dc
from torch.utils.data._utils.collate import default_collate as dc2
dc is dc2
''')

run(__file__)
