"""Profiles: what is collected, the tables' layout to the character, schedules, traces, errors.  Times differ from run to run,
and so do parents, which PyTorch finds by times, so whole profiles are compared by names, sizes and counts."""

import json
import os
import re
import tempfile

from harness import case, expressions, run

import torch
import torch.nn as nn
from torch.autograd.profiler_util import EventList, FunctionEvent, FunctionEventAvg
from torch.profiler import ProfilerActivity, profile, record_function, schedule, tensorboard_trace_handler

NAMED = ("aten::linear", "aten::addmm", "aten::relu", "aten::mm", "aten::t", "model", "inner", "AddmmBackward0", "ReluBackward0",
         "autograd::engine::evaluate_function: AddmmBackward0", "torch::autograd::AccumulateGrad", "aten::conv2d", "aten::add_",
         "autograd::engine::evaluate_function: torch::autograd::AccumulateGrad", "aten::cat", "aten::stack", "aten::softmax",
         "aten::max_pool2d", "aten::bmm", "aten::mul", "aten::threshold_backward", "aten::nll_loss_backward")


def model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(10, 20), nn.ReLU(), nn.Linear(20, 2)), torch.randn(5, 10)


def work(net, x):
    with record_function("model"):
        with record_function("inner"):
            y = net(x)
    y.sum().backward()


def profiled(**options):
    net, x = model()
    with profile(activities=[ProfilerActivity.CPU], **options) as prof:
        work(net, x)
    return prof


@case
def counted():
    averages = profiled().key_averages()
    return sorted((e.key, e.count) for e in averages if e.key in NAMED and e.key not in ("aten::t", "aten::mm"))


@case
def shapes():
    averages = profiled(record_shapes=True).key_averages(group_by_input_shape=True)
    return sorted((e.key, str(e.input_shapes), e.count) for e in averages
                  if e.key in ("aten::linear", "aten::addmm", "aten::relu", "aten::mm", "AddmmBackward0", "ReluBackward0",
                               "torch::autograd::AccumulateGrad", "model"))


@case
def insides():
    """What operators call inside, with its sizes."""
    net, x = model()
    with profile(record_shapes=True) as prof:
        with record_function("model"):
            net(x)
    with profile() as whole:
        net(x).sum().backward()
    return (sorted((e.key, e.count, str(e.input_shapes)) for e in prof.key_averages(group_by_input_shape=True) if e.key != "aten::empty"),
            sorted((e.key, e.count) for e in whole.key_averages() if e.key != "aten::sum"))


def called(function):
    """Names alone: whether PyTorch counts an operator that calls itself once or twice depends on rounded times."""
    with torch.autograd.profiler.profile() as prof:
        function()
    return sorted({e.key for e in prof.key_averages()})


@case
def insides_of_operators():
    torch.manual_seed(0)
    c, w, image, kernel, at = torch.randn(4, 8), torch.randn(8, 8), torch.randn(2, 3, 8, 8), torch.randn(4, 3, 3, 3), torch.zeros(4).long()
    F = nn.functional
    return [called(f) for f in (
        lambda: c.t(), lambda: c[1:2], lambda: c.t().contiguous(), lambda: c.detach(), lambda: c.double(), lambda: c.clone(), lambda: c.split(2),
        lambda: torch.zeros(2, 3), lambda: torch.randn(2), lambda: torch.ones_like(c), lambda: torch.arange(3), lambda: c + 1, lambda: c + c,
        lambda: c * 2, lambda: 1 - c, lambda: c ** 2, lambda: c > 0, lambda: c.add_(1), lambda: c.relu(), lambda: c.softmax(0),
        lambda: c.sum(), lambda: c.sum(0), lambda: c.abs(), lambda: c.masked_fill(c > 0, 0), lambda: c[at], lambda: c.max(),
        lambda: c @ w, lambda: c.t() @ c, lambda: c[:, ::2] @ w[::2], lambda: torch.matmul(c[None], w), lambda: torch.einsum("ij,jk->ik", c, w),
        lambda: F.linear(c, w), lambda: F.linear(c, w, w[0]), lambda: F.linear(c[None], w, w[0]), lambda: F.conv2d(image, kernel),
        lambda: F.max_pool2d(image, 2), lambda: F.batch_norm(image, torch.zeros(3), torch.ones(3), training=True),
        lambda: F.batch_norm(image, torch.zeros(3), torch.ones(3)), lambda: F.layer_norm(c, (8,)), lambda: F.group_norm(image, 3),
        lambda: F.dropout(c), lambda: F.dropout(c, 0.5, False), lambda: F.embedding(at, w), lambda: F.cross_entropy(c, at),
        lambda: torch.cat([c, c]), lambda: torch.stack([c, c]))]


