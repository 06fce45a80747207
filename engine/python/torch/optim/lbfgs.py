"""L-BFGS: quasi-Newton steps from a history of positions and gradients."""

import torch

from .optimizer import Optimizer


def _interpolate(a, b, bounds=None):
    """Where the cubic through two points (t, f, slope) is lowest, within bounds (or between the points)."""
    (x1, f1, g1), (x2, f2, g2) = a, b
    low, high = bounds if bounds is not None else ((x1, x2) if x1 <= x2 else (x2, x1))
    d1 = g1 + g2 - 3 * (f1 - f2) / (x1 - x2)
    square = d1 ** 2 - g1 * g2
    if not square >= 0:
        return (low + high) / 2.
    d2 = square.sqrt()
    if x1 <= x2:
        lowest = x2 - (x2 - x1) * ((g2 + d2 - d1) / (g2 - g1 + 2 * d2))
    else:
        lowest = x1 - (x1 - x2) * ((g1 + d2 - d1) / (g1 - g2 + 2 * d2))
    return min(max(lowest, low), high)


class _Point:
    """A trial on the line of search: its step, loss, gradient and slope."""

    def __init__(self, t, loss, grad, slope):
        self.t, self.loss, self.grad, self.slope = t, loss, grad, slope

    def cubic(self):
        return self.t, self.loss, self.slope


class _LineSearch:
    """A step that satisfies the strong Wolfe conditions.  Source: Nocedal and Wright, algorithms 3.5 and 3.6."""

    armijo, curvature, most = 1e-4, 0.9, 25

    def __init__(self, evaluate, direction, start, tolerance):
        self.evaluate, self.d, self.start, self.tolerance = evaluate, direction, start, tolerance
        self.evaluations = self.trials = 0

    def at(self, t):
        loss, grad = self.evaluate(t, self.d)
        self.evaluations += 1
        return _Point(t, loss, grad, grad.dot(self.d))

    def too_high(self, point):
        return point.loss > self.start.loss + self.armijo * point.t * self.start.slope

    def flat_enough(self, point):
        return abs(point.slope) <= -self.curvature * self.start.slope

    def bracket(self, t):
        """Steps outwards until two points enclose a minimum; one point where that is the answer itself."""
        before, point = self.start, self.at(t)
        while self.trials < self.most:
            if self.too_high(point) or (self.trials > 1 and point.loss >= before.loss):
                return [before, point]
            if self.flat_enough(point):
                return [point]
            if point.slope >= 0:
                return [before, point]
            bounds = (point.t + 0.01 * (point.t - before.t), point.t * 10)
            t = _interpolate(before.cubic(), point.cubic(), bounds)
            before, point = point, self.at(t)
            self.trials += 1
        return [self.start, point]

    def inside(self, ends, t, hesitated):
        """t kept from the ends of the bracket, where trials bring little; and whether it was near one."""
        steps = [end.t for end in ends]
        margin = 0.1 * (max(steps) - min(steps))
        if not min(max(steps) - t, t - min(steps)) < margin:
            return t, False
        if not (hesitated or t >= max(steps) or t <= min(steps)):
            return t, True
        nearer_top = abs(t - max(steps)) < abs(t - min(steps))
        return (max(steps) - margin if nearer_top else min(steps) + margin), False

    def run(self, t):
        ends = self.bracket(t)
        low, high = (0, 1) if ends[0].loss <= ends[-1].loss else (1, 0)
        done, hesitated, scale = len(ends) == 1, False, self.d.abs().max()
        while not done and self.trials < self.most:
            if abs(ends[1].t - ends[0].t) * scale < self.tolerance:
                break
            t, hesitated = self.inside(ends, _interpolate(ends[0].cubic(), ends[1].cubic()), hesitated)
            point = self.at(t)
            self.trials += 1
            if self.too_high(point) or point.loss >= ends[low].loss:
                ends[high] = point
                low, high = (0, 1) if ends[0].loss <= ends[1].loss else (1, 0)
                continue
            if self.flat_enough(point):
                done = True
            elif point.slope * (ends[high].t - ends[low].t) >= 0:
                ends[high] = ends[low]
            ends[low] = point
        return ends[low]


