"""What a DataLoader is made of: samples fetched, put together into batches, in worker processes where asked."""

from torch.utils.data._utils import collate, fetch, worker  # noqa: F401
