"""What stood in the expression that failed, and whether another wording of its statement would have run.

The interpreter calls this in a fork of itself that is thrown away afterwards (engine/kernel/failure.c): nothing that is
evaluated here is seen by the program.
"""

import ast
import sys
import time
import types

MODES = ("no_grad", "enable_grad", "set_grad_enabled", "inference_mode", "autocast")
NODE, RECEIVER, ARGUMENT, KEYWORD, ELEMENT, LEFT, RIGHT, INDEX, VALUE, FUNCTION, MODULE, INPUT, STATEMENT = range(13)
SUCCEEDED, RAISED, NOT_POSSIBLE = 0, 1, 3
MOST_OPERANDS = 24
MOST_VALUES = 24
GRACE_SECONDS = 0.5


def _span(node):
    return node.lineno, node.end_lineno, node.col_offset, node.end_col_offset


def _children(node):
    """Those with a place: arguments, comprehensions and the like have none of their own."""
    for child in ast.iter_child_nodes(node):
        if hasattr(child, "lineno"):
            yield child
        else:
            yield from _children(child)


def _path(tree, line, column, end_line, end_column):
    """Nodes from the module to the innermost one that holds the whole span."""
    path, inner = [], tree
    while inner is not None:
        path.append(inner)
        inner = next((child for child in _children(inner)
                      if (child.lineno, child.col_offset) <= (line, column)
                      and (child.end_lineno, child.end_col_offset) >= (end_line, end_column)), None)
    return path


# ---- what stood there ----

def _geometry(value):
    import torch
    if not isinstance(value, torch.Tensor) or value.layout != torch.strided:
        return None
    storage = value.storage()
    count = storage.size()
    values = ()
    if value.device.type != "meta" and not value.dtype.is_complex:
        flat = value.detach().as_strided((min(count, MOST_VALUES),), (1,), 0)
        values = tuple(float(x) for x in flat.tolist())
    flags = value.requires_grad | 2 * value.is_leaf | 4 * isinstance(value, torch.nn.Parameter)
    return (str(value.dtype).removeprefix("torch."), flags, value._version, value.storage_offset(),
            storage.data_ptr(), count, tuple(value.shape), value.stride(), values)


def _text(value):
    if isinstance(value, (bool, int, float, str, bytes, type(None), type(Ellipsis), slice, range)):
        text = repr(value)
    elif isinstance(value, (tuple, list)) and len(value) <= 16 \
            and all(isinstance(item, (bool, int, float, str, type(None), slice)) for item in value):
        text = repr(value)
    elif type(value).__name__ in ("dtype", "Size", "device"):
        text = str(value)
    elif hasattr(value, "__len__"):
        text = "%d items" % len(value)
    else:
        text = ""
    return text[:160]


class _Listing:
    def __init__(self, source, names):
        self.source, self.names, self.found = source, names, []

    def value(self, node):
        return eval(compile(ast.fix_missing_locations(ast.Expression(node)), "<operand>", "eval"), self.names)

    def put(self, role, index, node, value, name=None):
        if len(self.found) < MOST_OPERANDS:
            name = name if name is not None else ast.get_source_segment(self.source, node) or ""
            geometry = _geometry(value)
            self.found.append((role, index, *_span(node), name[:160], type(value).__name__[:80],
                               "" if geometry else _text(value), geometry))

    def node(self, role, node, name):
        self.found.append((role, 0, *_span(node), name[:160], type(node).__name__, "", None))

    def add(self, role, index, node, name=None):
        try:
            value = self.value(node)
        except Exception:
            return None
        if isinstance(value, types.ModuleType):
            return value
        self.put(role, index, node, value, name)
        if isinstance(node, (ast.List, ast.Tuple)):
            for nth, part in enumerate(node.elts):
                self.add(ELEMENT, nth, part)
        elif isinstance(value, (list, tuple)):
            for nth, part in enumerate(value):
                if _geometry(part):
                    self.put(ELEMENT, nth, node, part, "%s[%d]" % (ast.get_source_segment(self.source, node), nth))
        return value


def _module(listing, node, module, inner):
    """A module that was called: itself, and the one inside it whose forward() failed."""
    import torch
    listing.put(FUNCTION, 0, node, module)
    for names in reversed(inner):
        failed = names.get("self")
        if isinstance(failed, torch.nn.Module) and _geometry(getattr(failed, "weight", None)):
            dotted = next((name for name, child in module.named_modules() if child is failed), "") \
                if isinstance(module, torch.nn.Module) else ""
            listing.found.append((MODULE, 0, *_span(node), dotted, type(failed).__name__, repr(failed)[:160],
                                  _geometry(failed.weight)))
            if _geometry(names.get("input")):
                listing.put(INPUT, 0, node, names["input"], "input")
            break