class LBFGS(Optimizer):
    """Limited-memory BFGS; step(closure) evaluates the closure several times.  Source: Liu and Nocedal 1989."""

    def __init__(self, params, lr=1, max_iter=20, max_eval=None, tolerance_grad=1e-7, tolerance_change=1e-9,
                 history_size=100, line_search_fn=None):
        super().__init__(params, dict(lr=lr, max_iter=max_iter,
                                      max_eval=max_iter * 5 // 4 if max_eval is None else max_eval,
                                      tolerance_grad=tolerance_grad, tolerance_change=tolerance_change,
                                      history_size=history_size, line_search_fn=line_search_fn))
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")
        self._params = self.param_groups[0]["params"]

    def _gather_flat_grad(self):
        grads = [p.grad.to_dense() if p.grad is not None and p.grad.is_sparse else p.grad for p in self._params]
        return torch.cat([p.new_zeros(p.numel()) if grad is None else grad.reshape(-1) for p, grad in zip(self._params, grads)], 0)

    def _add_grad(self, step_size, direction):
        offset = 0
        for p in self._params:
            p.add_(direction[offset:offset + p.numel()].view_as(p), alpha=step_size)
            offset += p.numel()

    def _remember(self, state, history, flat_grad):
        """Takes the last move and the change of the gradient into the history."""
        y, s = flat_grad.sub(state["prev_flat_grad"]), state["d"].mul(state["t"])
        ys = y.dot(s)
        if ys > 1e-10:
            if len(state["old_dirs"]) == history:
                for kept in ("old_dirs", "old_stps", "ro"):
                    state[kept].pop(0)
            state["old_dirs"].append(y)
            state["old_stps"].append(s)
            state["ro"].append(1. / ys)
            state["H_diag"] = ys / y.dot(y)

    def _direction(self, state, history, flat_grad):
        """The inverse Hessian, as the history tells it, times the gradient: two loops over the history."""
        ys, ss, ro = state["old_dirs"], state["old_stps"], state["ro"]
        al = state.setdefault("al", [None] * history)
        q = flat_grad.neg()
        for i in range(len(ys) - 1, -1, -1):
            al[i] = ss[i].dot(q) * ro[i]
            q.add_(ys[i], alpha=-al[i])
        d = torch.mul(q, state["H_diag"])
        for i in range(len(ys)):
            d.add_(ss[i], alpha=al[i] - ys[i].dot(d) * ro[i])
        return d

    @torch.no_grad()
    def step(self, closure):
        closure, group = torch.enable_grad()(closure), self.param_groups[0]
        tolerance_grad, tolerance_change = group["tolerance_grad"], group["tolerance_change"]
        state = self.state[self._params[0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        first_loss = closure()
        loss, evaluations, n = float(first_loss), 1, 0
        state["func_evals"] += 1
        flat_grad = self._gather_flat_grad()
        optimal = flat_grad.abs().max() <= tolerance_grad
        if optimal:
            return first_loss
        for kept in ("d", "t", "old_dirs", "old_stps", "ro", "H_diag", "prev_flat_grad", "prev_loss"):
            state[kept] = state.pop(kept, None)

        while n < group["max_iter"]:
            n += 1
            state["n_iter"] += 1
            beginning = state["n_iter"] == 1
            if beginning:
                state.update(d=flat_grad.neg(), old_dirs=[], old_stps=[], ro=[], H_diag=1)
            else:
                self._remember(state, group["history_size"], flat_grad)
                state["d"] = self._direction(state, group["history_size"], flat_grad)
            d = state["d"]
            if state["prev_flat_grad"] is None:
                state["prev_flat_grad"] = flat_grad.clone()
            else:
                state["prev_flat_grad"].copy_(flat_grad)
            state["prev_loss"] = loss
            state["t"] = min(1., 1. / flat_grad.abs().sum()) * group["lr"] if beginning else group["lr"]
            slope = flat_grad.dot(d)
            if slope > -tolerance_change:
                break

            spent = 0
            if group["line_search_fn"] is not None:
                if group["line_search_fn"] != "strong_wolfe":
                    raise RuntimeError("only 'strong_wolfe' is supported")
                search = _LineSearch(self._evaluator(closure), d, _Point(0, loss, flat_grad, slope), 1e-9)
                found = search.run(state["t"])
                loss, flat_grad, state["t"], spent = found.loss, found.grad, found.t, search.evaluations
                self._add_grad(state["t"], d)
                optimal = flat_grad.abs().max() <= tolerance_grad
            else:
                self._add_grad(state["t"], d)
                if n != group["max_iter"]:  # the last iteration's gradient would not be used
                    loss = float(closure())
                    flat_grad = self._gather_flat_grad()
                    optimal, spent = flat_grad.abs().max() <= tolerance_grad, 1
            evaluations += spent
            state["func_evals"] += spent
            if (n == group["max_iter"] or evaluations >= group["max_eval"] or optimal
                    or d.mul(state["t"]).abs().max() <= tolerance_change
                    or abs(loss - state["prev_loss"]) < tolerance_change):
                break
        return first_loss

    def _evaluator(self, closure):
        """Loss and gradient a step along a direction from here, where the parameters stay."""
        here = [p.clone(memory_format=torch.contiguous_format) for p in self._params]

        def evaluate(t, direction):
            self._add_grad(t, direction)
            loss, grad = float(closure()), self._gather_flat_grad()
            for p, kept in zip(self._params, here):
                p.copy_(kept)
            return loss, grad
        return evaluate
