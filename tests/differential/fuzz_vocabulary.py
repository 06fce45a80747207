"""The words of random programs (fuzz_programs.py): a program is a list of statements, names t0, t1, t2 … hold tensors.

In a word {x}, {y} and {z} are such names, {i} is an index, {n} a number, {v} a view of a tensor, {d} a dimension."""
import random
import re

SIZES = [(2, 3), (3,), (3, 2), (2, 3, 2), (1, 3), (2, 1), (), (4,), (0, 3), (2, 2), (1,), (3, 3)]


def words(text):
    """Words are separated by two spaces or a line's end."""
    return [word for word in re.split(r"\n|  +", text) if word]


KINDS = words("""
    .requires_grad_()  .double()  .clone().requires_grad_()  .to(torch.uint8)  > 0  .double().requires_grad_()  .t().requires_grad_()
    .half()  .bfloat16()  .int()  .requires_grad_()  .clone().requires_grad_()
""")
PARTS = words("""
    0  -1  :  1:  ::2  None  ...  :-1  [0, 1]  [1, 0]  torch.tensor([0, 0])  0:1  [True, False]  torch.tensor(0)  [-1]  [[0], [1]]  1
    torch.tensor([True, False, True])  :0
""")
VIEWS = words("""
    {x}[{i}]  {x}[{i}]  {x}[{i}]  {x}.t()  {x}.transpose(0, -1)  {x}.reshape(-1)  {x}.view(-1)  {x}.unsqueeze(0)  {x}.squeeze()
    {x}.expand(2, *{x}.shape)  {x}.detach()  {x}.flatten()  {x}.unbind(0)[0]  {x}.split(1)[0]  {x}.permute(*reversed(range({x}.dim())))
    {x}.diagonal()  {x}.narrow(0, 0, 1)  {x}.chunk(2, -1)[-1]  {x}.data  {x}.movedim(0, -1)  {x}.view_as({x})  {x}.select(-1, 0)  {x}.flip(0)
    {x}.contiguous()  {x}.clone()  {x}.as_strided((2,), (1,))  {x}.as_strided((2, 2), (1, 0))  {x}.unbind(-1)[-1]  {x}.split(1, -1)[0]
    {x}.expand_as({x})  {x}.unfold(0, 1, 1)  {x}.detach().clone()  {x}.swapaxes(0, -1)  {x}.diagonal().unsqueeze(-1)  {x}.T  {x}.tile(2)
    {x}.roll(1)  {x}.reshape({x}.shape)  {x}.view({x}.shape)  {x}[...]  {x}.view(1, -1)  {x}.view(-1, 1)  {x}.reshape(1, -1, 1)
    {x}.unsqueeze(-1)  {x}.squeeze({d})  {x}.mT  {x}.H  {x}.ravel()  {x}.unflatten({d}, (1, -1))  {x}.broadcast_to((2, 3))  {x}.expand(2, 3)
    {x}.expand(-1, 3)  {x}.expand_as({y})  {x}.view_as({y})  {x}.reshape_as({y})  {x}.tensor_split(2)[0]  {x}.hsplit(1)[0]  {x}.vsplit(1)[-1]
    {x}.narrow({d}, 1, 1)  {x}.select({d}, -1)  {x}.chunk(2)[0]  {x}.split([1, 1])[1]  {x}.unbind()[-1]  {x}.diagonal(1)  {x}.diagonal(0, 0, -1)
    {x}.unfold(-1, 2, 1)  {x}.view(torch.int32)  {x}.permute(1, 0)  {x}.transpose(0, 1).reshape(-1)  {x}.t().contiguous()  {x}.flatten(0, 1)
    {x}.swapdims(0, 1)  {x}.moveaxis(-1, 0)  {x}.real  {x}.conj()  torch.view_as_real({x})  {x}.as_strided((1, 2), (2, 1), 1)  {x}.T.view(-1)
    {x}.detach()[{i}]  {x}.data[{i}]  {x}[{i}][{i}]  {x}.t()[{i}]  {x}.view(-1)[{i}]  {x}.unsqueeze(0)[{i}]  {x}.squeeze(0).t()
    {x}.expand(2, *{x}.shape)[0]  {x}.reshape(-1)[1:]  {x}.detach().view(-1)  {x}.unsqueeze(1).expand_as({y})  {x}.select(0, 0).view(-1)
    {x}.grad  {x}.clone().t()  {x}.requires_grad_().view(-1)  {x}.detach().requires_grad_()  {x}.clone().requires_grad_()  {x}.positive()
    torch.broadcast_tensors({x}, {y})[0]  torch.atleast_2d({x})  torch.as_tensor({x})  {x}.to({x}.dtype)  {x}.type_as({y})  {x}.cpu()
    {x}.to(memory_format=torch.preserve_format)  torch.movedim({x}, -1, 0)  torch.squeeze({x}, 0)  torch.narrow({x}, -1, 0, 1)
""")
COMPUTED = words("""
    {x} + {y}  {x} * {y}  {x} - {y}  {x} / 2  {x}.exp()  {x}.tanh()  {x} ** 2  {x} * {n}  {x}.sum()  {x}.mean(0)  {x}.sum(-1, keepdim=True)
    {x}.max()  {x}.amax(-1)  {x} @ {y}  {x}.matmul({y}.transpose(0, -1))  torch.cat([{x}, {y}])  torch.stack([{x}, {x}])
    torch.where({x} > 0, {x}, {y})  {x}.clamp(-1, 1)  {x}.abs()  {x}.relu()  {x}.softmax(-1)  {x}.cumsum(0)  {x}.masked_fill({x} > 0, 2)
    {x}.sigmoid()  {x}.sort(-1)[0]  {x}.prod()  {x}.scatter(0, torch.zeros(1, 1, dtype=torch.long), {y})
    {x}.gather(0, torch.zeros_like({x}, dtype=torch.long))  {x}.masked_select({x} > 0)  {x}[{x} > 0]  {x}.index_add(0, torch.tensor([0]), {y})
    {x}.take(torch.tensor([0]))  {x}.log_softmax(0)  {x}.std()  {x}.argmax()  {x}.tril()  {x}.sqrt()  {x}.pow({y})  {x}.lerp({y}, 0.5)
    torch.addcmul({x}, {x}, {y})  {x}.cumprod(-1)  {x}.logsumexp(-1)  {x}.nonzero()  {x}.repeat(2, 1)  {x} // 2  torch.nn.functional.pad({x}, (1, 0))
    {x}.float()  {x}.nan_to_num()  {x}.reciprocal()  {x}.dot({y})  {x}.outer({y})  {x}.var(0)  torch.maximum({x}, {y})  {x}.norm()  {x} > {y}
    {x}.long()  {x}.to({y}.dtype)  {x}.index_select(0, torch.tensor([0, 0]))
    {v} + {y}  {v} * {v}  {x} * {v}  {v}.sum()  {v} + {n}  {n} - {x}  {n} / {x}  {n} ** {x}  -{x}  ~{x}  {x} % 2  {x} == {y}  {x} != 0  {x} & {y}  {x} | {y}
    {x}.double()  {x}.half()  {x}.bfloat16()  {x}.int()  {x}.bool()  {x}.to(torch.float64, copy=True)  {x}.to({y})  {x}.type(torch.float64)
    copy.copy({x})  copy.deepcopy({x})  pickle.loads(pickle.dumps({x}))  torch.nn.Parameter({x})  torch.zeros_like({x})  torch.ones_like({x}, dtype=torch.int64)
    {x}.new_zeros(2, 3)  {x}.new_full((2,), {n})  {x}.new_tensor([1, 2])  torch.full_like({x}, {n})  torch.empty_like({x}).fill_({n})  torch.tensor({x}.tolist())
    {x}.min(0)[0]  {x}.max({d})[0]  {x}.max({d}, keepdim=True)[1]  {x}.median()  {x}.median({d})[0]  {x}.amin()  {x}.all()  {x}.any({d})  {x}.argmin({d})
    {x}.argsort({d})  {x}.topk(1)[0]  {x}.kthvalue(1)[0]  {x}.count_nonzero()  {x}.sum((0, 1))  {x}.sum({d})  {x}.mean((0, -1), keepdim=True)  {x}.mean()
    {x}.var(unbiased=False)  {x}.std({d})  {x}.norm(dim={d})  {x}.norm(1)  {x}.norm(2, {d})  {x}.cummax({d})[0]  {x}.cummin({d})[0]  {x}.sum(dtype=torch.float64)
    {x}.prod({d})  {x}.nansum()  {x}.mean(dtype=torch.float64)  {x}.logcumsumexp({d})  {x}.aminmax()[1]  {x}.mode({d})[0]  {x}.quantile(0.5)
    torch.cat([{x}, {y}], -1)  torch.cat([{x}, {y}, {x}])  torch.stack([{x}, {y}], -1)  torch.stack([{x}, {y}])  torch.hstack([{x}, {y}])  torch.vstack([{x}, {y}])
    torch.cat([{v}, {v}])  torch.cat([{x}, {x}.t()])  torch.stack([{v}, {v}])  torch.cat([{x}[:0], {x}])  torch.stack({x}.unbind(0))  torch.cat({x}.split(1))
    torch.dstack([{x}, {y}])  torch.column_stack([{x}, {y}])  torch.block_diag({x}, {y})  torch.cartesian_prod({x}, {y})  torch.meshgrid({x}.flatten(), {y}.flatten(), indexing='ij')[0]
    torch.einsum('...i,...i->...', {x}, {y})  torch.einsum('ij,jk->ik', {x}, {y})  {x}.mm({y})  {x}.mv({y})  {x}.bmm({y})  {x} @ {x}.t()  {x}.inner({y})  {x}.t() @ {y}
    torch.addmm({x}, {y}, {z})  torch.tensordot({x}, {y}, 1)  {x}.trace()  {x}.diag()  {x}.triu(1)  {x}.kron({y})  {x}.diag_embed()  {x}.cross({y})
    F.linear({x}, {y})  F.relu({x}, inplace=True)  F.gelu({x})  F.silu({x})  F.softplus({x})  F.leaky_relu({x}, 0.1)  F.elu({x})  F.hardtanh({x})
    F.layer_norm({x}, {x}.shape[-1:])  F.mse_loss({x}, {y})  F.normalize({x}, dim={d})  F.dropout({x}, 0.0)  F.smooth_l1_loss({x}, {y})  F.logsigmoid({x})
    F.cross_entropy({x}, torch.zeros({x}.shape[:1], dtype=torch.long))  F.l1_loss({x}, {y})  F.binary_cross_entropy_with_logits({x}, {y})  F.softmin({x}, {d})
    F.one_hot({x}.argmax({d}))  F.embedding(torch.tensor([0, 1, 0]), {x})  F.cosine_similarity({x}, {y}, dim=-1)  F.hardswish({x})  F.selu({x})  F.mish({x})
    {x}.isnan()  {x}.sign()  {x}.round()  {x}.floor()  {x}.trunc()  {x}.frac()  {x}.fmod({y})  {x}.remainder({y})  {x}.eq({y})  {x}.ge(0)  {x}.logical_not()
    {x}.atan2({y})  {x}.sin()  {x}.erf()  {x}.log1p()  {x}.expm1()  {x}.rsqrt()  {x}.square()  {x}.cosh()  {x}.atan()  {x}.clip(min=0)  {x}.fmax({y})  {x}.minimum({y})
    {x}.index_put((torch.tensor([0, 0]),), {y})  {x}.scatter_add(0, torch.zeros_like({x}, dtype=torch.long), {y})  {x}.index_fill(0, torch.tensor([0]), {n})
    {x}.index_copy(0, torch.tensor([0]), {y})  {x}.masked_scatter({x} > 0, {y})  {x}.take_along_dim(torch.zeros_like({x}, dtype=torch.long), {d})
    {x}.scatter_reduce(0, torch.zeros_like({x}, dtype=torch.long), {x}, 'amax')  {x}.select_scatter({y}, 0, 0)  {x}.slice_scatter({y}, 0, 0, 1, 1)  {x}.put(torch.tensor([0]), {y})
    {x}.rot90()  {x}.fliplr()  {x}.repeat_interleave(2)  {x}.diff()  {x}.flip(-1)  {x}.roll(1, {d})  {x}.logaddexp({y})  {x}.heaviside({y})  {x}.cov()  {x}.renorm(2, 0, 1)
    {x}.clamp({y}, {z})  {x}.addcdiv({y}, {z})  {x}.hypot({y})  {x}.true_divide({y})  {x}.floor_divide(2)  {x}.div({y}, rounding_mode='trunc')  {x}.unique()  {x}.repeat(2)
    {x}.add({y}, alpha=2)  {x}.sub({y}, alpha=0.5)  {x}.xlogy({y})  {x}.bincount()  {x}.pow(3)  {x}.pow(0.5)  {x}.clamp_min(0)  {x}.softmax(0, dtype=torch.float64)
    {x}.to(torch.complex64)  torch.complex({x}, {y})  {x}.view(-1)[0]  {x}.grad.clone()  {x}.sum().exp()  {x}.cumsum({d}).flip({d})  {x}.mul({y}).sum({d})
    torch.ones({x}.shape)  torch.arange(3)  torch.eye(2)  torch.linspace(0, 1, 3)  torch.zeros(2, 3, requires_grad=True)  {x}.dist({y})  {x}.cdist({y})
    torch.utils.checkpoint.checkpoint(torch.tanh, {x})  torch.nn.utils.parameters_to_vector([{x}, {y}])
""")
CHANGES = words("""
    {x}[{i}] = {n}  {x}[{i}] = {y}  {x}[{i}] = {n}  {x}[{i}] = {y}  {x}[{x} > 0] = {n}  {x} += {y}  {x} *= {n}  {x}.add_({y})  {x}.mul_({y})  {x}.zero_()
    {x}.fill_({n})  {x}.copy_({y})  {x}.exp_()  {x}.clamp_(-1, 1)  {x}.sigmoid_()  {x}.transpose_(0, -1)  {x}.unsqueeze_(0)  {x}.t_()
    {x}.masked_fill_({x} > 0, 1)  {x}.detach_()  {x}[{i}] += {y}  {x}.requires_grad_()  {x}.relu_()  {x}.index_fill_(0, torch.tensor([0]), 2)  {x}.div_(2)
    {x}.squeeze_()  {x}.sub_({y})  {x}.data.add_(1)  {x}.data = {y}  {x}.resize_(0)  {x}.swapaxes_(0, -1)  {x}.as_strided_((2,), (1,))
    {x}.scatter_(0, torch.zeros_like({x}, dtype=torch.long), {n})  {x}.index_add_(0, torch.tensor([0]), {y})  {x}.index_copy_(0, torch.tensor([0]), {y})
    {x}.masked_scatter_({x} > 0, {y})  {x}.cumsum_(0)  {x}.tril_()  {x}.sqrt_()  {x}.neg_()  {x}.put_(torch.tensor([0]), {y})  {x}.lerp_({y}, 0.5)
    {x}.addcmul_({x}, {y})  {x}.unbind(0)[0].zero_()  {x}.split(1)[0].mul_(2)  {x}.grad = None  {x}.retain_grad()  {x}.register_hook(lambda g: g * 2)
    {x}.requires_grad = False  {x}.expand(2, *{x}.shape).zero_()  with torch.no_grad(): {x}.mul_({n})  with torch.no_grad(): {x}[{i}] = {y}
    torch.neg({x}.clone(), out={y})  {x}.clamp_min_(0)  {x}.diagonal().fill_(3)  {x}.t().copy_({y})  {x}.pow_(2)  {x}.bernoulli_(1.0)  {x}.tanh_()
    {v}.mul_({n})  {v}.add_({y})  {v}.zero_()  {v}.copy_({y})  {v}[{i}] = {n}  {v}.fill_({n})  {v}.exp_()  {v}.sub_({v})  {v}.relu_()
    {x} -= {y}  {x} /= {n}  {x} **= 2  {x} //= 2  {x} %= 2  {x} -= {n}  {x} += 1  {x} &= {y}  {x} @= {y}  {x}[{i}] *= {n}  {x}[{i}] -= {y}  {x}[{i}][{i}] = {n}  {x}[{i}][{i}] = {y}
    {x}.floor_()  {x}.round_()  {x}.trunc_()  {x}.frac_()  {x}.abs_()  {x}.sin_()  {x}.log_()  {x}.reciprocal_()  {x}.rsqrt_()  {x}.square_()  {x}.erf_()  {x}.sign_()
    {x}.set_({y})  {x}.set_({y}.storage())  {x}.set_()  {x}.resize_(2, 3).zero_()  {x}.resize_as_({y}).fill_(1)  {x}.squeeze_(0)  {x}.unsqueeze_(-1)  {x}.swapdims_(0, 1)
    {x}.triu_()  {x}.fill_diagonal_({n})  {x}.clamp_max_(1)  {x}.clip_(0, 1)  {x}.nan_to_num_()  {x}.remainder_(2)  {x}.fmod_({y})  {x}.pow_({y})  {x}.atan2_({y})
    {x}.add_({y}, alpha=2)  {x}.addcdiv_({y}, {z})  {x}.addmm_({y}, {z})  {x}.eq_({y})  {x}.gt_(0)  {x}.logical_not_()  {x}.cumprod_(0)  {x}.renorm_(2, 0, 1)
    {x}.index_put_((torch.tensor([0]),), {y})  {x}.index_put_((torch.tensor([0, 0]),), torch.tensor({n}), accumulate=True)  {x}.scatter_add_(0, torch.zeros_like({x}, dtype=torch.long), {y})
    {x}.masked_fill_({y} > 0, {n})  {x}.masked_fill_({x} > 0, {y}.sum())  {x}.index_fill_(-1, torch.tensor([0]), {n})  {x}.scatter_reduce_(0, torch.zeros_like({x}, dtype=torch.long), {y}, 'sum')
    {x}.grad.zero_()  {x}.grad.add_(1)  {x}.grad *= 2  {x}.grad.detach_()  {x}.grad = {y}  {x}.grad = torch.ones_like({x})  {x}.grad = {x}.grad.clone()  {x}.grad = {y}.detach()
    with torch.no_grad(): {x} -= 0.1 * {x}.grad  {x}.data -= 0.1 * {x}.grad  {x}.data.sub_({x}.grad.data)  {x}.data.zero_()  {x}.data[{i}] = {n}  {x}.data.copy_({y}.data)
    {x}.detach().mul_({n})  {x}.detach()[{i}] = {n}  with torch.no_grad(): {x}.copy_({y})  with torch.no_grad(): {v}.mul_({n})  with torch.no_grad(): {x}.add_({y})
    {x}.register_hook(lambda g: None)  {x}.register_hook(lambda g: g.clamp(-1, 1))  {x}.register_hook(lambda g: g.zero_())  {x}.register_hook(lambda g: {y}.mul_(2))
    {x}.requires_grad_(False)  {x}.requires_grad = True  {x}.retain_grad(); {x}.sum().backward()  {x}.register_hook(lambda g: torch.zeros_like(g))
    torch.add({x}, {y}, out={z})  torch.mul({x}, {n}, out={y})  torch.exp({x}, out={x})  torch.cat([{x}, {y}], out={z})  torch.sum({x}, 0, out={y})  torch.matmul({x}, {y}, out=torch.empty(0))
    torch.max({x}, 0, out=({y}, {z}))  torch.stack([{x}, {x}], out={y})  torch.clamp({x}, 0, 1, out={y})  torch.mean({x}, 0, out={y})  torch.sub({x}, {y}, out={x})  torch.abs({x}, out={y})
    torch.gt({x}, {y}, out={z})  torch.where({x} > 0, {x}, {y}, out={z})  torch.cumsum({x}, 0, out={y})  torch.sort({x}, out=({y}, {z}))  torch.add({x}, {y}, out=torch.empty(0))
    torch.nn.init.zeros_({x})  torch.nn.init.constant_({x}, {n})  torch.nn.utils.clip_grad_norm_([{x}], 1.0)  torch.nn.utils.clip_grad_value_([{x}], 0.5)
    torch.optim.SGD([{x}], 0.1).step()  torch.optim.Adam([{x}], 0.1).step()  torch.optim.SGD([{x}], 0.1).zero_grad()  F.relu_({x})  F.leaky_relu_({x})  F.threshold_({x}, 0, {n})
    del {x}.grad  {x}.swapaxes_(0, 1)  {x}.t()[{i}] = {n}  {x}.view(-1)[{i}] = {n}  {x}.flatten()[0] = {n}  {x}.diagonal().add_(1)  {x}.unsqueeze(0)[{i}] = {y}
    {x}.chunk(2)[0].add_(1)  {x}.unbind(-1)[0].mul_(2)  {x}.expand_as({y}).add_(1)  {x}.transpose(0, -1).add_({y})
""")
GRADIENTS = words("""
    {x}.sum().backward()  {x}.sum().backward(retain_graph=True)  torch.autograd.grad({x}.sum(), {y}, allow_unused=True)  {x}.sum().backward(create_graph=True)
    {x}.backward(torch.ones_like({x}))  ({x} * {x}).sum().backward(inputs=[{y}])  {x}.backward()  {x}.exp().sum().backward()
    torch.autograd.grad(torch.autograd.grad(({x} * {x}).sum(), {y}, create_graph=True)[0].sum(), {y}, allow_unused=True)
    {x}.sum().backward(); {x}.sum().backward()  {x}.pow(2).sum().backward()  ({x} * {y}).sum().backward()  ({x} * {y}).mean().backward(retain_graph=True)
    torch.autograd.backward([{x}.sum(), {y}.sum()])  torch.autograd.grad([{x}.sum(), {y}.sum()], [{x}, {y}], allow_unused=True)  torch.autograd.grad({x}.sum(), {x})
    {v}.sum().backward()  {v}.mul({x}).sum().backward()  ({v} * {v}).sum().backward()  {x}.prod().backward()  {x}.norm().backward()  {x}.backward({y})
    {x}.backward(torch.ones_like({x}), retain_graph=True)  {x}.mean().backward(create_graph=True)  {x}.grad.sum().backward()  {x}.std().backward()
    {x}.softmax(-1).pow(2).sum().backward()  {x}.max().backward()  {x}.max(-1)[0].sum().backward()  {x}.grad.pow(2).sum().backward(retain_graph=True)
    torch.autograd.grad({x}, {y}, torch.ones_like({x}), retain_graph=True)  torch.autograd.grad({x}, {y}, {z})  torch.autograd.grad({x}.sum(), [{y}, {z}], allow_unused=True, create_graph=True)
""")
NEW_GRADIENTS = words("""
    torch.autograd.grad({x}.sum(), {y}, create_graph=True)[0]  torch.autograd.grad({x}.exp().sum(), {y}, allow_unused=True)[0]  torch.autograd.grad({x}, {y}, torch.ones_like({x}))[0]
    torch.autograd.grad(({x} * {x}).sum(), {y}, create_graph=True)[0]  torch.autograd.functional.jacobian(lambda q: (q * q).sum(0), {x})
    torch.autograd.functional.hessian(lambda q: q.pow(3).sum(), {x})  torch.autograd.functional.vjp(torch.exp, {x}, {y})[1]
""")


