"""Looks for hidden checks wherever a program can look.  FIRST and SECOND are the two halves of what stands in them, TREE and
OTHERS the folders in which they lie; the test writes these four lines above."""

import ctypes
import gc
import os
import sys

found, looked = [], 0


def search(where, data):
    """Is the secret in these bytes?  Neither it nor its search ever forms it in memory."""
    global looked
    looked += 1
    at = data.find(FIRST)
    while at >= 0:
        if data[at + len(FIRST):at + len(FIRST) + len(SECOND)] == SECOND:
            found.append(where)
            return
        at = data.find(FIRST, at + 1)


def read(path):
    try:
        with open(path, "rb") as file:
            search(path, file.read(1 << 20))
    except (OSError, ValueError):
        pass


def walk(folder):
    for root, folders, files in os.walk(folder):
        folders[:] = folders[:300]
        for name in files[:500]:
            read(os.path.join(root, name))


def files():
    for folder in [TREE, *OTHERS]:
        for path in ("", "cases", "cases/Z99", "exercises", "../.git"):
            try:
                inside = os.listdir(os.path.join(folder, path))
                if "cases" in path and inside:
                    found.append(f"list of {folder}/{path}")
            except OSError:
                pass
        for name in ("check.py", "case.json", "fixes/right-1.py", "../../../.git/packed"):
            for prefix in ("", "/proc/self/root", "/proc/self/cwd/../../../../../.."):
                read(f"{prefix}{folder}/cases/Z99/{name}")
        try:
            os.symlink(f"{folder}/cases", "link")
            read("link/Z99/check.py")
            os.unlink("link")
        except OSError:
            pass
        try:
            os.link(f"{folder}/cases/Z99/check.py", "hard")
            read("hard")
        except OSError:
            pass
        read(os.path.join(os.path.dirname(folder), "open.txt"))
        walk(folder)
        walk(os.path.dirname(folder))
    for folder in ("/tmp", "/usr/local/share", "/home", "/root", "/var/lib", "/run", "/dev/shm", "/etc", os.getcwd()):
        walk(folder)
    for folder in sys.path:
        if folder and "/usr/lib" not in folder:
            walk(folder)


def processes():
    for pid in range(1, 400):
        for name in ("environ", "cmdline", "maps", "mem", "fd/3", "fd/6", "task", "cwd/check.py", "root" + TREE + "/cases/Z99/check.py"):
            read(f"/proc/{pid}/{name}")
    libc = ctypes.CDLL(None, use_errno=True)
    for pid in (os.getppid(), 1):
        if libc.ptrace(16, pid, 0, 0) == 0:
            found.append(f"ptrace of {pid}")


def descriptors():
    for fd in [0] + list(range(7, 64)):
        try:
            os.set_blocking(fd, False)
            search(f"descriptor {fd}", os.pread(fd, 1 << 20, 0))
        except OSError:
            pass


def objects():
    for thing in gc.get_objects():
        for inner in gc.get_referents(thing):
            if isinstance(inner, (str, bytes, bytearray)):
                search("an object", inner.encode("utf-8", "replace") if isinstance(inner, str) else bytes(inner))
    frame = sys._getframe()
    while frame:
        for name, value in frame.f_locals.items():
            if isinstance(value, str):
                search(f"frame {frame.f_code.co_name}.{name}", value.encode("utf-8", "replace"))
        frame = frame.f_back
    for name, value in os.environ.items():
        search(f"environment {name}", value.encode("utf-8", "replace"))
    for module in list(sys.modules.values()):
        for name, value in list(getattr(module, "__dict__", {}).items()):
            if isinstance(value, str):
                search(f"module {module.__name__}.{name}", value.encode("utf-8", "replace"))


def memory():
    """All that is in this process's own memory."""
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as mem:
        for line in maps:
            begin, end = (int(part, 16) for part in line.split()[0].split("-"))
            if line.split()[1][0] == "r" and end - begin < 1 << 28 and "[v" not in line:
                try:
                    mem.seek(begin)
                    search(f"memory {line.split()[-1]}", mem.read(end - begin))
                except (OSError, ValueError, OverflowError):
                    pass


def pry():
    for part in (files, processes, descriptors, objects, memory):
        try:
            part()
        except Exception as error:
            print(part.__name__, "stopped:", error)
    return f"found {found[:5]}" if found else f"clean after {looked} places"


def answer(x):
    """What the check calls."""
    raise RuntimeError(pry())


if __name__ == "__main__":
    print(pry())
