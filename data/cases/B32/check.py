import math

import torch
import torch.nn.functional as F

from gradboard_check import check, close, holds, person, value


def next_token_loss(model, tokens):
    """Position t is judged by token t + 1; the last has none."""
    scores = value(model(tokens))[:, :-1]
    return F.cross_entropy(scores.reshape(-1, 10), tokens[:, 1:].reshape(-1))


@check("next-token")
def next_token():
    for n, length in ((1, 2), (4, 6), (3, 10)):
        model, tokens = person.Decoder(), torch.randint(10, (n, length))
        close(person.loss_of(model, tokens), next_token_loss(model, tokens), {"tokens": tokens}, 1e-4)


@check("unpredictable")
def unpredictable():
    """Of letters at random nobody knows the next: on new ones no model gets below ln 10 in the mean."""
    model = person.Decoder()
    person.train(model, torch.randint(10, (256, 8)), 6)
    loss = float(value(person.loss_of(model, torch.randint(10, (256, 8)))))
    holds(loss > 0.97 * math.log(10), {"trained": "6 epochs of letters at random"}, "a loss of ln 10 = 2.30 or more on others", loss)


@check("gradient")
def gradient():
    model, tokens = person.Decoder(), torch.randint(10, (2, 5))
    person.loss_of(model, tokens).backward()
    scores = value(model(tokens)).detach().requires_grad_()
    loss = F.cross_entropy(scores[:, :-1].reshape(-1, 10), tokens[:, 1:].reshape(-1))
    expected = torch.autograd.grad(loss, scores)[0].sum(dim=(0, 1))
    close(model.head.bias.grad, expected, {"tokens": tokens, "gradient of": "head.bias"}, 1e-5)


@check("says-it-again")
def says_it_again():
    model = person.Decoder()
    person.train(model, value(person.make_data(1024, 71)), 10)
    new = value(person.make_data(20, 72))
    said = [value(person.generate(model, word[None, :5], 5))[0] for word in new]
    right = (torch.stack(said)[:, 5:] == new[:, 5:]).float().mean().item()
    holds(right >= 0.9, {"epochs": 10, "word": new[0, :5]}, "90 % of the letters of 20 new words said again", {"share": right, "said": said[0][5:]})
