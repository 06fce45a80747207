"""Pipes of streams of samples; most are also methods: pipe.map (f), pipe.batch (3) …"""

from torch import _names

from torch.utils.data.datapipes.iter.callable import CollatorIterDataPipe as Collator
from torch.utils.data.datapipes.iter.callable import FilterIterDataPipe as Filter
from torch.utils.data.datapipes.iter.callable import MapperIterDataPipe as Mapper
from torch.utils.data.datapipes.iter.combining import ConcaterIterDataPipe as Concater
from torch.utils.data.datapipes.iter.combining import DemultiplexerIterDataPipe as Demultiplexer
from torch.utils.data.datapipes.iter.combining import ForkerIterDataPipe as Forker
from torch.utils.data.datapipes.iter.combining import MultiplexerIterDataPipe as Multiplexer
from torch.utils.data.datapipes.iter.combining import ZipperIterDataPipe as Zipper
from torch.utils.data.datapipes.iter.files import FileListerIterDataPipe as FileLister
from torch.utils.data.datapipes.iter.files import FileOpenerIterDataPipe as FileOpener
from torch.utils.data.datapipes.iter.files import StreamReaderIterDataPipe as StreamReader
from torch.utils.data.datapipes.iter.grouping import BatcherIterDataPipe as Batcher
from torch.utils.data.datapipes.iter.grouping import GrouperIterDataPipe as Grouper
from torch.utils.data.datapipes.iter.grouping import ShardingFilterIterDataPipe as ShardingFilter
from torch.utils.data.datapipes.iter.grouping import UnBatcherIterDataPipe as UnBatcher
from torch.utils.data.datapipes.iter.sources import IterableWrapperIterDataPipe as IterableWrapper
from torch.utils.data.datapipes.iter.sources import SamplerIterDataPipe as Sampler
from torch.utils.data.datapipes.iter.sources import ShufflerIterDataPipe as Shuffler

__all__ = ["Batcher", "Collator", "Concater", "Demultiplexer", "FileLister", "FileOpener", "Filter", "Forker", "Grouper",
           "IterableWrapper", "Mapper", "Multiplexer", "Sampler", "ShardingFilter", "Shuffler", "StreamReader", "UnBatcher",
           "Zipper"]


def __getattr__(name):
    return _names.missing("torch.utils.data.datapipes.iter", name, ("FileLoader", "RoutedDecoder"))
