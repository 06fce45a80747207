import torch

from gradboard_check import check, close, gradients, person


@check("values")
def values():
    for sizes in ((3,), (2, 3), ()):
        x = torch.randn(sizes)
        close(person.scale(x, 2.5), x * 2.5, {"x": x, "factor": 2.5})


@check("gradients")
def gradients_agree():
    gradients(lambda x: person.scale(x, 3.0), torch.randn(4, dtype=torch.float64))
