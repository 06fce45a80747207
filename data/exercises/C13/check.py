import torch

from gradboard_check import check, close, equal, gradients, holds, person, put, source, value


def stepped(state, x, h, c):
    """One step, gate by gate, in float64."""
    def gate(nth):
        part = slice(nth * h.shape[-1], (nth + 1) * h.shape[-1])
        w, u, a, b = (state[name][part].double() for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
        return x.double() @ w.t() + a + h.double() @ u.t() + b
    c = torch.sigmoid(gate(1)) * c.double() + torch.sigmoid(gate(0)) * torch.tanh(gate(2))
    return torch.sigmoid(gate(3)) * torch.tanh(c), c


def made(inputs, hidden, scale=0.8):
    """A cell with values that let its gates differ."""
    cell = person.LSTMCell(inputs, hidden)
    state = {name: torch.randn(t.shape) * scale for name, t in value(cell.state_dict()).items()}
    cell.load_state_dict(state)
    return cell, state


def same(got, expected, given, tolerance=1e-5):
    equal(len(value(got)), 2, {**given, "what": "length of what is returned: (h, c)"})
    for name, mine, right in zip("hc", value(got), expected):
        close(mine, right, {**given, "what": f"new {name}"}, tolerance)


@check("own")
def own():
    names = ("lstm_cell", "LSTMCell", "LSTM", "lstm", "RNN", "GRU", "RNNCell", "GRUCell", "RNNBase", "RNNCellBase", "_thnn_fused_lstm_cell")
    used = {name for name in source.uses() if name.split(".")[0] == "torch" and name.split(".")[-1] in names}
    holds(not used, expected="no recurrent layer of the library", got=used)


@check("parameters")
def parameters():
    for inputs, hidden in ((10, 20), (3, 1)):
        cell = person.LSTMCell(inputs, hidden)
        sizes = {"weight_ih": (4 * hidden, inputs), "weight_hh": (4 * hidden, hidden), "bias_ih": (4 * hidden,), "bias_hh": (4 * hidden,)}
        given = {"cell": f"LSTMCell({inputs}, {hidden})"}
        equal({name: tuple(value(p).shape) for name, p in cell.named_parameters()}, sizes, given)
        equal(sorted(cell.state_dict()), sorted(sizes), {**given, "what": "names in state_dict()"})
    equal(sum(value(p).numel() for p in person.LSTMCell(10, 20).parameters()), 2560, {"cell": "LSTMCell(10, 20)", "what": "numbers in its parameters"})


@check("first-values")
def first_values():
    for hidden, forget in ((16, None), (100, None), (100, 1.0), (16, 2.5), (16, 0.0)):
        state = value(person.LSTMCell(64, hidden, forget_bias=forget).state_dict())
        bound = hidden ** -0.5
        given = {"cell": f"LSTMCell(64, {hidden}, forget_bias={forget})"}
        if forget is not None:
            part = slice(hidden, 2 * hidden)
            total = state["bias_ih"][part] + state["bias_hh"][part]
            close(total, torch.full((hidden,), forget), {**given, "what": "bias_ih + bias_hh of the forget gate"}, 1e-6)
        for name, t in state.items():
            if name.startswith("bias") and forget is not None:
                t = torch.cat([t[:hidden], t[2 * hidden:]])
            what = {**given, "parameter": name if t.dim() == 2 or forget is None else f"{name}, without the forget gate"}
            holds(float(t.abs().max()) <= bound * 1.0001, what, f"within ±{bound:.4f}", float(t.abs().max()))
            holds(float(t.std()) > 0.4 * bound, what, f"uniform, std near {bound / 3 ** 0.5:.4f}", float(t.std()))


@check("step")
def step():
    for inputs, hidden, n in ((3, 2, 4), (5, 4, 1), (1, 1, 3)):
        cell, state = made(inputs, hidden)
        x, h, c = torch.randn(n, inputs), torch.randn(n, hidden), torch.randn(n, hidden)
        same(cell(x, (h, c)), stepped(state, x, h, c), {"x": x, "h": h, "c": c, **state})
    # One gate at a time is opened by its bias alone.
    for nth, gate in enumerate("ifgo"):
        cell = person.LSTMCell(1, 1)
        state = {name: torch.zeros(t.shape) for name, t in value(cell.state_dict()).items()}
        state["bias_ih"][nth] = 2.0
        cell.load_state_dict(state)
        x, h, c = torch.zeros(1, 1), torch.zeros(1, 1), torch.ones(1, 1)
        same(cell(x, (h, c)), stepped(state, x, h, c), {"parameters": f"0, but bias_ih of gate {gate} is 2", "x": 0.0, "h": 0.0, "c": 1.0})


@check("state")
def states():
    cell, state = made(3, 2)
    x, zero = torch.randn(4, 3), torch.zeros(4, 2)
    same(cell(x), stepped(state, x, zero, zero), {"x": x, "state": "left out", **state})
    same(cell(x[0]), stepped(state, x[0], zero[0], zero[0]), {"x": x[0], "state": "left out", **state})
    h, c = torch.randn(4, 2), torch.randn(4, 2)
    same(cell(x[0], (h[0], c[0])), stepped(state, x[0], h[0], c[0]), {"x": x[0], "h": h[0], "c": c[0], **state})
    there = (put(h), put(c))
    cell(x, there)
    for name, mine, before in zip("hc", there, (h, c)):
        close(mine.clone(), before, {"what": f"{name} that was given, after the step"}, 0)
    cell.double()
    got = value(cell(x.double()))
    equal([str(t.dtype) for t in got], ["torch.float64"] * 2, {"cell": "after .double()", "x": "float64", "state": "left out", "what": "dtype of h and c"})


@check("sequence")
def sequence():
    cell, state = made(3, 4)
    xs = torch.randn(12, 2, 3)
    h = c = torch.zeros(2, 4)
    got = None
    for nth, x in enumerate(xs):
        got = cell(x) if got is None else cell(x, tuple(got))
        h, c = stepped(state, x, h, c)
        same(got, (h, c), {"inputs": xs, "after steps": nth + 1})


@check("gradients")
def gradients_agree():
    cell = made(2, 2)[0].double()
    x, h, c = (torch.randn(2, 2, dtype=torch.float64) for _ in range(3))
    gradients(lambda x, h, c: cell(x, (h, c))[0], x, h, c)
    gradients(lambda x, h, c: cell(x, (h, c))[1], x, h, c)

    def three(x, h, c):
        state = (h, c)
        for _ in range(3):
            state = tuple(cell(x, state))
        return state[0]
    gradients(three, x, h, c)
    # By the parameters: each of the four against the same step written gate by gate.
    cell.zero_grad()
    three(x, h, c).sum().backward()
    mine = {name: t.clone().requires_grad_() for name, t in value(cell.state_dict()).items()}
    a, b = h, c
    for _ in range(3):
        a, b = stepped(mine, x, a, b)
    a.sum().backward()
    for name, t in mine.items():
        close(getattr(cell, name).grad, t.grad, {"gradient of the sum of h after 3 steps by": name}, 1e-6)


@check("large")
def large():
    cell, state = made(1, 2, 1.0)
    for size in (-1000.0, 1000.0):
        x, h, c = torch.full((1, 1), size), torch.zeros(1, 2), torch.full((1, 2), 0.5)
        given = {"x": x, "h": h, "c": c, **state}
        leaf = put(x, True)
        got = cell(leaf, (h, c))
        same(got, stepped(state, x, h, c), given)
        got[0].sum().backward()
        holds(bool(value(leaf.grad).isfinite().all()), {**given, "gradient by": "x"}, "finite", leaf.grad)
        holds(all(bool(value(p.grad).isfinite().all()) for p in cell.parameters()), {**given, "gradient by": "the parameters"}, "finite", "not all of them")
