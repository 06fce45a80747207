"""Each cause in 20 programs made from seeds, and in 10 of other styles, with the lines that the evidence must name; and healthy programs, about
which nothing may be said.

    test_explain.py GRADBOARD [--keep DIR] [CAUSE|healthy ...]
"""
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from healthy import HEALTHY
from healthy_styles import HEALTHY_STYLES
from programs import CAUSES, Draw
from styles import STYLES

N_PROGRAMS = 20
N_STYLED = 10
GRADBOARD = sys.argv[1]


def explain(path):
    """What is said: cause -> numbers of the lines that its evidence names."""
    done = subprocess.run([GRADBOARD, "explain", "--lang", "en", str(path)], capture_output=True, text=True, timeout=120)
    found, lines = {}, None
    for line in done.stdout.splitlines():
        title = re.match(r".* \[([a-z-]+)\]$", line)
        number = re.match(r" {0,5}(\d+)  ", line)
        if title:
            lines = found.setdefault(title.group(1), set())
        elif number and lines is not None:
            lines.add(int(number.group(1)))
    if done.returncode not in (0, 1):
        found["failed"] = {done.returncode}
    return found, done.stdout + done.stderr


def check_wrong(cause, seed, folder):
    styled = seed >= N_PROGRAMS
    source = (STYLES if styled else CAUSES)[cause](Draw(f"{cause} {seed}"))
    path = folder / f"{cause}-{seed}.py"
    path.write_text(source)
    wanted = {i for i, line in enumerate(source.split("\n"), 1) if line.endswith("#@")}
    found, said = explain(path)
    others = set(found) - {cause} - ALLOWED.get(cause, set())
    if cause not in found:
        return f"{path.name}: not explained\n{said}"
    if wanted - found[cause]:
        return f"{path.name}: lines {sorted(wanted - found[cause])} are not named\n{said}"
    return f"{path.name}: also {sorted(others)}\n{said}" if others else None


# What may be said besides, because it is true as well.
ALLOWED = {"held-graph": {"inplace"}}


def check_healthy(name, folder):
    path = folder / f"healthy-{name}.py"
    path.write_text({**HEALTHY, **HEALTHY_STYLES}[name])
    found, said = explain(path)
    return f"{path.name}: {sorted(found)}\n{said}" if found or "Error" in said else None


def check_switched_off(folder):
    """What the board's menu switches off, the command does not tell either."""
    config = folder / "config"
    (config / "gradboard").mkdir(parents=True, exist_ok=True)
    (config / "gradboard/settings.ini").write_text("[board]\nexplanations=false\n")
    path = folder / "switched-off.py"
    path.write_text(CAUSES["inplace"](Draw("switched off")))
    done = subprocess.run([GRADBOARD, "explain", "--lang", "en", str(path)], capture_output=True, text=True, timeout=120,
                          env={**os.environ, "XDG_CONFIG_HOME": str(config)})
    good = done.returncode == 3 and not done.stdout and "switched off" in done.stderr
    return None if good else f"switched off: status {done.returncode}\n{done.stdout}{done.stderr}"


def check_held_back(folder):
    """The cause of a case is not told before it was claimed: by its id, in a set, by its path; and it is with --anyway."""
    case = Path(__file__).resolve().parents[2] / "data/cases/B08"
    for name, more in (("B08", []), ("B08+B01", []), (str(case / "program.py"), []), ("B08", ["--anyway"])):
        done = subprocess.run([GRADBOARD, "explain", "--lang", "en", *more, name], capture_output=True, text=True, timeout=120)
        held = done.returncode == 3 and not done.stdout and "claim a cause" in done.stderr
        told = done.returncode == 1 and "[inplace]" in done.stdout
        if not (told if more else held):
            return f"held back {name} {more}: status {done.returncode}\n{done.stdout}{done.stderr}"
    return None


def main():
    arguments = sys.argv[2:]
    folder = Path(tempfile.mkdtemp())
    if arguments[:1] == ["--keep"]:
        folder = Path(arguments[1])
        folder.mkdir(exist_ok=True)
        arguments = arguments[2:]
    wanted = arguments or list(CAUSES) + ["healthy"]
    print(f"1..{len(wanted)}")
    failed = False
    with ThreadPoolExecutor(2) as pool:
        for number, what in enumerate(wanted, 1):
            if what == "healthy":
                wrong = [w for w in pool.map(lambda name: check_healthy(name, folder), [*HEALTHY, *HEALTHY_STYLES]) if w]
                wrong += [w for w in [check_switched_off(folder), check_held_back(folder)] if w]
                n = len(HEALTHY) + len(HEALTHY_STYLES)
            else:
                wrong = [w for w in pool.map(lambda seed: check_wrong(what, seed, folder), range(N_PROGRAMS + N_STYLED)) if w]
                n = N_PROGRAMS + N_STYLED
            for text in wrong:
                print("# " + text.replace("\n", "\n# "))
            print(f"{'not ok' if wrong else 'ok'} {number} {what}: {n} programs, {len(wrong)} wrong", flush=True)
            failed = failed or bool(wrong)
    sys.exit(failed)


main()
