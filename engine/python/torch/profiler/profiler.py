"""torch.profiler.profile: a profile with a schedule of steps."""

import gzip
import os
import socket
import tempfile
import time
from enum import Enum
from warnings import warn

import torch.autograd.profiler as prof
from torch.autograd.profiler_util import ProfilerActivity

__all__ = ["supported_activities", "ProfilerAction", "schedule", "tensorboard_trace_handler", "profile"]


def supported_activities():
    return prof._supported_activities()


class ProfilerAction(Enum):
    """What a profile does during a step."""

    NONE = 0
    WARMUP = 1
    RECORD = 2
    RECORD_AND_SAVE = 3


def schedule(*, wait, warmup, active, repeat=0, skip_first=0):
    """Skips skip_first steps, then repeats: wait steps of nothing, warmup steps, active steps that are recorded."""
    assert wait >= 0 and warmup >= 0 and active > 0 and repeat >= 0 and skip_first >= 0, \
        "Invalid profiler schedule arguments"
    if warmup == 0:
        warn("Profiler won't be using warmup, this can skew profiler results")
    length = wait + warmup + active

    def schedule_fn(step):
        assert step >= 0
        cycle, at = divmod(step - skip_first, length)
        if step < skip_first or (repeat > 0 and cycle >= repeat) or at < wait:
            return ProfilerAction.NONE
        if at < wait + warmup:
            return ProfilerAction.WARMUP
        return ProfilerAction.RECORD_AND_SAVE if at == length - 1 else ProfilerAction.RECORD
    return schedule_fn


def _always(step):
    return ProfilerAction.RECORD


def tensorboard_trace_handler(dir_name, worker_name=None, use_gzip=False):
    """An on_trace_ready that writes each trace to a file of its own in dir_name."""
    def handler_fn(profile):
        if not os.path.isdir(dir_name):
            try:
                os.makedirs(dir_name, exist_ok=True)
            except Exception:
                raise RuntimeError("Can't create directory: " + dir_name)
        worker = worker_name or f"{socket.gethostname()}_{os.getpid()}"
        file_name = f"{worker}.{int(time.time() * 1000)}.pt.trace.json" + (".gz" if use_gzip else "")
        profile.export_chrome_trace(os.path.join(dir_name, file_name))
    return handler_fn


class _KinetoProfile:
    """A profile that is started and stopped by hand."""

    def __init__(self, *, activities=None, record_shapes=False, profile_memory=False, with_stack=False, with_flops=False,
                 with_modules=False, experimental_config=None):
        self.activities = set(activities) if activities else supported_activities()
        self.record_shapes, self.with_flops, self.profile_memory = record_shapes, with_flops, profile_memory
        self.with_stack, self.with_modules, self.experimental_config = with_stack, with_modules, experimental_config
        self.profiler = None

    def start(self):
        self.prepare_trace()
        self.start_trace()

    def stop(self):
        self.stop_trace()

    def prepare_trace(self):
        self.profiler = prof.profile(
            use_cuda=ProfilerActivity.CUDA in self.activities, use_cpu=ProfilerActivity.CPU in self.activities,
            record_shapes=self.record_shapes, with_flops=self.with_flops, profile_memory=self.profile_memory,
            with_stack=self.with_stack, with_modules=self.with_modules, use_kineto=True,
            experimental_config=self.experimental_config)
        self.profiler._prepare_trace()

    def start_trace(self):
        assert self.profiler is not None
        self.profiler._start_trace()

    def stop_trace(self):
        assert self.profiler is not None
        self.profiler.__exit__(None, None, None)

    def export_chrome_trace(self, path):
        assert self.profiler
        if not path.endswith(".gz"):
            return self.profiler.export_chrome_trace(path)
        with tempfile.NamedTemporaryFile("r", suffix=".json") as plain:
            self.profiler.export_chrome_trace(plain.name)
            with gzip.open(path, "wt") as packed:
                packed.write(plain.read())

    def export_stacks(self, path, metric="self_cpu_time_total"):
        assert self.profiler
        return self.profiler.export_stacks(path, metric)

    def key_averages(self, group_by_input_shape=False, group_by_stack_n=0):
        assert self.profiler
        return self.profiler.key_averages(group_by_input_shape, group_by_stack_n)

    def events(self):
        assert self.profiler
        return self.profiler.function_events

    def add_metadata(self, key, value):
        """Metadata has no place in traces of this form."""

    add_metadata_json = add_metadata


class profile(_KinetoProfile):
    """Profiles the steps that a schedule names; step() says that the next one begins."""

    def __init__(self, *, activities=None, schedule=None, on_trace_ready=None, record_shapes=False, profile_memory=False,
                 with_stack=False, with_flops=False, with_modules=False, experimental_config=None, use_cuda=None):
        chosen = set(activities) if activities else supported_activities()
        if use_cuda is not None:
            warn("use_cuda is deprecated, use activities argument instead")
            chosen = chosen | {ProfilerActivity.CUDA} if use_cuda else chosen - {ProfilerActivity.CUDA}
        assert len(chosen) > 0, "No valid profiler activities found"
        super().__init__(activities=activities, record_shapes=record_shapes, profile_memory=profile_memory,
                         with_stack=with_stack, with_flops=with_flops, with_modules=with_modules,
                         experimental_config=experimental_config)
        self.schedule, self.record_steps = schedule or _always, bool(schedule)
        self.on_trace_ready, self.step_num, self.step_rec_fn = on_trace_ready, 0, None
        self.current_action = self.schedule(self.step_num)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, exc_type, exc_val, exc_tb):
        self.stop()

    def start(self):
        self._transit(ProfilerAction.NONE, self.current_action)
        self._begin_step(self.step_num)

    def stop(self):
        self._end_step()
        self._transit(self.current_action, None)

    def step(self):
        self._end_step()
        before, number = self.current_action, self.step_num
        self.step_num += 1
        self.current_action = self.schedule(self.step_num)
        self._transit(before, self.current_action)
        prof.kineto_step()
        self._begin_step(number)

    def _begin_step(self, number):
        if self.record_steps:
            self.step_rec_fn = prof.record_function(f"ProfilerStep#{number}")
            self.step_rec_fn.__enter__()

    def _end_step(self):
        if self.record_steps and self.step_rec_fn:
            self.step_rec_fn.__exit__(None, None, None)

    def _transit(self, before, now):
        """From one step's action to the next one's; now is None at the end."""
        none, warmup, record, save = ProfilerAction
        recorded, records = before in (record, save), now in (record, save)
        if before is save or (before is record and not records):
            if before is record and now is not None:
                warn(f"Incorrect schedule: RECORD followed by {now.name}")
            self.stop_trace()
            if before is save or now is None:
                self._trace_ready()
            recorded = False
        elif before is warmup and now in (none, None):
            if now is none:
                warn("Incorrect schedule: WARMUP followed by NONE")
            self.start_trace()
            self.stop_trace()
        if now is warmup and before in (none, save) or records and before in (none, save):
            self.prepare_trace()
        if records and not recorded:
            self.start_trace()

    def _trace_ready(self):
        if self.on_trace_ready:
            self.on_trace_ready(self)
