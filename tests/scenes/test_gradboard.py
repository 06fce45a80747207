"""The gradboard module: without torch, and with a board that notes what it is told.

    /usr/bin/python3 tests/scenes/test_gradboard.py
"""

import importlib
import sys
import types
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "data" / "python"))


class Board:
    def __init__(self):
        self.heard = []

    def knob(self, name, default, low, high, log, choices):
        self.heard.append(("knob", name, default, low, high, log, choices))
        return high

    def __getattr__(self, name):
        return lambda *arguments: self.heard.append((name, *arguments))


def load(board):
    """The module as a program sees it, with torch._C having this board, or without torch."""
    sys.modules.pop("gradboard", None)
    if board is None:
        sys.modules["torch"] = sys.modules["torch._C"] = None
    else:
        torch, core = types.ModuleType("torch"), types.ModuleType("torch._C")
        torch._C, core._board = core, board
        sys.modules["torch"], sys.modules["torch._C"] = torch, core
    return importlib.import_module("gradboard")


class WithoutBoard(unittest.TestCase):
    def setUp(self):
        self.gb = load(None)

    def test_everything_returns_its_default(self):
        thing = object()
        self.assertEqual(self.gb.knob("lr", 0.1, 0.0, 1.0), 0.1)
        self.assertIs(self.gb.watch(thing), thing)
        self.assertIs(self.gb.show(thing, view="grid", labels=["a"]), thing)
        for call in (self.gb.mark, self.gb.ask):
            self.assertIsNone(call("x"))
        self.assertIsNone(self.gb.log("loss", 1))
        self.assertIsNone(self.gb.tell("x", thing))

    def test_a_fact_must_hold(self):
        self.assertTrue(self.gb.check("one is one", 1 == 1))
        with self.assertRaisesRegex(AssertionError, "one is two"):
            self.gb.check("one is two", 1 == 2)

    def test_a_knob_needs_a_range(self):
        with self.assertRaisesRegex(ValueError, "'lr'"):
            self.gb.knob("lr", 0.1)


class WithBoard(unittest.TestCase):
    def setUp(self):
        self.board = Board()
        self.gb = load(self.board)

    def test_a_knob_answers_with_the_boards_value(self):
        self.assertEqual(self.gb.knob("lr", 0.1, 0.01, 1.0, log=True), 1.0)
        self.assertEqual(self.board.heard, [("knob", "lr", 0.1, 0.01, 1.0, True, None)])

    def test_a_fact_that_fails_is_told_and_does_not_raise(self):
        self.assertFalse(self.gb.check("one is two", 1 == 2))
        self.assertEqual(self.board.heard, [("check", "one is two", False)])

    def test_tell_speaks_json(self):
        class Tensor:
            def tolist(self):
                return [[1.0, float("inf")]]
        for value in (3, (3, 4), "误差", Tensor(), float("nan"), None, True):
            self.gb.tell("id", value)
        self.assertEqual([text for _, _, text in self.board.heard],
                         ["3", "[3, 4]", '"误差"', '[[1.0, "inf"]]', '"nan"', "null", "true"])

    def test_labels_are_one_list_per_axis(self):
        for labels in (None, ["a", "b"], (["a"], ["b"])):
            self.gb.show("t", "attn", labels)
        self.assertEqual([heard[3] for heard in self.board.heard], [None, [["a", "b"]], [["a"], ["b"]]])


if __name__ == "__main__":
    unittest.main()
