import torch

torch.manual_seed(2)
mha = torch.nn.MultiheadAttention(embed_dim=8, num_heads=2, batch_first=True)
query, memory = torch.rand(2, 3, 8), torch.rand(2, 5, 8)
attended, weights = mha(query, memory, memory)
print(attended.shape, weights.sum(-1))
