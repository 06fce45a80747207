"""What is to be written, in a line."""

import torch


def scale(x, factor):
    """x times factor."""
    raise NotImplementedError("your turn")


if __name__ == "__main__":
    print(scale(torch.ones(3), 2))
