"""Models from elsewhere: weights by their address, entry points of a hubconf.py in a folder."""

import errno
import hashlib
import importlib.util
import os
import re
import sys
import tempfile
import urllib.request
import warnings
from urllib.parse import urlparse

import torch

__all__ = ["download_url_to_file", "get_dir", "help", "list", "load", "load_state_dict_from_url", "set_dir"]

_hub_dir = None
_HASH = re.compile(r"-([a-f0-9]*)\.")

try:
    from tqdm.auto import tqdm
except ImportError:
    class tqdm:
        """A progress bar for where the package tqdm is not installed: it counts and shows nothing."""

        def __init__(self, iterable=None, total=None, disable=False, unit=None, *args, **kwargs):
            self.iterable, self.total, self.n = iterable, total, 0

        def __iter__(self):
            return iter(self.iterable)

        def update(self, n=1):
            self.n += n

        def set_description(self, *args, **kwargs):
            pass

        set_postfix = set_description

        def close(self):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *exception):
            pass


def _get_torch_home():
    cache = os.getenv("XDG_CACHE_HOME", "~/.cache")
    return os.path.expanduser(os.getenv("TORCH_HOME", os.path.join(cache, "torch")))


def get_dir():
    """Where downloads are kept."""
    if os.getenv("TORCH_HUB"):
        warnings.warn("TORCH_HUB is deprecated, please use env TORCH_HOME instead")
    return os.path.join(_get_torch_home(), "hub") if _hub_dir is None else _hub_dir


def set_dir(d):
    global _hub_dir
    _hub_dir = os.path.expanduser(d)


def _local(folder):
    """The module hubconf.py of a folder."""
    sys.path.insert(0, folder)
    try:
        spec = importlib.util.spec_from_file_location("hubconf.py", os.path.join(folder, "hubconf.py"))
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(folder)
    missing = [name for name in getattr(module, "dependencies", ()) if importlib.util.find_spec(name) is None]
    if missing:
        raise RuntimeError(f"Missing dependencies: {', '.join(missing)}")
    return module


def _entry(folder, model):
    function = getattr(_local(folder), model, None)
    if not callable(function):
        raise RuntimeError(f"Cannot find callable {model} in hubconf")
    return function


def _folder(repo, source, what):
    if source not in ("github", "local"):
        raise ValueError(f'Unknown source: "{source}". Allowed values: "github" | "local".')
    if source == "github":
        raise NotImplementedError(f"torch.hub.{what} from GitHub is not implemented in Gradboard's engine; "
                                  "a folder with a hubconf.py works with source='local'")
    return repo


def load(repo_or_dir, model, *args, source="github", trust_repo=None, force_reload=False, verbose=True,
         skip_validation=False, **kwargs):
    """Calls an entry point of a folder's hubconf.py."""
    return _entry(_folder(repo_or_dir, source.lower(), "load"), model)(*args, **kwargs)


def list(github, force_reload=False, skip_validation=False, trust_repo=None):
    return _folder(github, "github", "list")


def help(github, model, force_reload=False, skip_validation=False, trust_repo=None):
    return _folder(github, "github", "help")


def download_url_to_file(url, dst, hash_prefix=None, progress=True):
    """Fetches url into the file dst; its SHA256 must begin with hash_prefix."""
    dst = os.path.expanduser(dst)
    with urllib.request.urlopen(urllib.request.Request(url, headers={"User-Agent": "torch.hub"})) as response:
        folder, digest = os.path.dirname(dst), hashlib.sha256()
        with tempfile.NamedTemporaryFile(dir=folder or ".", delete=False) as file:
            try:
                while block := response.read(1 << 16):
                    digest.update(block)
                    file.write(block)
                found = digest.hexdigest()
                if hash_prefix is not None and found[:len(hash_prefix)] != hash_prefix:
                    raise RuntimeError(f'invalid hash value (expected "{hash_prefix}", got "{found}")')
                os.replace(file.name, dst)
            except BaseException:
                os.unlink(file.name)
                raise


def load_state_dict_from_url(url, model_dir=None, map_location=None, progress=True, check_hash=False, file_name=None):
    """What torch.load reads from a file that is fetched once and kept in model_dir."""
    folder = os.path.join(get_dir(), "checkpoints") if model_dir is None else model_dir
    try:
        os.makedirs(folder)
    except OSError as error:
        if error.errno != errno.EEXIST:
            raise
    name = file_name or os.path.basename(urlparse(url).path)
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        sys.stderr.write(f'Downloading: "{url}" to {path}\n')
        expected = _HASH.search(name) if check_hash else None
        download_url_to_file(url, path, expected and expected[1], progress)
    return torch.load(path, map_location=map_location)
