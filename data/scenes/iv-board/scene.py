"""Sixty minutes, six sections, and forty of them gone: what is cut?

A plan of time is drawn as the interview goes on.  When it runs short the questions
that are left are chosen so that fundamentals, experience, optimisation and innovation
stay as near to 25 : 30 : 25 : 20 as can be.
"""

import itertools

import gradboard as gb

WEIGHTS = {"innovate": 20, "basics": 25, "optimise": 25, "practice": 30}
SECTIONS = ["fundamentals", "components", "models", "optimisation", "cases", "deployment"]
# Of each section: what is asked, in which dimension, for how many minutes.
ITEMS = [
    ("fundamentals", "views and copies", "basics", 5), ("fundamentals", "who keeps the graph", "basics", 5),
    ("components", "running statistics", "practice", 6), ("components", "a loss by hand", "basics", 4),
    ("models", "a residual block", "practice", 6), ("models", "attention's mask", "optimise", 5),
    ("optimisation", "warm-up and decay", "optimise", 5), ("optimisation", "where the memory went", "optimise", 5),
    ("cases", "a loss that stands", "practice", 6), ("cases", "your own project", "innovate", 6),
    ("deployment", "a model that drifts", "practice", 3), ("deployment", "what you would build", "innovate", 4),
]


def shares(items):
    """Minutes of each dimension."""
    return {name: sum(item[3] for item in items if item[2] == name) for name in WEIGHTS}


def distance(items):
    """How far the minutes are from the weights: 0 where they agree."""
    minutes = shares(items)
    total = sum(minutes.values())
    return sum((minutes[name] / total - weight / 100) ** 2 for name, weight in WEIGHTS.items()) if total else 1.0


def fit(done, left, minutes):
    """Of the items that are left those that fit and, with what was done, come nearest to the weights; of equals the fuller."""
    best, best_key = [], None
    for n in range(len(left) + 1):
        for kept in itertools.combinations(left, n):
            taken = sum(item[3] for item in kept)
            if taken > minutes:
                continue
            key = (round(distance(done + list(kept)), 6), -taken)
            if best_key is None or key < best_key:
                best, best_key = list(kept), key
    return best


def session(done, kept, elapsed, level="mid"):
    """As the view `board` reads an interview."""
    plan = done + kept
    sections = []
    for name in SECTIONS:
        of = [item for item in ITEMS if item[0] == name]
        spent = sum(item[3] for item in of if item in done)
        planned = sum(item[3] for item in of if item in plan)
        state = "done" if spent and spent == planned else "skipped" if not planned else "later" if not spent else "now"
        sections.append({"title": name, "minutes": planned, "spent": spent, "state": state})
    questions = [{"title": item[1], "level": level, "dimension": item[2],
                  "state": "done" if item in done else "later" if item in kept else "skipped"} for item in ITEMS]
    return {"candidate": "", "level": level, "minutes": sum(item[3] for item in ITEMS), "elapsed": elapsed,
            "sections": sections, "questions": questions}


def plan():
    """The whole of it: sixty minutes by the weights."""
    gb.ask("minutes-of-practice")
    minutes = shares(ITEMS)
    total = sum(minutes.values())
    print(f"{total} minutes:", ", ".join(f"{name} {part} ({100 * part / total:.0f} %)" for name, part in minutes.items()))
    gb.log("interview", 0, session=session([], ITEMS, 0))
    gb.tell("minutes-of-practice", minutes["practice"])
    gb.check("an hour is planned", total == 60)
    gb.check("each dimension is within five points of its weight",
             all(abs(100 * minutes[name] / total - weight) <= 5 for name, weight in WEIGHTS.items()))


def replan():
    """Three sections were done, more slowly than planned."""
    left_minutes = int(gb.knob("left", 20, 5, 40))
    done = [item for item in ITEMS if item[0] in SECTIONS[:3]]
    left = [item for item in ITEMS if item[0] not in SECTIONS[:3]]
    gb.log("interview", 0, session=session(done, left, 60 - left_minutes))
    gb.ask("cut")
    gb.mark("re-plan")
    kept = fit(done, left, left_minutes)
    gone = [item[1] for item in left if item not in kept]
    gb.log("interview", 0, session=session(done, kept, 60 - left_minutes))
    print(f"{left_minutes} minutes for {sum(item[3] for item in left)}: cut", ", ".join(gone) or "nothing")
    gb.tell("cut", len(gone))
    gb.check("what is left fits", sum(item[3] for item in kept) <= left_minutes)
    in_order, taken = [], 0
    for item in left:
        if taken + item[3] > left_minutes:
            break
        in_order.append(item)
        taken += item[3]
    gb.check("cutting by the weights is never further from them than stopping when the time is over",
             distance(done + kept) <= distance(done + in_order) + 1e-9)
    for name, chosen in (("until the time is over", in_order), ("by the weights", kept)):
        minutes = shares(done + chosen)
        for dimension, weight in WEIGHTS.items():
            gb.log(name, 100 * minutes[dimension] / sum(minutes.values()), weight, "weight in percent")


if __name__ == "__main__":
    plan()
    replan()
