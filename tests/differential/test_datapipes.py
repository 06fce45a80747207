"""Data pipes: streams and maps that are made of each other, in loaders and by themselves."""
from harness import case, expressions, run

SETUP = """
import warnings
from torch.utils.data import DataLoader, IterDataPipe, MapDataPipe
from torch.utils.data.datapipes import iter as I, map as M
W = I.IterableWrapper
"""

expressions('''
list(W(range(5)).map(lambda x:x*2))
list(W([(1,2),(3,4)]).map(lambda x:x*2,input_col=0))
list(W([(1,2),(3,4)]).map(lambda x,y:x+y,input_col=[0,1]))
list(W([(1,2),(3,4)]).map(lambda x,y:x+y,input_col=[0,1],output_col=-1))
list(W([{'a':1,'b':2}]).map(lambda x:x*2,input_col='a',output_col='c'))
list(W([{'a':1,'b':2}]).map(lambda x:x*2,input_col='a'))
list(W([[1,2],[3,4]]).map(lambda x:x*2,input_col=1,output_col=0))
list(W(range(5)).filter(lambda x:x%2))
list(W([(1,2),(3,4)]).filter(lambda x:x>2,input_col=0))
list(W(range(5)).filter(lambda x:5))
list(W(range(5)).batch(2))
type(next(iter(W(range(5)).batch(2))))
list(W(range(5)).batch(2,drop_last=True))
list(W(range(5)).batch(0))
list(W(range(5)).batch(2).unbatch())
list(W([[[1,2],[3]],[[4]]]).unbatch(unbatch_level=-1))
list(W([[[1,2],[3]],[[4]]]).unbatch(1))
list(W([1]).unbatch(unbatch_level=-2))
list(W([1]).unbatch())
list(W(range(3)).zip(W('abc')))
list(W(range(3)).concat(W('abc')))
list(W(range(3)).mux(W('abcde')))
[list(x) for x in W(range(4)).fork(2)]
[list(x) for x in W(range(6)).demux(2,lambda x:x%2)]
list(W(range(6)).groupby(lambda x:x%3))
list(W(range(6)).groupby(lambda x:x%3,group_size=2))
list(W([[1,2],[3,4]]).collate())
list(W([1,2,3]).collate(lambda x:x+1))
list(W(range(6)).sharding_filter())
len(W(range(6))),len(W(range(6)).map(str)),len(W(range(6)).batch(4)),len(W(range(6)).batch(4,drop_last=True))
len(W(range(6)).filter(str))
len(W(iter([1])))
W(range(3))[0]
W(range(3)).foo
repr(W(range(3)))
str(W(range(3)).map(str))
str(W(range(3)).batch(2))
W(range(3)).map(3)
W(range(3)).map(lambda x:x, output_col=1)
W(range(3)).zip(3)
W(range(3)).concat()
W(range(3)).fork(0)
list(W(range(3)).fork(1))
W(range(3)).mux()
W(range(3)).batch(2).map(sum)
list(W(range(4)).batch(2).map(sum))
list(M.SequenceWrapper(range(4)).map(lambda x:x+1))
M.SequenceWrapper(range(4)).map(lambda x:x+1)[2]
len(M.SequenceWrapper(range(4)).batch(3)), M.SequenceWrapper(range(4)).batch(3)[1]
M.SequenceWrapper(range(4)).batch(3)[2]
M.SequenceWrapper({'a':1})['a']
M.SequenceWrapper(range(2)).concat(M.SequenceWrapper(range(3)))[3]
M.SequenceWrapper(range(2)).concat(M.SequenceWrapper(range(3)))[7]
M.SequenceWrapper(range(2)).zip(M.SequenceWrapper(range(3)))[1]
M.SequenceWrapper(range(2)).zip(M.SequenceWrapper(range(3)))[2]
list(M.SequenceWrapper(range(2)).zip(M.SequenceWrapper(range(3))))
list(M.SequenceWrapper([1,2,3]).shuffle())
list(M.SequenceWrapper([1,2,3]).shuffle(indices=[0,1,2]))
str(M.SequenceWrapper([1]))
M.SequenceWrapper(3)
list(W(range(3)) + W(range(2)))
FileOpener([1],mode='w')
W([1]).groupby(lambda x:x,buffer_size=2,group_size=3)
list(W(range(5)).groupby(lambda x:x,buffer_size=2,guaranteed_group_size=2,group_size=2))
list(W(range(5)).groupby(lambda x:x,buffer_size=2))
[list(x) for x in W(range(4)).fork(2,buffer_size=2)]
[list(x) for x in W(range(4)).demux(2,lambda x:x)]
[list(x) for x in W(range(4)).demux(2,lambda x:None,drop_none=True)]
W(range(3)).demux(0,lambda x:1)
W([1]).concat(3)
W([1]).mux(3)
W([1]).fork(2,-1)
len(W([1,2]).fork(2)[0])
len(W([1,2]).demux(2,lambda x:0)[0])
len(W([1,2]).zip(W([1])))
len(W([1,2]).mux(W([1])))
len(W([1,2]).concat(W([1])))
len(W([1,2]).batch(1).unbatch())
len(W([1,2]).shuffle())
len(W([1,2,3]).sharding_filter())
len(W([1,2,3]).collate())
len(W([1,2,3]).groupby(lambda x:x))
[list(x) for x in W(range(4)).fork(2,buffer_size=-1)]
W([1,2]).shuffle(buffer_size=0)
len(W([1]).filter(len).map(len))
list(W([[1,2],[3]]).shuffle(unbatch_level=1).batch(9))[0].__len__()
list(W(range(10)).shuffle()), list(W(range(10)).shuffle(buffer_size=3)), list(W(range(10)).shuffle().set_seed(3))
list(W(range(10)).shuffle().set_shuffle(False)), list(M.SequenceWrapper(range(10)).shuffle())
list(DataLoader(W(range(6)).shuffle(), batch_size=None, shuffle=True)), list(DataLoader(W(range(6)).shuffle(), batch_size=3))
list(DataLoader(W(range(6)), batch_size=3, shuffle=True)), list(DataLoader(M.SequenceWrapper(range(6)), batch_size=2, shuffle=True))
list(DataLoader(W(range(6)).sharding_filter(), batch_size=None, num_workers=2))
''', setup=SETUP)


