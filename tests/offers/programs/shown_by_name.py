import gradboard as gb
import torch

torch.manual_seed(0)
weights = torch.randn(40, 50) * 0.1
gb.show(weights, view="hist")
gb.show(weights[:4, :6].t(), view="stride")
