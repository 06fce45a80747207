import torch
from torch import nn

torch.manual_seed(4)
letters = "abcdefgh"
to_index = {c: i for i, c in enumerate(letters)}
names = ["bad", "cafe", "head", "gag", "dead", "face"]
rnn = nn.GRU(input_size=len(letters), hidden_size=12, batch_first=True)
out = nn.Linear(12, 2)
opt = torch.optim.Adam([*rnn.parameters(), *out.parameters()], lr=0.01)
for epoch in range(3):
    for name in names:
        onehot = nn.functional.one_hot(torch.tensor([to_index[c] for c in name]), len(letters)).float()
        states, last = rnn(onehot.unsqueeze(0))
        target = torch.tensor([len(name) % 2])
        loss = nn.functional.cross_entropy(out(last[-1]), target)
        opt.zero_grad(); loss.backward(); opt.step()
print("done", float(loss))
