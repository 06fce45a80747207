import torch
import torch.nn.functional as F

from gradboard_check import check, close, equal, gradients, holds, person, put, source, torch_there, value

CASES = (                       # C, O, kernel, picture, stride, padding, dilation, groups
    (1, 1, (3, 3), (5, 5), 1, 0, 1, 1),
    (3, 4, (3, 3), (8, 8), 2, 1, 1, 1),
    (2, 3, (3, 3), (8, 9), 1, 0, 2, 1),
    (4, 6, (3, 2), (7, 6), 2, 2, 1, 2),
    (6, 6, (3, 3), (6, 6), 1, 1, 1, 6),
    (4, 2, (1, 1), (5, 4), 3, 0, 1, 2),
    (2, 4, (2, 3), (9, 10), 3, 1, 2, 1),
)


@check("own")
def own():
    names = [f"conv{d}d" for d in (1, 2, 3)] + [f"conv_transpose{d}d" for d in (1, 2, 3)] + ["convolution", "conv_tbc"]
    forbidden = {f"torch.{n}" for n in names} | {f"torch.nn.functional.{n}" for n in names} | {f"torch.nn.Conv{d}d" for d in (1, 2, 3)}
    used = source.uses()
    own = {n for n in used if n.split(".")[-1] in ("_convolution", "thnn_conv2d", "slow_conv_dilated2d", "mkldnn_convolution")}
    holds(not (used & forbidden or own), got=(used & forbidden) | own, expected="none of these")


@check("size")
def size():
    for n, kernel, stride, padding, dilation in ((8, 3, 2, 1, 1), (8, 3, 1, 0, 2), (5, 5, 1, 0, 1), (7, 2, 3, 0, 1), (10, 4, 4, 2, 3), (6, 1, 2, 0, 5)):
        expected = (n + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
        given = {"size": n, "kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation}
        equal(person.output_size(n, kernel, stride, padding, dilation), expected, given)


@check("values")
def values():
    for c, o, kernel, picture, stride, padding, dilation, groups in CASES:
        x, weight, bias = torch.randn(2, c, *picture), torch.randn(o, c // groups, *kernel), torch.randn(o)
        settings = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        for b in (None, bias):
            expected = F.conv2d(x, weight, b, **settings)
            close(person.conv2d(x, weight, b, **settings), expected, {"x": x, "weight": weight, "bias": b, **settings}, 1e-5)
    x, weight = torch.randn(1, 2, 4, 5), torch.randn(3, 2, 3, 3)
    expected = F.conv2d(x, weight)
    close(person.conv2d(x, weight), expected, {"x": x, "weight": weight}, 1e-5)
    turned = put(x.transpose(2, 3).contiguous()).transpose(2, 3)
    close(person.conv2d(turned, weight), expected, {"x": x, "strides of x": "of a transposed tensor", "weight": weight}, 1e-5)


@check("gradients")
def gradients_agree():
    x, weight, bias = torch.randn(1, 2, 4, 4), torch.randn(4, 1, 2, 2), torch.randn(4)
    gradients(lambda *args: person.conv2d(*args, stride=2, padding=1, dilation=2, groups=2), x.double(), weight.double(), bias.double())


@check("calls")
def calls():
    """Operations for a small and a large picture: a loop over pixels makes more of them."""
    made = []
    for side in (3, 9):
        out = person.conv2d(put(torch.randn(1, 2, side, side), True), put(torch.randn(3, 2, 3, 3), True), padding=1)
        holds(out.requires_grad, {"picture": f"{side}x{side}", "what": "requires_grad of the result"}, True, False)
        seen, todo = 0, [out.grad_fn]
        while todo:
            node = todo.pop()
            seen += 1
            if seen > 300:
                break
            todo += [edge[0] for edge in node.next_functions if edge[0] is not None]
        made.append(seen)
    holds(made[0] == made[1], {"picture": "3x3, then 9x9", "what": "operations behind the result"}, "as many for both", f"{made[0]}, then {made[1]}" if made[1] <= 300 else f"{made[0]}, then more than 300")
