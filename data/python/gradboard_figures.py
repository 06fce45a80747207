"""A matplotlib backend: plt.show() gives the figures to the console of the board, as pictures.

The interpreter chooses it by MPLBACKEND; matplotlib itself is the system's.
"""

import io
import sys

from matplotlib import _pylab_helpers, is_interactive
from matplotlib.backend_bases import FigureManagerBase, _Backend
from matplotlib.backends.backend_agg import FigureCanvasAgg


def _console():
    return sys.__stdout__.buffer.raw


class FigureManager(FigureManagerBase):
    """Shows its figure as it looks now."""

    def show(self):
        picture = io.BytesIO()
        self.canvas.print_png(picture)
        width, height = self.canvas.get_width_height(physical=True)
        _console().figure(self.num if isinstance(self.num, int) else 0, width, height, picture.getvalue())


class FigureCanvas(FigureCanvasAgg):
    manager_class = FigureManager


@_Backend.export
class _BackendFigures(_Backend):
    FigureCanvas, FigureManager = FigureCanvas, FigureManager

    @classmethod
    def show(cls, *, block=None):
        """Every open figure, then none is open: the next show() begins anew.  While drawing interactively they stay."""
        for manager in _pylab_helpers.Gcf.get_all_fig_managers():
            manager.show()
        if block or not is_interactive() and block is None:
            _pylab_helpers.Gcf.destroy_all()
