"""A model of a CUDA stream, written here, with a CPU for a device.  No GPU is used or imitated in speed.

A stream is a queue of kernels and somebody who takes them out in order.  Here it is a
thread that runs torch's own kernels; what is modelled are the rules: a launch returns
before its kernel has run, order holds within a stream, and some calls have to wait because
they need a number.  In the board's picture lanes 0 and 1 are the host and its stream; lane 2
is copies and computation on one stream, lanes 3 and 4 are the same on two.
"""

import queue
import threading
import time

import torch

import gradboard as gb


class Stream:
    def __init__(self):
        self.queue, self.record, self.error = queue.SimpleQueue(), [], None
        threading.Thread(target=self._drain, daemon=True).start()

    def _drain(self):
        while True:
            name, kernel = self.queue.get()
            start = time.perf_counter()
            try:
                if self.error is None or name == "event":     # after a fault nothing else runs
                    kernel()
            except Exception as error:            # nobody is there to hear it: it is kept
                self.error = error
            self.record.append((name, start, time.perf_counter()))

    def launch(self, name, kernel):
        self.queue.put((name, kernel))

    def synchronize(self):
        """Wait until everything launched so far is done; now a kept error comes up."""
        done = threading.Event()
        self.launch("event", done.set)
        done.wait()
        if self.error is not None:
            error, self.error = self.error, None
            raise RuntimeError(f"a kernel failed earlier: {error}")


class DeviceTensor:
    """Its shape is known at once, its numbers when the stream gets there."""

    def __init__(self, stream, shape, value=None):
        self.stream, self.shape, self.value = stream, shape, value

    def _later(self, name, kernel, shape):
        result = DeviceTensor(self.stream, shape)

        def run():
            result.value = kernel()
        self.stream.launch(name, run)
        return result

    def add(self, other):
        return self._later("add", lambda: self.value + other.value, self.shape)

    def matmul(self, other):
        return self._later("matmul", lambda: self.value @ other.value, (self.shape[0], other.shape[1]))

    def gather(self, index):
        return self._later("gather", lambda: self.value[index], (len(index), self.shape[1]))

    # what needs a number has to wait for it
    def cpu(self):
        self.stream.synchronize()
        return self.value.clone()

    def item(self):
        return self.cpu().item()

    def __repr__(self):
        return f"{self.cpu()}"

    def masked(self, mask):                       # x[mask]: how many rows there are is a number
        rows = mask.cpu()
        return self._later("masked", lambda: self.value[rows], (int(rows.sum()), self.shape[1]))


def on_device(stream, *sizes):
    return DeviceTensor(stream, sizes, torch.randn(*sizes))


def tell_lanes(host, stream, zero):
    for name, start, end in host:
        gb.log(name, end - start, rank=0, at=start - zero)
    for name, start, end in stream.record:
        if name != "event":
            gb.log(name, end - start, rank=1, at=start - zero)


def launches():
    """Twenty products, and a stopwatch stopped at two places."""
    gb.ask("too-small")
    gb.ask("return-first")
    size = gb.knob("size", 256, choices=[128, 256, 384, 512])
    torch.manual_seed(0)
    stream = Stream()
    a, b = on_device(stream, size, size), on_device(stream, size, size)
    a.matmul(b).cpu()                             # warm up
    stream.record.clear()

    host, zero = [], time.perf_counter()
    for _ in range(20):
        start = time.perf_counter()
        c = a.matmul(b)
        host.append(("launch", start, time.perf_counter()))
    launched = time.perf_counter() - zero
    still_to_do = 20 - len(stream.record)
    start = time.perf_counter()
    stream.synchronize()
    host.append(("wait", start, time.perf_counter()))
    finished = time.perf_counter() - zero

    tell_lanes(host, stream, zero)
    for n, (_, _, end) in enumerate(host[:20], 1):
        gb.log("launched", n, (end - zero) * 1e3, "ms")
    for n, (_, _, end) in enumerate(stream.record[:20], 1):
        gb.log("done", n, (end - zero) * 1e3, "ms")
    print(f"20 launches had returned after {launched * 1e3:8.3f} ms, with {still_to_do} products still to do")
    print(f"the results were there after   {finished * 1e3:8.3f} ms")
    print(f"a stopwatch without synchronize() is wrong by a factor of {finished / launched:.0f}")
    gb.tell("too-small", "yes" if launched < finished / 4 else "no")
    gb.tell("return-first", "launch" if still_to_do > 0 else "kernel")
    gb.check("the result is right, late or not", torch.allclose(c.value, a.value @ b.value))