@case
def insides_of_backward():
    torch.manual_seed(0)
    c, image, at = torch.randn(4, 8), torch.randn(2, 3, 8, 8), torch.zeros(4).long()
    leaf, w, F = c.clone().requires_grad_(), torch.randn(8, 8), nn.functional
    losses = (lambda: nn.Linear(8, 2)(c).sum(), lambda: nn.Linear(8, 2)(c).relu().sum(), lambda: F.cross_entropy(nn.Linear(8, 3)(c), at),
              lambda: F.dropout(nn.Linear(8, 2)(c)).sum(), lambda: nn.Linear(8, 2)(c).tanh().sum(), lambda: nn.Conv2d(3, 4, 3)(image).relu().sum(),
              lambda: (leaf @ w).sum(), lambda: leaf.view(-1).sum(), lambda: leaf[0].sum(), lambda: leaf[1:2].sum(), lambda: leaf.t().sum(),
              lambda: leaf.exp().sum(), lambda: torch.cat([leaf, leaf]).sum(), lambda: torch.stack([leaf, leaf]).sum())
    leaf.sum().backward()
    return [called(make().backward) for make in losses]


@case
def insides_of_optimizers():
    results = []
    for make in (lambda p: torch.optim.SGD(p, 0.1), lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, weight_decay=0.1, nesterov=True),
                 torch.optim.Adam, torch.optim.AdamW, lambda p: torch.optim.Adam(p, weight_decay=0.1)):
        net, x = model()
        optimizer = make(net.parameters())
        net(x).sum().backward()
        results.append([called(optimizer.step), called(optimizer.step), called(optimizer.zero_grad), called(lambda: optimizer.zero_grad(set_to_none=True))])
    return results


@case
def more_shapes():
    x = torch.randn(2, 3)
    with profile(record_shapes=True) as prof:
        torch.cat([x, x])
        torch.stack([x, x])
        x.add_(1)
        torch.mul(x, 2)
        torch.softmax(x, 0)
        torch.bmm(x[None], x.t()[None])
        nn.functional.max_pool2d(x[None, None], 2)
        nn.functional.conv2d(x[None, None], torch.ones(1, 1, 2, 2), stride=1)
    return [(e.name, e.input_shapes) for e in prof.events()
            if e.name in NAMED and (e.cpu_parent is None)]


@case
def flops():
    x, image, kernel = torch.randn(4, 5), torch.randn(2, 3, 8, 8), torch.randn(6, 3, 3, 3)
    with profile(with_flops=True) as prof:
        torch.mm(x, x.t())
        torch.addmm(torch.zeros(4), x, x.t())
        torch.bmm(x[None], x.t()[None])
        torch.mul(x, x)
        torch.add(x, x)
        nn.functional.conv2d(image, kernel, padding=1, stride=2)
    return sorted((e.key, e.flops) for e in prof.key_averages() if e.flops), [
        line.split()[-2:] for line in prof.key_averages().table().splitlines()[1:2]]


@case
def parents():
    # PyTorch finds parents by times that are rounded to microseconds, so one run in some hundred is off by a level.
    runs = [profiled().events() for _ in range(5)]
    found = [[(e.name, e.cpu_parent.name if e.cpu_parent else None, e.scope, e.thread, e.count) for e in events
              if e.name in ("model", "inner", "aten::linear", "aten::addmm", "AddmmBackward0", "aten::relu")] for events in runs]
    return max(found, key=found.count), sorted({
        (type(e).__name__, e.is_async, e.is_remote, e.node_id, str(e.device_type)) for e in runs[0]})


@case
def sequence_numbers():
    """A node of backward bears the number of the operation that made it."""
    events = profiled().events()
    forward = [e.sequence_nr for e in events if e.name == "aten::addmm"]
    backward = [e.sequence_nr for e in events if e.name == "AddmmBackward0"]
    return sorted(forward) == sorted(backward) and len(forward) == 2


@case
def consistent():
    found = [consistency() for _ in range(5)]  # as with parents, rounded times are one run's in some hundred
    return max(found, key=found.count)


