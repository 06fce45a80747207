"""Timer: timeit that warms up, sets threads and repeats until it knows enough."""

import enum
import textwrap
import timeit

import torch
from torch.utils.benchmark.utils import common

__all__ = ["Timer", "timer", "Language"]

timer = timeit.default_timer


class Language(enum.Enum):
    PYTHON = 0
    CPP = 1


def _plain(code):
    code = textwrap.dedent(code)
    return (code[1:] if code.startswith("\n") else code).rstrip()


class Timer:
    """Measures how long a statement takes."""

    _timer_cls = timeit.Timer

    def __init__(self, stmt="pass", setup="pass", global_setup="", timer=timer, globals=None, label=None, sub_label=None,
                 description=None, env=None, num_threads=1, language=Language.PYTHON):
        if not isinstance(stmt, str):
            raise ValueError("Currently only a `str` stmt is supported.")
        if language in (Language.CPP, "cpp", "c++"):
            raise NotImplementedError("torch.utils.benchmark.Timer: C++ statements")
        if language not in (Language.PYTHON, "py", "python"):
            raise ValueError(f"Invalid language `{language}`.")
        if global_setup:
            raise ValueError(f"global_setup is C++ only, got `{global_setup}`. Most likely this code can simply be moved to "
                             "`setup`.")
        self._globals = {"torch": torch, **(globals or {})}
        stmt, setup = _plain(stmt), _plain(setup)
        self._timer = self._timer_cls(stmt=stmt, setup=setup, timer=timer, globals=self._globals)
        self._task_spec = common.TaskSpec(stmt, setup, global_setup, label, sub_label, description, env, num_threads)

    def _timeit(self, number):
        return max(self._timer.timeit(number), 1e-9)

    def _measurement(self, number, times):
        return common.Measurement(number_per_run=number, raw_times=times, task_spec=self._task_spec)

    def timeit(self, number=1000000):
        """Runs the statement `number` times."""
        with common.set_torch_threads(self._task_spec.num_threads):
            self._timeit(max(int(number // 100), 2))
            return self._measurement(number, [self._timeit(number)])

    def repeat(self, repeat=-1, number=-1):
        raise NotImplementedError("See `Timer.blocked_autorange.`")

    def autorange(self, callback=None):
        raise NotImplementedError("See `Timer.blocked_autorange.`")

    def collect_callgrind(self, number=100, *, repeats=None, collect_baseline=True, retain_out_file=False):
        raise NotImplementedError("torch.utils.benchmark.Timer.collect_callgrind")

    def _block_size(self, min_run_time):
        """Repetitions beside which reading the clock does not count."""
        with common.set_torch_threads(self._task_spec.num_threads):
            overhead, number = sorted(self._timeit(0) for _ in range(5))[2], 1
            while True:
                taken = self._timeit(number)
                known = overhead / taken <= 1e-4 and taken >= min_run_time / 1000
                if known or taken > min_run_time or number * 10 > 2147483647:
                    return number
                number *= 10

    def _loop(self, number, enough, min_run_time, max_run_time, callback):
        times = []
        with common.set_torch_threads(self._task_spec.num_threads):
            while sum(times) < min_run_time or not enough(times):
                times.append(self._timeit(number))
                if callback:
                    callback(number, times[-1])
                if max_run_time and sum(times) > max_run_time:
                    break
        return self._measurement(number, times)

    def adaptive_autorange(self, threshold=0.1, *, min_run_time=0.01, max_run_time=10.0, callback=None):
        """Measures until the times agree to within threshold."""
        number = self._block_size(0.05)
        return self._loop(number, lambda times: len(times) > 3
                          and self._measurement(number, times).meets_confidence(threshold), min_run_time, max_run_time,
                          callback)

    def blocked_autorange(self, callback=None, min_run_time=0.2):
        """Measures for min_run_time, in blocks of repetitions."""
        return self._loop(self._block_size(min_run_time), len, min_run_time, None, callback)
