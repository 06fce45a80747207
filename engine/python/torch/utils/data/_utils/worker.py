"""Worker processes of a DataLoader: forks that make batches and send them back through pipes."""

import os
import pickle
import random
import select
import signal
import struct
import sys
import time

import torch
from torch._utils import ExceptionWrapper
from torch.utils.data._utils.fetch import fetcher_of
from torch.utils.data.datapipes import _graph
from torch.utils.data.datapipes.datapipe import IterDataPipe, MapDataPipe

_STOP, _RESUME = "stop", "resume"


class WorkerInfo:
    """Which worker this process is."""

    def __init__(self, **facts):
        self.__dict__.update(facts)
        self.__dict__["_names"] = tuple(facts)

    def __setattr__(self, key, value):
        raise RuntimeError("Cannot assign attributes to {} objects".format(self.__class__.__name__))

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)}' for name in self._names)})"


_worker_info = None


def get_worker_info():
    """In a worker: its id, the number of workers, its seed and its dataset.  Elsewhere None."""
    return _worker_info


# ---- messages: a length, then a pickle ----
def _write(fd, message):
    data = pickle.dumps(message)
    data = memoryview(struct.pack("<Q", len(data)) + data)
    while data:
        data = data[os.write(fd, data):]


def _read(fd, timeout=0):
    def exactly(n):
        parts = []
        while n:
            if timeout and not select.select([fd], [], [], timeout)[0]:
                raise RuntimeError(f"DataLoader timed out after {timeout} seconds")
            part = os.read(fd, min(n, 1 << 20))
            if not part:
                raise EOFError
            parts.append(part)
            n -= len(part)
        return b"".join(parts)

    return pickle.loads(exactly(struct.unpack("<Q", exactly(8))[0]))


# ---- in the worker ----
def _seed_everything(seed, number):
    random.seed(seed + number)
    torch.manual_seed(seed + number)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        words = [number, seed & 0xffffffff, seed >> 32, 0]
        numpy.random.seed(numpy.random.SeedSequence(words).generate_state(4))


def _worker_loop(loader, number, seed, requests, replies):
    """A worker's life: indices in, batches out, until the pipe closes."""
    global _worker_info
    torch.set_num_threads(1)
    _seed_everything(seed, number)
    if isinstance(loader.dataset, (IterDataPipe, MapDataPipe)):
        _graph.apply_sharding(loader.dataset, loader.num_workers, number)
    _worker_info = WorkerInfo(id=number, num_workers=loader.num_workers, seed=seed + number, dataset=loader.dataset)
    failure = fetcher = None
    where = f"in DataLoader worker process {number}"
    try:
        if loader.worker_init_fn is not None:
            loader.worker_init_fn(number)
        fetcher = fetcher_of(loader)
    except Exception:
        failure = ExceptionWrapper(where=where)
    while True:
        try:
            index = _read(requests)
        except EOFError:
            return
        if isinstance(index, str) and index == _RESUME:
            fetcher = fetcher_of(loader)
            continue
        if failure is not None:
            data, failure = failure, None
        else:
            try:
                data = fetcher.fetch(index)
            except Exception as error:
                data = _STOP if isinstance(error, StopIteration) and loader._iterable else ExceptionWrapper(where=where)
        _write(replies, data)


# ---- at the loader ----
_open_pipes = set()  # the loader's ends: a worker that kept another's would keep it waiting for ever
_MOST_PATIENCE_SECONDS = 5


class Worker:
    """A worker process, as the loader sees it."""

    def __init__(self, loader, number, seed):
        request_out, self.requests = os.pipe()
        self.replies, reply_in = os.pipe()
        sys.stdout.flush()
        try:
            self.pid = os.fork()
        except OSError:
            for fd in (request_out, self.requests, self.replies, reply_in):
                os.close(fd)
            raise
        if self.pid == 0:
            self._live(loader, number, seed, request_out, reply_in)
        os.close(request_out)
        os.close(reply_in)
        _open_pipes.update((self.requests, self.replies))
        self.active, self.owner = True, os.getpid()

    def _live(self, loader, number, seed, requests, replies):
        try:
            for fd in _open_pipes | {self.requests, self.replies}:
                os.close(fd)
            _open_pipes.clear()
            _worker_loop(loader, number, seed, requests, replies)
            sys.stdout.flush()
        except (KeyboardInterrupt, BrokenPipeError):
            pass
        except SystemExit as end:
            os._exit(end.code if isinstance(end.code, int) else 0 if end.code is None else 1)
        finally:
            os._exit(0)

    def ask(self, request):
        try:
            _write(self.requests, request)
        except BrokenPipeError:
            self._say_how_it_ended()

    def answer(self, timeout):
        """A batch, _STOP, or what went wrong there."""
        try:
            return _read(self.replies, timeout)
        except EOFError:
            self._say_how_it_ended()

    def _say_how_it_ended(self):
        pid, status = os.waitpid(self.pid, 0)
        self.pid = None
        if os.WIFSIGNALED(status):
            cause = RuntimeError(f"DataLoader worker (pid {pid}) is killed by signal: "
                                 f"{signal.strsignal(os.WTERMSIG(status))}. ")
        else:
            cause = RuntimeError(f"DataLoader worker (pid {pid}) exited unexpectedly with exit code {os.WEXITSTATUS(status)}. "
                                 "Details are lost due to multiprocessing. Rerunning with num_workers=0 may give better error "
                                 "trace.")
        raise RuntimeError(f"DataLoader worker (pid(s) {pid}) exited unexpectedly") from cause

    def close(self):
        if os.getpid() != self.owner:  # a worker of another loader drops what it inherited
            return
        for fd in (self.requests, self.replies):
            _open_pipes.discard(fd)
            os.close(fd)
        patience = 0.0005
        while self.pid is not None and os.waitpid(self.pid, os.WNOHANG)[0] == 0:
            if patience > _MOST_PATIENCE_SECONDS:
                os.kill(self.pid, signal.SIGKILL)
            time.sleep(patience)
            patience *= 1.5
        self.pid = None
