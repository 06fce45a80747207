"""Counting right answers: four cells, a threshold, and the curves that it walks.

Data of 95 : 5, a classifier that gives scores, and a slider that decides from which
score on "positive" is said.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb


def counts(said, truth):
    """TP, FP, FN, TN of two boolean tensors."""
    return (int((said & truth).sum()), int((said & ~truth).sum()),
            int((~said & truth).sum()), int((~said & ~truth).sum()))


def rates(tp, fp, fn, tn):
    """Accuracy, precision, recall and F1; 0 where nothing could be divided by."""
    precision = tp / (tp + fp) if tp + fp else 0.0
    recall = tp / (tp + fn) if tp + fn else 0.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return (tp + tn) / (tp + fp + fn + tn), precision, recall, f1


def blobs(n, seed):
    """Points (n, 2); 5 % of them positive, half hidden among the others."""
    generator = torch.Generator().manual_seed(seed)
    truth = torch.rand(n, generator=generator) < 0.05
    points = torch.randn(n, 2, generator=generator)
    points[truth] += torch.tensor([1.8, 1.2])
    return points, truth


def fit(points, truth, steps=300):
    torch.manual_seed(0)
    model = nn.Linear(2, 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(steps):
        optimizer.zero_grad()
        F.binary_cross_entropy_with_logits(model(points).squeeze(1), truth.float()).backward()
        optimizer.step()
    return model


def cells():
    """The same 1,000 cases for somebody who always says no, and for one who looks."""
    truth = torch.arange(1000) < 50
    gb.ask("accuracy-of-no")
    gb.ask("recall-of-no")
    gb.ask("precision")
    never = torch.zeros(1000, dtype=torch.bool)
    accuracy, _, recall, _ = rates(*counts(never, truth))
    print(f"always negative: accuracy {accuracy:.2f}, recall {recall:.2f}")
    gb.tell("accuracy-of-no", accuracy)
    gb.tell("recall-of-no", recall)
    said = torch.zeros(1000, dtype=torch.bool)
    said[:8] = said[50:52] = True                # 8 found, 2 false alarms, 42 missed
    tp, fp, fn, tn = counts(said, truth)
    matrix = torch.tensor([[tp, fn], [fp, tn]])
    gb.show(matrix, view="grid", labels=[["is positive", "is negative"], ["said positive", "said negative"]])
    accuracy, precision, recall, f1 = rates(tp, fp, fn, tn)
    print(f"TP {tp}, FP {fp}, FN {fn}, TN {tn}: accuracy {accuracy:.3f}, precision {precision:.2f}, recall {recall:.2f}, F1 {f1:.4f}")
    gb.tell("precision", precision)
    gb.check("the four cells are all there is", tp + fp + fn + tn == 1000)


def threshold():
    """One model, every threshold."""
    points, truth = blobs(4000, seed=1)
    test_points, test_truth = blobs(2000, seed=2)
    model = fit(points, truth)
    with torch.no_grad():
        score = model(test_points).squeeze(1).sigmoid()
    gb.show(torch.cat([test_points, test_truth[:, None].float()], dim=1), view="plane")
    at = gb.knob("threshold", 0.5, 0.01, 0.99)
    gb.ask("half-is-best")
    tp, fp, fn, tn = counts(score >= at, test_truth)
    gb.show(torch.tensor([[tp, fn], [fp, tn]]), view="grid",
            labels=[["is positive", "is negative"], ["said positive", "said negative"]])
    accuracy, precision, recall, f1 = rates(tp, fp, fn, tn)
    print(f"at {at:.2f}: TP {tp}, FP {fp}, FN {fn}, TN {tn}, accuracy {accuracy:.3f}, precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}")
    best, best_f1 = 0.5, 0.0
    for percent in range(1, 100):
        _, precision, recall, f1 = rates(*counts(score >= percent / 100, test_truth))
        gb.log("precision", precision, percent / 100, "threshold")
        gb.log("recall", recall, percent / 100, "threshold")
        gb.log("F1", f1, percent / 100, "threshold")
        if f1 > best_f1:
            best, best_f1 = percent / 100, f1
    print(f"highest F1 {best_f1:.3f} at {best:.2f}")
    gb.tell("half-is-best", "yes" if abs(best - 0.5) < 0.05 else "lower" if best < 0.5 else "higher")
    recalls = [rates(*counts(score >= p / 100, test_truth))[2] for p in range(1, 100)]
    gb.check("a higher threshold never finds more", all(a >= b for a, b in zip(recalls, recalls[1:])))


def area(score, truth):
    """AUC as the share of pairs (positive, negative) in the right order; a tie counts half."""
    wins = (score[truth][:, None] > score[~truth]).float() + 0.5 * (score[truth][:, None] == score[~truth]).float()
    return wins.mean().item()


def curves():
    """ROC and precision-recall of one model, with few and with many negatives."""
    gb.ask("which-moves")
    found = {}
    for name, keep in (("5 % positive", 1.0), ("half positive", 1 / 19)):
        points, truth = blobs(20000, seed=3)
        model = fit(*blobs(4000, seed=1))
        generator = torch.Generator().manual_seed(4)
        kept = truth | (torch.rand(len(truth), generator=generator) < keep)
        with torch.no_grad():
            score = model(points[kept]).squeeze(1)
        truth = truth[kept]
        order = score.argsort(descending=True)
        hits, alarms = truth[order].cumsum(0), (~truth[order]).cumsum(0)
        recall, false_rate, precision = hits / hits[-1], alarms / alarms[-1], hits / (hits + alarms)
        for i in range(0, len(order), max(1, len(order) // 80)):
            gb.log(f"ROC, {name}", recall[i], false_rate[i], "false positive rate")
            gb.log(f"precision, {name}", precision[i], recall[i], "recall")
        average_precision = (precision * truth[order]).sum().item() / hits[-1].item()
        found[name] = (area(score, truth), average_precision)
        print(f"{name:<14} AUC {found[name][0]:.3f}, average precision {found[name][1]:.3f}")
    roc_moved = abs(found["5 % positive"][0] - found["half positive"][0])
    pr_moved = abs(found["5 % positive"][1] - found["half positive"][1])
    gb.tell("which-moves", "precision" if pr_moved > 0.1 > roc_moved else "both")
    gb.check("ROC does not see how many negatives there are", roc_moved < 0.02)


def averages():
    """Three classes: the same matrix, two averages."""
    matrix = torch.tensor([[900, 0, 0], [10, 20, 20], [20, 10, 20]])      # rows: truth, columns: said
    gb.show(matrix, view="grid", labels=[["a", "b", "c"], ["said a", "said b", "said c"]])
    gb.ask("macro")
    tp = matrix.diag().float()
    f1 = 2 * tp / (matrix.sum(0) + matrix.sum(1))
    accuracy = tp.sum() / matrix.sum()
    print("F1 of a, b, c:", [round(v, 4) for v in f1.tolist()])
    print(f"micro-F1 = accuracy {accuracy:.4f}, macro-F1 {f1.mean():.4f}")
    gb.tell("macro", "lower" if f1.mean() < accuracy else "higher")
    gb.check("micro-F1 of single labels is accuracy", abs(2 * tp.sum() / (2 * matrix.sum()) - accuracy) < 1e-6)


if __name__ == "__main__":
    for tab in (cells, threshold, curves, averages):
        tab()
        print()
