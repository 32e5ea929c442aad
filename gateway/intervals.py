"""Means and shares with their 95 % intervals, from the standard library alone."""

from collections.abc import Sequence
from math import cos, pi, sin, sqrt
from statistics import NormalDist, fmean, stdev

from shared.schemas.study import Estimate

Z = NormalDist().inv_cdf(0.975)


def share(hits: int, count: int) -> Estimate:
    """A share with Wilson's score interval (1927), which stays within 0 and 1 and holds for few votes too."""
    if not count:
        return Estimate(value=None, low=None, high=None, count=0, method="wilson")
    part, room = hits / count, Z * Z / count
    middle = (part + room / 2) / (1 + room)
    half = Z * sqrt(part * (1 - part) / count + room / (4 * count)) / (1 + room)
    return Estimate(value=part, low=max(0.0, middle - half), high=min(1.0, middle + half), count=count, method="wilson")


def mean(values: Sequence[float], lowest: float, highest: float) -> Estimate:
    """A mean with Student's t interval, cut where the scale of the values ends.

    There is none where the values do not differ: of one alone, or of a few that are all alike, it would be a point.
    """
    if not values:
        return Estimate(value=None, low=None, high=None, count=0, method="t")
    value, count = fmean(values), len(values)
    if min(values) == max(values):
        return Estimate(value=value, low=None, high=None, count=count, method="t")
    half = t_quantile(count - 1) * stdev(values) / sqrt(count)
    return Estimate(
        value=value, low=max(lowest, value - half), high=min(highest, value + half), count=count, method="t"
    )


def t_quantile(degrees: int) -> float:
    """The 0.975 quantile of Student's t, to within 0.15 % of the printed tables.

    One and two degrees of freedom have closed forms; more get Fisher and Cornish's expansion around the normal quantile
    (Abramowitz and Stegun 26.7.5).
    """
    if degrees == 1:
        return cos(pi * 0.025) / sin(pi * 0.025)
    if degrees == 2:
        return 0.95 * sqrt(2 / (1 - 0.95**2))
    z2 = Z * Z
    terms = (
        (z2 + 1) / 4,
        ((5 * z2 + 16) * z2 + 3) / 96,
        (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384,
        ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160,
    )
    return Z * (1.0 + sum(term / float(degrees) ** power for power, term in enumerate(terms, 1)))
