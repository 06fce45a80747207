#!/usr/bin/python3
"""An installation into a staged prefix works where it stands, without the source and build trees: commands, the sandbox, the
checker, the board's start; and tells a desktop what it needs to know."""
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import xml.etree.ElementTree
from pathlib import Path

BUILD = Path(os.environ["GRADBOARD_BUILD"])
ID = "org.gradboard.Board"


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = Path(tempfile.mkdtemp(prefix="gradboard-installed-"))
        cls.place.chmod(0o755)
        subprocess.run(["meson", "install", "-C", str(BUILD), "--no-rebuild", "--quiet", "--destdir", str(cls.place / "stage")],
                       check=True, stdout=subprocess.DEVNULL)
        [program] = (cls.place / "stage").rglob("bin/gradboard")
        # Moved once more: nothing may remember where it was installed to.
        shutil.move(program.parents[1], cls.place / "here")
        cls.prefix = cls.place / "here"
        cls.share = cls.prefix / "share"
        home = cls.place / "home"
        home.mkdir()
        cls.environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "LC_ALL": "C.UTF-8", "LANGUAGE": "zh"}

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.place)

    def run_gradboard(self, *arguments, status=0, **environment):
        done = subprocess.run([str(self.prefix / "bin/gradboard"), *arguments], env={**self.environment, **environment},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        self.assertEqual(done.returncode, status, done.stdout)
        return done.stdout

    def test_program(self):
        program = self.place / "program.py"
        program.write_text("import torch, gradboard as gb\n"
                           "x = torch.ones(2, requires_grad=True)\n(x * 3).sum().backward()\n"
                           "print(x.grad, torch.__file__, gb.__file__)\n")
        said = self.run_gradboard("run", str(program))
        self.assertIn("tensor([3., 3.])", said)
        self.assertIn(str(self.prefix), said)
        self.assertNotIn(str(BUILD), said)

    def test_texts_and_topics(self):
        self.assertIn("病例与练习", self.run_gradboard("topics"))

    def test_hidden_check(self):
        """A case's check is found, and the program that is given does not pass it."""
        given = self.place / "given.py"
        shutil.copy(self.share / "gradboard/cases/B01/program.py", given)
        self.run_gradboard("check", "B01", str(given), status=1)

    def test_schema(self):
        self.assertTrue((self.share / "gradboard/settings/gschemas.compiled").is_file())
        self.assertTrue((self.share / "glib-2.0/schemas/org.gradboard.Board.gschema.xml").is_file())

    def test_desktop_files(self):
        entry = self.share / "applications" / (ID + ".desktop")
        lines = dict(line.split("=", 1) for line in entry.read_text().splitlines() if "=" in line)
        types = xml.etree.ElementTree.parse(self.share / "mime/packages" / (ID + ".xml")).getroot()
        ours = {node.get("type") for node in types}
        self.assertEqual(len(ours), 3)
        self.assertLessEqual(ours, set(lines["MimeType"].split(";")))
        for icon in ("scalable/apps/%s.svg", "symbolic/apps/%s-symbolic.svg"):
            self.assertTrue((self.share / "icons/hicolor" / (icon % ID)).is_file())
        for tool in (["desktop-file-validate", str(entry)],
                     ["appstreamcli", "validate", "--no-net", str(self.share / "metainfo" / (ID + ".metainfo.xml"))]):
            if shutil.which(tool[0]):
                done = subprocess.run(tool, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
                self.assertEqual(done.returncode, 0, done.stdout)

    def test_file_types(self):
        """shared-mime-info, given the packages file, knows our files by their names."""
        database = self.place / "mime"
        (database / "packages").mkdir(parents=True)
        shutil.copy(self.share / "mime/packages" / (ID + ".xml"), database / "packages")
        subprocess.run(["update-mime-database", str(database)], check=True, stderr=subprocess.DEVNULL)
        globs = (database / "globs2").read_text()
        for name in ("recording:*.gbt", "moment:*.moment", "interview:*.interview"):
            self.assertIn("application/x-gradboard-" + name, globs)


    def test_links(self):
        """Who opens a link of a report is led to us: a desktop knows which program has moment: and interview:."""
        applications = self.place / "links/applications"
        applications.mkdir(parents=True)
        entry = (self.share / "applications" / (ID + ".desktop")).read_text()
        self.assertIn("\nExec=gradboard %U\n", entry)
        program = self.place / "links/gradboard"
        told = self.place / "links/told"
        program.write_text("#!/bin/sh\nprintf '%s\\n' \"$@\" > \"" + str(told) + "\"\n")
        program.chmod(0o755)
        (applications / (ID + ".desktop")).write_text(entry.replace("Exec=gradboard", "Exec=" + str(program)))
        if not shutil.which("gio") or not shutil.which("update-desktop-database"):
            self.skipTest("there is no gio to ask")
        subprocess.run(["update-desktop-database", str(applications)], check=True)
        places = {**os.environ, "XDG_DATA_HOME": str(self.place / "links"), "XDG_CONFIG_HOME": str(self.place / "links/config")}
        for uri in ("moment:eJwDAAAAAAE", "interview:a%20b.interview?at=61000"):
            told.unlink(missing_ok=True)
            subprocess.run(["gio", "open", uri], check=True, env=places)
            end = time.monotonic() + 10
            while time.monotonic() < end and not (told.is_file() and told.read_text()):
                time.sleep(0.05)
            self.assertEqual(told.read_text(), uri + "\n")


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=1))
