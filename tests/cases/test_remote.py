#!/usr/bin/python3
"""What stands for an object of the person's program in a hidden check: arithmetic, slices and writing happen there, comparing
does not, since an object may say of itself that it equals everything."""
import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

GRADBOARD = os.environ["GRADBOARD"]
PROGRAM = '''
import torch


class Sly:
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __lt__(self, other):
        return True


def grid():
    return torch.arange(12.0).reshape(3, 4)


def names():
    return type("Names", (list,), {})("abcd")


def sly():
    return Sly()
'''
CHECK = '''
import torch
from gradboard_check import check, close, equal, holds, person, value


@check("arithmetic")
def arithmetic():
    there, here = person.grid(), torch.arange(12.0).reshape(3, 4)
    close(there + 1, here + 1)
    close(2 - there, 2 - here)
    close(-(there * there) / 2, -(here * here) / 2)
    close(there @ person.grid().t(), here @ here.t())
    there += 1
    close(there, here + 1)


@check("slices")
def slices():
    there, here = person.grid(), torch.arange(12.0).reshape(3, 4)
    close(there[1:, ::2], here[1:, ::2])
    close(there[..., -1], here[..., -1])
    close(there[:, None].sum(1), here)
    there[0, 1:3] = 7
    holds(value(there[0]).tolist() == [0, 7, 7, 3], got=there[0])
    names = person.names()
    equal(len(names), 4)
    equal(names[1:3], ["b", "c"])
    equal([*names], ["a", "b", "c", "d"])


@check("compared here")
def compared_here():
    equal(person.sly(), 3)


@check("no order there")
def no_order_there():
    holds(person.sly() < 3)
'''


class Remote(unittest.TestCase):
    def test_all(self):
        with tempfile.TemporaryDirectory() as place:
            data = Path(place) / "data"
            case = data / "cases" / "Z98"
            case.mkdir(parents=True)
            Path(place).chmod(0o755)
            ids = ["arithmetic", "slices", "compared here", "no order there"]
            (case / "check.py").write_text(CHECK)
            (case / "case.json").write_text(json.dumps({"id": "Z98", "seconds": 60, "checks": [
                {"id": name, "says": {"en": name, "zh": name}} for name in ids]}))
            (case / "program.py").write_text(PROGRAM)
            program = Path(place) / "mine.py"
            program.write_text(PROGRAM)
            done = subprocess.run([GRADBOARD, "check", "Z98", str(program), "--json"], text=True, capture_output=True, timeout=120,
                                  env={**os.environ, "GRADBOARD_DATADIR": str(data), "LC_ALL": "C.UTF-8", "LANGUAGE": "en"})
            rows = {row["check"]: row for row in json.loads(done.stdout)["rows"]}
            self.assertTrue(rows["arithmetic"]["holds"], rows)
            self.assertTrue(rows["slices"]["holds"], rows)
            self.assertFalse(rows["compared here"]["holds"], rows)
            self.assertFalse(rows["no order there"]["holds"], rows)
            self.assertIn("take value(x)", json.dumps(rows["no order there"]))


if __name__ == "__main__":
    unittest.main()
