"""The window as assistive technology is told of it, read in few messages.

GTK tells what it knows of all the nodes at once (org.a11y.atspi.Cache); which of them stand where is asked of a whole level
of the window at a time.  Asked node by node, a walk over the window cost thousands of messages, each with its answer
waited for, which kept the window itself from its work."""
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, Gio, GLib  # noqa: E402

ROOT = "/org/a11y/atspi/accessible/root"
NODE = "org.a11y.atspi."
MILLISECONDS, SECONDS = 10000, 1.0
VISIBLE, SENSITIVE, FOCUSED, FOCUSABLE = (1 << int(state) for state in (
    Atspi.StateType.VISIBLE, Atspi.StateType.SENSITIVE, Atspi.StateType.FOCUSED, Atspi.StateType.FOCUSABLE))


def _connect():
    address = Gio.bus_get_sync(Gio.BusType.SESSION).call_sync(
        "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None, None, 0, MILLISECONDS).unpack()[0]
    flags = Gio.DBusConnectionFlags
    return Gio.DBusConnection.new_for_address_sync(address, flags.AUTHENTICATION_CLIENT | flags.MESSAGE_BUS_CONNECTION)


class Tree:
    """The nodes of one application, which is found by its process."""

    bus = None

    def __init__(self, name):
        self.name = name
        self.told = {}  # by path: the children, what was known of them, and when they were told
        self.last = None  # what was known at last: as it came, and as it was read

    @classmethod
    def of_process(cls, pid):
        """None as long as it has no window."""
        cls.bus = cls.bus or _connect()
        for name, _ in cls("org.a11y.atspi.Registry").children(ROOT):
            tree = cls(name)
            number, = cls("org.freedesktop.DBus").call("/org/freedesktop/DBus", "org.freedesktop.DBus.GetConnectionUnixProcessID",
                                                       "(s)", name)
            if number == pid and tree.children(ROOT):
                return tree
        return None

    def call(self, path, method, kinds="()", *values):
        interface, _, member = method.rpartition(".")
        return self.bus.call_sync(self.name, path, interface, member, GLib.Variant(kinds, values), None, 0,
                                  MILLISECONDS).unpack()

    def children(self, path):
        return self.call(path, NODE + "Accessible.GetChildren")[0]

    def children_of_all(self, facts):
        """The same for many at once, by path.  facts: by path, too; those of which they are as they were are asked again after
        a second only: a widget that nobody has asked for yet may have taken the place of a hidden one."""
        now, answers = time.monotonic(), {}
        for path, known in facts.items():
            children, was, then = self.told.get(path, ((), None, 0))
            if was == known and now - then < SECONDS:
                answers[path] = children
        paths = [path for path in facts if path not in answers]

        def take(bus, result, path):
            try:
                answers[path] = [child for _, child in bus.call_finish(result).unpack()[0]]
            except GLib.Error:  # it is gone
                answers[path] = []

        for path in paths:
            self.bus.call(self.name, path, NODE + "Accessible", "GetChildren", None, None, 0, MILLISECONDS, None, take, path)
        while len(answers) < len(facts):
            GLib.MainContext.default().iteration(True)
        self.told.update((path, (answers[path], facts[path], now)) for path in paths)
        return answers

    def known(self):
        """The nodes that somebody has asked for, by path, and what of each parent's children is known: a hidden one counts
        as the next that is shown."""
        answer = self.bus.call_sync(self.name, "/org/a11y/atspi/cache", NODE + "Cache", "GetItems", None, None, 0, MILLISECONDS)
        if self.last and self.last[0].equal(answer):
            return self.last[1:]
        nodes, below = {}, {}
        for (_, path), _, (_, parent), nth, count, interfaces, name, role, _, states in answer.unpack()[0]:
            nodes[path] = Node(self, path, 1 if path == ROOT else count, interfaces, name, role, states[0])
            below.setdefault(parent, {})[path] = nth
        self.last = answer, nodes, below
        return nodes, below

    def walk(self, root, is_closed):
        """The visible nodes below a root, parents first; is_closed(node): nobody looks into it."""
        (nodes, known), below, level = self.known(), {}, [root]
        while level:
            found = self.children_of_all({path: (nodes[path].count, known.get(path)) for path in level
                                          if path in nodes and nodes[path].count and not is_closed(nodes[path])})
            level = [child for children in found.values() for child in children]
            if any(path not in nodes for path in level):
                nodes, known = self.known()
            for path, children in found.items():
                below[path] = [child for child in children if child in nodes and nodes[child].is_visible]
        order, waiting = [], [root] if root in nodes else []
        while waiting:
            order.append(nodes[waiting.pop()])
            waiting += reversed(below.get(order[-1].path, ()))
        return order


class Node:
    """One widget: `name`, `role` and the like are as they were when it was walked over; what is called asks anew."""

    def __init__(self, tree, path, count=0, interfaces=(), name="", role=0, states=VISIBLE | SENSITIVE):
        self.tree, self.path, self.count, self.interfaces = tree, path, count, interfaces
        self.name, self.is_focused, self.is_focusable = name, bool(states & FOCUSED), bool(states & FOCUSABLE)
        self.is_visible, self.is_sensitive = bool(states & VISIBLE), bool(states & SENSITIVE)
        self.role = Atspi.role_get_name(Atspi.Role(role))

    def __eq__(self, other):
        return isinstance(other, Node) and other.path == self.path

    def __hash__(self):
        return hash(self.path)

    def _property(self, interface, name):
        return self.tree.call(self.path, "org.freedesktop.DBus.Properties.Get", "(ss)", NODE + interface, name)[0]

    def get_name(self):
        return self._property("Accessible", "Name")

    def get_description(self):
        return self._property("Accessible", "Description")

    def get_role_name(self):
        return Atspi.role_get_name(Atspi.Role(self.tree.call(self.path, NODE + "Accessible.GetRole")[0]))

    def is_pressed(self):
        low, high = self.tree.call(self.path, NODE + "Accessible.GetState")[0]
        return bool((low | high << 32) & 1 << int(Atspi.StateType.PRESSED))

    def get_parent(self):
        return Node(self.tree, self._property("Accessible", "Parent")[1])

    def get_children(self):
        return [Node(self.tree, path) for _, path in self.tree.children(self.path)]

    def get_text(self):
        """What a text holds; None where there is none."""
        interfaces = self.interfaces or self.tree.call(self.path, NODE + "Accessible.GetInterfaces")[0]
        if NODE + "Text" not in interfaces:
            return None
        return self.tree.call(self.path, NODE + "Text.GetText", "(ii)", 0, self._property("Text", "CharacterCount"))[0]

    def act(self):
        """Does what a click does; false where nothing can be done."""
        return self.tree.call(self.path, NODE + "Action.DoAction", "(i)", 0)[0]

    def set_value(self, number):
        self.tree.call(self.path, "org.freedesktop.DBus.Properties.Set", "(ssv)", NODE + "Value", "CurrentValue",
                       GLib.Variant("d", number))
