"""PyTorch's own operator samples (op_db) and module samples (module_db) on the engine and on PyTorch.

Each sample is called with each dtype that PyTorch's CPU supports, and refused for those that it does not; compared are values, dtypes,
sizes, strides, gradients, second gradients, names of the graph, in-place and out= forms, errors and warnings.  operators.txt names
what is known to differ, with its reason: another difference fails, and so does a known one that is gone.

operators.py [NAME…] takes single operators (patterns).  --keep DIR keeps what PyTorch gave there and reads it the next time; -v shows
each difference, --table what differs per operator.
"""
import collections
import fnmatch
import os
import pickle
import subprocess
import sys
import tempfile

import examples

try:
    import numpy
except ImportError:
    print("numpy is not installed (python3-numpy)")
    raise SystemExit(77)

# As torch.testing.assert_close has them; absolute errors count beside the largest element, as sums of such elements round.
TOLERANCES = {"float16": (1e-3, 1e-5), "bfloat16": (1.6e-2, 1e-5), "float32": (1.3e-6, 1e-5), "float64": (1e-7, 1e-7),
              "complex32": (1e-3, 1e-5), "complex64": (1.3e-6, 1e-5), "complex128": (1e-7, 1e-7)}
NUMPY = {"float16": "<f2", "float32": "<f4", "float64": "<f8", "complex32": "<f2", "complex64": "<c8", "complex128": "<c16", "bool": "?",
         "uint8": "u1", "int8": "i1", "int16": "<i2", "int32": "<i4", "int64": "<i8"}


class Server:
    """perform.py with one of the two torches."""

    def __init__(self, on_engine):
        self.log = tempfile.TemporaryFile("w+")
        self.child = subprocess.Popen([examples.PYTHON, os.path.join(examples.HERE, "perform.py")], text=True, stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, stderr=self.log, env=examples.environment(on_engine))

    def ask(self, *words):
        self.child.stdin.write(" ".join(words) + "\n")
        self.child.stdin.flush()
        answer = self.child.stdout.readline().strip()
        if not answer:
            self.log.seek(0)
            raise SystemExit(f"perform.py ended: {self.log.read()[-2000:]}")
        return answer


def numbers(dtype, data):
    if dtype == "bfloat16":
        return (numpy.frombuffer(data, "<u2").astype("<u4") << 16).view("<f4")
    values = numpy.frombuffer(data, NUMPY[dtype])
    return values.astype("<f4") if dtype in ("float16", "complex32") else values


def far(dtype, ours, theirs):
    """None, or how far apart elements are."""
    if ours == theirs:
        return None
    a, b = numbers(dtype, ours), numbers(dtype, theirs)
    if dtype not in TOLERANCES:
        where = numpy.flatnonzero(a != b)
        return f"{len(where)} of {len(a)} elements, first {a[where[0]]} instead of {b[where[0]]}" if len(where) else None
    relative, absolute = TOLERANCES[dtype]
    if a.dtype.kind == "c":
        a, b = a.view(a.real.dtype), b.view(b.real.dtype)
    with numpy.errstate(all="ignore"):
        finite = numpy.isfinite(b)
        largest = numpy.abs(b[finite].astype("f8")).max(initial=0)
        close = numpy.abs(a.astype("f8") - b.astype("f8")) <= max(absolute, relative * min(largest, 1e30)) + relative * numpy.abs(b.astype("f8"))
    wrong = numpy.flatnonzero(~(close & finite | (a == b) | numpy.isnan(a) & numpy.isnan(b)))
    return f"{len(wrong)} of {len(a)} elements, first {a[wrong[0]]!r} instead of {b[wrong[0]]!r}" if len(wrong) else None


