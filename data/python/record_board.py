"""Runs a scene on whichever `torch` is installed and writes what it tells and checks.

    python3 record_board.py RECORD scene.py [TAB ...]

RECORD receives one JSON list a line: ["ask", id], ["tell", id, value], ["check", name, holds].
The named tabs run after the default ones.  `gradboard check`
uses it to run scenes on real PyTorch, where `torch._C` has no board of its own.
"""
import json
import runpy
import sys

import torch


class RecordBoard:
    def __init__(self, path):
        self.file = open(path, "w", encoding="utf-8")

    def write(self, *row):
        self.file.write(json.dumps(row, ensure_ascii=False) + "\n")
        self.file.flush()

    def knob(self, name, default, low, high, log, choices):
        return default

    def ask(self, id):
        self.write("ask", id)

    def tell(self, id, value):
        self.write("tell", id, json.loads(value))

    def check(self, name, holds):
        self.write("check", name, holds)

    def watch(self, obj):
        pass

    def log(self, name, value, x=0.0, over=""):
        pass

    def event(self, name, text):
        pass

    def show(self, tensor, view, labels):
        pass

    def mark(self, label):
        pass


if __name__ == "__main__":
    record, scene, *tabs = sys.argv[1:]
    torch._C._board = RecordBoard(record)
    sys.argv = [scene]
    names = runpy.run_path(scene, run_name="__main__")
    for tab in tabs:
        names[tab]()
