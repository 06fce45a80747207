"""Drives the real window through accessibility: everything is found by role and name."""
import os
import shutil
import signal
import subprocess
import sys
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402


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
        time.sleep(0.05)
    raise Failure("waited %.0f s for %s" % (seconds, what))


class Board:
    PRUNED = ("GbOutlineSidebar", "GbOutlineMap", "GtkSourceGutter", "GtkTextViewChild", "AdwTabBar")

    def __init__(self, program, *arguments, **environment):
        Atspi.init()
        self.process = subprocess.Popen([program, *arguments], env={**os.environ, **environment})
        self.app = wait_for("the window", self._find_app)

    def _find_app(self):
        if self.process.poll() is not None:
            raise SystemExit("the board ended with status %s" % self.process.returncode)
        desktop = Atspi.get_desktop(0)
        for i in range(desktop.get_child_count()):
            app = desktop.get_child_at_index(i)
            if app and app.get_process_id() == self.process.pid and app.get_child_count():
                app.set_cache_mask(Atspi.Cache.NONE)
                return app
        return None

    def walk(self, root=None):
        """Every accessible that is of interest, parents first: without scroll bars, outline and rows of lists."""
        waiting = [root or self.app]
        while waiting:
            node = waiting.pop()
            yield node
            if node.get_role_name() in ("scroll bar", "table row") or node.get_name() in self.PRUNED:
                continue
            try:
                children = [node.get_child_at_index(i) for i in range(min(node.get_child_count(), 400))]
            except Exception:
                children = []
            for child in reversed(children):
                if child and child.get_state_set().contains(Atspi.StateType.VISIBLE):
                    waiting.append(child)

    def find(self, role, name=None, prefix=None):
        for node in self.walk():
            try:
                if node.get_role_name() == role and (name is None or node.get_name() == name) \
                        and (prefix is None or node.get_name().startswith(prefix)):
                    return node
            except Exception:
                continue
        return None

    def wait(self, role, name=None, prefix=None, seconds=20.0):
        return wait_for("a %s %r" % (role, name or prefix), lambda: self.find(role, name, prefix), seconds)

    def press(self, name, seconds=20.0):
        """Presses the button or menu item of that name.  A menu button holds the button that acts: the last one counts."""
        def buttons():
            return [node for node in self.walk()
                    if node.get_name() == name and node.get_role_name() in ("push button", "toggle button", "menu item", "page tab")]
        node = wait_for("a button %r" % name, buttons, seconds)[-1]
        if not node.get_action_iface() or not node.get_action_iface().do_action(0):
            raise Failure("%r cannot be pressed" % name)

    def labels(self):
        return [node.get_name() for node in self.walk() if node.get_role_name() == "label" and node.get_name()]

    def says(self, prefix, seconds=20.0):
        """Waits for a label that begins so."""
        try:
            return self.wait("label", prefix=prefix, seconds=seconds).get_name()
        except Failure as failure:
            raise Failure("%s; it says: %s" % (failure, " | ".join(self.labels())))

    def text_of(self, name):
        node = wait_for("the text %r" % name,
                        lambda: next((n for n in self.walk() if n.get_name() == name and n.get_text_iface()), None))
        text = node.get_text_iface()
        return text.get_text(0, text.get_character_count())

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
