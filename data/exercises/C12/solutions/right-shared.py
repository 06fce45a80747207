# en: one loop for both; a rule returns the change
# zh: 两者共用一个循环，规则返回改变量
import torch


class ByRule(torch.optim.Optimizer):
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.data += self.change(p.data, p.grad.detach().clone(), self.state[p], group)


class SGD(ByRule):
    def __init__(self, params, lr, momentum=0.0, weight_decay=0.0):
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    def change(self, p, g, state, group):
        state["v"] = group["momentum"] * state.get("v", 0.0) + g + group["weight_decay"] * p
        return -group["lr"] * state["v"]


class AdamW(ByRule):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    def change(self, p, g, state, group):
        corrected = []
        state["t"] = state.get("t", 0) + 1
        for name, beta, new in zip("mv", group["betas"], (g, g * g)):
            state[name] = beta * state.get(name, 0.0) + (1 - beta) * new
            corrected.append(state[name] / (1 - beta ** state["t"]))
        m, v = corrected
        decay = -group["lr"] * group["weight_decay"] * p
        return decay - group["lr"] * m / (v ** 0.5 + group["eps"])
