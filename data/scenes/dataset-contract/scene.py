"""What a map-style Dataset promises: a length and an item for each index, and nothing else.

Twelve handwritten digits become twelve files.  A tape keeps every call of `__getitem__`, so
that loops, loaders and worker processes show which indices they ask for, and when.
"""

import shutil
from pathlib import Path

import torch
from torch.utils.data import DataLoader, Dataset, IterableDataset, get_worker_info

import gradboard as gb

DIGITS = Path(__file__).resolve().parents[2] / "datasets" / "digits.bin"
ROWS = 12
BATCH = 2


def write_files(folder="digits"):
    """A file per digit: mean of its pixels, share of the ink in the left half and in the top half; label."""
    records = torch.frombuffer(bytearray(DIGITS.read_bytes()), dtype=torch.uint8).reshape(-1, 65)[:ROWS]
    images = records[:, :64].reshape(-1, 8, 8).float() / 16
    Path(folder).mkdir(exist_ok=True)
    for i, (image, label) in enumerate(zip(images, records[:, 64].tolist())):
        left, top = image[:, :4].sum() / image.sum(), image[:4].sum() / image.sum()
        Path(folder, f"{i:02}.txt").write_text(f"{image.mean().item():.3f} {left.item():.3f} {top.item():.3f} {label}")
    return folder


def read_file(path):
    *features, label = path.read_text().split()
    return torch.tensor([float(text) for text in features]), int(label)


class LazyRows(Dataset):
    """Knows the names of the files; opens one when it is asked for."""

    def __init__(self, folder, transform=None):
        self.paths, self.transform, self.tape = sorted(Path(folder).glob("*.txt")), transform, []
        self.length_asked = 0

    def __len__(self):
        self.length_asked += 1
        return len(self.paths)

    def __getitem__(self, index):
        gb.mark("index")
        self.tape.append(index)
        path = self.paths[index]                     # a list raises the IndexError
        gb.mark("read file")
        features, label = read_file(path)
        if self.transform is not None:
            gb.mark("transform")
            features = self.transform(features)
        return features, label


class EagerRows(Dataset):
    """Reads and transforms all of it at the start, and keeps the results."""

    def __init__(self, folder, transform=lambda features: features):
        rows = [read_file(path) for path in sorted(Path(folder).glob("*.txt"))]
        self.rows = [(transform(features), label) for features, label in rows]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        return self.rows[index]


class TooLong(LazyRows):
    def __len__(self):
        return super().__len__() + 1


class NoLength(Dataset):
    def __getitem__(self, index):
        return index


def taken(dataset):
    """The tape since it was last looked at."""
    tape, dataset.tape = dataset.tape, []
    return tape


def outcome(action):
    try:
        return action()
    except Exception as error:
        return f"{type(error).__name__}"


def walk(dataset):
    """The items that a plain loop gets; list(dataset) would ask for the length as well."""
    return [item for item in dataset]


def told(name, rows):
    """The tape as a curve: point n is the row that call n asked for."""
    tape = taken(rows)
    asked, rows.length_asked = rows.length_asked > 0, 0
    print(f"{name:<18}", *tape, "  asked for the length" if asked else "  never asked for the length")
    for call, index in enumerate(tape):
        gb.log(name, index, call, "call")
    return tape, asked


def contract():
    """Who asks for what: a plain loop, a loader in order, a shuffled one."""
    gb.ask("for-last")
    rows = LazyRows(write_files())
    items = walk(rows)
    by_loop, asked = told("for x in ds", rows)
    gb.tell("for-last", by_loop[-1])
    gb.check("the loop never asks for the length", not asked)
    gb.check("IndexError ends the loop and is not seen outside", len(items) == ROWS)

    for _ in DataLoader(rows, batch_size=BATCH):
        gb.mark("batch")
    told("loader", rows)
    generator = torch.Generator().manual_seed(1)
    for _ in DataLoader(rows, batch_size=BATCH, shuffle=True, generator=generator):
        gb.mark("batch")
    shuffled, asked = told("loader, shuffled", rows)
    gb.check("shuffled, each index is asked for once", sorted(shuffled) == list(range(ROWS)))
    gb.check("it takes the length to shuffle", asked)

    long = TooLong("digits")
    print("\nlength one too big:  for", len(walk(long)), "items, loader", outcome(lambda: list(DataLoader(long, batch_size=BATCH))))
    gb.check("the loader trusts the length", taken(long)[-1] == ROWS)

    gb.ask("no-length")
    print("no __len__:  len(ds)", outcome(lambda: len(NoLength())))
    made = outcome(lambda: DataLoader(NoLength(), shuffle=True))
    print("             DataLoader(ds, shuffle=True)", made)
    in_order = DataLoader(NoLength())
    first = outcome(lambda: next(iter(in_order)))
    print("             DataLoader(ds) is made; its first batch", first)
    gb.tell("no-length", "made" if made == "TypeError" else "first batch" if first == "TypeError" else "never")