def consistency():
    prof = profiled(profile_memory=True)
    events, averages = prof.events(), prof.key_averages()
    # PyTorch's own children are told longer than their parents now and then, on a busy machine.
    if not torch.__file__.startswith("/usr/"):
        assert all(e.self_cpu_time_total >= -1 for e in events)
    return (all(e.cpu_time_total >= 0 for e in events),
            abs(sum(e.self_cpu_time_total for e in averages) - events.self_cpu_time_total) < 1,
            all(c.time_range.start >= e.time_range.start - 1 and c.time_range.end <= e.time_range.end + 1 for e in events
                for c in e.cpu_children), type(events).__name__, type(averages).__name__, type(averages[0]).__name__,
            next(e.cpu_memory_usage for e in averages if e.key == "aten::relu"), averages.total_average().key,
            repr(averages.total_average()).split(" ")[0])


@case
def layout():
    """Header and rules of the tables of real profiles, without the columns whose width depends on names."""
    results = []
    for options, call in ((dict(), dict()), (dict(profile_memory=True), dict(sort_by="self_cpu_memory_usage", row_limit=2)),
                          (dict(record_shapes=True), dict(sort_by="cpu_time_total"))):
        table = profiled(**options).key_averages().table(**call)
        lines = table.splitlines()
        results.append((lines[1].split(), lines[0] == lines[2], lines[-1].split(":")[0], table.endswith("\n"),
                        lines[0].split()[1:6], len(lines) if "row_limit" in call else None))
    return results


def made(use_memory=True, with_flops=True, shapes=True, stack=False):
    """Events of one's own, so that every number of the table is known."""
    parent = FunctionEvent(id=1, name="outer", thread=1, start_us=0, end_us=2500000, input_shapes=[[2, 3], []] if shapes else [],
                           stack=["main.py(3): f", "main.py(1): <module>"] if stack else [], cpu_memory_usage=5000000,
                           flops=0, trace_name="outer")
    events = [parent]
    for i in range(3):
        child = FunctionEvent(id=2 + i, name="a name that is much longer than what fits into its column " * (i == 2) + "child",
                              thread=1, start_us=100 + 20000 * i, end_us=15000 * (i + 1), input_shapes=[[2, 3]] if shapes else [],
                              stack=[("deep/" * 30 + f"file{i}.py(2): g"), "main.py(3): f"] + ["x.py(1): h"] * 6 if stack else [],
                              cpu_memory_usage=-(10 ** (3 * i)), flops=1234 * 10 ** i, trace_name='say "child"')
        child.set_cpu_parent(parent) if hasattr(child, "set_cpu_parent") else setattr(child, "cpu_parent", parent)
        parent.cpu_children.append(child)
        events.append(child)
    result = EventList(events, use_cuda=False, profile_memory=use_memory, with_flops=with_flops)
    result._tree_built = True
    return result


TABLES = {"all": (dict(), dict()), "plain": (dict(use_memory=False, with_flops=False, shapes=False), dict()),
          "memory": (dict(with_flops=False, shapes=False), dict(sort_by="self_cpu_memory_usage")),
          "sorted": (dict(), dict(sort_by="cpu_time_total", row_limit=2)), "header": (dict(), dict(header="Title")),
          "top": (dict(), dict(top_level_events_only=True)), "narrow": (dict(), dict(max_name_column_width=12, max_shapes_column_width=8)),
          "no limit": (dict(), dict(max_name_column_width=None, row_limit=-1)),
          "stack": (dict(stack=True, with_flops=False), dict(max_src_column_width=30)),
          "stack and flops": (dict(stack=True), dict())}
for label, (options, call) in TABLES.items():
    def table(options=options, call=call):
        events = made(**options)
        return (events.table(**call), events.key_averages().table(**call),
                events.key_averages(group_by_input_shapes=True, group_by_stack_n=2).table(**call))
    table.__name__ = "table " + label
    case(table)


@case
def averages():
    events = made()
    return ([(e.key, e.count, e.cpu_time_total, e.cpu_time, e.self_cpu_time_total, e.cpu_memory_usage, e.flops, e.cpu_time_str,
              e.self_cpu_time_total_str, e.input_shapes, e.stack, repr(e)) for e in events.key_averages()],
            repr(events.total_average()), events.self_cpu_time_total, repr(events[0]), str(EventList([])))


