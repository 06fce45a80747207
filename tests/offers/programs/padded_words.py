# Lines of unlike length, filled up and looked up.
import torch
from torch import nn

lines = [[4, 2, 3], [5, 1, 2, 6, 3], [7, 3]]
ids = nn.utils.rnn.pad_sequence([torch.tensor(line) for line in lines], batch_first=True)
words, places = nn.Embedding(8, 4, padding_idx=0), nn.Embedding(5, 4)
hidden = words(ids) + places(torch.arange(5))
print(hidden.shape, hidden[0, -1])