@case
def lambdas_are_warned_of():
    """At a place that filters by module know."""
    import warnings
    from torch.utils.data.datapipes.iter import IterableWrapper
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        IterableWrapper([1]).map(lambda x: x)
    return [(str(w.message), w.category.__name__, w.filename.split("torch/")[-1]) for w in caught]


@case
def own_pipes():
    from torch.utils.data import DataLoader, IterDataPipe, MapDataPipe, functional_datapipe

    class Numbers(IterDataPipe):
        def __init__(self, n):
            self.n = n

        def __iter__(self):
            for i in range(self.n):
                yield i

        def __len__(self):
            return self.n

    @functional_datapipe("doubled_numbers")
    class Doubled(IterDataPipe):
        def __init__(self, source):
            self.source = source

        def __iter__(self):
            for x in self.source:
                yield 2 * x

    class Tens(MapDataPipe):
        def __getitem__(self, index):
            return 10 * index

        def __len__(self):
            return 3

    return (list(Numbers(4).map(str).batch(3)), list(Numbers(3).doubled_numbers()),
            Tens().map(str)[2], len(Numbers(3)), isinstance(Numbers(1), IterDataPipe))


@case
def one_iterator_at_a_time():
    from torch.utils.data.datapipes.iter import IterableWrapper
    pipe = IterableWrapper(range(3))
    first = iter(pipe)
    got = [next(first), next(iter(pipe))]
    return got, next(first)


@case
def forks_that_begin_again():
    from torch.utils.data.datapipes.iter import IterableWrapper
    left, right = IterableWrapper(range(3)).fork(2)
    first = iter(left)
    got = [next(first), list(right), next(iter(left))]
    return got, next(first)


@case
def files():
    import os
    import tempfile
    from torch.utils.data.datapipes.iter import FileLister, FileOpener, StreamReader
    with tempfile.TemporaryDirectory() as folder:
        for name in ("b.txt", "a.txt", "c.py"):
            with open(os.path.join(folder, name), "w") as file:
                file.write(name + "!")
        os.mkdir(os.path.join(folder, "d"))
        names = [os.path.basename(path) for path in FileLister(folder)]
        texts = [file.read() for _, file in FileOpener(FileLister(folder, masks="*.txt"))]
        pieces = [piece for _, piece in StreamReader(FileOpener(FileLister([folder], "*.py", recursive=True), mode="b"), chunk=3)]
    return names, texts, pieces


run(__file__)
