# en: the library's layer under another name
# zh: 换个名字的库里的层
from torch.nn import BatchNorm1d as Library


class BatchNorm1d(Library):
    pass
