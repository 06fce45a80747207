"""What another program would paste."""
import subprocess
import sys
import xml.etree.ElementTree as xml

from board import Failure

# Another program that pastes: what is offered, and the bytes of one kind.
PASTE = """
import sys, gi
gi.require_version("Gdk", "4.0"); gi.require_version("Gtk", "4.0")
from gi.repository import Gdk, Gio, GLib, Gtk
Gtk.init()
board = Gdk.Display.get_default().get_clipboard()
kinds = board.get_formats().to_string()
loop, out = GLib.MainLoop(), Gio.MemoryOutputStream.new_resizable()
def spliced(stream, result):
    stream.splice_finish(result)
    loop.quit()
def got(board, result):
    stream, kind = board.read_finish(result)
    out.splice_async(stream, Gio.OutputStreamSpliceFlags.CLOSE_TARGET, 0, None, spliced)
board.read_async([sys.argv[1]], 0, None, got)
loop.run()
sys.stdout.buffer.write(out.steal_as_bytes().get_data())
sys.stderr.write("formats: " + kinds)
"""


def paste(kind):
    done = subprocess.run([sys.executable, "-c", PASTE, kind], capture_output=True, timeout=20)
    if done.returncode or not done.stdout:
        raise Failure("nothing of %s to paste: %s" % (kind, done.stderr.decode()))
    return done.stdout


def texts_of(svg):
    return ["".join(node.itertext()) for node in xml.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
