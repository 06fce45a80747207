# en: the library's layer under another name
# zh: 只是给库里的层换了个名字
from torch.nn import Linear as Library


class Linear(Library):
    pass