def who_waits():
    """Six calls behind a long queue: which of them come back before it is empty?"""
    gb.ask("how-many-wait")
    torch.manual_seed(0)
    waits = {}
    calls = {
        "x.add(x)": lambda x, mask: x.add(x),
        "x.matmul(x)": lambda x, mask: x.matmul(x),
        "x.item()": lambda x, mask: DeviceTensor(x.stream, (), x.value[0, 0]).item(),
        "print(x)": lambda x, mask: repr(x),
        "x[mask]": lambda x, mask: x.masked(mask),
        "x.cpu()": lambda x, mask: x.cpu(),
    }
    for name, call in calls.items():
        stream = Stream()
        x = on_device(stream, 256, 256)
        mask = DeviceTensor(stream, (256,), x.value[:, 0] > 0)
        gate = threading.Event()                  # a kernel that runs until we let it go
        stream.launch("long kernel", gate.wait)
        done = threading.Event()
        threading.Thread(target=lambda: (call(x, mask), done.set()), daemon=True).start()
        waits[name] = not done.wait(0.1)          # has it come back while the kernel runs?
        gate.set()
        done.wait()
        print(f"{name:<12} {'waits for the stream' if waits[name] else 'returns at once'}")
    gb.tell("how-many-wait", sum(waits.values()))
    gb.check("what gives no number does not wait", not waits["x.add(x)"] and not waits["x.matmul(x)"])


def late_error():
    """An index out of range: where does the program hear of it?"""
    gb.ask("error-line")
    torch.manual_seed(0)
    stream = Stream()
    x = on_device(stream, 4, 4)
    line = "nowhere"
    try:
        line = "gather"
        y = x.gather(torch.tensor([0, 9]))        # the fault is here
        line = "add"
        z = y.add(y)
        line = "cpu"
        z.cpu()
    except RuntimeError as error:
        print(f"raised in the line of {line}(): {error}")
    gb.tell("error-line", line)

    blocking = Stream()                           # as with CUDA_LAUNCH_BLOCKING=1
    x = on_device(blocking, 4, 4)
    try:
        line = "gather"
        y = x.gather(torch.tensor([0, 9]))
        blocking.synchronize()                    # after every launch
        line = "add"
    except RuntimeError:
        print(f"with a synchronize() after each launch: raised in the line of {line}()")
    gb.check("waiting after each launch finds the line", line == "gather")


def two_streams():
    """Copy and compute on one stream or on two: a computed timeline, in units of time."""
    copy = gb.knob("copy", 2, choices=[1, 2, 3, 4])
    compute = gb.knob("compute", 3, choices=[1, 2, 3, 4])
    gb.ask("one-stream")
    gb.ask("two-streams")
    batches, unit, end_of_one = 4, 0.01, 0        # a unit is drawn as 10 ms
    for n in range(batches):                      # in order, one after the other
        gb.log(f"copy {n}", copy * unit, rank=2, at=end_of_one * unit)
        gb.log(f"compute {n}", compute * unit, rank=2, at=(end_of_one + copy) * unit)
        end_of_one += copy + compute

    copied, busy_until = 0, 0
    for n in range(batches):
        gb.log(f"copy {n}", copy * unit, rank=3, at=copied * unit)
        copied += copy                            # the copy engine goes on with the next batch
        start = max(copied, busy_until)           # compute.wait_event(copy done)
        if start > busy_until:
            gb.log("wait", (start - busy_until) * unit, rank=4, at=busy_until * unit)
        gb.log(f"compute {n}", compute * unit, rank=4, at=start * unit)
        busy_until = start + compute
    print(f"{batches} batches, copy {copy}, compute {compute}: one stream {end_of_one}, two streams {busy_until}")
    gb.tell("one-stream", end_of_one)
    gb.tell("two-streams", busy_until)
    gb.check("never slower", busy_until <= end_of_one)
    gb.check("bounded by the slower of the two", busy_until == min(copy, compute) + batches * max(copy, compute))


class CachingAllocator:
    """Freed blocks are kept for the next request of their size; the driver is asked rarely."""

    def __init__(self):
        self.free, self.allocated, self.reserved, self.driver_calls = [], 0, 0, 0

    def malloc(self, size):
        if size in self.free:
            self.free.remove(size)
        else:
            self.reserved += size
            self.driver_calls += 1
        self.allocated += size
        return size

    def release(self, size):
        self.allocated -= size
        self.free.append(size)

    def empty_cache(self):
        self.reserved -= sum(self.free)
        self.free.clear()


def memory():
    """What `nvidia-smi` shows is reserved, not allocated."""
    gb.ask("reserved")
    gb.ask("driver-calls")
    allocator, step = CachingAllocator(), 0

    def note(what):
        nonlocal step
        gb.log("allocated (MB)", allocator.allocated, step, "events")
        gb.log("reserved (MB)", allocator.reserved, step, "events")
        print(f"{what:<24} allocated {allocator.allocated:>4}   reserved {allocator.reserved:>4}   driver calls {allocator.driver_calls}")
        step += 1

    weights = allocator.malloc(100)
    note("weights 100")
    for n in range(3):
        blocks = [allocator.malloc(size) for size in (200, 200, 50)]
        note(f"step {n}: activations")
        for block in blocks:
            allocator.release(block)
        note(f"step {n}: freed")
    gb.tell("reserved", allocator.reserved)
    gb.tell("driver-calls", allocator.driver_calls)
    allocator.empty_cache()
    note("empty_cache()")
    gb.check("weights stay", allocator.reserved == weights)


if __name__ == "__main__":
    for tab in (memory, who_waits, late_error, launches, two_streams):
        tab()
        print()
