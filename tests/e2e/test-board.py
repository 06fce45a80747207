"""A newcomer's first minutes: opens a scene, runs, answers, pauses, steps, switches language and look, and loses an
interpreter without losing a letter."""
import os
import re
import subprocess
import tempfile
import time

import board
from board import Board, Failure, wait_for

PROGRAM = "import torch\nx = torch.arange(6).reshape(2, 3)\nprint('six', x.sum().item())\n"
TRAINING = """import time, torch
w = torch.zeros(3, requires_grad=True)
for step in range(10 ** 9):
    loss = ((w - torch.arange(3.0)) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.01 * w.grad
    w.grad = None
    time.sleep(0.01)
"""
LOOP = "import time\nprint('begun', flush=True)\nwhile True:\n    time.sleep(0.01)\n"


def write(text):
    path = os.path.join(tempfile.mkdtemp(), "program.py")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def starts_empty(program):
    window = Board(program)
    try:
        window.says("Nothing here yet.")
        for name in ("Type", "Open a file", "Choose a scene"):
            window.wait("push button", name)
    finally:
        window.close()


def runs_a_file(program):
    window = Board(program, write(PROGRAM))
    try:
        wait_for("the text", lambda: "arange" in window.text_of("Program text"))
        window.press("Run")
        wait_for("the output", lambda: "six 15" in window.text_of("Output of the program"))
        window.says("Ended")
    finally:
        window.close()


def records_a_run(program):
    window = Board(program, write("import torch\nimport gradboard as gb\nfor i in range(3):\n    x = torch.rand(2) * gb.knob('k', 1.0, 0.0, 2.0)\n    print(i, x.sum().item(), flush=True)\n"))
    try:
        wait_for("the text", lambda: "gradboard" in window.text_of("Program text"))
        window.press("Record the runs")
        window.says("The next run will be recorded.")
        window.press("Run")
        sentence = wait_for("the file's name", lambda: next((l for l in window.labels() if "Recorded: " in l), None))
        path = os.path.expanduser(sentence.split("Recorded: ")[1].strip())
        if not os.path.basename(path).startswith("program "):
            raise Failure(f"the recording is called {path}")
        window.press("Record the runs")
        window.press("Run")
        wait_for("a run without a file", lambda: any(l.startswith("Ended") and "Recorded" not in l for l in window.labels()))
        if len(os.listdir(os.path.dirname(path))) != 1:
            raise Failure("a run that was not to be recorded was")
    finally:
        window.close()
    done = subprocess.run([program, "replay", "--verify", path], capture_output=True, text=True, timeout=60)
    if done.returncode != 0 or "bit for bit" not in done.stdout:
        raise Failure(f"the recording does not run again: {done.stdout}{done.stderr}")


def lists_written_files(program):
    path = write("import os\nprint('seen', os.path.exists('out.txt'), open('data.csv').read())\nopen('out.txt', 'w').write('x' * 900)\n")
    data = os.path.join(os.path.dirname(path), "data.csv")

    def give(text):
        with open(data, "w", encoding="utf-8") as file:
            file.write(text)

    give("old")
    window = Board(program, path)
    try:
        wait_for("the text", lambda: "out.txt" in window.text_of("Program text"))
        window.press("Run")
        wait_for("the output", lambda: "seen False old" in window.text_of("Output of the program"))
        window.press("Files")
        window.says("out.txt")
        window.says("900 B")
        # What one run wrote is there for the next; what lies beside the program is read anew.
        give("new")
        window.press("Run")
        window.press("Console")
        wait_for("the output", lambda: "seen True new" in window.text_of("Output of the program"))
    finally:
        window.close()


