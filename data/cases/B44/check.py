import torch

from gradboard_check import check, close, equal, holds, person, value

WINDOW, STRIDE, LENGTH = 32, 2, 160
EACH = (LENGTH - WINDOW) // STRIDE + 1


def numbered(n):
    """Recordings whose samples say where they come from: machine * 1000 + time."""
    return (torch.arange(n)[:, None] * 1000 + torch.arange(LENGTH)).float(), torch.randint(2, (n,))


def parts(recordings, worn, seed):
    fit, held = value(person.split(recordings, worn, seed))
    return fit, held


def machines(part):
    return sorted(set((part[0][:, 0] // 1000).long().tolist()))


@check("apart")
def apart():
    for n, seed in ((40, 5), (12, 6)):
        fit, held = parts(*numbered(n), seed)
        both = sorted(set(machines(fit)) & set(machines(held)))
        holds(not both, {"machines": n, "seed": seed}, "no machine with windows on both sides", both)


@check("whole")
def whole():
    for n, seed in ((40, 7), (12, 8)):
        recordings, worn = numbered(n)
        fit, held = parts(recordings, worn, seed)
        given = {"machines": n, "seed": seed}
        for name, (windows, labels) in (("training", fit), ("validation", held)):
            equal(tuple(windows.shape[1:]), (WINDOW,), {**given, "part": name, "sizes of": "a window"})
            close(windows - windows[:, :1], torch.arange(WINDOW).float().expand_as(windows), {**given, "part": name, "what": "windows, less their first sample"}, 0)
            equal(labels, worn[(windows[:, 0] // 1000).long()], {**given, "part": name, "what": "labels"})
        starts = torch.cat([fit[0][:, 0], held[0][:, 0]])
        holds(len(set(starts.tolist())) >= 0.9 * n * EACH, given, f"nearly all of {n * EACH} windows are used", len(set(starts.tolist())))
        equal(len(set(starts.tolist())), len(starts), {**given, "what": "windows that are there once"})
        share = len(held[0]) / len(starts)
        holds(0.15 <= share <= 0.35, given, "about a quarter of the windows validate", share)


@check("drawn")
def drawn():
    recordings, worn = numbered(24)
    kept = [machines(parts(recordings, worn, seed)[1]) for seed in (1, 1, 2, 3, 4)]
    equal(kept[1], kept[0], {"seed": "1, twice", "what": "machines that validate"})
    holds(len({tuple(k) for k in kept[1:]}) > 1, {"seeds": [1, 2, 3, 4], "what": "machines that validate"}, "they depend on the seed", kept[1:])


@check("honest")
def honest():
    near = far = 0.0
    for seed in (31, 32):
        fit, held = parts(*value(person.make_machines(40, seed)), seed)
        others = value(person.windows_of(*value(person.make_machines(40, seed + 50))))[0]
        near += float(torch.cdist(held[0], fit[0]).min(dim=1).values.mean()) / 2
        far += float(torch.cdist(others, fit[0]).min(dim=1).values.mean()) / 2
    holds(near > 0.85 * far, {"distance to the nearest training window": "mean over validation windows", "of other machines": round(far, 3)},
          f"above {0.85 * far:.3f}", round(near, 3))
