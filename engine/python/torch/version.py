from torch.torch_version import internal_version as __version__
debug = False
cuda = None
git_version = "gradboard"
hip = None
