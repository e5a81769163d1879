"""The figures of a run, one method each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from darklat.errors import InputError
from darklat.storage.read_run import RunFiles

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Figures:
    """Every method returns a figure of matplotlib, which a notebook shows; `savefig` writes it.

    Raise InputError where the run has no data for the figure.
    """

    def __init__(self, files: RunFiles) -> None:
        self._files = files

    def series(self) -> Figure:
        """r, epsilon and b against time; without an ALP the densities."""
        from darklat.analysis.figures import figure_series

        return self._drawn(figure_series)

    def spectra(self) -> Figure:
        """Power per ln k of B of the first dark field by helicity, once it has grown, with time as
        colour."""
        from darklat.analysis.spectra_figures import figure_spectra

        return self._drawn(figure_spectra)

    def growth(self) -> Figure:
        """The same from the vacuum on until it has grown."""
        from darklat.analysis.spectra_figures import figure_growth

        return self._drawn(figure_growth)

    def photon_spectra(self) -> Figure:
        """`spectra` of the photon."""
        from darklat.analysis.spectra_figures import figure_photon_spectra

        return self._drawn(figure_photon_spectra)

    def longitudinal_spectra(self) -> Figure:
        """Power per ln k of the longitudinal potential of a massive dark field."""
        from darklat.analysis.spectra_figures import figure_longitudinal_spectra

        return self._drawn(figure_longitudinal_spectra)

    def checks(self) -> Figure:
        """Gauss's law, the energy balance and the power at the cutoff against time."""
        from darklat.analysis.figures import figure_checks

        return self._drawn(figure_checks)

    def energies(self) -> Figure:
        """a^4 rho of every field against time."""
        from darklat.analysis.figures import figure_energies

        return self._drawn(figure_energies)

    def _drawn(self, draw: Callable[[RunFiles], Figure | None]) -> Figure:
        from darklat.analysis import drawing

        with drawing.styled():
            figure = draw(self._files)
        if figure is None:
            raise InputError(f"{self._files.folder} has no data for this figure yet")
        return figure

    def __repr__(self) -> str:
        names = [name for name, value in vars(Figures).items() if callable(value)]
        return f"<figures: {', '.join(name for name in names if not name.startswith('_'))}>"
