"""Draws points and their slopes on two logarithmic scales: `python -m bench.plot FILE.png` with JSON on its input.

A program of its own, because matplotlib is in a folder of its own (`.ci/plots`): nothing else here needs it.
"""

import json
import sys
from itertools import cycle

import matplotlib as mpl
from matplotlib import pyplot as plt


def draw(file: str, series: dict[str, dict[str, float]], title: str, across: str, up: str) -> None:
    """A line for each series of points, whose keys are what is read across."""
    mpl.use("agg")
    figure, axes = plt.subplots(figsize=(8, 5), dpi=110, layout="constrained")
    for (name, points), mark in zip(series.items(), cycle("osD^v"), strict=False):
        axes.loglog([float(x) for x in points], list(points.values()), marker=mark, label=name)
    axes.set(title=title, xlabel=across, ylabel=up)
    axes.grid(visible=True, which="both", alpha=0.25)
    axes.legend()
    figure.savefig(file)


if __name__ == "__main__":
    draw(sys.argv[1], **json.load(sys.stdin))
