"""A log-linear model with given joinpoints: weighted least squares, and how much each bend explains."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from ._joinpoint_grid import Floats, Ints


@dataclass(frozen=True)
class Data:
    """x ascending without ties, y = ln(rate), and the weight of each observation."""

    x: Floats
    y: Floats
    weights: Floats

    @property
    def n(self) -> int:
        return len(self.x)

    @cached_property
    def noise(self) -> float:
        """The sum of squares that the rounding of the input explains: a fit no worse than that is exact."""
        ulp = np.finfo(float).eps * max(1.0, float(np.abs(self.y).max()))
        return float(self.weights.sum()) * (32 * ulp) ** 2


class Model(NamedTuple):
    """A fitted model: `nodes` are the positions of the first observation, the joinpoints and the last."""

    nodes: Ints
    slopes: Floats
    fitted: Floats
    sse: float

    @property
    def k(self) -> int:
        return len(self.nodes) - 2


def fit_at(data: Data, joinpoints: Ints | tuple[()]) -> Model:
    """Weighted least squares with joinpoints at given positions; as good as rounding allows means sse 0."""
    nodes = np.array([0, *joinpoints, data.n - 1], dtype=np.intp)
    hats = np.column_stack([np.interp(data.x, data.x[nodes], row) for row in np.eye(len(nodes))])
    root = np.sqrt(data.weights)
    origin = data.y[0]  # taken out first: a constant series then fits exactly, and small residuals keep their digits
    values = np.linalg.lstsq(root[:, None] * hats, root * (data.y - origin), rcond=None)[0]
    fitted = origin + hats @ values
    sse = float(np.sum(data.weights * (data.y - fitted) ** 2))
    slopes = np.diff(values) / np.diff(data.x[nodes])
    return Model(nodes, slopes, fitted, sse if sse > data.noise else 0.0)


def largest_bend(data: Data, nodes: Ints) -> float:
    """R²max: the largest squared partial correlation of y with a bend, given a line (0 without bends).

    Each is taken over the two segments around the bend, both ends included (Kim et al. 2023).
    """
    largest = 0.0
    for before, at, after in zip(nodes[:-2], nodes[1:-1], nodes[2:], strict=True):
        around = slice(int(before), int(after) + 1)
        x, root = data.x[around] - data.x[at], np.sqrt(data.weights[around])
        line, _ = np.linalg.qr(np.column_stack([root, root * x]))
        both = root[:, None] * np.column_stack([data.y[around] - data.y[at], np.maximum(x, 0)])
        y, bend = (both - line @ (line.T @ both)).T
        if y @ y > data.noise:
            largest = max(largest, float((y @ bend) ** 2 / ((y @ y) * (bend @ bend))))
    return largest
