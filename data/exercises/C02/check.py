import contextlib

import torch

from gradboard_check import check, close, equal, holds, is_kind, person, raises, taken, tape, torch_there, value

N = 23


def records_of(n):
    return torch.cat([torch.randint(0, 17, (n, 64)), torch.randint(0, 10, (n, 1))], dim=1).to(torch.uint8)


@contextlib.contextmanager
def written(records, path="records.gbd"):
    """The file over there, as long as it is looked at."""
    person.write_file(path, records)
    try:
        yield path
    finally:
        person.remove_file(path)


def image_of(record):
    return record[:64].reshape(1, 8, 8).float() / 16


def same_item(got, record, given):
    image, label = got
    holds(is_kind(image, "Tensor"), given, "image: a tensor", image)
    equal(str(value(image).dtype), "torch.float32", {**given, "what": "dtype of the image"})
    close(image, image_of(record), {**given, "record": record.tolist()})
    holds(type(label) is int, given, "label: an int", label)
    equal(label, int(record[64]), {**given, "what": "label"})


@check("items")
def items():
    records = records_of(N)
    with written(records) as path:
        digits = person.Digits(path)
        for index in (0, 7, N - 1, 7):
            same_item(digits[index], records[index], {"records in the file": N, "index": index})


@check("bounds")
def bounds():
    records = records_of(N)
    with written(records) as path:
        digits = person.Digits(path)
        equal(len(digits), N, {"records in the file": N, "call": "len"})
        for index in (-1, -N):
            same_item(digits[index], records[index], {"records in the file": N, "index": index})
        for index in (N, N + 5, -N - 1):
            raises("IndexError", lambda: digits[index], given={"records in the file": N, "index": index})
        equal(len(list(digits)), N, {"records in the file": N, "call": "list(dataset)"})
    with written(records[:0]) as path:
        digits = person.Digits(path)
        equal(len(digits), 0, {"records in the file": 0, "call": "len"})
        raises("IndexError", lambda: digits[0], given={"records in the file": 0, "index": 0})


@check("lazy")
def lazy():
    before, after = records_of(N), records_of(N)
    with written(before) as path:
        digits = person.Digits(path)
        digits[3]
        person.write_file(path, after)
        for index in (5, 3):
            same_item(digits[index], after[index], {"done": "the file was written anew after the dataset was made", "index": index})


@check("transform")
def transform():
    records = records_of(N)
    with written(records) as path:
        called = tape("torch.neg")
        digits = person.Digits(path, torch_there().neg)
        len(digits)
        equal(len(taken(called)), 0, {"calls of the transform before an item was asked for": "counted"})
        for _ in range(2):
            close(digits[4][0], -image_of(records[4]), {"transform": "neg", "index": 4})
        equal(len(taken(called)), 2, {"calls of the transform after digits[4] twice": "counted"})
        equal(digits[4][1], int(records[4][64]), {"transform": "neg", "index": 4, "what": "label"})
        close(person.Digits(path, transform=torch_there().flatten)[2][0], image_of(records[2]).flatten(), {"transform": "flatten", "index": 2})
        noisy = person.Digits(path, torch_there().rand_like)
        first, second = value(noisy[1][0]), value(noisy[1][0])
        holds(not torch.equal(first, second), {"transform": "random", "index": "1, twice"}, "two different images", second)


@check("sent")
def sent():
    records = records_of(400)
    with written(records) as path:
        digits = person.Digits(path)
        digits[0]
        copy = person.sent_to_worker(digits)
        for index in (399, 0):
            same_item(copy[index], records[index], {"done": "sent to a worker", "index": index})
        large = len(person.pickle.dumps(digits))
    with written(records[:4]) as path:
        small = len(person.pickle.dumps(person.Digits(path)))
    holds(large - small < 1000, {"records in the file": "4, then 400"}, "as many bytes to send, more or less", f"{small}, then {large}")


@check("loader")
def loader():
    records = records_of(N)
    with written(records) as path:
        digits = person.Digits(path)
        digits[0]
        orders = []
        for seed in (1, 1, 2):
            generator = torch_there().Generator().manual_seed(seed)
            batches = list(torch_there().utils.data.DataLoader(digits, batch_size=5, shuffle=True, num_workers=2, generator=generator))
            images, labels = torch.cat([value(x) for x, _ in batches]), torch.cat([value(y) for _, y in batches])
            given = {"DataLoader": "batch_size=5, shuffle=True, num_workers=2"}
            equal([str(images.dtype), str(labels.dtype)], ["torch.float32", "torch.int64"], {**given, "what": "dtypes of a batch"})
            rows = torch.cat([images.reshape(-1, 64) * 16, labels[:, None].float()], dim=1)
            equal(sorted(rows.tolist()), sorted(records.float().tolist()), {**given, "what": "all records, each once"})
            orders.append(rows)
        holds(torch.equal(orders[0], orders[1]), {"generator": "the same seed twice"}, "the same order", "another order")
        holds(not torch.equal(orders[0], orders[2]), {"generator": "two seeds"}, "two orders", "one order")
