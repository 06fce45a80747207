"""Makes digits.bin from the copy of the UCI digits in Debian's python3-sklearn.

    /usr/bin/python3 make_digits.py

The file is 1,797 records of 65 bytes: 64 pixels (8 rows of 8, values 0 to 16),
then the label.  The first 1,437 records are for training, the last 360 for
testing; each part holds every class in the same share as the whole (within one
record), and both keep the order of the source.
"""

import gzip
import random
from pathlib import Path

SOURCE = Path("/usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz")
TRAIN, TEST = 1437, 360


def read_records():
    with gzip.open(SOURCE, "rt", encoding="ascii") as lines:
        return [bytes(int(float(value)) for value in line.split(",")) for line in lines]


def test_counts(labels):
    """How many test records each class gets: its share, largest remainders first."""
    size = len(labels)
    counts, remainders = {}, []
    for label in sorted(set(labels)):
        counts[label], remainder = divmod(labels.count(label) * TEST, size)
        remainders.append((-remainder, label))
    for _, label in sorted(remainders)[: TEST - sum(counts.values())]:
        counts[label] += 1
    return counts


def main():
    records = read_records()
    labels = [record[64] for record in records]
    random_source = random.Random(0)
    chosen = set()
    for label, count in test_counts(labels).items():
        members = [i for i, other in enumerate(labels) if other == label]
        chosen.update(random_source.sample(members, count))
    train = [record for i, record in enumerate(records) if i not in chosen]
    test = [record for i, record in enumerate(records) if i in chosen]
    assert (len(train), len(test)) == (TRAIN, TEST)
    Path(__file__).with_name("digits.bin").write_bytes(b"".join(train + test))


if __name__ == "__main__":
    main()