def _call(listing, node, inner):
    import torch
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else ast.get_source_segment(listing.source, function)
    listing.node(NODE, node, name)
    if isinstance(function, ast.Attribute):
        listing.add(RECEIVER, 0, function.value)
    for nth, argument in enumerate(node.args):
        listing.add(ARGUMENT, nth, argument)
    for nth, keyword in enumerate(node.keywords):
        if keyword.arg:
            listing.add(KEYWORD, nth, keyword.value, keyword.arg)
    try:
        called = listing.value(function)
    except Exception:
        return
    if isinstance(called, torch.nn.Module):
        _module(listing, function, called, inner)


def operands(source, path, line, end_line, column, end_column, names, inner):
    """A list of (role, index, line, end_line, column, end_column, name, type, text, geometry)."""
    nodes = _path(ast.parse(source, path), line, column, end_line, end_column)
    listing = _Listing(source, names)
    at = _statement(nodes)
    if at is not None:
        listing.node(STATEMENT, nodes[at], "")
    node = next((node for node in reversed(nodes)
                 if isinstance(node, (ast.Call, ast.BinOp, ast.Subscript, ast.Compare, ast.UnaryOp, ast.AugAssign))
                 and _span(node) == (line, end_line, column, end_column)), nodes[-1])
    if isinstance(node, ast.Call):
        _call(listing, node, inner)
    elif isinstance(node, (ast.BinOp, ast.Compare, ast.AugAssign)):
        left, operator, right = \
            (node.left, node.op, node.right) if isinstance(node, ast.BinOp) else \
            (node.left, node.ops[0], node.comparators[0]) if isinstance(node, ast.Compare) else \
            (node.target, node.op, node.value)
        listing.node(NODE, node, type(operator).__name__ + ("=" if isinstance(node, ast.AugAssign) else ""))
        if isinstance(left, ast.Name):
            left = ast.copy_location(ast.Name(left.id, ast.Load()), left)
        listing.add(LEFT, 0, left)
        listing.add(RIGHT, 0, right)
    elif isinstance(node, ast.Subscript):
        stored = isinstance(node.ctx, ast.Store)
        listing.node(NODE, node, "set" if stored else "get")
        listing.add(LEFT, 0, node.value)
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        for nth, part in enumerate(parts):
            if isinstance(part, ast.Slice):
                listing.put(INDEX, nth, part, slice(None))
            else:
                listing.add(INDEX, nth, part)
        assign = next((part for part in reversed(nodes) if isinstance(part, ast.Assign)), None)
        if stored and assign:
            listing.add(VALUE, 0, assign.value)
    elif isinstance(node, ast.expr):
        listing.node(NODE, node, "value")
        listing.add(VALUE, 0, node)
    return listing.found


# ---- another wording ----

def _offset(lines, line, column):
    return sum(len(text) for text in lines[:line - 1]) + column


def _edited(source, edit):
    line, end_line, column, end_column, text = edit
    raw = source.encode()
    lines = raw.splitlines(keepends=True)
    begin, end = _offset(lines, line, column), _offset(lines, end_line, end_column)
    return (raw[:begin] + text.encode() + raw[end:]).decode()


def _statement(path):
    for at in range(len(path) - 1, -1, -1):
        if isinstance(path[at], ast.stmt):
            return at
    return None


def _kept(value, statement):
    return ast.copy_location(ast.Assign([ast.Name("__gradboard_result", ast.Store())], value), statement)


def _body(statement, whole):
    """What of a statement is run: of a compound one its head only, unless the edit made it."""
    if whole and isinstance(statement, ast.With):
        return [statement]
    if isinstance(statement, (ast.If, ast.While)):
        return [ast.If(statement.test, [ast.Pass()], [])]
    if isinstance(statement, ast.For):
        return [ast.For(statement.target, statement.iter, [ast.Break()], [])]
    if isinstance(statement, ast.With):
        return [ast.With(statement.items, [ast.Pass()])]
    if isinstance(statement, ast.Return):
        return [_kept(statement.value, statement)] if statement.value else None
    if isinstance(statement, ast.Expr):
        return [_kept(statement.value, statement)]
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef, ast.Try, ast.Match, ast.AsyncFor, ast.AsyncWith,
                              ast.AsyncFunctionDef)):
        return None
    return [statement]


