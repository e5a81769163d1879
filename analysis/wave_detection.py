"""The gravitational waves of a run today beside the sensitivity curves of detectors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from darklat.analysis import drawing, figure_data, waves
from darklat.analysis.wave_figure import figure_waves
from darklat.schema import analysis_file
from darklat.schema.analysis_file import GravitationalWaves
from darklat.schema.read import Origin
from darklat.storage import text_files
from darklat.storage.read_run import RunFiles, load_run
from darklat.storage.sensitivity_curves import SensitivityCurve, read_curve

NAME = "gravitational_waves_detection"
"""Of the figure, its data and the record of the analysis."""


def analyze(
    folder: Path,
    config: GravitationalWaves,
    origin: Origin,
    *,
    out: Path | None = None,
    show: Callable[[str], object] | None = None,
) -> str:
    """Compare the waves at the end of the run in `folder` with the curves.

    Writes figures/gravitational_waves_detection.* and the file of the analysis with every key into
    the folder `out` (default: that of the run), and returns the table. Raises ConfigError where a
    curve cannot be read or the run has no waves of today, InputError where the folder is not a run,
    MachineError where nothing can be written.
    """
    curves = [read_curve(path, label) for label, path in config.curves.items()]
    run = load_run(folder)
    if waves.spectrum_today(run) is None:
        raise origin.refusal(
            ("analysis",),
            f"{folder} has no gravitational waves of today: they need "
            "output.gravitational_waves, and a background with a known radiation",
        )
    text, results = table(run, curves), folder if out is None else out
    with text_files.writing("the analysis", results, again="analyse again"):
        figures = results / "figures"
        figures.mkdir(parents=True, exist_ok=True)
        text_files.replace(results / f"{NAME}.yaml", analysis_file.dump(config))
        if show is not None:
            show(text)
        drawing.picture(lambda: figure_waves(run, curves=curves), figures, NAME)
        figure_data.write_waves(run, figures / f"{NAME}.csv")
    return text


def table(run: RunFiles, curves: list[SensitivityCurve]) -> str:
    """The peak of the waves today, and the largest ratio of waves and curve, with its frequency."""
    found, spectrum = waves.of_run(run), waves.spectrum_today(run)
    assert found is not None and spectrum is not None  # who asks has looked
    lines = [f"{run.config.name}: gravitational waves today"]
    if found.peak_h2 is not None:
        lines.append(
            f"peak at {found.frequency_Hz:.3g} Hz, Omega h^2 per ln f = {found.peak_h2:.3g}; in "
            f"all {found.omega_h2:.3g}"
        )
    f, total = spectrum.frequency_Hz, spectrum.plus[-1] + spectrum.minus[-1]
    for curve in curves:
        ratio, at = largest_ratio(f, total, curve)
        lines.append(
            f"{curve.label}: no frequency in common"
            if ratio == 0
            else f"{curve.label}: at most {ratio:.3g} of its Omega h^2, at {at:.3g} Hz"
        )
    return "\n".join(lines) + "\n"


def largest_ratio(
    frequency_Hz: waves.Array, omega_h2: waves.Array, curve: SensitivityCurve
) -> tuple[float, float]:
    """The largest ratio of a spectrum and a curve, and its frequency; (0, 0) where they have none
    in common. Power laws between the points of the curve."""
    order = np.argsort(curve.frequency_Hz)
    x, y = np.log(curve.frequency_Hz[order]), np.log(curve.omega_h2[order])
    limit = np.interp(np.log(frequency_Hz), x, y, left=np.inf, right=np.inf)
    ratio = omega_h2 * np.exp(-limit)
    best = int(np.argmax(ratio))
    return (float(ratio[best]), float(frequency_Hz[best])) if ratio[best] > 0 else (0.0, 0.0)
