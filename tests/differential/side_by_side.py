"""Expressions run on our engine and on PyTorch, side by side.

A test file lists expressions over `x`, `y`, `m`, `v` … and calls `main(EXPRESSIONS)`.  Each expression that uses `x` runs
once per layout (contiguous, transposed, expanded, sliced, empty, 0-dim).  What is compared: values, sizes, strides,
storage offset, dtype, the name of grad_fn, the gradients of all leaves, warnings, and the type and text of errors.

    test_shape.py             compares with the recording, and with PyTorch where it is installed
    test_shape.py --recorded  compares with the recording
    test_shape.py --live      compares with the installed PyTorch, in a process of its own
    test_shape.py --record    writes the recording, on PyTorch

The engine is taken from $GRADBOARD_ENGINE or build/engine/python; the child that runs PyTorch gets neither.
"""
import json
import math
import os
import re
import subprocess
import sys
import warnings

LAYOUTS = {
    'contiguous': lambda a: a,
    'transposed': lambda a: a.transpose(0, 2),
    'permuted': lambda a: a.permute(1, 2, 0),
    'expanded': lambda a: a[:, :1].expand(2, 3, 4),
    'sliced': lambda a: a[:, ::2, 1:],
    'empty': lambda a: a[:0],
    'scalar': lambda a: a[0, 0, 0],
    'matrix': lambda a: a[1],
    'vector': lambda a: a[1, 2],
}


def leaves(torch):
    """Fresh leaves; none of the numbers is special."""
    def values(*sizes, scale=1.0):
        n = math.prod(sizes)
        flat = [scale * math.sin(1.7 * i + 0.3) + 0.01 * i for i in range(n)]
        return torch.tensor(flat).reshape(sizes).requires_grad_()
    square = (values(4, 4, scale=1.1).detach() + 2 * torch.eye(4)).requires_grad_()  # well conditioned
    return {
        'a': values(2, 3, 4),
        'y': values(2, 3, 4, scale=0.7),
        'm': values(3, 4, scale=1.3),
        'n': values(4, 5, scale=0.9),
        's': square,
        'v': values(4, scale=2.0),
        'w': values(3, scale=1.5),
    }


def extras(torch):
    """Inputs without gradient."""
    return {
        'i': torch.tensor([1, 0, 1]),
        'j': torch.tensor([[0, 1], [1, 0]]),
        'k': torch.tensor([2, -1]),
        'b': torch.tensor([True, False, True]),
        'L': torch.arange(24).reshape(2, 3, 4) % 5,
        'B': torch.arange(24).reshape(2, 3, 4) % 3 == 1,
        'nan': float('nan'),
        'inf': float('inf'),
    }


def numbers(t):
    if t.numel() > 4000:
        t = t.flatten()[:4000]
    values = t.detach().flatten().tolist()
    return [repr(v) if isinstance(v, float) and not math.isfinite(v) else float(f'{v:.9g}') if isinstance(v, float) else v
            for v in values]


def describe(torch, value):
    if isinstance(value, torch.Tensor):
        name = value.grad_fn.name().replace('torch::autograd::', '') if value.grad_fn is not None else None
        return {'dtype': str(value.dtype), 'sizes': list(value.shape), 'strides': list(value.stride()),
                'offset': value.storage_offset(), 'values': numbers(value), 'grad_fn': name,
                'requires_grad': value.requires_grad}
    if isinstance(value, (tuple, list)) and not isinstance(value, torch.Size):
        return [describe(torch, v) for v in value]
    return repr(value)


def tensors_of(torch, value):
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, (tuple, list)):
        return [t for v in value for t in tensors_of(torch, v)]
    return []


def gradients(torch, result, own):
    outputs = [t for t in tensors_of(torch, result) if t.requires_grad and t.numel()]
    if not outputs:
        return {}
    total = 0
    for t in outputs:
        weight = torch.tensor([math.cos(0.9 * i) for i in range(t.numel())], dtype=t.dtype).reshape(t.shape)
        total = total + (t * weight).sum()
    used = {k: v for k, v in own.items() if v.is_leaf and v.requires_grad}
    grads = torch.autograd.grad(total, list(used.values()), allow_unused=True)
    return {k: None if g is None else describe(torch, g) for k, g in zip(used, grads)}


