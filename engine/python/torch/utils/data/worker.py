"""Worker processes of a DataLoader: forks that make batches and send them back through pipes."""

import os
import pickle
import random
import select
import struct
import traceback
import warnings

import torch


class WorkerInfo:
    """Which worker this process is."""

    def __init__(self, **facts):
        self.__dict__.update(facts)

    def __repr__(self):
        return "WorkerInfo(" + ", ".join(f"{k}={v}" for k, v in self.__dict__.items()) + ")"


_info = None


def get_worker_info():
    """In a worker: its id, the number of workers, its seed and its dataset.  Elsewhere None."""
    return _info


def _write(fd, data):
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

    return exactly(struct.unpack("<Q", exactly(8))[0])


def _serve(loader, number, seed, requests, replies):
    """A worker's life: indices in, batches out, until the pipe closes."""
    global _info
    from torch.utils.data.dataloader import batches_of
    torch.set_num_threads(1)
    torch.manual_seed(seed + number)
    random.seed(seed + number)
    _info = WorkerInfo(id=number, num_workers=loader.num_workers, seed=seed + number, dataset=loader.dataset)

    def asked():
        while True:
            yield pickle.loads(_read(requests))

    batches = None
    try:
        if loader.worker_init_fn is not None:
            loader.worker_init_fn(number)
        while True:
            if batches is None:
                batches = batches_of(loader, asked())
                iterable = isinstance(loader.dataset, torch.utils.data.IterableDataset)
            if iterable:
                _read(requests)
            _write(replies, pickle.dumps((True, next(batches))))
    except EOFError:
        pass
    except StopIteration:
        _write(replies, pickle.dumps((None, None)))
    except BaseException as error:
        _write(replies, pickle.dumps((False, (type(error), str(error), traceback.format_exc()))))


class _Worker:
    def __init__(self, loader, number, seed, others):
        request_out, self.requests = os.pipe()
        self.replies, reply_in = os.pipe()
        try:
            self.pid = os.fork()
        except OSError:
            for fd in (request_out, self.requests, self.replies, reply_in):
                os.close(fd)
            raise
        if self.pid == 0:
            try:
                for fd in [self.requests, self.replies] + others:
                    os.close(fd)
                _serve(loader, number, seed, request_out, reply_in)
            finally:
                os._exit(0)
        os.close(request_out)
        os.close(reply_in)
        self.number, self.waiting, self.done = number, 0, False

    def ask(self, index):
        _write(self.requests, pickle.dumps(index))
        self.waiting += 1

    def answer(self, timeout):
        try:
            ok, value = pickle.loads(_read(self.replies, timeout))
        except EOFError:
            self.done = True
            raise RuntimeError(f"DataLoader worker (pid(s) {self.pid}) exited unexpectedly") from None
        self.waiting -= 1
        if ok is False:
            kind, text, trace = value
            message = f"Caught {kind.__name__} in DataLoader worker process {self.number}.\nOriginal {trace}"
            raise kind(message) if issubclass(kind, Exception) and kind is not KeyError else RuntimeError(message)
        self.done = ok is None
        return value

    def close(self):
        os.close(self.requests)
        os.close(self.replies)
        os.waitpid(self.pid, 0)


def worker_batches(loader, indices, seed):
    """Batches in the order of indices; worker k makes every num_workers-th of them."""
    from torch.utils.data.dataloader import batches_of
    workers, order = [], []
    iterable = isinstance(loader.dataset, torch.utils.data.IterableDataset)
    try:
        try:
            for number in range(loader.num_workers):
                workers.append(_Worker(loader, number, seed, [fd for w in workers for fd in (w.requests, w.replies)]))
        except OSError as error:
            if not workers:
                warnings.warn(f"DataLoader: no worker process could be started ({error.strerror}); batches are made in this process.")
                yield from batches_of(loader, indices)
                return

        def ask(worker):
            try:
                worker.ask(None if iterable else next(indices))
                order.append(worker)
            except StopIteration:
                pass

        for _ in range(loader.prefetch_factor):
            for worker in workers:
                ask(worker)
        while order:
            worker = order.pop(0)
            if worker.done:
                continue
            batch = worker.answer(loader.timeout)
            if worker.done:
                continue
            ask(worker)
            yield batch
    finally:
        for worker in workers:
            worker.close()
