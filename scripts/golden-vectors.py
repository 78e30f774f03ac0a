#!/usr/bin/env python3
"""Writes the vectors that mm2-slo's statistics are held against: crates/mm2-slo/tests/golden/*.json.

Needs numpy, scipy and pymannkendall (pip install scipy pymannkendall). Run by hand, when a case is added;
the files are committed, and no build needs Python. Seeds are fixed: the same libraries write the same files.

Where our definition is not the library's, the case says so in "source":
- Hamed-Rao with gaps: pymannkendall closes gaps up before it looks for autocorrelation, we keep the places.
  Those vectors come from the dozen lines of numpy below. The clamp at 1 is not in them: they hold the
  inflation before it.
- Hamed-Rao of a perfect line: nothing is left after the slope, pymannkendall divides 0 by 0, we say 1.
- Theil-Sen bounds: where the rank of a bound does not exist scipy gives the outermost slope, we give none
  (null here).
- Clopper-Pearson of nothing (n = 0): 0 and 1, by definition.
"""

import json
import pathlib

import numpy as np
import pymannkendall
import scipy
from scipy import stats

OUT = pathlib.Path(__file__).resolve().parent.parent / "crates/mm2-slo/tests/golden"
rng = np.random.default_rng(20260101)


def plain(x):
    """A JSON number, or null for what is not finite."""
    return float(x) if np.isfinite(x) else None


def autocorrelated(n, phi):
    x = np.zeros(n)
    for i in range(1, n):
        x[i] = phi * x[i - 1] + rng.normal()
    return x


def with_gaps(x, share):
    x = np.array(x, dtype=float)
    x[rng.random(len(x)) < share] = np.nan
    return x