def _runnable(path, at, whole):
    """The statement under the modes of computing that it stood under."""
    body = _body(path[at], whole)
    for node in reversed(path[:at]) if body else ():
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            break
        if isinstance(node, ast.With) and any(mode in ast.unparse(item.context_expr) for item in node.items
                                              for mode in MODES):
            body = [ast.With(node.items, body)]
    return body and ast.fix_missing_locations(ast.Module(body, []))


def _described(value):
    if value is None:
        return ""
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if shape is None or dtype is None:
        return _text(value)
    text = "%s %s" % (tuple(shape), str(dtype).removeprefix("torch."))
    if value.numel() <= 12 and value.device.type != "meta":
        text += " " + str(value.tolist())
    return text[:200]


def _result(statement, names):
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return _described(names.get(statement.targets[0].id))
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        return _described(names.get(statement.target.id))
    return _described(names.get("__gradboard_result")) if "__gradboard_result" in names else ""


class _Enough(BaseException):
    pass


def _run_again(code, path, first, last, function):
    """Runs the whole program until the statement has run and some time after it."""
    state = {"inside": None, "passed": False, "deadline": None}

    def watch(frame, event, argument):
        if frame.f_code.co_filename != path:
            return None
        if state["deadline"] and time.monotonic() > state["deadline"]:
            raise _Enough
        if frame.f_code.co_name != function:
            return watch
        if event == "line" and first <= frame.f_lineno <= last:
            state["inside"] = frame
        elif event == "exception" and not issubclass(argument[0], StopIteration):  # which ends a loop
            state["inside"] = None
        elif event in ("line", "return") and state["inside"] is frame:
            state["inside"] = None
            if not state["passed"]:
                state["passed"] = True
                state["deadline"] = time.monotonic() + GRACE_SECONDS
        return watch

    main = types.ModuleType("__main__")
    main.__file__ = path
    sys.modules["__main__"] = main
    sys.settrace(watch)
    try:
        exec(code, main.__dict__)
    except _Enough:
        pass
    except BaseException as error:
        sys.settrace(None)
        place, trace = None, error.__traceback__
        while trace:
            if trace.tb_frame.f_code.co_filename == path:
                place = trace.tb_lineno
            trace = trace.tb_next
        if not state["passed"] or place is None or first <= place <= last:
            raise
    finally:
        sys.settrace(None)
    return state["passed"]


def attempt(source, path, line, end_line, column, end_column, function, names, edit, again):
    """(status, text): edit is (line, end_line, column, end_column, text), or None to run what was written.  again: the
    program runs from its beginning until its statement has run."""
    nodes = _path(ast.parse(source, path), line, column, end_line, end_column)
    at = _statement(nodes)
    if at is None:
        return NOT_POSSIBLE, ""
    statement = nodes[at]
    whole = False
    if edit is not None:
        begin, end = (statement.lineno, statement.col_offset), (statement.end_lineno, statement.end_col_offset)
        source = _edited(source, edit)
        try:
            tree = ast.parse(source, path)
        except SyntaxError as error:
            return RAISED, "SyntaxError: %s" % error.msg
        if again:
            more = edit[4].count("\n") - (edit[1] - edit[0])
            shift = more if (edit[1], edit[3]) <= begin else 0
            body = getattr(statement, "body", None)  # of a compound one the head alone counts
            last = max(statement.lineno, body[0].lineno - 1) if isinstance(body, list) else statement.end_lineno
            passed = _run_again(compile(tree, path, "exec", dont_inherit=True), path, statement.lineno + shift,
                                last + shift, function)
            return (SUCCEEDED if passed else NOT_POSSIBLE), ""
        whole = (edit[0], edit[2]) == begin and (edit[1], edit[3]) == end
        nodes = _path(tree, *begin, *begin)
        at = next((at for at, node in enumerate(nodes)
                   if isinstance(node, ast.stmt) and (node.lineno, node.col_offset) == begin), None)
        if at is None:
            return NOT_POSSIBLE, ""
    module = _runnable(nodes, at, whole)
    if not module:
        return NOT_POSSIBLE, ""
    exec(compile(module, path, "exec", dont_inherit=True), names)
    return SUCCEEDED, _result(nodes[at], names)
