from .shape import CosineSimilarity, PairwiseDistance  # noqa: F401
