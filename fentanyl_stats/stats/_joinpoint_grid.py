"""Exact least squares over every allowed set of joinpoints, for one series or for thousands at once.

A joinpoint model is a chain of straight pieces that share their end values. So the best sum of squares up to
a joinpoint is a quadratic a·v² − 2b·v − g in the value v there, and one more piece changes it by the
elimination of one unknown: a few multiplications per set of joinpoints, whatever the length of the series.
`a` depends on the grid alone, `b` and the gain `g` on the data, so all permutations of a test ride along as
columns. A set of k joinpoints is a left and a right chain that meet at a joinpoint: no set is skipped, and
none costs more than the sum of two quadratics.

The unknowns are the values at the joinpoints (hat functions), not the slope changes: that basis stays well
conditioned.

Errors may depend on the one before. Each observation is then set against its neighbour (`whiten`); both lie on one
piece, since pieces meet at observations, so the chain stays a chain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import comb
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

MARGIN = 2  # observations strictly before the first and strictly after the last joinpoint
STEP = 3  # positions from one joinpoint to the next: two observations strictly between
_CELLS = 1 << 16  # numbers in the innermost step: half a megabyte, which stays in cache


def count_sets(n: int, k: int) -> int:
    """How many sets of k joinpoints the grid allows on n observations.

    >>> count_sets(25, 1), count_sets(25, 4), count_sets(7, 2)
    (21, 1365, 0)
    """
    return comb(max(n - 2 * MARGIN - (STEP - 1) * (k - 1), 0), k) if k else 1


def whiten(columns: Floats, root: Floats, link: Floats) -> Floats:
    """Columns times √weight, each row less what the row before tells of it, in units of what is then left.

    `link[i]` is the correlation of the errors i and i − 1; the first is not used. Uncorrelated errors of variance
    1/weight or correlated ones: those of the result have variance 1 and no correlation.
    """
    scaled = columns * root.reshape(-1, *[1] * (columns.ndim - 1))
    if not link.any():
        return scaled
    r = link[1:].reshape(-1, *[1] * (columns.ndim - 1))
    result = scaled.copy()
    result[1:] = (scaled[1:] - r * scaled[:-1]) / np.sqrt(1 - r**2)
    return result


def colour(columns: Floats, root: Floats, link: Floats) -> Floats:
    """What `whiten` undoes."""
    result = columns.copy()
    for i in range(1, len(columns)):
        result[i] = link[i] * result[i - 1] + np.sqrt(1 - link[i] ** 2) * columns[i]
    return result / root.reshape(-1, *[1] * (columns.ndim - 1))


class Search(NamedTuple):
    """The best set of joinpoints, and how far every other place of each falls behind.

    `knots`: the k positions, counted from 0. `profile`: (k, n), the smallest sum of squares over all sets
    whose i-th joinpoint is at that position; infinite where the grid does not allow it.
    """

    knots: Ints
    profile: Floats


class _Depth(NamedTuple):
    """All sets of j joinpoints counted from one side, sorted by the last: what an elimination needs of each."""

    parent: Ints  # the same set without its last joinpoint, one depth up
    piece: Ints  # the last piece: between the last joinpoint but one (or the first observation) and the last
    last: Ints
    starts: Ints  # starts[t]:starts[t + 1] are the sets whose last joinpoint is t
    inverse: Floats
    ratio: Floats
    a: Floats


class _Pieces:
    """What every straight piece from one observation to a later one knows of the values at its two ends."""

    def __init__(self, x: Floats, weights: Floats, link: Floats) -> None:
        n = len(x)
        self.weights, self.root, self.link = weights, np.sqrt(weights), link
        q, p = np.tril_indices(n, -1)  # piece number q(q − 1)/2 + p runs from p to q, p < q
        self.gap = np.maximum(x[:, None] - x[None, :], 0.0)
        self.width = self.gap[q, p]
        # Weighted sums over the observations after p up to q, each in one piece only; running sums from p
        # keep every digit. `one` and `rise` are what an observation knows of the level and slope of its piece.
        if link.any():
            self.one = whiten(np.ones(n), self.root, link)
            self.rise = np.where(self.gap > 0, whiten(self.gap, self.root, link), 0.0)
            terms = [np.where(self.gap > 0, self.one[:, None] ** 2, 0.0), self.one[:, None] * self.rise, self.rise**2]
        else:
            self.one, self.rise = self.root, self.root[:, None] * self.gap
            terms = [weights[:, None] * self.gap**d * (self.gap > 0) for d in range(3)]
        zeroth, first, second = (np.cumsum(term, axis=0)[q, p] for term in terms)
        first /= self.width
        self.far = second / self.width**2
        self.cross = first - self.far
        self.near = zeroth - first - self.cross

    def of(self, y: Floats) -> tuple[Floats, Floats]:
        """The same for data y of shape (n,): near and far."""
        white = whiten(y, self.root, self.link)
        q, p = np.tril_indices(len(y), -1)
        later = self.gap > 0
        zeroth = np.cumsum(np.where(later, (self.one * white)[:, None], 0.0), axis=0)[q, p]
        far = np.cumsum(np.where(later, self.rise * white[:, None], 0.0), axis=0)[q, p] / self.width
        return zeroth - far, far


class _Chain(_Pieces):
    """Eliminations from the first observation up to each joinpoint; on the mirrored series, from the last."""

    def __init__(self, x: Floats, weights: Floats, link: Floats, depth: int) -> None:
        super().__init__(x, weights, link)
        n, near, cross, far = len(x), self.near, self.cross, self.far
        root = np.zeros(1, dtype=np.intp)
        self.depths = [_Depth(root, root, root, root, np.ones(1), np.zeros(1), weights[:1])]
        for j in range(depth):
            before = self.depths[j]
            nearest = before.last + (STEP if j else MARGIN)
            choices = np.maximum(n - MARGIN - nearest, 0)
            parent = np.repeat(np.arange(len(choices)), choices)
            last = np.arange(len(parent)) - (np.cumsum(choices) - choices - nearest)[parent]
            order = np.argsort(last, kind="stable")
            parent, last = parent[order], last[order]
            piece = last * (last - 1) // 2 + before.last[parent]
            inverse = 1 / (before.a[parent] + near[piece])
            ratio = cross[piece] * inverse
            a = far[piece] - cross[piece] * ratio
            starts = np.searchsorted(last, np.arange(n + 1))
            self.depths.append(_Depth(parent, piece, last, starts, inverse, ratio, a))

    def place(self, depth: int, i: int) -> Ints:
        """The i-th joinpoint, counted from 1, of every set at a depth."""
        index = np.arange(len(self.depths[depth].last))
        for j in range(depth, i, -1):
            index = self.depths[j].parent[index]
        return self.depths[i].last[index]


class _Sweep:
    """A chain's quadratics for data of shape (n, series): memory taken once, filled by `load` time and again.

    The last depth is made joinpoint by joinpoint, so that it stays in cache and is never held whole.
    """

    def __init__(self, chain: _Chain, depth: int, series: int) -> None:
        self._chain, self._above, self._level = chain, chain.depths[1:depth], chain.depths[depth]
        self._sums = np.empty((2, len(chain.weights), series))
        self._near, self._far = np.empty((2, len(chain.width), series))

    def load(self, y: Floats) -> None:
        chain, (zeroth, first) = self._chain, self._sums
        self._sums[:] = 0.0
        white = whiten(y, chain.root, chain.link)
        wy = chain.one[:, None] * white
        for q in range(1, len(wy)):
            pieces = slice(q * (q - 1) // 2, q * (q + 1) // 2)
            zeroth[:q] += wy[q]
            first[:q] += chain.rise[q, :q, None] * white[q]
            np.divide(first[:q], chain.width[pieces, None], out=self._far[pieces])
            np.subtract(zeroth[:q], self._far[pieces], out=self._near[pieces])
        self._b, self._g = wy[:1], np.zeros_like(wy[:1])
        for level in self._above:
            self._b, self._g = self._eliminate(level, slice(None))

    def _eliminate(self, level: _Depth, sets: slice) -> tuple[Floats, Floats]:
        """(b, g) of some sets, from those of their parents."""
        parent, piece = level.parent[sets], level.piece[sets]
        slack = self._near.take(piece, axis=0)
        slack += self._b.take(parent, axis=0)
        b = self._far.take(piece, axis=0)
        b -= level.ratio[sets, None] * slack
        slack *= slack
        slack *= level.inverse[sets, None]
        slack += self._g.take(parent, axis=0)
        return b, slack

    def sets(self, joinpoint: int) -> slice:
        """The sets of the last depth that end at a joinpoint."""
        return slice(int(self._level.starts[joinpoint]), int(self._level.starts[joinpoint + 1]))

    def quadratics(self, sets: slice) -> tuple[Floats, Floats, Floats]:
        """Their a, b and g."""
        return self._level.a[sets], *self._eliminate(self._level, sets)


class Grid:
    """Every allowed set of up to `most` joinpoints over x, with observation weights.

    Joinpoints lie at observed x, with at least two observations strictly before the first, after the last and
    between neighbours: the grid of the NCI Joinpoint program (Kim, Fay, Feuer & Midthune 2000; grid search of
    Lerman 1980).

    Parameters
    ----------
    x : (n,), ascending, without ties
    weights : (n,), positive
    most : the largest number of joinpoints that will be asked for
    link : (n,), the correlation of each error with the one before, 0 if not given
    """

    def __init__(self, x: Floats, weights: Floats, most: int, link: Floats | None = None) -> None:
        self.n, self.weights = len(x), weights
        self.root, self.link = np.sqrt(weights), np.zeros(self.n) if link is None else link
        self.left = _Chain(x, weights, self.link, (most + 1) // 2)
        mirrored = np.append(0.0, self.link[:0:-1])
        self.right = _Chain(-x[::-1], weights[::-1], mirrored, most // 2 + 1 if most else 0)
        self.line = np.linalg.qr(whiten(np.column_stack([np.ones(self.n), x]), self.root, self.link))[0]

    def search(self, y: Floats, k: int) -> Search:
        """The best set of k ≥ 1 joinpoints for one series y of shape (n,), over the whole grid."""
        i = (k + 1) // 2
        # The largest gain of each left chain over all right chains that fit it, and the other way round.
        by_left = np.full(len(self.left.depths[i].last), -np.inf)
        by_right = np.full(len(self.right.depths[k - i + 1].last), -np.inf)
        best, winner = -np.inf, (0, 0)
        for rows, columns, gains in Solver(self, k, 1).gains(y[:, None]):
            gain = gains[:, :, 0]
            by_left[rows] = gain.max(axis=1)
            np.maximum(by_right[columns], gain.max(axis=0), out=by_right[columns])
            row, column = divmod(int(np.argmax(gain)), gain.shape[1])
            if gain[row, column] > best:
                best, winner = gain[row, column], (rows.start + row, columns.start + column)
        knots, profile = np.zeros(k, dtype=np.intp), np.full((k, self.n), -np.inf)
        for j in range(k):
            left = j < i
            places = self.left.place(i, j + 1) if left else self.n - 1 - self.right.place(k - i + 1, k - j)
            knots[j] = places[winner[0 if left else 1]]
            np.maximum.at(profile[j], places, by_left if left else by_right)
        return Search(knots, np.maximum(np.sum(whiten(y, self.root, self.link) ** 2) - profile, 0.0))


class Solver:
    """The smallest sum of squares with k joinpoints, for block after block of data of shape (n, series)."""

    def __init__(self, grid: Grid, k: int, series: int) -> None:
        self._grid, self._k = grid, k
        if k:
            self._left = _Sweep(grid.left, (k + 1) // 2, series)
            self._right = _Sweep(grid.right, k // 2 + 1, series)
            self._buffer = np.empty(_CELLS)

    def least_squares(self, y: Floats) -> Floats:
        """The smallest weighted sum of squares over all sets of k joinpoints, for each column of y."""
        white = whiten(y, self._grid.root, self._grid.link)
        if self._k:
            gain = np.full(y.shape[1], -np.inf)
            for _, _, gains in self.gains(y):
                np.maximum(gain, gains.reshape(-1, y.shape[1]).max(axis=0), out=gain)
        else:
            gain = np.sum((self._grid.line.T @ white) ** 2, axis=0)
        return np.asarray(np.maximum(np.sum(white**2, axis=0) - gain, 0.0))

    def gains(self, y: Floats) -> Iterator[tuple[slice, slice, Floats]]:
        """What every set explains: left chains × right chains × series, for each joinpoint where they meet.

        Each array overwrites the one before.
        """
        weights, n = self._grid.weights, self._grid.n
        self._left.load(y)
        self._right.load(y[::-1])
        for middle in range(MARGIN, n - MARGIN):
            sets, columns = self._left.sets(middle), self._right.sets(n - 1 - middle)
            if sets.start == sets.stop or columns.start == columns.stop:
                continue
            a_left, b_left, g_left = self._left.quadratics(sets)
            a_right, b_right, g_right = self._right.quadratics(columns)
            # The joinpoint's own observation is in both chains: count it once.
            inverse = 1 / (a_left[:, None] + (a_right - weights[middle]))
            b_left -= weights[middle] * y[middle]
            step = max(1, _CELLS // b_right.size)
            if self._buffer.size < b_right.size:
                self._buffer = np.empty(b_right.size)
            for low in range(0, len(a_left), step):
                rows = slice(low, min(low + step, len(a_left)))
                shape = (rows.stop - low, *b_right.shape)
                gain = self._buffer[: shape[0] * b_right.size].reshape(shape)
                np.add(b_left[rows, None], b_right, out=gain)
                gain *= gain
                gain *= inverse[rows, :, None]
                gain += g_right
                gain += g_left[rows, None]
                yield slice(sets.start + low, sets.start + rows.stop), columns, gain


class _Best(NamedTuple):
    """The chains that end at one joinpoint and are the best for some value there: quadratics, and where each came from."""

    a: Floats
    b: Floats
    g: Floats
    position: Ints  # of the joinpoint before
    member: Ints  # which of the chains kept there


class LongGrid:
    """`Grid.search` for one series of any length: the same optimum, without going through all sets.

    Of all chains of j joinpoints that end at one observation only those matter that are the cheapest for some value
    v there; of the others none can be part of a best set (dynamic programme with functional pruning; Maidstone,
    Hocking, Rigaill & Fearnhead 2017, Stat Comput 27:519; for changes of slope Fearnhead, Maidstone & Letchford 2019,
    J Comput Graph Stat 28:265). No best set costs more than a straight line, so chains are compared only where one of
    them costs less.
    """

    def __init__(self, x: Floats, y: Floats, weights: Floats, most: int, link: Floats) -> None:
        """y is what the straight line leaves: its residuals."""
        self.n, self.y, self.weights = len(x), y, weights
        self.total = float(np.sum(whiten(y, np.sqrt(weights), link) ** 2))
        left = _Pieces(x, weights, link)
        right = _Pieces(-x[::-1], weights[::-1], np.append(0.0, link[:0:-1]))
        ends = [self._chains(pieces, data, 1)[1] for pieces, data in ((right, y[::-1]), (left, y))]
        self.left, self.right = self._chains(left, y, most, ends[0]), self._chains(right, y[::-1], most, ends[1])

    def _chains(
        self, pieces: _Pieces, y: Floats, most: int, ends: dict[int, _Best] | None = None
    ) -> list[dict[int, _Best]]:
        """For each depth, the chains kept at each joinpoint; `ends` are those of one joinpoint from the other end."""
        n, zero = self.n, np.zeros(1, dtype=np.intp)
        near, far = pieces.of(y)
        spare = self.total - np.cumsum(whiten(y, pieces.root, pieces.link) ** 2)
        first = _Best(pieces.weights[:1], pieces.weights[:1] * y[:1], np.zeros(1), zero, zero)
        depths = [{0: first}]
        for j in range(most):
            before, reached = depths[-1], {}
            positions = np.repeat(list(before), [len(kept.a) for kept in before.values()])
            members = np.concatenate([np.arange(len(kept.a)) for kept in before.values()]) if before else zero[:0]
            a, b, g = (np.concatenate([kept[i] for kept in before.values()] or [np.zeros(0)]) for i in range(3))
            for q in range(MARGIN + STEP * j, n - MARGIN):
                some = slice(0, int(np.searchsorted(positions, q - (STEP if j else MARGIN), side="right")))
                if some.stop:
                    piece = q * (q - 1) // 2 + positions[some]
                    inverse = 1 / (a[some] + pieces.near[piece])
                    slack = near[piece] + b[some]
                    ratio = pieces.cross[piece] * inverse
                    chains = _Best(
                        pieces.far[piece] - pieces.cross[piece] * ratio,
                        far[piece] - ratio * slack,
                        g[some] + slack**2 * inverse,
                        positions[some],
                        members[some],
                    )
                    if j + 1 < most or ends is None:
                        kept = self._cheapest(chains, float(spare[q]))
                    else:  # the last joinpoint meets a single chain from the other end
                        end, own = ends[n - 1 - q], pieces.weights[q]
                        total = (chains.b + (end.b - own * y[q])) ** 2 / (chains.a + (end.a - own)) + chains.g
                        kept = np.array([total.argmax()])
                    reached[q] = _Best(
                        chains.a[kept], chains.b[kept], chains.g[kept], chains.position[kept], chains.member[kept]
                    )
            depths.append(reached)
        return depths

    def _cheapest(self, chains: _Best, spare: float) -> Ints:
        """Which chains have the least a·v² − 2b·v − g, and at most `spare`, for some v.

        One that is the least by rounding only, or within less than 1e-7 of the range of v, may be left out: a loss of
        some 1e-14 of the cost of a line.
        """
        least = chains.b / chains.a
        room = least * chains.b + chains.g + spare + 1e-12 * self.total
        able = np.flatnonzero(room >= 0)
        if len(able) < 2:
            return able if len(able) else np.array([room.argmax()])
        a, b, g = chains.a[able], chains.b[able], chains.g[able]
        reach = np.sqrt(room[able] / a)
        low, high = float((least[able] - reach).min()), float((least[able] + reach).max())
        middle, v, end = (low + high) / 2, (low - high) / 2, (high - low) / 2  # from the middle rounding is least
        b, g, step = b - a * middle, g + 2 * b * middle - a * middle**2, 1e-7 * end
        kept = np.zeros(len(a), dtype=bool)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            while True:
                now = int(np.argmin((a * v - 2 * b) * v - g))
                kept[now] = True
                # Where each of the others comes to lie below it: a root of the difference, with a falling slope.
                square, linear, constant = a - a[now], b - b[now], g - g[now]
                root = np.sqrt(linear**2 + square * constant)
                crossing = np.where(linear > 0, -constant / (linear + root), (linear - root) / square)
                later = crossing[crossing > v]
                if not later.size or (v := float(later.min()) + step) >= end:
                    break
            kept[np.argmin((a * end - 2 * b) * end - g)] = True
        return able[kept]

    def search(self, k: int) -> Search:
        """The best set of k ≥ 1 joinpoints, with the profile of each."""
        profile, best, winner = np.full((k, self.n), -np.inf), -np.inf, (0, 0, 0)
        for i in range(1, k + 1):
            for q, left in self.left[i].items():
                right = self.right[k - i + 1].get(self.n - 1 - q)
                if right is None:
                    continue
                w = self.weights[q]
                together = left.b[:, None] + (right.b - w * self.y[q])
                gain = together**2 / (left.a[:, None] + (right.a - w)) + left.g[:, None] + right.g
                profile[i - 1, q] = gain.max()
                if i == 1 and profile[0, q] > best:
                    best, winner = profile[0, q], (q, *divmod(int(gain.argmax()), gain.shape[1]))
        # The first joinpoint, and those after it as the chain from the other end has them.
        position, member = self.n - 1 - winner[0], winner[2]
        knots = [winner[0]]
        for depth in range(k, 1, -1):
            chain = self.right[depth][position]
            position, member = int(chain.position[member]), int(chain.member[member])
            knots.append(self.n - 1 - position)
        return Search(np.array(knots, dtype=np.intp), np.maximum(self.total - profile, 0.0))


@dataclass(frozen=True)
class Data:
    """x ascending without ties, y = ln(rate), the weight of each observation, and how its error hangs on the one before."""

    x: Floats
    y: Floats
    weights: Floats
    link: Floats

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
    white = whiten(np.column_stack([hats, data.y - origin]), root, data.link)
    values = np.linalg.lstsq(white[:, :-1], white[:, -1], rcond=None)[0]
    fitted = origin + hats @ values
    sse = float(np.sum(whiten(data.y - fitted, root, data.link) ** 2))
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
        columns = np.column_stack([np.ones(len(x)), x, data.y[around] - data.y[at], np.maximum(x, 0)])
        white = whiten(columns, root, data.link[around])
        line, both = np.linalg.qr(white[:, :2])[0], white[:, 2:]
        y, bend = (both - line @ (line.T @ both)).T
        if y @ y > data.noise:
            largest = max(largest, float((y @ bend) ** 2 / ((y @ y) * (bend @ bend))))
    return largest


ALPHA = 0.05
_TIE = 1e-12  # a permuted ratio this close below the observed one counts as reaching it


def default_maximum(n: int) -> int:
    """The NCI Joinpoint program's default for the largest number of joinpoints.

    >>> [default_maximum(n) for n in (6, 7, 11, 12, 17, 22, 27, 200)]
    [0, 1, 1, 2, 3, 4, 5, 5]
    """
    return max(0, min(5, (n - 2) // 5))


def criteria(data: Data, models: Sequence[Model]) -> pd.DataFrame:
    """BIC, BIC3 and WBIC of each model: ln(SSE/n) plus a penalty, least is best; −∞ for an exact fit."""
    k = np.array([model.k for model in models])
    sse = np.array([model.sse for model in models])
    r2max = np.array([largest_bend(data, model.nodes) for model in models])
    with np.errstate(divide="ignore"):
        error = np.log(sse / data.n)
    penalty = np.log(data.n) / data.n
    return pd.DataFrame(
        {
            "k": k,
            "sse": sse,
            "bic": error + (2 * k + 2) * penalty,
            "bic3": error + (3 * k + 2) * penalty,
            "wbic": error + ((2 + r2max) * k + 2) * penalty,
            "r2max": r2max,
        }
    )


def permutation_sequence(
    data: Data, grid: Grid, models: Sequence[Model], permutations: int, seed: int
) -> tuple[int, pd.DataFrame]:
    """The number of joinpoints left after a sequence of tests of few (null) against many, and the tests.

    Each test has the level α/(maximum − null), so that the chance of too many joinpoints is at most α = 0.05
    (Kim et al. 2000) where the errors are exchangeable once whitened: not under autocorrelation that is not modelled.
    """
    rng = np.random.default_rng(seed)
    root = np.sqrt(data.weights)
    # Permutations at a time: what a few megabytes hold, so that memory does not grow with their number.
    block = int(np.clip(2**19 // data.n**2, 64, 1024))

    def p_value(null: int, alternative: int) -> float:
        few, many = models[null], models[alternative]
        if few.sse == 0:
            return 1.0  # nothing is left for more joinpoints to explain
        observed = few.sse / many.sse if many.sse else np.inf
        residuals = whiten(data.y - few.fitted, root, data.link)
        mean = few.fitted - models[0].fitted  # without the line, which every model contains: fewer digits lost
        solvers = Solver(grid, null, block), Solver(grid, alternative, block)
        reached = 0
        for done in range(0, permutations, block):
            permuted = rng.permuted(np.tile(residuals, (block, 1)), axis=1)
            y: Floats = mean[:, None] + colour(permuted.T, root, data.link)
            fewer, more = (solver.least_squares(y)[: permutations - done] for solver in solvers)
            with np.errstate(divide="ignore", invalid="ignore"):  # two exact fits count as reaching it
                reached += int(np.count_nonzero(~(fewer / more < observed - _TIE)))
        return (reached + 1) / (permutations + 1)

    null, alternative = 0, len(models) - 1
    tests = []
    while null < alternative:
        level = ALPHA / (len(models) - 1 - null)
        p = p_value(null, alternative)
        tests.append((null, alternative, level, p))
        if p <= level:
            null += 1
        else:
            alternative -= 1
    return null, pd.DataFrame(tests, columns=["k_null", "k_alt", "level", "p"])
