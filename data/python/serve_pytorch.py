"""Runs Python files on PyTorch, each in a process of its own, with torch imported once for all of them.

Standard input: a JSON object a line, of "argv" (the file and its arguments), "folder" (where it runs, or null) and "input" (what
it reads).  Standard output: one for each, of "status", "output" and "errors".  Importing torch takes a second, which
is most of what a check on PyTorch would take; a fork has it already.
"""
import json
import os
import sys
import tempfile
import types

import torch  # noqa: F401


def served(requests, answers):
    """Answers requests until there are no more; returns in each child, with its arguments."""
    while line := requests.readline():
        request = json.loads(line)
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            given.write((request["input"] or "").encode())
            given.seek(0)
            child = os.fork()
            if child == 0:
                for number, file in enumerate((given, output, errors)):
                    os.dup2(file.fileno(), number)
                requests.close()
                answers.close()
                if request["folder"]:
                    os.chdir(request["folder"])
                return request["argv"]
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            said = [file.seek(0) or file.read().decode("utf-8", "replace") for file in (output, errors)]
        answers.write(json.dumps({"status": status, "output": said[0], "errors": said[1]}) + "\n")
        answers.flush()
    return None


def main():
    argv = served(os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "w"))
    if argv is None:
        return
    # As Python runs a file, up to its end.
    sys.argv, sys.path[0] = argv, os.path.dirname(argv[0])
    module = sys.modules["__main__"] = types.ModuleType("__main__")
    module.__file__ = argv[0]
    with open(argv[0], "rb") as file:
        code = compile(file.read(), argv[0], "exec", dont_inherit=True)
    exec(code, module.__dict__)


main()
