"""Programs that fail or do harm: each gives its message where the person looks, and the text stays."""
import os
import tempfile

import board
from board import Board, Failure, wait_for

CASES = [
    ("a syntax error", "x = (1,\nprint(x\n", "Python cannot read this line."),
    ("an unknown name", "import torch\ntorch.no_such_thing(1)\n", "torch has nothing called no_such_thing."),
    ("two shapes", "import torch\ntorch.ones(3) + torch.ones(4)\n", "These shapes meet at dimension 0: 3 and 4. Neither is 1."),
    ("abort", "import os\nos.abort()\n", "The interpreter stopped (signal 6"),
    ("a segfault", "import ctypes\nctypes.string_at(0)\n", "The interpreter stopped (signal 11"),
    ("a file that is not ours", "open('/etc/shadow').read()\n", "There is no such file where this program can look."),
    ("a file outside", "open('/usr/lib/mine', 'w')\n", "The sandbox keeps programs to their own scratch folder."),
    ("a division", "1 / 0\n", "A number was divided by zero."),
    ("a memory bomb", "x = []\nwhile True:\n    x.append(bytes(1 << 28))\n",
     "The program asked for more memory than its limit."),
    ("a fork bomb", "import os\nwhile True:\n    if os.fork() == 0:\n        while True:\n            os.fork()\n",
     "This program has as many processes as it may have at once."),
    ("a socket", "import socket\nsocket.socket()\n", "The sandbox lets a program open no network"),
    ("a program", "import subprocess\nsubprocess.run(['/bin/ls'])\n", "The sandbox lets a program open no network"),
    ("a home", "import os\nos.listdir('/root')\n", "There is no such file where this program can look."),
    ("killing its parent", "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n",
     "The sandbox lets a program open no network"),
    ("printing without end", "while True:\n    print('x' * 1000)\n",
     "The interpreter stopped (it printed more than its limit)."),
]
# Without bubblewrap a file is there and may not be read; with it, or on a read-only system, it is not there to write.
ELSE = {"a file that is not ours": "The sandbox keeps programs", "a file outside": "This line raised OSError.",
        "a home": "The sandbox keeps programs"}


def fails_in_words(program):
    fail_in_words(program, CASES)


def fails_in_words_without_bubblewrap(program):
    # Where the program is not to be found, the layer is left out.
    fail_in_words(program, [case for case in CASES if case[0] in ("abort", "a home", "a file that is not ours", "a fork bomb",
                                                                  "a socket", "killing its parent")], PATH="/nowhere")


def fail_in_words(program, cases, **environment):
    for name, text, sentence in cases:
        # The sanitizer's own mappings leave no room for a limit on memory.
        if name == "a memory bomb" and "ASAN_OPTIONS" in os.environ:
            continue
        path = os.path.join(tempfile.mkdtemp(), "program.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        window = Board(program, path, **environment)
        try:
            wait_for("the text", lambda: window.text_of("Program text").strip() == text.strip())
            window.press("Run")
            try:
                wait_for(sentence, lambda: any(label.startswith(sentence) or label.startswith(ELSE.get(name, sentence))
                                               for label in window.labels()),
                         60 if name in ("printing without end", "a memory bomb") else 20)  # gigabytes go through the window, or are filled
            except Failure as failure:
                raise Failure("%s: %s" % (name, failure))
            if window.text_of("Program text").strip() != text.strip():
                raise Failure("%s: the text is another one" % name)
        finally:
            window.close()


def stops_an_endless_loop(program):
    path = os.path.join(tempfile.mkdtemp(), "loop.py")
    with open(path, "w", encoding="utf-8") as file:
        file.write("print('begun', flush=True)\nwhile True:\n    pass\n")
    window = Board(program, path)
    try:
        wait_for("the text", lambda: "while" in window.text_of("Program text"))
        window.press("Run")
        wait_for("the output", lambda: "begun" in window.text_of("Output of the program"))
        window.press("Stop")
        window.says("Stopped, as asked.")
    finally:
        window.close()


board.run([fails_in_words, fails_in_words_without_bubblewrap, stops_an_endless_loop])
