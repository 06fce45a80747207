"""Numbers that would lead out of a tensor's memory are refused, where PyTorch 1.13.1 follows them."""
import torch

matrix, right = torch.eye(3), torch.ones(3, 2)
REFUSED = {
    "a pivot beyond the rows": lambda: torch.linalg.lu_solve(matrix, torch.tensor([9, 1, 1]).int(), right),
    "a pivot of zero": lambda: torch.linalg.lu_solve(matrix, torch.tensor([0, 2, 3]).int(), right),
    "a block's pivot beyond the rows": lambda: torch.linalg.ldl_solve(matrix, torch.tensor([-9, -9, 3]).int(), right),
    "half a block": lambda: torch.linalg.ldl_solve(matrix, torch.tensor([-1, 2, 3]).int(), right),
    "a block that the matrix ends in": lambda: torch.linalg.ldl_solve(matrix, torch.tensor([1, 2, -3]).int(), right),
    "a stride backwards": lambda: torch.empty_strided((3,), (-1,)),
}

for name, call in REFUSED.items():
    try:
        call()
    except RuntimeError as error:
        print("%s: %s" % (name, error))
    else:
        raise AssertionError("%s: nothing was raised" % name)
assert torch.linalg.ldl_solve(matrix, torch.tensor([-2, -2, 3]).int(), right).shape == (3, 2), "a whole block"
