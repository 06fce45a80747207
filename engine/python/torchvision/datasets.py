"""Data sets that are on the disk already.  Nothing is fetched: a program here has no network."""

import os
import pickle

import torch
from torch.utils.data import Dataset

from torchvision.transforms.functional import to_pil_image

__all__ = ["CIFAR10", "CIFAR100", "DatasetFolder", "FakeData", "FashionMNIST", "ImageFolder", "KMNIST", "MNIST", "VisionDataset"]

IMG_EXTENSIONS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")


class VisionDataset(Dataset):
    """Items (image, target) below a folder, each through its transform."""

    def __init__(self, root, transforms=None, transform=None, target_transform=None):
        self.root = os.path.expanduser(root) if isinstance(root, (str, bytes)) else root
        self.transforms, self.transform, self.target_transform = transforms, transform, target_transform

    def _item(self, image, target):
        image = image if self.transform is None else self.transform(image)
        return image, target if self.target_transform is None else self.target_transform(target)

    def __repr__(self):
        lines = [f"Number of datapoints: {len(self)}"]
        if self.root is not None:
            lines.append(f"Root location: {self.root}")
        lines += self.extra_repr().splitlines()
        return "\n    ".join(["Dataset " + type(self).__name__] + lines)

    def extra_repr(self):
        return ""


def _refuse(name, folder, download):
    """Says what is missing, and where it would be looked for."""
    reason = "it cannot be downloaded, since a program here has no network" if download else "it is not there"
    raise RuntimeError(f"Dataset not found. {name}: {reason}. Put its files into {folder}")


class MNIST(VisionDataset):
    """Digits, as the four files of idx format in ROOT/MNIST/raw."""

    classes = ["0 - zero", "1 - one", "2 - two", "3 - three", "4 - four", "5 - five", "6 - six", "7 - seven", "8 - eight",
               "9 - nine"]

    def __init__(self, root, train=True, transform=None, target_transform=None, download=False):
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.train = train
        part = "train" if train else "t10k"
        paths = [os.path.join(self.raw_folder, f"{part}-{kind}") for kind in ("images-idx3-ubyte", "labels-idx1-ubyte")]
        if not all(map(os.path.exists, paths)):
            _refuse(type(self).__name__, self.raw_folder, download)
        self.data, self.targets = self._read(paths[0]), self._read(paths[1]).long()

    @property
    def raw_folder(self):
        return os.path.join(self.root, type(self).__name__, "raw")

    @staticmethod
    def _read(path):
        with open(path, "rb") as file:
            data = file.read()
        ndim = data[3]
        sizes = [int.from_bytes(data[4 * i + 4:4 * i + 8], "big") for i in range(ndim)]
        return torch.frombuffer(bytearray(data[4 + 4 * ndim:]), dtype=torch.uint8).view(sizes)

    def __len__(self):
        return len(self.data)

    def __getitem__(self, index):
        return self._item(to_pil_image(self.data[index]), int(self.targets[index]))

    def extra_repr(self):
        return f"Split: {'Train' if self.train else 'Test'}"


class FashionMNIST(MNIST):
    classes = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]


class KMNIST(MNIST):
    classes = ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"]


class CIFAR10(VisionDataset):
    """Small pictures, as the pickled files of the Python version in ROOT/cifar-10-batches-py."""

    base_folder, _meta, _labels = "cifar-10-batches-py", ("batches.meta", "label_names"), "labels"
    _files = {True: [f"data_batch_{i}" for i in range(1, 6)], False: ["test_batch"]}

    def __init__(self, root, train=True, transform=None, target_transform=None, download=False):
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.train = train
        folder = os.path.join(self.root, self.base_folder)
        if not all(os.path.exists(os.path.join(folder, name)) for name in self._files[train]):
            _refuse(type(self).__name__, folder, download)
        parts = [self._read(os.path.join(folder, name)) for name in self._files[train]]
        self.targets = [label for part in parts for label in part[self._labels]]
        import numpy
        self.data = numpy.concatenate([part["data"] for part in parts]).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        self.classes = self._read(os.path.join(folder, self._meta[0]))[self._meta[1]]
        self.class_to_idx = {name: i for i, name in enumerate(self.classes)}

    @staticmethod
    def _read(path):
        with open(path, "rb") as file:
            return pickle.load(file, encoding="latin1")

    def __len__(self):
        return len(self.data)

    def __getitem__(self, index):
        from PIL import Image
        return self._item(Image.fromarray(self.data[index]), self.targets[index])

    def extra_repr(self):
        return f"Split: {'Train' if self.train else 'Test'}"


class CIFAR100(CIFAR10):
    base_folder, _meta, _labels = "cifar-100-python", ("meta", "fine_label_names"), "fine_labels"
    _files = {True: ["train"], False: ["test"]}


class FakeData(VisionDataset):
    """Random pictures with random labels, the same at every reading."""

    def __init__(self, size=1000, image_size=(3, 224, 224), num_classes=10, transform=None, target_transform=None,
                 random_offset=0):
        super().__init__(None, transform=transform, target_transform=target_transform)
        self.size, self.image_size, self.num_classes, self.random_offset = size, image_size, num_classes, random_offset

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        if index >= len(self):
            raise IndexError(f"{type(self).__name__} index out of range")
        state = torch.get_rng_state()
        torch.manual_seed(index + self.random_offset)
        image, target = torch.randn(*self.image_size), torch.randint(0, self.num_classes, size=(1,), dtype=torch.long)[0]
        torch.set_rng_state(state)
        return self._item(to_pil_image(image), target.item())


def default_loader(path):
    from PIL import Image
    with open(path, "rb") as file:
        return Image.open(file).convert("RGB")


class DatasetFolder(VisionDataset):
    """ROOT/CLASS/FILE: the folders' names, in order, are the classes."""

    def __init__(self, root, loader, extensions=None, transform=None, target_transform=None, is_valid_file=None):
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.loader, self.extensions = loader, extensions
        self.classes = sorted(entry.name for entry in os.scandir(root) if entry.is_dir())
        if not self.classes:
            raise FileNotFoundError(f"Couldn't find any class folder in {root}.")
        self.class_to_idx = {name: i for i, name in enumerate(self.classes)}
        valid = is_valid_file or (lambda path: path.lower().endswith(tuple(extensions)))
        self.samples = [(os.path.join(folder, file), target) for name, target in self.class_to_idx.items()
                        for folder, _, files in sorted(os.walk(os.path.join(root, name), followlinks=True))
                        for file in sorted(files) if valid(os.path.join(folder, file))]
        self.targets = [target for _, target in self.samples]

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        path, target = self.samples[index]
        return self._item(self.loader(path), target)


class ImageFolder(DatasetFolder):
    def __init__(self, root, transform=None, target_transform=None, loader=default_loader, is_valid_file=None):
        super().__init__(root, loader, IMG_EXTENSIONS if is_valid_file is None else None, transform, target_transform,
                         is_valid_file)
        self.imgs = self.samples


def __getattr__(name):
    if name[0] == "_":
        raise AttributeError(f"module 'torchvision.datasets' has no attribute '{name}'")
    raise NotImplementedError(f"torchvision.datasets.{name} comes with torchvision (Debian's python3-torchvision), which is "
                              "not installed here")