def trains_digits(program):
    window = Board(program, "digits-cnn")
    try:
        wait_for("the scene", lambda: "DigitsCNN" in window.text_of("Program text"))
        window.press("Run")
        for _ in range(3):
            window.says("Your turn:")
            window.press("Just show")
            time.sleep(0.3)
        wait_for("training", lambda: "epoch  1" in window.text_of("Output of the program"), 60)
        window.says("Ended", 120)
        last = window.text_of("Output of the program").strip().splitlines()[-1]
        accuracy = re.fullmatch(r"test accuracy (0\.\d{3})", last)
        if not accuracy or float(accuracy.group(1)) < 0.95:
            raise Failure("the last line is %r" % last)
    finally:
        window.close()


def pauses_and_steps(program):
    window = Board(program, write(TRAINING))
    try:
        wait_for("the text", lambda: "backward" in window.text_of("Program text"))
        window.press("Run")
        window.says("Running.")
        window.press("Pause")
        window.says("Paused")
        before = window.says("iteration ")
        window.press("Next iteration")
        wait_for("a step", lambda: window.says("iteration ") != before)
        window.press("Iteration before")
        window.press("To the newest")
        window.press("Continue")
        window.says("Running.")
        window.press("Stop")
        window.says("Stopped")
    finally:
        window.close()


def switches_language(program):
    window = Board(program)
    try:
        window.press("中文 or English")
        window.wait("push button", "主题")
        window.says("还是空的")
        # English words of the interface that are still there after the switch; API words and units may be.
        keep = re.compile(r"^(gradboard|Gradboard|.*\.py|dtype|loss|step|graph|gradflow|chart|attn|stride|grid|中 \| en"
                          r"|中文 / English|[A-Z]{2,}"
                          r"|\.grad、grad_fn|\(None\)|Close|Minimize|Maximize|Expand)$")  # the last are GTK's own
        left = set()
        for node in window.walk():
            if node.role in ("push button", "toggle button", "label", "menu item", "combo box"):
                name = node.name
                if not re.match("(Gtk|Adw|Gb)[A-Z]", name) and re.search("[a-z]{3}", name) and not re.search("[\u4e00-\u9fff]", name) and not keep.match(name):
                    left.add(name)
        if left:
            raise Failure("still English: %s" % ", ".join(sorted(left)))
        window.press("中文 / English")
        window.wait("push button", "Topics")
    finally:
        window.close()


def switches_look(program):
    window = Board(program)
    try:
        window.press("Menu")
        window.press("Look")
        window.press("Dark")
        config = os.path.join(os.environ["XDG_CONFIG_HOME"], "gradboard", "settings.ini")
        wait_for("the choice", lambda: "theme='dark'" in open(config, encoding="utf-8").read())
        window.wait("push button", "Topics")
    finally:
        window.close()


def survives_a_dead_interpreter(program):
    window = Board(program, write(LOOP))
    try:
        wait_for("the text", lambda: "begun" in window.text_of("Program text"))
        window.press("Run")
        wait_for("the output", lambda: "begun" in window.text_of("Output of the program"))
        window.kill_interpreter()
        window.says("The interpreter stopped")
        if window.text_of("Program text").strip() != LOOP.strip():
            raise Failure("the text is another one")
        window.press("Run")
        wait_for("a new interpreter", window.interpreters)
        window.says("Running.")
        window.press("Stop")
        window.says("Stopped")
    finally:
        window.close()


def keeps_unsaved_edits(program):
    path = write(PROGRAM)
    window = Board(program, path)
    try:
        wait_for("the text", lambda: "arange" in window.text_of("Program text"))
        window.type("# kept ")
        wait_for("the edit", lambda: window.text_of("Program text").startswith("# kept"))
        time.sleep(1.0)
    finally:
        window.process.kill()
        window.process.wait()
    window = Board(program)
    try:
        wait_for("the edit", lambda: window.text_of("Program text").startswith("# kept"))
        window.says("These edits were not saved last time.")
    finally:
        window.close()


board.run([starts_empty, runs_a_file, records_a_run, lists_written_files, trains_digits, pauses_and_steps, switches_language, switches_look,
           survives_a_dead_interpreter, keeps_unsaved_edits])
