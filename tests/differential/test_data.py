"""Datasets, samplers, loaders and their random order."""
from harness import case, expressions, run

expressions('''
[b for b in DataLoader(ds, batch_size=4)]
[b[0].flatten().tolist() for b in DataLoader(ds, batch_size=3, shuffle=True)]
[b[0].flatten().tolist() for b in DataLoader(ds, batch_size=3, shuffle=True, drop_last=True)], torch.rand(1)
l = DataLoader(ds, batch_size=4, shuffle=True); [[b[0].flatten().tolist() for b in l] for _ in range(3)]
[b[0].flatten().tolist() for b in DataLoader(ds, batch_size=3, shuffle=True, generator=torch.Generator().manual_seed(5))]
random_split(ds, [3, 7])[0].indices
random_split(ds, [0.3, 0.7])[1].indices
random_split(ds, [3, 3])
[len(s) for s in random_split(ds, [0.5, 0.49999999, 0.00000001])]
list(data.RandomSampler(ds))
list(data.RandomSampler(ds, replacement=True, num_samples=40))
list(data.RandomSampler(ds, num_samples=25))
data.RandomSampler(ds, replacement=3)
data.RandomSampler(ds, num_samples=0)
list(data.SubsetRandomSampler([4, 5, 6, 7]))
list(data.WeightedRandomSampler([0.1, 0.2, 0.7], 5))
list(data.BatchSampler(range(10), 3, True))
list(data.BatchSampler(range(10), 3, False))
data.BatchSampler(range(10), 0, False)
len(DataLoader(ds, batch_size=3)), len(DataLoader(ds, batch_size=3, drop_last=True))
DataLoader(ds, batch_size=0)
DataLoader(ds, num_workers=-1)
DataLoader(ds, shuffle=True, sampler=range(3))
DataLoader(ds, batch_sampler=range(3), batch_size=2)
DataLoader(ds, prefetch_factor=3)
DataLoader(ds, timeout=-1)
l = DataLoader(ds); l.batch_size = 3
[b for b in DataLoader([1, 2, 3], batch_size=2)]
[b for b in DataLoader([1., 2., 3.], batch_size=2)]
[b for b in DataLoader([True, False], batch_size=2)]
[b for b in DataLoader(["a", "b"], batch_size=2)]
[b for b in DataLoader([{"x": 1, "y": torch.ones(2)}] * 3, batch_size=2)]
[b for b in DataLoader([(1, [2, 3.])] * 3, batch_size=2)]
[b for b in DataLoader([[1, 2], [3]], batch_size=2)]
[b for b in DataLoader([torch.ones(2), torch.ones(3)], batch_size=2)]
[b for b in DataLoader([object()], batch_size=1)]
[b for b in DataLoader([None], batch_size=1)]
[b for b in DataLoader([1, 2, 3], batch_size=None)]
[b for b in DataLoader([1, 2, 3, 4, 5], batch_size=2, collate_fn=lambda b: b)]
import numpy as np; [b for b in DataLoader([np.ones(2), np.zeros(2)], batch_size=2)]
import numpy as np; [b for b in DataLoader([np.float32(1), np.float32(2)], batch_size=2)]
import numpy as np; [b for b in DataLoader([np.array(["a"])], batch_size=1)]
data.ConcatDataset([ds, ds])[12]
data.ConcatDataset([ds, ds])[-1]
len(ds + ds), len(data.ConcatDataset([ds, ds, ds]))
data.ConcatDataset([])
data.Subset(ds, [3, 4])[1]
data.TensorDataset(torch.ones(2), torch.ones(3))
ds[1:3]
data.Dataset()[0]
data.default_collate([(1, 2), (3, 4)])
data.get_worker_info()
[b["b"] for b in DataLoader([{"b": i} for i in range(7)], batch_size=2, num_workers=2)]
''', setup="import torch.utils.data as data; from torch.utils.data import DataLoader, random_split",
            ds="data.TensorDataset(torch.arange(10.).view(10, 1), torch.arange(10))")


@case
def iterable_datasets():
    import torch
    from torch.utils.data import ChainDataset, DataLoader, IterableDataset

    class Count(IterableDataset):
        def __init__(self, n):
            self.n = n

        def __iter__(self):
            return iter(range(self.n))

        def __len__(self):
            return self.n

    loader = DataLoader(Count(5), batch_size=2)
    return (list(loader), len(loader), list(DataLoader(Count(5), batch_size=2, drop_last=True)),
            list(DataLoader(Count(3), batch_size=None)), list(DataLoader(ChainDataset([Count(2), Count(3)]), batch_size=3)),
            torch.rand(1))


@case
def shuffled_iterable():
    from torch.utils.data import DataLoader, IterableDataset
    DataLoader(IterableDataset(), shuffle=True)


@case
def an_error_in_a_dataset():
    from torch.utils.data import DataLoader, Dataset

    class Bad(Dataset):
        def __len__(self):
            return 3

        def __getitem__(self, i):
            return [1, 2][i]

    return list(DataLoader(Bad()))


@case
def samplers_that_draw_when_they_are_asked_with_workers():
    import random
    import torch
    from torch.utils.data import DataLoader, Sampler

    class Shuffled(Sampler):
        def __init__(self, n):
            self.n = n

        def __iter__(self):
            batches = [[k, k + 1] for k in range(0, self.n, 2)]
            random.shuffle(batches)
            return iter(batches)

        def __len__(self):
            return self.n // 2

    passes = []
    for keep in (False, True):
        random.seed(1)
        loader = DataLoader(range(8), batch_sampler=Shuffled(8), num_workers=2, persistent_workers=keep)
        passes += [[batch.tolist() for batch in loader] for _ in range(2)]
    return passes


run(__file__)
