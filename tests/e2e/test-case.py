"""A case in the window: its brief, a hint, what is looked at, a claim, a check that fails with a counter-example, the fix, the
check that holds, and the explanation that shows the failure again; and an exercise in Chinese."""
import os
import subprocess

import board
from board import Board, wait_for


def picture(name):
    """For who looks at the test: a picture of the display, where $E2E_PICTURES says."""
    if "E2E_PICTURES" in os.environ:
        subprocess.run(["import", "-window", "root", os.path.join(os.environ["E2E_PICTURES"], name + ".png")], check=True)


def edit(case, before, after):
    """As another editor would: the text in front is read again."""
    path = os.path.join(os.environ["XDG_STATE_HOME"], "gradboard", "lab", "programs", case + ".py")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    assert before in text, text
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(before, after))


def in_the_card(window, text):
    """The error's card hangs in the program's text."""
    window.PRUNED = tuple(name for name in Board.PRUNED if name != "GtkTextViewChild")
    window.says(text)
    del window.PRUNED


def diagnosed_and_mended(program):
    window = Board(program, "B08")
    try:
        wait_for("the program", lambda: "y.add_(1)" in window.text_of("Program text"))
        wait_for("the brief", lambda: "softplus" in window.text_of("Brief"))
        window.press("Hint 1 of 3 (costs 1)")
        window.says("1. The message names the node")
        picture("case-brief")
        window.press("Run")
        window.says("A tensor that the graph had saved was changed in place")
        in_the_card(window, "A case is open: what happened is explained after the right claim.")
        window.press("+ View")
        window.press("Gradient flow")
        wait_for("the tape", lambda: not any(text.startswith("Nothing yet.") for text in window.labels()))
        window.press("Claim")
        window.says("✕ Line")
        picture("case-claimed")
        window.press("Check")
        window.says("✕ backward runs and its gradients agree with differences", seconds=60)
        picture("case-failed")
        edit("B08", "y.add_(1)", "y = y + 1")
        wait_for("the mended text", lambda: "y = y + 1" in window.text_of("Program text"))
        window.press("Check")
        window.says("Solved: 5 of 10 points", seconds=60)
        wait_for("the explanation", lambda: "ExpBackward" in window.text_of("Explanation"))
        window.says("What it was not")
        picture("case-solved")
        window.press("3. Why: Backward finds the wrong version at ExpBackward")
        window.says("A saved tensor was changed in place")
        picture("case-replayed")
    finally:
        window.close()


def cancelled_and_in_chinese(program):
    window = Board(program, "C10", LANGUAGE="zh_CN", ADW_DEBUG_COLOR_SCHEME="prefer-dark")
    try:
        wait_for("the program", lambda: "your turn" in window.text_of("程序文本"))
        edit("C10", "import torch\n", "import torch\nwhile True:\n    pass\n")
        wait_for("the endless text", lambda: "while True" in window.text_of("程序文本"))
        window.press("检查")
        window.press("取消检查")
        window.wait("push button", "检查")
        edit("C10", "while True:\n    pass\n", "")
        edit("C10", 'raise NotImplementedError("your turn")\n\n\ndef cross', "return (x.exp() / x.exp().sum(dim, keepdim=True)).log()\n\n\ndef cross")
        wait_for("the new text", lambda: "x.exp()" in window.text_of("程序文本"))
        window.press("检查")
        window.says("✕ 输入到 ±10⁴ 仍有限且正确", seconds=60)
        picture("exercise-failed-zh")
    finally:
        window.close()


board.run([diagnosed_and_mended, cancelled_and_in_chinese])