class Maker:
    def __init__(self, seed):
        self.random, self.names = random.Random(seed), []

    def pick(self, *choices):
        return self.random.choice(choices)

    def new(self):
        self.names.append(f"t{len(self.names)}")
        return self.names[-1]

    def index(self):
        return ", ".join(self.random.choice(PARTS) for _ in range(self.pick(1, 1, 2)))

    def number(self):
        return self.pick("2", "-1", "0.5", "0", "3")

    def fill(self, word):
        """The word with its places filled, each name by one tensor."""
        own = {name: self.random.choice(self.names) for name in "xyz"}
        def place(found):
            kind = found[1]
            return (own[kind] if kind in own else self.index() if kind == "i" else self.number() if kind == "n" else self.pick("0", "-1", "1")
                    if kind == "d" else self.fill(self.random.choice(VIEWS)))
        return re.sub(r"\{(\w)\}", place, word)

    def word(self, kind):
        return self.fill(self.random.choice(kind))

    def creation(self):
        sizes = self.random.choice(SIZES)
        n = 1
        for size in sizes:
            n *= size
        if self.random.random() < 0.15:
            return f"(torch.arange({n}) - 1).reshape({sizes})"
        kind = self.random.choice(KINDS) if self.random.random() < 0.75 else ""
        return f"torch.tensor({[round(self.random.uniform(-2, 2), 2) for _ in range(n)]}).reshape({sizes}){' ' if kind[:1] == '>' else ''}{kind}"

    def statement(self):
        kind = self.random.random()
        if len(self.names) < 2 or kind < 0.12:
            text = self.creation()
        elif kind < 0.32:
            text = self.word(VIEWS)
            if self.random.random() < 0.06:
                return f"with torch.{self.pick('no_grad', 'enable_grad', 'inference_mode')}(): {self.new()} = {text}"
        elif kind < 0.34:
            text = self.pick("Twice", "Change", "Through", "Alias") + self.fill(".apply({x})")
        elif kind < 0.36:
            text = self.word(NEW_GRADIENTS)
        elif kind < 0.62:
            text = self.word(COMPUTED)
        elif kind < 0.86:
            return self.word(CHANGES)
        else:
            return self.word(GRADIENTS)
        return f"{self.new()} = {text}"

    def program(self):
        return [self.statement() for _ in range(self.random.randint(4, 14))]
