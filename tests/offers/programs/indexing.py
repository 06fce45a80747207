import torch

grid = torch.arange(24).reshape(2, 3, 4)
print(grid[0, 1], grid[..., -1])
print(grid[grid % 2 == 0])
picked = grid.gather(2, torch.tensor([[[0], [1], [2]], [[3], [0], [1]]]))
grid[1, :, 0] = 99
print(picked.squeeze(-1), torch.where(grid > 20, grid, 0))