@case
def adding():
    a, b = FunctionEventAvg(), made()
    a += b[1]
    a.add(b[2])
    return a.count, a.cpu_time_total, a.key


@case
def traces():
    results = []
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "trace.json")
        prof = profiled()
        prof.export_chrome_trace(path)
        with open(path) as file:
            trace = json.load(file)
        results.append([type(trace).__name__, sorted(trace[0]), trace[0]["ph"], trace[0]["pid"], trace[0]["args"],
                        sum(e["name"] == "aten::linear" for e in trace)])
        packed = os.path.join(folder, "trace.json.gz")
        prof.export_chrome_trace(packed)
        results.append(os.path.getsize(packed) > 20)
        net, x = model()
        logs = os.path.join(folder, "logs")
        with profile(schedule=schedule(wait=0, warmup=1, active=1), on_trace_ready=tensorboard_trace_handler(logs, "me")) as p:
            for _ in range(2):
                work(net, x)
                p.step()
        results.append([re.sub(r"\d+", "N", name) for name in os.listdir(logs)])
    return results


@case
def scheduled():
    seen = []
    net, x = model()
    with profile(schedule=schedule(wait=1, warmup=1, active=2, repeat=1),
                 on_trace_ready=lambda p: seen.append((p.step_num, [(e.name, e.trace_name) for e in p.events()
                                                                    if "Step" in e.name or e.name == "aten::linear"]))) as prof:
        for _ in range(6):
            work(net, x)
            prof.step()
    return seen, prof.step_num, str(prof.current_action)


@case
def steps_without_schedule():
    called = []
    net, x = model()
    with profile(on_trace_ready=lambda p: called.append(p.step_num)) as prof:
        for _ in range(3):
            work(net, x)
            prof.step()
    return called, prof.key_averages()[0].count > 0, sum(e.count for e in prof.key_averages() if e.key == "aten::linear")


@case
def by_hand():
    net, x = model()
    prof = profile()
    prof.start()
    work(net, x)
    prof.stop()
    return sum(e.name == "aten::linear" for e in prof.events())


@case
def optimizers():
    net, x = model()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    with profile() as prof:
        optimizer.zero_grad()
        net(x).sum().backward()
        optimizer.step()
    return sorted(e.key for e in prof.key_averages() if e.key.startswith("Optimizer"))


@case
def decorated():
    @record_function("mine")
    def f(x):
        return x + 1
    with torch.autograd.profiler.profile() as prof:
        f(torch.ones(1))
    with torch.autograd.profiler.profile(enabled=False) as nothing:
        f(torch.ones(1))
    return [e.name for e in prof.function_events if e.name in ("mine", "aten::add")], nothing, prof.self_cpu_time_total > 0


@case
def stacks():
    def inner(x):
        return x * 2
    with profile(with_stack=True) as prof:
        inner(torch.ones(2))
    event = next(e for e in prof.events() if e.name == "aten::mul")
    with tempfile.NamedTemporaryFile("r") as file:
        prof.export_stacks(file.name)
        lines = [line for line in file.read().splitlines() if "inner" in line]
    return (any("inner" in entry for entry in event.stack), len(lines) > 0,
            "Source Location" in prof.key_averages(group_by_stack_n=5).table())


@case
def failing_inside():
    """An error ends the profile as it should, and what failed is in it."""
    prof = profile()
    try:
        with prof:
            torch.ones(2).mm(torch.ones(2, 2))
    except RuntimeError as error:
        return str(error), [e.name for e in prof.events() if e.name == "aten::mm"]


@case
def not_nested():
    net, x = model()
    with profile() as outer:
        try:
            with profile():
                work(net, x)
        except RuntimeError as error:
            text = str(error)
        torch.ones(2) * 2
    return text, sum(e.name == "aten::mul" for e in outer.events())


def measurement(times, per_run=10, **spec):
    from torch.utils.benchmark import Measurement, TaskSpec
    return Measurement(per_run, times, TaskSpec(**{"stmt": "x + 1", "setup": "pass", **spec}))