def series():
    """Values in time order: (what, values)."""
    yield "two that rise", np.array([1.0, 2.0])
    yield "two that fall", np.array([2.0, 1.0])
    yield "two equal", np.array([2.0, 2.0])
    yield "three", np.array([1.0, 3.0, 2.0])
    yield "all equal", np.full(12, 5.0)
    yield "one differs", np.array([5.0] * 11 + [6.0])
    yield "rising", np.arange(20.0)
    yield "falling", -np.arange(20.0)
    yield "alternating", np.array([0.0, 1.0] * 15)
    yield "two in gaps", np.array([np.nan, 3.0, np.nan, np.nan, 4.0])
    for n in (4, 5, 8, 13, 30, 96, 200):
        yield f"noise, {n}", rng.normal(size=n)
        yield f"ties, {n}", rng.integers(0, max(2, n // 4), n).astype(float)
        yield f"autocorrelated 0.8, {n}", 1000 + 15 * autocorrelated(n, 0.8)
        yield f"autocorrelated 0.6 on a slope, {n}", 0.1 * np.arange(n) + autocorrelated(n, 0.6)
        yield f"alternating noise, {n}", autocorrelated(n, -0.7)
        if n >= 8:
            yield f"gaps, {n}", with_gaps(autocorrelated(n, 0.7), 0.15)
            yield f"ties and gaps, {n}", with_gaps(rng.integers(0, 6, n), 0.2)
    hole = 0.05 * np.arange(96) + autocorrelated(96, 0.7)
    hole[40:60] = np.nan
    yield "one large hole, 96", hole


def mann_kendall(what, values):
    test = pymannkendall.original_test(values)
    return {
        "what": what,
        "values": [plain(v) for v in values],
        "s": int(test.s),
        "variance": float(test.var_s),
        "z": plain(test.z),
        "p_increase": plain(stats.norm.sf(test.z)),
        "tau": float(test.Tau),
    }


def hamed_rao_inflation(values):
    """Hamed and Rao as pymannkendall does it, but with each value left in its place."""
    values = np.asarray(values, dtype=float)
    present = np.isfinite(values)
    n = int(present.sum())
    slope = pymannkendall.sens_slope(values).slope
    detrended = values - np.arange(1, len(values) + 1) * slope
    ranks = np.zeros(len(values))
    ranks[present] = stats.rankdata(detrended[present]) - (n + 1) / 2
    power = (ranks**2).sum()
    limit = stats.norm.ppf(0.975) / np.sqrt(n)
    total = 0.0
    for lag in range(1, n):
        r = (ranks[:-lag] * ranks[lag:]).sum() / power if power > 0 else 0.0
        if abs(r) > limit:
            total += (n - lag) * (n - lag - 1) * (n - lag - 2) * r
    return 1 + 2 / (n * (n - 1) * (n - 2)) * total


def hamed_rao(what, values):
    line = len(set(np.diff(values))) == 1
    if line or not np.isfinite(values).all():
        inflation, source = hamed_rao_inflation(values), "numpy, places kept"
    else:
        corrected = pymannkendall.hamed_rao_modification_test(values).var_s
        inflation, source = corrected / pymannkendall.original_test(values).var_s, "pymannkendall"
        assert abs(inflation - hamed_rao_inflation(values)) < 1e-9, what
    return {"what": what, "source": source, "values": [plain(v) for v in values], "inflation": float(inflation)}


def theil_sen(what, x, y, confidence):
    line = stats.theilslopes(y, x, alpha=2 * confidence - 1, method="joint")
    # The ranks that scipy clamps, before it does so.
    n, ties = len(y), lambda v: sum(k * (k - 1) * (2 * k + 5) for k in np.unique(v, return_counts=True)[1])
    variance = (n * (n - 1) * (2 * n + 5) - ties(x) - ties(y)) / 18
    slopes = int(sum((x[i + 1 :] != x[i]).sum() for i in range(n)))
    half = stats.norm.ppf(confidence) * np.sqrt(max(variance, 0))
    exists = np.round((slopes - half) / 2) >= 1 and np.round((slopes + half) / 2) + 1 <= slopes
    return {
        "what": what,
        "x": [float(v) for v in x],
        "y": [float(v) for v in y],
        "confidence": confidence,
        "slope": float(line.slope),
        "intercept": float(line.intercept),
        "lower": plain(line.low_slope) if exists else None,
        "upper": plain(line.high_slope) if exists else None,
    }


def lines():
    for n in (2, 3, 4, 6, 9, 15, 30, 60, 96, 150):
        even = np.arange(n, dtype=float)
        uneven = np.cumsum(rng.random(n) + 0.1)
        yield f"noise, {n}", even, rng.normal(size=n)
        yield f"ties in y, {n}", even, rng.integers(0, 5, n).astype(float)
        yield f"ties in x, {n}", np.sort(rng.integers(0, n, n)).astype(float), rng.normal(size=n)
        yield f"slope, uneven, {n}", uneven, 1000 + 25 * uneven + 15 * rng.normal(size=n)
        wild = 3 * uneven + rng.normal(size=n)
        wild[:: max(2, n // 5)] += 1e6
        yield f"wild points, {n}", uneven, wild


def shares():
    for n in (1, 2, 5, 299, 300, 1_000, 60_000, 3_000_000, 864_000_000, 10_000_000_000):
        for share in (0.0, 1e-3, 0.0099, 0.01, 0.5, 1.0):
            yield round(share * n), n, 0.95
        yield min(1, n), n, 0.95
    for k, n in ((0.8, 700.0), (2.5, 312.75), (0.05, 12.5), (311.0, 312.75)):
        yield k, n, 0.95
    for confidence in (0.5, 0.9, 0.975, 0.99, 0.999):
        yield 3, 1000, confidence
        yield 0, 20, confidence


def clopper_pearson(k, n, confidence):
    lower = stats.beta.ppf(1 - confidence, k, n - k + 1) if k > 0 else 0.0
    upper = stats.beta.ppf(confidence, k + 1, n - k) if k < n else 1.0
    return {"k": k, "n": n, "confidence": confidence, "lower": float(lower), "upper": float(upper)}


def quantiles():
    for p in (1e-12, 1e-4, 0.01, 0.025, 0.05, 0.3, 0.5, 0.8, 0.95, 0.975, 0.99, 0.999, 1 - 1e-6):
        yield {"of": "normal", "probability": p, "value": float(stats.norm.ppf(p))}
        for degrees in (1, 2, 6, 7.5, 30, 1000):
            yield {"of": "student_t", "degrees": degrees, "probability": p, "value": float(stats.t.ppf(p, degrees))}


def write(name, cases):
    versions = f"numpy {np.__version__}, scipy {scipy.__version__}, pymannkendall {pymannkendall.__version__}"
    rows = ",\n".join(json.dumps(case) for case in cases)
    (OUT / f"{name}.json").write_text(f'{{"made_by": "scripts/golden-vectors.py: {versions}", "cases": [\n{rows}\n]}}\n')
    print(f"{name}: {len(cases)} cases")


OUT.mkdir(parents=True, exist_ok=True)
all_series = list(series())
write("mann_kendall", [mann_kendall(what, values) for what, values in all_series])
enough = [(w, v) for w, v in all_series if np.isfinite(v).sum() >= 3 and len(set(v[np.isfinite(v)])) > 1]
write("hamed_rao", [hamed_rao(what, values) for what, values in enough])
confidences = (0.95, 0.975, 0.99)
write("theil_sen", [theil_sen(*line, confidences[i % 3]) for i, line in enumerate(lines()) if len(set(line[1])) > 1])
nothing = [{"k": 0, "n": 0, "confidence": 0.95, "lower": 0.0, "upper": 1.0}]
write("clopper_pearson", nothing + [clopper_pearson(*case) for case in shares()])
write("quantiles", list(quantiles()))