def value_difference(ours, theirs):
    """None, or (kind, text) of two kept results."""
    if not isinstance(ours, tuple) or not isinstance(theirs, tuple) or theirs[0] in ("text", "other") or ours[0] != theirs[0]:
        return None if ours == theirs else ("value", f"{str(ours)[:300]} instead of {str(theirs)[:300]}")
    if theirs[0] != "tensor":
        if len(ours[1]) != len(theirs[1]):
            return "value", f"{len(ours[1])} values instead of {len(theirs[1])}"
        pairs = zip(ours[1], theirs[1])
        return next(filter(None, (value_difference(x[1], y[1]) if theirs[0] == "dict" else value_difference(x, y) for x, y in pairs)), None)
    for i, kind in (1, "dtype"), (2, "size"), (3, "strides"), (4, "strides"), (5, "flags"):
        if ours[i] != theirs[i]:
            return kind, f"{ours[i]} instead of {theirs[i]}"
    apart = far(theirs[1][6:], ours[6], theirs[6])
    return apart and ("value", apart)


def difference(kind, ours, theirs):
    """None, or (kind, text): what one call does differently."""
    if "error" in theirs or "error" in ours:
        a, b = ours.get("error"), theirs.get("error")
        if a == b:
            return None
        if a is None or b is None:
            return ("no error" if a is None else "error"), f"{a or 'no error'}\n        instead of {b or 'a value'}"
        return ("error type" if a[0] != b[0] else "error text"), f"{a}\n        instead of {b}"
    if kind.endswith("graph"):
        found = None if ours["value"] == theirs["value"] else ("graph", f"{ours['value']}\n        instead of {theirs['value']}")
    else:
        found = value_difference(ours["value"], theirs["value"])
        found = found and (kind if kind in ("gradient", "second") and found[0] == "value" else found[0], found[1])
    if found is None and ours["warnings"] != theirs["warnings"]:
        return "warnings", f"{ours['warnings']}\n        instead of {theirs['warnings']}"
    return found


def known_differences():
    """Rows of (pattern of an operator, kind of difference), with reasons and whether it is by chance."""
    rows = {}
    with open(os.path.join(examples.HERE, "operators.txt"), encoding="utf-8") as file:
        for line in file:
            if line.strip() and line[0] != "#":
                name, kind, reason = line.strip().split(None, 2)
                rows[name.lstrip("?"), kind.replace("_", " ")] = (reason, name[0] == "?")
    return rows


class Tally:
    def __init__(self, known):
        self.known, self.used = known, set()
        self.values, self.errors, self.kinds = collections.Counter(), collections.Counter(), collections.Counter()
        self.aside, self.failed, self.rows = 0, 0, collections.defaultdict(collections.Counter)

    def reason(self, operator, kind):
        return next((row for row in self.known if row[1] in (kind, "any") and fnmatch.fnmatchcase(operator, row[0])), None)

    def call(self, operator, case, call, ours, theirs, shown):
        found = difference(call, ours, theirs)
        counter = self.errors if "error" in theirs else self.values
        counter["all"] += 1
        if found is None:
            return
        counter["different"] += 1
        self.kinds[found[0]] += 1
        self.rows[operator][found[0]] += 1
        row = self.reason(operator, found[0])
        if row:
            self.used.add(row)
            counter["known"] += 1
            return
        self.failed += 1
        if shown:
            print(f"not ok {case['name']} {call}: {found[0]}\n        {found[1][:1200]}")
            if "-v" in sys.argv:
                print("       ", *(f"{key}={brief(case[key])}" for key in ("input", "args", "kwargs")))


def brief(value):
    if isinstance(value, tuple) and value and value[0] == "tensor":
        return f"{value[2]}{list(value[3])}" + ("" if contiguous(value) else f"/{list(value[4])}+{value[5]}")
    if isinstance(value, tuple) and value and value[0] in ("tuple", "list"):
        return "[" + ", ".join(map(brief, value[1])) + "]"
    if isinstance(value, tuple) and value and value[0] == "dict":
        return "{" + ", ".join(f"{key}: {brief(item)}" for key, item in value[1]) + "}"
    return str(value)[:80]


def contiguous(value):
    expected = 1
    for size, stride in zip(reversed(value[3]), reversed(value[4])):
        if size != 1 and stride != expected:
            return False
        expected *= size
    return value[5] == 0


