import torch

x = torch.tensor([2.0, 3.0], requires_grad=True)
y = torch.tensor([6.0, 4.0], requires_grad=True)
q = 3 * x ** 3 - y ** 2
q.backward(gradient=torch.ones(2))
print(x.grad == 9 * x ** 2, y.grad == -2 * y)
