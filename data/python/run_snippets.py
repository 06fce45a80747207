"""Runs pieces of code one by one, each in a process of its own, with torch imported once for all of them.

Standard input: a JSON list of source texts.  Standard output: a JSON list of [exit status, what it printed].
"""

import json
import linecache
import os
import sys
import tempfile
import traceback

import torch  # noqa: F401  (a second for each piece, if every one did it)


def run(code):
    """Exit status and output of one piece, run as `__main__` in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as output:
        child = os.fork()
        if child == 0:
            os.chdir(folder)
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
            status = 0
            linecache.cache["snippet"] = (len(code), None, code.splitlines(True), "snippet")  # what inspect reads
            try:
                exec(compile(code, "snippet", "exec"), {"__name__": "__main__"})
            except SystemExit as end:
                status = end.code if isinstance(end.code, int) else bool(end.code)
            except BaseException:
                traceback.print_exc()
                status = 1
            sys.stdout.flush()
            os._exit(status)
        _, status = os.waitpid(child, 0)
        output.seek(0)
        return [os.waitstatus_to_exitcode(status), output.read().decode("utf-8", "replace")]


json.dump([run(code) for code in json.load(sys.stdin)], sys.stdout)
