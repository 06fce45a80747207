import torch


def _device_of(parameter):
    return parameter.get_device() if parameter.is_cuda else -1


def parameters_to_vector(parameters):
    parameters = list(parameters)
    if len({_device_of(p) for p in parameters}) > 1:
        raise TypeError("Found two parameters on different devices, this is currently not supported.")
    return torch.cat([p.view(-1) for p in parameters])


def vector_to_parameters(vec, parameters):
    if not isinstance(vec, torch.Tensor):
        raise TypeError(f"expected torch.Tensor, but got: {torch.typename(vec)}")
    pointer = 0
    for param in parameters:
        n = param.numel()
        param.data = vec[pointer:pointer + n].view_as(param).data
        pointer += n
