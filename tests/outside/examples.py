"""The `>>>` examples of PyTorch's own docstrings, executed on the engine and on PyTorch with the same seed.

Compared are printed text (numbers within a tolerance), exceptions and warnings of each statement; the texts in the docs
are not.  known.txt names the docstrings in which a difference is known, with its reason: another difference fails, and so
does a known one that is gone.  With `-v NAME…` the statements of these docstrings are shown side by side.
"""
import collections
import fnmatch
import json
import math
import os
import re
import subprocess
import sys
import tempfile

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "differential"))
import harness  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"
# Later rounds: these are counted, and not compared.
ASIDE = re.compile(r"torch\.(onnx|ao|quantization|quantize_|quantized_|fake_quantize|nn\.(quantized|intrinsic|qat|quantizable)"
                   r"|distributed|cuda|sparse|nn\.parallel|multiprocessing|package|nested|masked|fx|monitor|futures|library"
                   r"|_sparse|ops|backends|utils\.mobile_optimizer)\b|torch\.(quantize|quantized|fake_quantize|sparse)_|.*(sparse|quantiz|cuda)")
NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.\d*(?:e[-+]?\d+)?|\.\d+|\d+e[-+]?\d+|\d+)(?![\w])")


def environment(on_engine):
    return {**harness.environment(on_engine), "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}


def played(programs, folder):
    """The results on the engine and on PyTorch, which run beside each other."""
    source = os.path.join(folder, "programs.json")
    with open(source, "w", encoding="utf-8") as file:
        json.dump(programs, file)
    children, results = [], []
    for on_engine in True, False:
        results.append(os.path.join(folder, f"results-{int(on_engine)}.json"))
        children.append(subprocess.Popen([PYTHON, os.path.join(HERE, "play.py"), source, results[-1]],
                                         env=environment(on_engine), stderr=subprocess.DEVNULL))
    for child in children:
        if child.wait():
            raise SystemExit(f"play.py ended with {child.returncode}")
    for result in results:
        with open(result, encoding="utf-8") as file:
            yield json.load(file)


def same_number(a, b, largest):
    """Whole numbers exactly, others to the last digit printed; what is nearly 0 beside its neighbours is rounding."""
    if a == b:
        return True
    if not re.search(r"[.e]", a) or not re.search(r"[.e]", b):
        return False
    digits, exponent = len(re.sub(r"e.*", "", b).partition(".")[2]), int(b.partition("e")[2] or 0)
    return math.isclose(float(a), float(b), rel_tol=2e-5, abs_tol=max(2 * 10.0 ** (exponent - digits), 1e-5 * largest))


def same_text(a, b):
    if a == b:
        return True
    numbers = NUMBER.findall(b)
    largest = max([1.0, *map(abs, map(float, numbers))])
    return NUMBER.sub("#", a).split() == NUMBER.sub("#", b).split() and \
        all(same_number(x, y, largest) for x, y in zip(NUMBER.findall(a), numbers))


def difference(ours, theirs):
    """None, or what one statement does differently."""
    for key in "error", "text", "warnings":
        a, b = (" ".join(map(str, r.get(key, ()))) if key != "text" else r[key] for r in (ours, theirs))
        if not same_text(a, b):
            return f"{key}: {a!r}\n        instead of {b!r}"
    return None


def first_difference(program, ours, theirs):
    if isinstance(ours, str) or isinstance(theirs, str):
        return None if isinstance(ours, str) and isinstance(theirs, str) else \
            f"{ours if isinstance(ours, str) else 'ran'} instead of {theirs if isinstance(theirs, str) else 'ran'}"
    for statement, a, b in zip(program["statements"], ours, theirs):
        found = difference(a, b)
        if found:
            return f">>> {statement}\n        {found}"
    return None


def known_differences():
    """Patterns of names with their reasons, and those of them that differ by chance."""
    with open(os.path.join(HERE, "known.txt"), encoding="utf-8") as file:
        rows = [re.split(r"\s+", line.strip(), maxsplit=1) for line in file if line.strip() and line[0] != "#"]
    return {name.lstrip("?"): reason for name, reason in rows}, {name[1:] for name, _ in rows if name[0] == "?"}


def group(name):
    parts = name.split(".")
    depth = 3 if name.startswith(("torch.nn.", "torch.utils.", "torch.optim.")) and parts[2][0].islower() else 2
    return ".".join(parts[:depth]) if len(parts) > 2 else "torch"


def show(programs, ours, theirs):
    for program, a, b in zip(programs, ours, theirs):
        print("=", program["name"])
        for statement, x, y in zip(program["statements"], a, b) if not isinstance(a, str) and not isinstance(b, str) else ():
            print(">>>", statement, "\n    ", x, "\n" if x == y else f"\n     PyTorch: {y}\n")


def main():
    gathered = subprocess.run([PYTHON, os.path.join(HERE, "gather.py")], env=environment(False), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
    if gathered.returncode:
        if "No module named 'torch'" in gathered.stderr:
            print("PyTorch is not installed (python3-torch)")
            raise SystemExit(77)
        raise SystemExit(gathered.stderr)
    programs = json.loads(gathered.stdout)
    names = [argument for argument in sys.argv[1:] if argument[0] != "-"]
    aside = [p for p in programs if ASIDE.match(p["name"])]
    programs = [p for p in programs if not ASIDE.match(p["name"])]
    if names:
        programs = [p for p in programs if any(fnmatch.fnmatch(p["name"], name) for name in names)]
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = played(programs, folder)
    if "-v" in sys.argv:
        show(programs, ours, theirs)
    compare(programs, ours, theirs, bool(names), aside)


def compare(programs, ours, theirs, part, aside):
    (known, by_chance), used, failed = known_differences(), set(), 0
    table = collections.defaultdict(collections.Counter)
    for program, a, b in zip(programs, ours, theirs):
        row, found = table[group(program["name"])], first_difference(program, a, b)
        reason = next((pattern for pattern in known if fnmatch.fnmatch(program["name"], pattern)), None)
        row["docs"] += 1
        if not isinstance(b, str):
            ran = ["error" not in result for result in b]
            row["run"] += sum(ran)
            row["agree"] += 0 if isinstance(a, str) else \
                sum(ok and difference(x, y) is None for ok, x, y in zip(ran, a, b))
        if found and reason:
            used.add(reason)
            row["known"] += 1
        elif found:
            failed += 1
            row["different"] += 1
            print(f"not ok {program['name']}\n    {found[:1500]}")
    for pattern in known.keys() - used - by_chance if not part else ():
        print(f"not ok {pattern} is in known.txt, but nothing differs there any more")
        failed += 1
    columns = "docs", "run", "agree", "known", "different"
    print(f"{'docstrings and statements':38}" + "".join(f"{c:>10}" for c in columns))
    for name, row in sorted(table.items()):
        print(f"{name:38}" + "".join(f"{row[c]:10}" for c in columns))
    total = sum(table.values(), collections.Counter())
    print(f"{'all':38}" + "".join(f"{total[c]:10}" for c in columns))
    print(f"put aside: {len(aside)} docstrings of packages that are left for a later round")
    raise SystemExit(failed > 0)


if __name__ == "__main__":
    main()
