import torch

from gradboard_check import check, close, equal, holds, person, value


def prepared(x, answered, seed):
    return value(person.prepare(x, answered, seed))


def groups(n):
    return torch.randperm(n) % 2


@check("split")
def split():
    for n in (80, 41):
        x, answered = torch.randn(n, 60), groups(n)
        first, again, other = (prepared(x, answered, seed) for seed in (4, 4, 5))
        given = {"patients": n}
        both = torch.cat([first["fit"], first["held"]]).sort().values
        equal(both, torch.arange(n), {**given, "what": "fit and held together, sorted"})
        share = len(first["held"]) / n
        holds(0.15 <= share <= 0.35, {**given, "what": "share that is held"}, "about a quarter", share)
        equal(again["held"], first["held"], {**given, "seed": "4, twice", "what": "held"})
        holds(sorted(other["held"].tolist()) != sorted(first["held"].tolist()), {**given, "seeds": [4, 5]}, "other patients are held", other["held"])


@check("blind")
def blind():
    for seed in (6, 7, 8):
        x, answered = torch.randn(60, 300) * 2 + 5, groups(60)
        before = prepared(x, answered, seed)
        held = before["held"]
        for what, other_x, other_answered in (
                ("their groups were exchanged", x, answered.index_copy(0, held, 1 - answered[held])),
                ("their markers became others", x.index_copy(0, held, torch.randn(len(held), 300) * 9 - 4), answered)):
            after = prepared(other_x, other_answered, seed)
            given = {"seed": seed, "patients that are held": f"{what}; nobody else changed"}
            equal(after["held"], held, {**given, "what": "held"})
            equal(after["chosen"].sort().values, before["chosen"].sort().values, {**given, "what": "chosen, sorted"})
            for name in ("mean", "std"):
                close(after[name], before[name], {**given, "what": name}, 1e-4)


@check("fitted")
def fitted():
    for seed in (9, 10):
        x, answered = torch.randn(80, 200) * 3 + 1, groups(80)
        x[:, :12] += 3.0 * answered[:, None]
        got = prepared(x, answered, seed)
        seen, group = x[got["fit"]], answered[got["fit"]]
        difference = (seen[group == 1].mean(0) - seen[group == 0].mean(0)) / seen.std(0)
        right = set(difference.abs().topk(20).indices.tolist())
        given = {"seed": seed, "patients": 80, "markers": 200}
        equal(len(set(got["chosen"].tolist())), 20, {**given, "what": "markers that are chosen"})
        same = len(right & set(got["chosen"].tolist()))
        holds(same >= 18, {**given, "what": "chosen that differ most between the groups that are fitted"}, "20, but for near ties", same)
        close(got["mean"], seen.mean(0)[got["chosen"]], {**given, "what": "mean of the chosen, patients that are fitted"}, 1e-3)
        close(got["std"], seen.std(0)[got["chosen"]], {**given, "what": "std of the chosen, patients that are fitted"}, 2e-2)


@check("honest")
def honest():
    total = 0.0
    for seed in range(20, 28):
        x, answered = torch.randn(80, 2000), groups(80)
        got = prepared(x, answered, seed)
        _, history = person.train(x, answered, got, 40)
        total += history[-1][1] / 8
    holds(total < 0.66, {"markers": "nothing but noise", "patients": 80, "splits": 8}, "validation accuracy near 0.5", round(total, 3))
