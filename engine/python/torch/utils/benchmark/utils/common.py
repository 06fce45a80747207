"""Measurements and the texts they print as."""

import contextlib
import dataclasses
import math
import textwrap
from typing import Any, Dict, List, Optional

import torch

__all__ = ["TaskSpec", "Measurement", "select_unit", "unit_to_english", "trim_sigfig", "ordered_unique",
           "set_torch_threads"]

_UNITS = {"ns": (1e-9, "nanosecond"), "us": (1e-6, "microsecond"), "ms": (1e-3, "millisecond"), "s": (1, "second")}


@dataclasses.dataclass(init=True, repr=False, eq=True, frozen=True)
class TaskSpec:
    """What is measured, without the values it uses."""

    stmt: str
    setup: str
    global_setup: str = ""
    label: Optional[str] = None
    sub_label: Optional[str] = None
    description: Optional[str] = None
    env: Optional[str] = None
    num_threads: int = 1

    @property
    def title(self):
        name = self.label if self.label is not None else self.stmt
        if self.label is not None or "\n" not in self.stmt:
            return name + (f": {self.sub_label}" if self.sub_label else "")
        return f"stmt:{f' ({self.sub_label})' if self.sub_label else ''}\n{textwrap.indent(self.stmt, '  ')}"

    def setup_str(self):
        if self.setup == "pass" or not self.setup:
            return ""
        return f"setup:\n{textwrap.indent(self.setup, '  ')}" if "\n" in self.setup else f"setup: {self.setup}"

    def summarize(self):
        parts = [self.title, self.description or "", self.setup_str()]
        return "\n".join(part + "\n" if "\n" in part else part for part in parts if part)


@dataclasses.dataclass(init=True, repr=False)
class Measurement:
    """Times of one statement, a number for each run of number_per_run repetitions."""

    number_per_run: int
    raw_times: List[float]
    task_spec: TaskSpec
    metadata: Optional[Dict[Any, Any]] = None

    def __getattr__(self, name):
        if name in TaskSpec.__dataclass_fields__:
            return getattr(self.task_spec, name)
        return super().__getattribute__(name)

    @property
    def times(self):
        return [t / self.number_per_run for t in self.raw_times]

    def _quantile(self, q):
        return torch.tensor(self.times, dtype=torch.float64).quantile(q).item() if self.raw_times else -1.0

    median = property(lambda self: self._quantile(0.5))
    iqr = property(lambda self: self._quantile(0.75) - self._quantile(0.25))
    title = property(lambda self: self.task_spec.title)
    as_row_name = property(lambda self: self.sub_label or self.stmt or "[Unknown]")
    has_warnings = property(lambda self: bool(self._warnings()))

    @property
    def mean(self):
        return torch.tensor(self.times, dtype=torch.float64).mean().item() if self.raw_times else -1.0

    @property
    def significant_figures(self):
        """How many figures the middle half of the times supports."""
        n = len(self.raw_times)
        middle = torch.tensor(sorted(self.times)[n // 4:math.ceil(3 * n / 4)])
        interval = max(1.645 * middle.std(unbiased=False).item() / math.sqrt(len(middle)), 25e-9)
        return min(max(math.floor(math.log10(self.median / interval)), 1), 4)

    def meets_confidence(self, threshold=0.1):
        return self.iqr / self.median < threshold

    def _warnings(self):
        if not self.raw_times or self.meets_confidence(0.1):
            return []
        why = ("This could indicate system fluctuation." if self.meets_confidence(0.25) else
               "This suggests significant environmental influence.")
        return [f"  WARNING: Interquartile range is {self.iqr / self.median * 100:.1f}% of the median measurement.\n"
                f"           {why}"]

    def __repr__(self):
        n, (unit, scale) = len(self.raw_times), select_unit(self.median)
        low, high = (self._quantile(q) / scale for q in (0.25, 0.75))
        lines = [object.__repr__(self), self.task_spec.summarize(),
                 f"  {'Median: ' if n > 1 else ''}{self.median / scale:.2f} {unit}"]
        if n >= 4:
            lines.append(f"  IQR:    {self.iqr / scale:.2f} {unit} ({low:.2f} to {high:.2f})")
        lines.append(f"  {n} measurement{'s' if n > 1 else ''}, {self.number_per_run} runs "
                     f"{'per measurement,' if n > 1 else ','} {self.num_threads} thread{'s' if self.num_threads > 1 else ''}")
        return "\n".join("\n".join(lines + self._warnings()).strip().splitlines())

    @staticmethod
    def merge(measurements):
        """Measurements of the same task as one."""
        groups = {}
        for m in measurements:
            groups.setdefault(m.task_spec, []).extend(m.times)
        return [Measurement(1, times, spec) for spec, times in groups.items()]


def select_unit(t):
    """The unit in which a time has one to three digits, and its size in seconds."""
    unit = {-3: "ns", -2: "us", -1: "ms"}.get(int(torch.tensor(t).log10().item() // 3), "s")
    return unit, _UNITS[unit][0]


def unit_to_english(u):
    return _UNITS[u][1]


def trim_sigfig(x, n):
    """x to n significant figures."""
    assert n == int(n)
    scale = 10 ** (int(torch.tensor(x).abs().log10().ceil().item()) - n)
    return float(torch.tensor(x / scale).round() * scale)


def ordered_unique(elements):
    return list(dict.fromkeys(elements))


@contextlib.contextmanager
def set_torch_threads(n):
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(n)
        yield
    finally:
        torch.set_num_threads(before)
