"""The networks of torchvision come with torchvision itself."""


def __getattr__(name):
    if name[0] == "_":
        raise AttributeError(f"module 'torchvision.models' has no attribute '{name}'")
    raise NotImplementedError(f"torchvision.models.{name} comes with torchvision (Debian's python3-torchvision), which is not "
                              "installed here; where it is, its models run on this engine")
