"""Datasets, the orders in which they are read, and batches."""

import importlib as _importlib

from torch._names import missing as _missing
from torch.utils.data.dataloader import (DataLoader, _DatasetKind, default_collate, default_convert,  # noqa: F401
                                         get_worker_info)
from torch.utils.data.datapipes.datapipe import (DataChunk, DFIterDataPipe, IterDataPipe, MapDataPipe,  # noqa: F401
                                                 functional_datapipe)
from torch.utils.data.dataset import (ChainDataset, ConcatDataset, Dataset, IterableDataset, Subset,  # noqa: F401
                                      TensorDataset, random_split)
from torch.utils.data.distributed import DistributedSampler  # noqa: F401
from torch.utils.data.sampler import (BatchSampler, RandomSampler, Sampler, SequentialSampler,  # noqa: F401
                                      SubsetRandomSampler, WeightedRandomSampler)


def __getattr__(name):
    if name == "datapipes":
        return _importlib.import_module("torch.utils.data.datapipes")
    return _missing("torch.utils.data", name)
