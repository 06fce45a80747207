import torch
import torch.nn as nn

torch.manual_seed(0)
embedding = nn.Embedding(10, 3)
ids = torch.LongTensor([[1, 2, 4, 5], [4, 3, 2, 9]])
vectors = embedding(ids)
print(vectors.shape)
near = torch.cosine_similarity(embedding.weight[1], embedding.weight, dim=-1)
print(near.topk(3).indices.tolist())
