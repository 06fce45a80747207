"""Values that will be there later."""

import threading
import traceback
from typing import Generic, TypeVar

T = TypeVar("T")


class Future(Generic[T]):
    """A value that somebody sets, once; whoever waits for it gets it, or the exception that took its place."""

    def __init__(self, *, devices=None):
        for device in devices or ():
            raise ValueError(f"Expected devices to have indices, got {device}")
        self._set, self._lock = threading.Event(), threading.Lock()
        self._value, self._error, self._callbacks = None, None, []

    def done(self):
        return self._set.is_set()

    def wait(self):
        """The value, as soon as it is there."""
        self._set.wait()
        return self.value()

    def value(self):
        if not self._set.is_set():
            raise RuntimeError('completed() INTERNAL ASSERT FAILED at "./aten/src/ATen/core/ivalue_inl.h":940, please report a '
                               "bug to PyTorch. ")
        if self._error is not None:
            raise self._error
        return self._value

    def _complete(self, value, error):
        with self._lock:
            if self._set.is_set():
                raise RuntimeError("Attempting to mark a completed Future as complete again. Note that a Future can only be "
                                   "marked completed once.")
            self._value, self._error = value, error
            self._set.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def set_result(self, result):
        self._complete(result, None)

    def set_exception(self, result):
        assert isinstance(result, Exception), f"{result} is of type {type(result)}, not an Exception."
        self._complete(None, result)

    def _when_done(self, callback):
        with self._lock:
            waiting = not self._set.is_set()
            if waiting:
                self._callbacks.append(callback)
        if not waiting:
            callback()

    def then(self, callback):
        """A future of what callback gives for this one when it is done."""
        following = Future()

        def run():
            try:
                following.set_result(callback(self))
            except Exception as error:
                following._complete(None, RuntimeError(_complaint(error)))
        self._when_done(run)
        return following

    def add_done_callback(self, callback):
        """callback (this future) when it is done; what it raises is only printed."""
        def run():
            try:
                callback(self)
            except Exception:
                traceback.print_exc()
        self._when_done(run)


Future.__module__ = "torch.jit"


def _complaint(error):
    places = "\n".join(f"  {frame.filename}({frame.lineno}): {frame.name}"
                       for frame in reversed(traceback.extract_tb(error.__traceback__)[1:]))
    return f"Got the following error when running the callback: {type(error).__name__}: {error}\n\nAt:\n{places}\n"


def collect_all(futures):
    """A future of the list of futures, when all of them are done."""
    futures, together = list(futures), Future()
    left = [len(futures)]

    def one_more():
        left[0] -= 1
        if left[0] == 0:
            together.set_result(futures)
    for future in futures:
        future._when_done(one_more)
    if not futures:
        together.set_result([])
    return together


def wait_all(futures):
    """The values of all, when all are done."""
    return [future.wait() for future in collect_all(futures).wait()]