def results_of(path):
    with open(path, "rb") as file:
        while True:
            try:
                yield pickle.load(file)
            except EOFError:
                return


def compared(name, files, endings, tally):
    with open(files["made"], "rb") as file:
        rows, aside = pickle.load(file)
    tally.aside += aside
    theirs, ours = list(results_of(files["theirs"])), list(results_of(files["ours"]))
    if len(ours) < len(theirs):
        ended = rows[len(ours)]
        print(f"not ok {ended['name']}: ended with {endings[1]}\n        {brief(ended['input'])} {brief(ended['args'])} {brief(ended['kwargs'])}")
        tally.failed += 1
        tally.rows[name]["crash"] += 1
        tally.kinds["crash"] += 1
    before = tally.failed
    for case, ours_one, theirs_one in zip(rows, ours, theirs):
        ours_one, gone = dict(ours_one), {"error": ("missing", "the call before it failed"), "warnings": []}
        if "setting up" in ours_one:
            gone = ours_one["setting up"]
        for call, result in theirs_one:
            # What follows from a call that failed is not counted again.
            if call in ours_one or call in ("value", "setting up"):
                tally.call(name, case, call, ours_one.get(call, gone), result, "-v" in sys.argv or tally.failed - before < 5)


def play(name, folder, kept, servers, tally):
    ours = os.path.join(folder, "ours")
    files = {key: os.path.join(kept, f"{name}.{key}") for key in ("made", "theirs")}
    files["ours"] = ours
    if not (os.path.exists(files["made"]) and os.path.exists(files["theirs"])):
        for ending in servers[1].ask("make", name, files["made"]), servers[1].ask(files["made"], files["theirs"]):
            if ending != "0":
                print(f"not ok {name}: PyTorch's side ended with {ending}")
                tally.failed += 1
                return
    if os.path.exists(ours):
        os.unlink(ours)
    compared(name, files, ("0", servers[0].ask(files["made"], ours)), tally)
    if kept == folder:
        for path in files.values():
            os.unlink(path)


def summary(tally, part):
    for row in tally.known.keys() - tally.used if not part else ():
        if not tally.known[row][1]:
            print(f"not ok {' '.join(row)} is in operators.txt, but nothing differs there any more")
            tally.failed += 1
    if "--table" in sys.argv:
        for name, row in sorted(tally.rows.items(), key=lambda item: -sum(item[1].values())):
            print(f"{name:44}{sum(row.values()):6}  " + ", ".join(f"{kind} {count}" for kind, count in row.most_common()))
    for title, counter in ("values", tally.values), ("errors", tally.errors):
        same = counter["all"] - counter["different"]
        print(f"{title}: {same} of {counter['all']} are the same ({100 * same / max(1, counter['all']):.2f} %), "
              f"{counter['known']} of the others are known")
    print("different: " + (", ".join(f"{kind} {count}" for kind, count in tally.kinds.most_common()) or "nothing"))
    print(f"put aside: {tally.aside} samples that no file can hold")


def main():
    arguments = sys.argv[1:]
    keep = None
    if "--keep" in arguments:
        at = arguments.index("--keep")
        keep = os.path.abspath(arguments[at + 1])
        os.makedirs(keep, exist_ok=True)
        del arguments[at:at + 2]
    wanted = [argument for argument in arguments if argument[0] != "-"]
    if subprocess.run([examples.PYTHON, "-c", "import torch"], env=examples.environment(False), stderr=subprocess.DEVNULL).returncode:
        print("PyTorch is not installed (python3-torch)")
        raise SystemExit(77)
    servers, tally = (Server(True), Server(False)), Tally(known_differences())
    names = servers[1].ask("names").split()
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            if not wanted or any(fnmatch.fnmatchcase(name, pattern) for pattern in wanted):
                play(name, folder, keep or folder, servers, tally)
    for server in servers:
        server.child.stdin.close()
        server.child.wait()
    summary(tally, bool(wanted))
    raise SystemExit(tally.failed > 0)


if __name__ == "__main__":
    main()
