"""Drives the real window through accessibility: everything is found by role and name."""
import os
import shutil
import signal
import subprocess
import sys
import time

from accessible import ROOT, Node, Tree


class Failure(Exception):
    pass


PATIENCE = 6 if "ASAN_OPTIONS" in os.environ else 1  # a sanitizer makes everything slow


def wait_for(what, check, seconds=20.0):
    """The first result of check() that is true; Failure when there is none in time."""
    end = time.monotonic() + seconds * PATIENCE
    while time.monotonic() < end:
        try:
            result = check()
        except Exception:  # a widget may go while it is looked at
            result = None
        if result:
            return result
        time.sleep(0.1)
    raise Failure("waited %.0f s for %s" % (seconds, what))


class Board:
    PRUNED = ("GbOutlineSidebar", "GbOutlineMap", "GtkSourceGutter", "GtkTextViewChild", "AdwTabBar")

    def __init__(self, program, *arguments, **environment):
        self.process = subprocess.Popen([program, *arguments], env={**os.environ, **environment})
        self.app = Node(wait_for("the window", self._find_tree), ROOT)

    def _find_tree(self):
        if self.process.poll() is not None:
            raise SystemExit("the board ended with status %s" % self.process.returncode)
        return Tree.of_process(self.process.pid)

    def walk(self, root=None):
        """Every node that is of interest, parents first: without scroll bars, outline and rows of lists."""
        root = root or self.app
        return root.tree.walk(root.path, lambda node: node.role in ("scroll bar", "table row") or node.name in self.PRUNED)

    def find(self, role, name=None, prefix=None):
        return next((node for node in self.walk() if node.role == role and (name is None or node.name == name)
                     and (prefix is None or node.name.startswith(prefix))), None)

    def wait(self, role, name=None, prefix=None, seconds=20.0):
        return wait_for("a %s %r" % (role, name or prefix), lambda: self.find(role, name, prefix), seconds)

    def settle(self, seconds=2.0):
        """Until nothing in the window has changed for a moment, as a person waits before the next click; or so long."""
        end, before = time.monotonic() + seconds * PATIENCE, None
        while time.monotonic() < end:
            now = [(node.path, node.name, node.is_sensitive) for node in self.walk()]
            if now == before:
                return
            before = now
            time.sleep(0.15)

    def press(self, name, seconds=20.0):
        """Presses the button or menu item of that name.  A menu button holds the button that acts: the last one counts."""
        def pressed():
            self.settle()
            buttons = [node for node in self.walk()
                       if node.name == name and node.role in ("push button", "toggle button", "menu item", "page tab")]
            return buttons and buttons[-1].is_sensitive and buttons[-1].act()
        wait_for("a button %r that can be pressed" % name, pressed, seconds)
        time.sleep(0.35 * PATIENCE)  # GTK lets a button look pressed for 250 ms, acts then, and takes no other press before

    def labels(self):
        return [node.name for node in self.walk() if node.role == "label" and node.name]

    def says(self, prefix, seconds=20.0):
        """Waits for a label that begins so."""
        try:
            return self.wait("label", prefix=prefix, seconds=seconds).name
        except Failure as failure:
            raise Failure("%s; it says: %s" % (failure, " | ".join(self.labels())))

    def text_of(self, name):
        def texts():
            return [text for text in (node.get_text() for node in self.walk() if node.name == name) if text is not None]
        return wait_for("the text %r" % name, texts)[0]

    def _keyboard(self, *what):
        window = subprocess.run(["xdotool", "search", "--onlyvisible", "--pid", str(self.process.pid)], check=True,
                                capture_output=True, text=True).stdout.split()[-1]
        subprocess.run(["xdotool", "windowfocus", "--sync", window, *what], check=True)

    def type(self, text):
        """Types where the focus is."""
        self._keyboard("type", "--delay", "30", text)

    def key(self, *keys):
        """Keys by xdotool's names: "alt+1", "Return"."""
        self._keyboard("key", "--delay", "100", *keys)

    def interpreters(self):
        """Processes of the program's interpreter below this board."""
        parents, names = {}, {}
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    with open("/proc/%s/stat" % entry, encoding="utf-8", errors="replace") as file:
                        stat = file.read()
                except OSError:
                    continue
                pid = int(entry)
                names[pid] = stat[stat.index("(") + 1:stat.rindex(")")]
                parents[pid] = int(stat[stat.rindex(")") + 2:].split()[1])
        found = []
        for pid, name in names.items():
            at = pid
            while at in parents and at != self.process.pid:
                at = parents[at]
            if at == self.process.pid and name.startswith("gradboard-pytho"):
                found.append(pid)
        return found

    def kill_interpreter(self):
        for pid in wait_for("an interpreter", self.interpreters):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:  # a fork of it that had just ended
                pass

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise Failure("the board did not end when it was asked to")


def main(tests, program):
    """Runs tests (functions of the program's path), reports in TAP's words, returns the status."""
    failed = 0
    print("1..%d" % len(tests))
    for nth, test in enumerate(tests, 1):
        shutil.rmtree(os.path.join(os.environ["XDG_CONFIG_HOME"], "gradboard"), ignore_errors=True)
        try:
            test(program)
            print("ok %d %s" % (nth, test.__name__), flush=True)
        except Exception as error:
            failed += 1
            print("not ok %d %s" % (nth, test.__name__))
            print("# %s: %s" % (type(error).__name__, error), flush=True)
    return 1 if failed else 0


def run(tests):
    sys.exit(main(tests, os.path.abspath(sys.argv[1])))  # a test may work in another folder
