"""Runs every scene and every snippet of the notes with the torch that is in the path.

    /usr/bin/python3 tests/scenes/check_scenes.py [NAME...]
    ... --expect tests/scenes/expected.json      compare with recorded PyTorch
    ... --record tests/scenes/expected.json      record (on real PyTorch only)

Without NAME it checks everything: the files of data/ against their schemas and
each other, the scenes (as `python3 scene.py`, then tabs that do not run by
default), and the ```python fences of the notes.  One line per item, then the
count; the exit status is 1 if anything failed.
"""

import argparse
import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCENES = ROOT / "data" / "scenes"
TOPICS = ROOT / "data" / "topics"
LIMIT = 1200 if "libasan" in os.environ.get("LD_PRELOAD", "") else 300  # seconds for one program
VIEWS = {"graph", "gradflow", "chart", "attn", "stride", "grid", "hist", "modtree", "table"}


def run(arguments, folder):
    """(exit status, output, seconds) of a Python program under this interpreter."""
    started = time.monotonic()
    try:
        done = subprocess.run([sys.executable, *arguments], cwd=folder, text=True, timeout=LIMIT,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        status, output = done.returncode, done.stdout
    except subprocess.TimeoutExpired:
        status, output = 124, f"stopped after {LIMIT} s"
    return status, output, time.monotonic() - started


def calls_of(source, name):
    """First arguments of every gb.NAME(...) in a source text, where they are strings."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name
                and isinstance(node.func.value, ast.Name) and node.func.value.id == "gb" and node.args
                and isinstance(node.args[0], ast.Constant)):
            found.append(node.args[0].value)
    return found


def matches_schema(value, schema, root, where, problems):
    """The part of draft-07 that our schemas use."""
    if "$ref" in schema:
        return matches_schema(value, root["definitions"][schema["$ref"].rsplit("/", 1)[1]], root, where, problems)
    for part in schema.get("allOf", []):
        matches_schema(value, part, root, where, problems)
    if "if" in schema:
        silent = []
        matches_schema(value, schema["if"], root, where, silent)
        matches_schema(value, schema.get("else" if silent else "then", {}), root, where, problems)
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "number": (int, float)}
    kind = schema.get("type")
    if kind and (not isinstance(value, kinds[kind]) or (kind == "number" and isinstance(value, bool))):
        problems.append(f"{where}: not of type {kind}")
        return None
    if "enum" in schema and value not in schema["enum"]:
        problems.append(f"{where}: {value!r} is not one of {schema['enum']}")
    if "const" in schema and value != schema["const"]:
        problems.append(f"{where}: {value!r} is not {schema['const']!r}")
    if isinstance(value, str):
        if len(value) < schema.get("minLength", 0):
            problems.append(f"{where}: empty")
        if "pattern" in schema and not re.search(schema["pattern"], value):
            problems.append(f"{where}: {value!r} does not match {schema['pattern']}")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if value < schema.get("minimum", value) or value <= schema.get("exclusiveMinimum", value - 1):
            problems.append(f"{where}: {value} is too small")
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            problems.append(f"{where}: too few items")
        for index, item in enumerate(value):
            matches_schema(item, schema.get("items", {}), root, f"{where}[{index}]", problems)
    if isinstance(value, dict):
        known = schema.get("properties", {})
        problems += [f"{where}: {name} is missing" for name in schema.get("required", []) if name not in value]
        if schema.get("additionalProperties", True) is False:
            problems += [f"{where}: {name} is unknown" for name in value if name not in known]
        for name, item in value.items():
            matches_schema(item, known.get(name, {}), root, f"{where}.{name}", problems)
    return None


def load(path, schema_name):
    value = json.loads(path.read_text("utf-8"))
    schema = json.loads((ROOT / "data" / "schemas" / schema_name).read_text("utf-8"))
    problems = []
    matches_schema(value, schema, schema, path.name, problems)
    return value, problems


def outline_leaves():
    def walk(node):
        if isinstance(node, dict):
            if "id" in node:
                yield node["id"]
            node = list(node.values())
        if isinstance(node, list):
            for item in node:
                yield from walk(item)
    return set(walk(json.loads((ROOT / "data" / "outline.json").read_text("utf-8"))))


def check_scene_texts(folder, leaves):
    scene, problems = load(folder / "scene.json", "scene.schema.json")
    source = (folder / "scene.py").read_text("utf-8")
    functions = {node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}

    def compare(what, listed, used):
        problems.extend(f"{what} {name} stands only in scene.json" for name in sorted(set(listed) - set(used)))
        problems.extend(f"{what} {name} stands only in scene.py" for name in sorted(set(used) - set(listed)))

    questions = [item["id"] for item in scene["predictions"]]
    tabs = [item["function"] for item in scene["tabs"]]
    if scene["id"] != folder.name:
        problems.append("the id is not the folder's name")
    compare("knob", [item["name"] for item in scene["knobs"]], [k for k in calls_of(source, "knob")])
    compare("question", questions, calls_of(source, "ask"))
    compare("answer", questions, calls_of(source, "tell"))
    problems.extend(f"tab {name} is no function" for name in tabs if name not in functions)
    problems.extend(f"{item['id']} names an unknown tab" for item in scene["predictions"] if item["tab"] not in tabs)
    problems.extend(f"unknown leaf {leaf}" for leaf in scene["leaves"] if leaf not in leaves)
    problems.extend(f"unknown view {view}" for view in scene["views"] if view not in VIEWS)
    if not scene["leaves"]:
        problems.extend(check_topic_texts(folder, "questions.json", leaves))
    return problems


def check_topic_texts(folder, name, leaves):
    topic, problems = load(folder / name, "topic.schema.json")
    source = (SCENES / topic["scene"] / "scene.py").read_text("utf-8")
    if f"def {topic['tab']}(" not in source:
        problems.append(f"scene {topic['scene']} has no tab {topic['tab']}")
    if name == "topic.json" and topic.get("leaf") not in leaves:
        problems.append(f"unknown leaf {topic.get('leaf')}")
    if name == "topic.json" and topic.get("leaf") != ".".join(folder.relative_to(TOPICS).parts):
        problems.append("the leaf is not the folder's path")
    levels = [question["level"] for question in topic["questions"]]
    problems.extend(f"no question for {level}" for level in ("junior", "mid", "senior", "expert") if level not in levels)
    problems.extend(f"{note} is missing" for note in ("note.zh.md", "note.en.md") if not (folder / note).exists())
    return problems


def snippets(note):
    return re.findall(r"^```python\n(.*?)^```", note.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def first_numbers(output):
    """The printed losses of the first twenty steps."""
    return re.findall(r"^step +\d+ +loss (\S+)", output, re.MULTILINE)[:20]


def compare_with(expected, name, output):
    """Seeded training: the first losses to four digits, the last number with tolerance."""
    want = expected.get(name)
    if want is None:
        return []
    problems = []
    if first_numbers(output) != want["losses"]:
        pairs = zip(want["losses"], first_numbers(output))
        step = next((i for i, (a, b) in enumerate(pairs, 1) if a != b), len(first_numbers(output)) + 1)
        problems.append(f"the losses part from PyTorch's at step {step}")
    if "output" in want and want["output"] != output:
        problems.append("the printed text is not PyTorch's")
    if "last" in want:
        number = float(output.split()[-1])
        if abs(number - want["last"]) > want["tolerance"]:
            problems.append(f"ends with {number}, PyTorch with {want['last']}")
    return problems


class Report:
    def __init__(self):
        self.passed = self.failed = 0

    def add(self, name, problems, detail=""):
        self.passed += not problems
        self.failed += bool(problems)
        print(f"{'fail' if problems else 'ok  '} {name:<34} {detail}")
        for problem in problems:
            print("       " + problem)
        sys.stdout.flush()


def check_scene(name, report, expected, recorded):
    folder = SCENES / name
    with tempfile.TemporaryDirectory() as scratch:
        status, output, seconds = run(["-W", "error::DeprecationWarning", str(folder / "scene.py")], scratch)
        lines = output.strip().splitlines() or [""]
        problems = [f"exit status {status}"] + lines[-3:] if status else compare_with(expected, name, output)
        report.add(f"run {name}", problems, f"{seconds:6.1f} s  {lines[-1][:60]}")
        losses = first_numbers(output)
        recorded[name] = ({"losses": losses, "last": float(lines[-1].split()[-1]), "tolerance": 0.03}
                          if losses and not status else {"losses": [], "output": output})

        for tab in json.loads((folder / "scene.json").read_text("utf-8"))["tabs"]:
            if not tab["default"]:
                code = f"import sys; sys.path.insert(0, {str(folder)!r}); import scene; scene.{tab['function']}()"
                status, output, seconds = run(["-c", code], scratch)
                lines = output.strip().splitlines() or [""]
                report.add(f"run {name}:{tab['function']}", lines[-3:] if status else [], f"{seconds:6.1f} s")


def check_notes(folder, label, report):
    for note in sorted(folder.glob("note.*.md")):
        for index, code in enumerate(snippets(note), 1):
            with tempfile.TemporaryDirectory() as scratch:
                status, output, seconds = run(["-c", code], scratch)
            problems = output.strip().splitlines()[-3:] or ["no output"] if status else []
            report.add(f"{label}/{note.name} #{index}", problems, f"{seconds:6.1f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("names", nargs="*", help="scene ids; all when none is given")
    parser.add_argument("--expect", type=Path)
    parser.add_argument("--record", type=Path)
    parser.add_argument("--only", choices=["texts", "runs", "snippets"])
    parser.add_argument("--on-pytorch", action="store_true", help="status 77 where python3-torch is not installed")
    options = parser.parse_args()

    if options.on_pytorch and importlib.util.find_spec("torch") is None:
        print("PyTorch is not installed (python3-torch)")
        return 77
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("PYTHONIOENCODING", "utf-8")
    path = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    os.environ["PYTHONPATH"] = os.pathsep.join([os.path.abspath(entry) for entry in path]
                                               + [str(ROOT / "data" / "python")])
    expected = json.loads(options.expect.read_text("utf-8")) if options.expect else {}
    recorded, report, leaves = {}, Report(), outline_leaves()
    names = options.names or sorted(path.parent.name for path in SCENES.glob("*/scene.py"))
    topics = [path.parent for path in sorted(TOPICS.glob("*/*/topic.json"))
              if json.loads(path.read_text("utf-8")).get("scene") in names]

    if options.only in (None, "texts"):
        for name in names:
            report.add(f"texts {name}", check_scene_texts(SCENES / name, leaves))
        for folder in topics:
            report.add(f"texts {folder.relative_to(TOPICS)}", check_topic_texts(folder, "topic.json", leaves))
    if options.only in (None, "runs"):
        for name in names:
            check_scene(name, report, expected, recorded)
    if options.only in (None, "snippets"):
        for folder in [SCENES / name for name in names] + topics:
            check_notes(folder, folder.name, report)

    if options.record:
        options.record.write_text(json.dumps(recorded, ensure_ascii=False, indent=1) + "\n", "utf-8")
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
