#!/usr/bin/python3
"""No program can get at the hidden checks: pry.py looks for a secret that stands in the check of a case, as a program of its
own and while it is being checked, with each layer of the sandbox alone and with both, in a source tree and in an installed
prefix; without any layer nothing is checked."""
import ctypes
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
GRADBOARD = os.environ["GRADBOARD"]
LANDLOCK_CREATE_RULESET = 444
CHECK = '''
from gradboard_check import check, equal, person

SECRET = "%s"


@check("answer")
def answer():
    equal(person.answer(3), SECRET, given={"x": 3})
'''


def without_landlock():
    """As a kernel that has none."""
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_init.argtypes = [ctypes.c_uint32]
    library.seccomp_rule_add.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint]
    library.seccomp_load.argtypes = [ctypes.c_void_p]
    library.seccomp_attr_set.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_uint32]
    rules = library.seccomp_init(0x7FFF0000)
    if os.geteuid() == 0:
        library.seccomp_attr_set(rules, 3, 0)  # without it bubblewrap keeps its rights
    library.seccomp_rule_add(rules, 0x00050000 | 38, LANDLOCK_CREATE_RULESET, 0)
    if library.seccomp_load(rules):
        os._exit(99)


LAYERS = {"both": (True, True), "landlock": (True, False), "bubblewrap": (False, True), "none": (False, False)}


class Hidden(unittest.TestCase):
    def setUp(self):
        self.place = Path(tempfile.mkdtemp(prefix="gradboard-hidden-"))
        self.place.chmod(0o755)
        self.addCleanup(shutil.rmtree, self.place)
        self.secret = secrets.token_hex(16)

    def make_tree(self, data):
        """A data folder with a case Z99, beside which the prying program lies; the program's path."""
        case = data / "cases" / "Z99"
        (case / "fixes").mkdir(parents=True)
        (data / "exercises").mkdir()
        git = data.parent / ".git"
        git.mkdir()
        (git / "packed").write_text(self.secret)
        (case / "check.py").write_text(CHECK % self.secret)
        (case / "case.json").write_text(json.dumps({"id": "Z99", "seconds": 60, "explanation": {"en": self.secret, "zh": ""}}))
        (case / "fixes" / "right-1.py").write_text(f"# {self.secret}\n")
        (case / "program.py").write_text("def answer(x):\n    return x\n")
        program = data.parent / "pry.py"
        half = len(self.secret) // 2
        program.write_text("FIRST, SECOND = %r, %r\nTREE, OTHERS = %r, %r\n\n%s" % (
            self.secret[:half].encode(), self.secret[half:].encode(), str(data), [str(HERE.parents[1] / "data")],
            (HERE / "pry.py").read_text()))
        return program

    def run_it(self, data, layer, *arguments):
        landlock, bubblewrap = LAYERS[layer]
        if bubblewrap and not shutil.which("bwrap"):
            self.skipTest("bubblewrap is not installed")
        environment = {**os.environ, "GRADBOARD_DATADIR": str(data), "LC_ALL": "C.UTF-8", "LANGUAGE": "en"}
        if not bubblewrap:
            environment["PATH"] = "/nonexistent"
        done = subprocess.run([GRADBOARD, *map(str, arguments)], env=environment, text=True, timeout=120,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              preexec_fn=None if landlock else without_landlock)
        return done.returncode, done.stdout

    def pry(self, data, program):
        for layer in ("both", "landlock", "bubblewrap"):
            with self.subTest(layer=layer, how="run"):
                _, said = self.run_it(data, layer, "run", program)
                self.assertIn("clean after", said)
                self.assertNotIn("stopped:", said)
            with self.subTest(layer=layer, how="check"):
                status, said = self.run_it(data, layer, "check", "Z99", program)
                self.assertIn("clean after", said)
                self.assertEqual(status, 1, said)

    def test_source_tree(self):
        data = self.place / "tree" / "data"
        self.pry(data, self.make_tree(data))

    def test_prying_finds_what_is_open(self):
        """The test itself: what is not hidden is found."""
        data = self.place / "tree" / "data"
        program = self.make_tree(data)
        (data.parent / "open.txt").write_text(self.secret)
        for layer in ("both", "landlock", "bubblewrap"):
            _, said = self.run_it(data, layer, "run", program)
            self.assertIn("found [", said)
            self.assertIn("open.txt", said)

    def test_refused_without_layers(self):
        data = self.place / "tree" / "data"
        program = self.make_tree(data)
        status, said = self.run_it(data, "none", "check", "Z99", program)
        self.assertEqual(status, 125, said)
        self.assertIn("neither landlock nor bubblewrap works here", said)
        self.assertNotIn(self.secret, said)


@unittest.skipUnless(os.geteuid() == 0 and os.environ.get("IN_PREFIX"), "run in a mount namespace of its own, as root")
class InPrefix(Hidden):
    """The same with the folder where it is installed, which lies below /usr."""

    def test_source_tree(self):
        data = Path("/usr/local/share/gradboard")
        self.pry(data, self.make_tree(data))


if __name__ == "__main__":
    if os.geteuid() == 0 and not os.environ.get("IN_PREFIX"):
        inner = ["unshare", "-m", "sh", "-c", "mount -t tmpfs none /usr/local/share && exec env IN_PREFIX=1 \"$@\"", "sh",
                 sys.executable, __file__, "InPrefix.test_source_tree"]
        if subprocess.run(["unshare", "-m", "true"]).returncode == 0 and subprocess.run(inner).returncode:
            sys.exit(1)
    unittest.main()
