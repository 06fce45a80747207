"""The version as a text that compares as versions do: "1.13.1" is more than "1.9"."""

_PATTERN = (r"\s*v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?(\d*))?"
            r"(?:-(\d+)|[-_.]?(?:post|rev|r)[-_.]?(\d*))?(?:[-_.]?dev[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?\s*")
_STAGES = {"alpha": "a", "beta": "b", "c": "rc", "pre": "rc", "preview": "rc"}
_LAST = (2,)  # after every number and every text below


class InvalidVersion(ValueError):
    pass


def _key(version):
    """A tuple in the order of versions (PEP 440): development before alpha, beta, candidate, release, what came after it."""
    import re  # here: importing torch compares no versions
    found = re.fullmatch(_PATTERN, version, re.IGNORECASE)
    if not found:
        raise InvalidVersion(f"Invalid version: '{version}'")
    epoch, release, stage, number, dash, post, dev, local = found.groups()
    release = [int(part) for part in release.split(".")]
    while len(release) > 1 and release[-1] == 0:
        release.pop()
    is_post, is_dev = dash is not None or post is not None, dev is not None
    if stage is None:
        before = (0,) if is_dev and not is_post else _LAST
    else:
        before = (1, _STAGES.get(stage.lower(), stage.lower()), int(number or 0))
    parts = [] if local is None else [(1, int(p), "") if p.isdigit() else (0, 0, p.lower()) for p in re.split("[-_.]", local)]
    return (int(epoch or 0), release, before, (1, int(dash or post or 0)) if is_post else (0,),
            (1, int(dev or 0)) if is_dev else _LAST, (0,) if local is None else (1, parts))


class TorchVersion(str):
    """Compares with texts and with tuples of numbers; with what is no version as texts do."""

    __hash__ = str.__hash__

    def _compare(self, other, method):
        try:
            other_key = _key(other) if isinstance(other, str) else _key(".".join(str(part) for part in other))
            return getattr(_key(self), method)(other_key)
        except InvalidVersion:
            return getattr(str, method)(self, other)

    def __eq__(self, other):
        return self._compare(other, "__eq__")

    def __lt__(self, other):
        return self._compare(other, "__lt__")

    def __le__(self, other):
        return self._compare(other, "__le__")

    def __gt__(self, other):
        return self._compare(other, "__gt__")

    def __ge__(self, other):
        return self._compare(other, "__ge__")


internal_version = "1.13.1"
__version__ = TorchVersion(internal_version)
