"""Datasets, the orders in which they are read, and batches."""

from torch._names import missing as _missing
from torch.utils.data.dataloader import DataLoader, default_collate, default_convert, get_worker_info  # noqa: F401
from torch.utils.data.dataset import (ChainDataset, ConcatDataset, Dataset, IterableDataset, Subset,  # noqa: F401
                                      TensorDataset, random_split)
from torch.utils.data.sampler import (BatchSampler, RandomSampler, Sampler, SequentialSampler,  # noqa: F401
                                      SubsetRandomSampler, WeightedRandomSampler)


def __getattr__(name):
    return _missing("torch.utils.data", name)
