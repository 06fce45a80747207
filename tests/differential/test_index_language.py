"""The language of square brackets, read and assigned to with anything: a few thousand keys of one to four parts, several of
them wrong at once, over tensors of all kinds and values that fit or do not.  What is given, its strides, and which error
comes first."""
import random

from harness import named_program, run

PARTS = ['0', '1', '-1', '5', '-7', '2**40', '2**70', 'True', 'None', '...', ':', '1:', '::2', '::-1', '::0', '-5:5', '5:1', '1.5', '2j',
    '"a"', '[0,1]', '[1,0]', '[0,9]', '[-3,0]', '[]', '[[0,1],[1,0]]', '[True,False]', '[True,False,True]', '[1.5]', '["a"]', '[0,"a"]',
    '[0,None]', '[slice(0,1)]', '[0,slice(0,1)]', '(0,1)', '((0,1),)', '(0,[1])', '[()]', '[[0],[1]]', '[[0,1],[1]]', 'range(2)',
    '{0}', '{}', 'slice(None,None,"a")', 'slice(1.5)', 'slice(True,None)', 'slice(torch.tensor(1),None)',
    'slice(None,torch.tensor([0,1]))', 'slice(None,2**70)', 'slice(None,None,2**40)', 'torch.tensor(0)', 'torch.tensor(1)',
    'torch.tensor(7)', 'torch.tensor(True)', 'torch.tensor(False)', 'torch.tensor(1.5)', 'torch.tensor(1,dtype=torch.int32)',
    'torch.tensor(1,dtype=torch.int8)', 'torch.tensor([0,1])', 'torch.tensor([0,1],dtype=torch.int32)', 'torch.tensor([0.,1.])',
    'torch.tensor([0,9])', 'torch.tensor([[0],[1]])', 'torch.tensor([0,1,0])', 'torch.tensor([],dtype=torch.long)', 'torch.tensor([])',
    'torch.tensor([True,False])', 'torch.tensor([True,False,True])', 'torch.zeros(0,dtype=torch.bool)',
    'torch.ones(2,3,dtype=torch.bool)', 'torch.zeros(2,3,dtype=torch.bool)', 'torch.ones(3,2,dtype=torch.bool)', 'x>0', 'x[0]>0',
    'x[...,0]>0', 'torch.ones(2,2,2,2,dtype=torch.bool)', 'torch.tensor([[True,False],[False,True]])', 'object()', 'type', 'Ellipsis',
    'torch.Size([0,1])', 'b"a"', '1+0j']
TENSORS = ['torch.arange(6.).reshape(2,3)', 'torch.arange(3)', 'torch.tensor(5.)', 'torch.arange(24).reshape(2,3,4)', 'torch.zeros(0,3)',
    'torch.zeros(2,0)', 'torch.arange(6.).reshape(3,2).t()', 'torch.arange(3.).expand(2,3)', 'torch.tensor([True,False])',
    'torch.arange(6.,dtype=torch.float64).reshape(2,1,3)', 'torch.arange(12).reshape(2,3,2)[:,::2]', 'torch.arange(4,dtype=torch.uint8)',
    'torch.arange(4.).half()', 'torch.arange(6.).reshape(2,3).requires_grad_()*1', 'torch.arange(4)*(1+1j)', 'torch.zeros(2,3,4,5)']
VALUES = ['7', '-1', '2.5', '300', '1e10', 'float("nan")', 'float("inf")', 'True', 'None', '"a"', '[1,2]', 'torch.tensor(3)',
    'torch.tensor(2.5)', 'torch.tensor([7])', 'torch.tensor([1.,2.])', 'torch.tensor([1.,2.,3.])', 'torch.tensor([[1.,2.,3.]])',
    'torch.tensor([[1.],[2.]])', 'torch.ones(1,1,1)', 'torch.ones(2,3)', 'torch.ones(4)', 'torch.ones(0)', 'torch.zeros(0,3)',
    'torch.ones(1,0)', 'x', 'x[0]', 'x.clone()', '2j', '2**70', 'torch.tensor(1+2j)', 'torch.tensor([True,False])',
    'torch.ones(2,3,dtype=torch.int64)', 'torch.tensor([5],dtype=torch.int32)', 'x.sum()', 'x.t() if x.dim()<3 else x',
    '(1,)', 'torch.ones(2,3,4)', 'torch.tensor(300)', '2**40']
START = """
def T(f):
    try: return f()
    except Exception as e: return type(e).__name__ + ": " + str(e)
"""

choose = random.Random(1).choice
for _ in range(2500):
    key = ", ".join(choose(PARTS) for _ in range(choose([1, 1, 2, 2, 2, 3, 4])))
    does = choose(["r = x[{}]", "r = x[{}]", "x[{}] = {}", "x[{}] = {}", "x[{}] += {}", "x[{}].zero_()"]).format(key, choose(VALUES))
    named_program(f"x = {choose(TENSORS)}; r = x; {does}", START)

run(__file__)
