"""The small torchvision of the engine beside torchvision itself: transforms, data sets, grids."""
import os
import sys
import tempfile

from harness import case, expressions, run


def vision():
    """torchvision; on the engine its own one, as where no other is installed."""
    import torch
    if "torchvision" not in sys.modules:
        path = list(sys.path)
        if hasattr(torch._C, "_missing"):
            sys.path[:] = [p for p in path if "dist-packages" not in p]
        import torchvision
        import torchvision.datasets
        import torchvision.transforms
        import torchvision.utils
        sys.path[:] = path
    return sys.modules["torchvision"]


NAMES = dict(setup='''
from __main__ import vision
T = vision().transforms
F = T.functional
def seeded(step, image, n=4):
    torch.manual_seed(5)
    return [step(image) for _ in range(n)]
''',
             image="(torch.arange(3 * 9 * 12).view(3, 9, 12) * 7 % 256).to(torch.uint8)", x="image / 255")

expressions('''
T.Compose([T.ToTensor(), T.Resize(8), T.Normalize((0.5,), (0.5,))])
T.Normalize([0.1, 0.2, 0.3], [0.5, 0.6, 0.7])(x)
T.Normalize((0.5,), (0.5,))(x)
T.Normalize((0.5,), (0.5,))(image)
T.Normalize((0.5,), (0.,))(x)
T.Normalize((0.5,), (0.5,))(3)
T.ToTensor()(3)
T.Lambda(3)
T.Lambda(lambda v: v + 1)(x)
T.Resize(6)(x), T.Resize((4, 5))(x), T.Resize(6)(image)
T.Resize(6, interpolation=T.InterpolationMode.NEAREST)(x)
T.Resize(6, max_size=7)
T.CenterCrop(5)(x), T.CenterCrop((11, 14))(x), T.CenterCrop(5)
T.Pad(2)(x), T.Pad((1, 2), fill=1)(x), T.Pad((1, 2, 3, 0), padding_mode="reflect")(x), T.Pad(1, padding_mode="edge")(image)
seeded(T.RandomCrop(5), x), T.RandomCrop(5)
seeded(T.RandomCrop(9, padding=2), x), T.RandomCrop(9, padding=2)
seeded(T.RandomCrop(14, pad_if_needed=True), x)
T.RandomCrop(20)(x)
seeded(T.RandomHorizontalFlip(), x, 6), T.RandomHorizontalFlip()
seeded(T.RandomVerticalFlip(0.3), x, 6), T.RandomVerticalFlip(0.3)
seeded(T.RandomResizedCrop(6), x), T.RandomResizedCrop(6)
seeded(T.RandomApply([T.Resize(4)], p=0.4), x, 6)
T.Grayscale()(x), T.Grayscale(3)(image), T.Grayscale()
T.ConvertImageDtype(torch.float32)(image), T.ConvertImageDtype(torch.uint8)(x)
F.crop(x, -1, 2, 5, 12), F.hflip(x), F.vflip(x), F.get_image_size(x)
''', **NAMES)

expressions('''
vision().utils.make_grid(x)
vision().utils.make_grid(x, nrow=3, padding=1, pad_value=0.5)
vision().utils.make_grid(x, normalize=True)
vision().utils.make_grid(list(x), normalize=True, scale_each=True, value_range=(0.2, 0.8))
vision().utils.make_grid(x[0])
vision().utils.make_grid(3)
''', x="torch.rand(5, 1, 4, 6)", setup="from __main__ import vision")


@case
def pictures_of_pillow():
    import torch
    T = vision().transforms
    image = T.ToPILImage()((torch.arange(3 * 9 * 12).view(3, 9, 12) * 7 % 256).to(torch.uint8))
    torch.manual_seed(1)
    step = T.Compose([T.Resize(8), T.RandomCrop(6, padding=1), T.RandomHorizontalFlip(), T.ToTensor()])
    return image.size, image.mode, step(image), T.PILToTensor()(T.Grayscale()(image)), T.CenterCrop(4)(image).size


@case
def data_that_is_made_up():
    import torch
    V = vision()
    torch.manual_seed(2)
    data = V.datasets.FakeData(6, (3, 8, 8), 4, transform=V.transforms.ToTensor())
    loader = torch.utils.data.DataLoader(data, batch_size=3, shuffle=True)
    return [(x.mean((1, 2, 3)), y) for x, y in loader], len(data)


@case
def digits_from_the_disk():
    import torch
    V, out = vision(), []
    with tempfile.TemporaryDirectory() as root:
        raw = os.path.join(root, "MNIST", "raw")
        os.makedirs(raw)
        for part, n in (("train", 5), ("t10k", 3)):
            with open(os.path.join(raw, part + "-images-idx3-ubyte"), "wb") as file:
                file.write(bytes([0, 0, 8, 3]) + b"".join(k.to_bytes(4, "big") for k in (n, 4, 4)) + bytes(i % 256 for i in range(n * 16)))
            with open(os.path.join(raw, part + "-labels-idx1-ubyte"), "wb") as file:
                file.write(bytes([0, 0, 8, 1]) + n.to_bytes(4, "big") + bytes(range(n)))
        for train in (True, False):
            data = V.datasets.MNIST(root, train=train, transform=V.transforms.ToTensor())
            out += [len(data), data[1], data.data.shape, data.targets, data.classes[3], type(data).__name__]
    return out


@case
def folders_of_pictures():
    import torch
    V = vision()
    with tempfile.TemporaryDirectory() as root:
        for name, value in (("cat", 10), ("dog", 200)):
            os.makedirs(os.path.join(root, name))
            for i in range(2):
                V.utils.save_image(torch.full((3, 4, 4), value / 255), os.path.join(root, name, f"{i}.png"))
        data = V.datasets.ImageFolder(root, transform=V.transforms.ToTensor())
        return data.classes, data.class_to_idx, data.targets, [(x.mean(), y) for x, y in data]


@case
def boxes_that_overlap():
    import torch
    import torchvision  # noqa: F401
    nms = torch.ops.torchvision.nms
    torch.manual_seed(0)
    corner = torch.rand(40, 2) * 50
    boxes, scores = torch.cat([corner, corner + torch.rand(40, 2) * 30 + 1], 1), torch.rand(40)
    told = [nms(boxes, scores, t).tolist() for t in (0.1, 0.5, 0.9)] + [nms(boxes[:0], scores[:0], 0.5).tolist()]
    for wrong in ((boxes[0], scores), (boxes[:, :3], scores), (boxes, scores[:3]), (boxes, scores[None]), (boxes, scores.double())):
        try:
            told.append(nms(*wrong, 0.5))
        except RuntimeError as error:
            told.append(str(error).splitlines()[0])
    return told


run(__file__)