@case
def measurements():
    results = []
    for m in (measurement([1e-5, 1.1e-5, 1.2e-5, 1e-5, 1.05e-5]), measurement([3.0]), measurement([1e-3, 2e-3, 9e-3, 1e-2]),
              measurement([5e-8] * 4 + [6.2e-8], label="Add", sub_label="small", description="n=1", num_threads=2),
              measurement([2.0, 2.1], stmt="a = 1\nb = 2", setup="import os\nimport sys", sub_label="two lines")):
        results.append((re.sub(r"<.*>", "", repr(m)), m.median, m.mean, m.iqr, m.times, m.title, m.as_row_name, m.has_warnings,
                        m.significant_figures if len(m.times) > 3 else None, m.meets_confidence(), m.stmt, m.num_threads))
    merged = type(m).merge([measurement([1.0]), measurement([3.0], 1), measurement([1.0], label="other")])
    return results, [(x.raw_times, x.number_per_run, x.title) for x in merged]


@case
def timers():
    from torch.utils.benchmark import Timer
    timer = Timer("y = x + one", setup="one = torch.ones(1)", globals={"x": torch.ones(2)}, label="sum", num_threads=1)
    once, blocks, adapted = timer.timeit(20), timer.blocked_autorange(min_run_time=0.01), timer.adaptive_autorange(1e9)
    return (once.number_per_run, len(once.raw_times), blocks.median > 0, len(adapted.times) > 3, repr(once).splitlines()[1:2],
            len(repr(once).splitlines()), blocks.task_spec == once.task_spec)


expressions("""
benchmark.Timer(3)
benchmark.Timer("1", language="go")
benchmark.Timer("1", global_setup="x")
benchmark.Timer("1").repeat()
benchmark.Timer("1").autorange()
[benchmark.select_unit(t) for t in (3e-9, 4e-6, 0.02, 5.0, 100.0)]
benchmark.unit_to_english("us")
[benchmark.trim_sigfig(x, n) for x, n in ((3.14159, 2), (12345.0, 3))]
benchmark.ordered_unique([3, 1, 3, 2])
benchmark.Language.PYTHON
benchmark.Timer("undefined_name").timeit(1)
""", setup="from torch.utils import benchmark")

expressions("""
profile().key_averages()
profile().events()
profile().export_chrome_trace("x")
profile().stop()
torch.autograd.profiler.profile().key_averages()
torch.autograd.profiler.profile().table()
torch.autograd.profiler.profile()
str(torch.autograd.profiler.profile())
torch.autograd.profiler.profile(use_cuda=True).use_cuda
torch.autograd.profiler.profile(use_cpu=False)
torch.autograd.profiler.emit_nvtx().__enter__()
torch.autograd.profiler.emit_nvtx(enabled=False).__enter__()
torch.autograd.profiler.emit_itt().__enter__()
torch.profiler.supported_activities()
torch.profiler.kineto_available()
list(torch.profiler.ProfilerActivity.__members__)
torch.profiler.ProfilerActivity.CPU
torch.profiler.ProfilerActivity.CUDA
list(torch.profiler.ProfilerAction)
str(torch.profiler.DeviceType.CPU)
torch.profiler.schedule(wait=1, warmup=0, active=1)(1)
torch.profiler.schedule(wait=1, warmup=1, active=0)
torch.profiler.schedule(wait=-1, warmup=1, active=1)
torch.profiler.schedule(1, 1, 1)
[torch.profiler.schedule(wait=1, warmup=1, active=2, repeat=2, skip_first=1)(i).name for i in range(12)]
[torch.profiler.schedule(wait=0, warmup=1, active=1)(i).name for i in range(5)]
torch.profiler.schedule(wait=0, warmup=1, active=1)(-1)
profile(use_cuda=False).activities
profile(use_cuda=True).activities
profile(activities=[])
profile(activities=[torch.profiler.ProfilerActivity.CUDA]).__enter__()
p = profile(); p.start(); p.stop(); p.export_stacks("x")
p = profile(with_stack=True); p.start(); p.stop(); p.export_stacks("x", "time")
p = profile(); p.start(); torch.ones(2) * 2; p.stop(); p.key_averages().table(sort_by="speed")
p = profile(activities=[torch.profiler.ProfilerActivity.CPU, torch.profiler.ProfilerActivity.CUDA]); p.start(); p.stop(); len(p.events())
torch.profiler.record_function("x").name
torch.profiler.record_function
torch.profiler.profile
torch.autograd.profiler.profile
torch.autograd.ProfilerActivity is torch.profiler.ProfilerActivity
torch.profiler.nothing
""", setup="from torch.profiler import profile")

run(__file__)