def run_one(torch, expression, layout):
    own = leaves(torch)
    scope = {'torch': torch, 'F': getattr(getattr(torch, 'nn', None), 'functional', None), 'math': math, **own, **extras(torch)}
    record = {}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        try:
            scope['x'] = LAYOUTS[layout](own['a']) if layout else None
            if ';' in expression:
                body, _, last = expression.rpartition(';')
                exec(body, scope)
                result = eval(last.strip(), scope)
            else:
                result = eval(expression, scope)
            record['result'] = describe(torch, result)
            record['gradients'] = gradients(torch, result, own)
        except Exception as error:
            record['error'] = [type(error).__name__, str(error)]
    record['warnings'] = sorted({str(w.message).split(' (Triggered internally')[0] for w in caught})
    return record


def run_all(expressions):
    import torch
    torch.manual_seed(0)
    records = {}
    for expression in expressions:
        layouts = LAYOUTS if re.search(r'\bx\b', expression) else ['']
        for layout in layouts:
            records[f'{expression} [{layout}]'] = run_one(torch, expression, layout)
    return records


def same_number(a, b, dtype):
    if isinstance(a, float) and isinstance(b, float):
        rel, least = {'torch.float64': (1e-7, 1e-7), 'torch.float16': (1e-3, 1e-3),
                      'torch.bfloat16': (1.6e-2, 1e-2)}.get(dtype, (1e-4, 1e-5))
        return abs(a - b) <= least + rel * abs(b)
    return a == b


def difference(a, b, path=''):
    """None, or where a and b differ."""
    if isinstance(a, dict) and isinstance(b, dict):
        for key in sorted(set(a) | set(b)):
            if key in ('strides', 'offset') and path.startswith('.gradients'):
                continue  # the order of a gradient in memory is nobody's interface
            if key == 'values':
                if len(a[key]) != len(b[key]) or not all(same_number(p, q, a['dtype']) for p, q in zip(a[key], b[key])):
                    return f'{path}.values: ours {a[key][:24]}, torch {b[key][:24]}'
                continue
            found = difference(a.get(key), b.get(key), f'{path}.{key}')
            if found:
                return found
        return None
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b) and 'error' not in path:
        for at, (p, q) in enumerate(zip(a, b)):
            found = difference(p, q, f'{path}[{at}]')
            if found:
                return found
        return None
    return None if a == b else f'{path}: ours {a!r}, torch {b!r}'


HERE = os.path.dirname(os.path.abspath(__file__))


def engine_folder():
    return os.environ.get('GRADBOARD_ENGINE') or os.path.join(HERE, '..', '..', 'build', 'engine', 'python')


def oracle(script):
    """The same script's records from the installed PyTorch, or None where there is none."""
    import harness
    child = subprocess.run(['/usr/bin/python3', script, '--dump'], env=harness.environment(False), stdout=subprocess.PIPE)
    if child.returncode == 77:
        return None
    child.check_returncode()
    return json.loads(child.stdout)


def write_fixture(path, records):
    with open(path, 'w') as file:
        file.write('{"recorder": "tests/differential/side_by_side.py --record", "torch": "1.13.1", "records": {\n')
        file.write(',\n'.join(f'{json.dumps(k)}: {json.dumps(v, separators=(",", ":"))}' for k, v in records.items()) + '\n}}\n')


def compare(ours, theirs, known, what):
    bad = 0
    for key, expected in theirs.items():
        got = ours.get(key)
        found = difference(got, expected) if got else ': missing'
        if found and not any(k in key for k in known):
            bad += 1
            print(f'not ok {key} {found} ({what})'[:1200])
    print(f'# {len(theirs) - bad} of {len(theirs)} agree ({what})')
    return bad


def main(expressions, known=()):
    """known: expressions (or parts of them) in which a difference is intended, with the reason beside them."""
    script = os.path.abspath(sys.argv[0])
    fixture = os.path.join(HERE, 'fixtures', os.path.splitext(os.path.basename(script))[0] + '.json')
    option = sys.argv[1] if len(sys.argv) > 1 else ''
    if option == '--dump':
        try:
            import torch  # noqa: F401
        except ModuleNotFoundError:
            sys.exit(77)
        json.dump(run_all(expressions), sys.stdout)
        return
    if option == '--record':
        write_fixture(fixture, oracle(script))
        return
    sys.path.insert(0, os.path.abspath(engine_folder()))
    ours, bad = run_all(expressions), 0
    if option != '--live':
        with open(fixture) as file:
            bad += compare(ours, json.load(file)['records'], known, 'recording')
    theirs = oracle(script) if option != '--recorded' else None
    if theirs is not None:
        bad += compare(ours, theirs, known, 'live')
    elif option == '--live':
        print('PyTorch is not installed (python3-torch)')
        sys.exit(77)
    sys.exit(1 if bad else 0)
