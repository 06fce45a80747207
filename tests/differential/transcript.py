"""Whole conversations as cases: a text is cut at lines that begin with "# --"; each part runs line by line as at Python's
prompt, and what it prints, the values of its expressions, its errors and its warnings are compared as text.

    from transcript import transcripts
    transcripts(SETUP, '''
    # -- views share
    a = torch.ones(2)
    a.numpy()
    ''')
"""
import ast
import contextlib
import io
import re
import sys

from harness import case


def _run(statement, names):
    if isinstance(statement, ast.Expr):
        value = eval(compile(ast.Expression(statement.value), "<text>", "eval"), names)
        if value is not None:
            print(repr(value))
    else:
        exec(compile(ast.Module([statement], []), "<text>", "exec"), names)


def conversation(setup, text):
    """What the text says, run in __main__ after setup."""
    import torch
    torch.manual_seed(0)
    names, output = sys.modules["__main__"].__dict__, io.StringIO()
    kept = dict(names)
    with contextlib.redirect_stdout(output):
        exec(compile(setup, "<setup>", "exec"), names)
        for statement in ast.parse(text).body:
            try:
                _run(statement, names)
            except Exception as error:
                print(f"{type(error).__name__}: {error}")
    names.clear()
    names.update(kept)
    return re.sub(r"0x[0-9a-f]+|(?<=pid\(s\) )\d+", "…", output.getvalue())


def transcripts(setup, text):
    parts = re.split(r"^# -- (.*)\n", text, flags=re.M)
    for title, part in zip(parts[1::2], parts[2::2]):
        def run(part=part):
            return conversation(setup, part)
        run.__name__ = title
        case(run)