def lazy(epochs=3):
    """When the file is read, and how often a transform runs."""
    folder = write_files()
    eager, rows = EagerRows(folder), LazyRows(folder)
    gb.check("a lazy dataset has read nothing yet", not rows.tape)
    label = rows[3][1]
    rows.paths[3].write_text("0.250 0.500 0.500 9")      # somebody writes another row 3
    print("label of row 3 was", label, "and is, once its file is another: eager", eager[3][1], "lazy", rows[3][1])
    gb.check("eager keeps what it read, lazy reads again", eager[3][1] == label and rows[3][1] == 9)

    calls = 0

    def noisy(features):
        nonlocal calls
        calls += 1
        return features + 0.05 * torch.randn(3)

    gb.ask("transform-calls")
    torch.manual_seed(0)
    seen = {}
    for name, kind in (("eager", EagerRows), ("lazy", LazyRows)):
        calls = 0
        dataset, ink = kind(folder, noisy), []
        for epoch in range(epochs):
            features = torch.cat([x for x, _ in DataLoader(dataset, batch_size=BATCH)])
            ink.append(features[:, 0])
            gb.log(f"ink of row 3, {name}", features[3, 0], epoch, "epoch")
        seen[name] = torch.stack(ink)
        print(f"{name:<6} {epochs} epochs of {ROWS} rows: the transform ran {calls} times")
    gb.tell("transform-calls", calls)
    spread = torch.stack([seen["eager"].std(dim=0), seen["lazy"].std(dim=0)])
    gb.show(spread, view="grid", labels=[["eager", "lazy"], [f"row {i}" for i in range(ROWS)]])
    print("spread of a row's ink over the epochs: eager", round(spread[0].max().item(), 4), "lazy", round(spread[1].mean().item(), 4))
    gb.check("noise kept at the start is the same in each epoch", spread[0].max() == 0)
    gb.check("noise made anew is another each time", spread[1].min() > 0)


class Traced(LazyRows):
    """An item tells its index and the worker that read it; -1 is the main process."""

    def __getitem__(self, index):
        super().__getitem__(index)
        worker = get_worker_info()
        return index, worker.id if worker else -1


class Stream(IterableDataset):
    """The same rows as a stream: no index, no length, and each worker has a whole one."""

    def __init__(self, dataset, shared=False):
        self.dataset, self.shared = dataset, shared

    def __iter__(self):
        worker = get_worker_info()
        step = worker.num_workers if worker and self.shared else 1
        first = worker.id if worker and self.shared else 0
        return (self.dataset[i][0] for i in range(first, len(self.dataset), step))


def order_of(dataset, seed, workers):
    """Indices in the order in which their items arrive, and who read them."""
    generator = torch.Generator().manual_seed(seed)
    loader = DataLoader(dataset, batch_size=BATCH, shuffle=True, num_workers=workers, generator=generator)
    return [torch.cat(column) for column in zip(*loader)]


def workers():
    """The main process shuffles the indices and deals out batches of them; workers read."""
    rows = Traced(write_files())
    gb.ask("calls-here")
    order, reader = order_of(rows, seed=1, workers=2)
    calls_here = taken(rows)
    gb.tell("calls-here", len(calls_here))
    print("order ", *(f"{index:>2}" for index in order.tolist()))
    print("worker", *(f"{worker:>2}" for worker in reader.tolist()))
    gb.check("each index is read once", sorted(order.tolist()) == list(range(ROWS)))
    gb.check("batches are dealt out in turn", reader.tolist() == [i // BATCH % 2 for i in range(ROWS)])

    alone, again, other = (order_of(rows, seed, workers=0)[0] for seed in (1, 1, 2))
    gb.check("one seed, one order, with workers or without", torch.equal(alone, again) and torch.equal(alone, order))
    gb.check("another seed, another order", not torch.equal(alone, other))
    orders = torch.stack([torch.arange(ROWS), alone, order, other]).float()
    gb.show(orders, view="grid", labels=[["not shuffled", "seed 1", "seed 1, by w0 and w1", "seed 2"],
                                         [f"w{worker}" for worker in reader.tolist()]])

    for shared in (False, True):
        got = torch.cat(list(DataLoader(Stream(rows, shared), batch_size=BATCH, num_workers=2))).tolist()
        print(f"stream, two workers, {'divided' if shared else 'not divided'}: {len(got)} rows, {len(set(got))} different")
        gb.check(f"a stream {'divided by worker gives each row once' if shared else 'that nobody divides comes twice'}",
                 len(got) == (ROWS if shared else 2 * ROWS))


if __name__ == "__main__":
    for tab in (contract, lazy, workers):
        tab()
        print()
    shutil.rmtree("digits")
