"""Files: their names, the open files, what stands in them."""

import fnmatch
import os

from torch.utils.data.datapipes.datapipe import IterDataPipe, functional_datapipe
from torch.utils.data.datapipes.utils.common import StreamWrapper


def _matches(name, masks):
    masks = [masks] if isinstance(masks, str) else list(masks)
    return not masks or masks == [""] or any(fnmatch.fnmatch(name, mask) for mask in masks)


@functional_datapipe("list_files")
class FileListerIterDataPipe(IterDataPipe):
    """The paths of files in root (folders, or a pipe of them) whose names match one of masks."""

    def __init__(self, root=".", masks="", *, recursive=False, abspath=False, non_deterministic=False, length=-1):
        self.datapipe = [root] if isinstance(root, str) else root
        self.masks, self.recursive, self.abspath = masks, recursive, abspath
        self.non_deterministic, self.length = non_deterministic, length

    def __iter__(self):
        for root in self.datapipe:
            if os.path.isfile(root):
                if _matches(os.path.basename(root), self.masks):
                    yield os.path.abspath(root) if self.abspath else root
                continue
            for folder, folders, names in os.walk(root):
                if self.abspath:
                    folder = os.path.abspath(folder)
                if not self.non_deterministic:
                    names.sort()
                    folders.sort()
                for name in names:
                    if _matches(name, self.masks):
                        yield os.path.join(folder, name)
                if not self.recursive:
                    break

    def __len__(self):
        if self.length == -1:
            raise TypeError(f"{type(self).__name__} instance doesn't have valid length")
        return self.length


@functional_datapipe("open_files")
class FileOpenerIterDataPipe(IterDataPipe):
    """(path, the open file)."""

    def __init__(self, datapipe, mode="r", encoding=None, length=-1):
        if mode not in ("b", "t", "rb", "rt", "r"):
            raise ValueError(f"Invalid mode {mode}")
        if "b" in mode and encoding is not None:
            raise ValueError("binary mode doesn't take an encoding argument")
        self.datapipe, self.encoding, self.length = datapipe, encoding, length
        self.mode = mode if "r" in mode else "r" + mode

    def __iter__(self):
        for path in self.datapipe:
            if not isinstance(path, str):
                raise TypeError(f"Expected string type for pathname, but got {type(path)}")
            yield path, StreamWrapper(open(path, self.mode, encoding=self.encoding))

    def __len__(self):
        if self.length == -1:
            raise TypeError(f"{type(self).__name__} instance doesn't have valid length")
        return self.length


@functional_datapipe("read_from_stream")
class StreamReaderIterDataPipe(IterDataPipe):
    """(path, the file's text or bytes), whole or in pieces of chunk."""

    def __init__(self, datapipe, chunk=None):
        self.datapipe, self.chunk = datapipe, chunk

    def __iter__(self):
        for path, stream in self.datapipe:
            while True:
                piece = stream.read(self.chunk)
                if not piece:
                    break
                yield path, piece
