from .shape import Upsample, UpsamplingBilinear2d, UpsamplingNearest2d  # noqa: F401
