from .batchnorm import (InstanceNorm1d, InstanceNorm2d, InstanceNorm3d,
                        LazyInstanceNorm1d, LazyInstanceNorm2d, LazyInstanceNorm3d)  # noqa: F401
