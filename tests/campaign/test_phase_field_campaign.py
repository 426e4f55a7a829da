"""Public benchmarks of phase fields with their own proof of convergence; PFHub 1, 3, 6 and 7."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

PROBLEMS = Path(__file__).parents[1] / "numerics" / "phase_field_problems.py"


def loaded(path: Path):
    """A module of another folder of tests."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


given = loaded(PROBLEMS)


def figures(values, digits: int = 6) -> list[float]:
    """For the table."""
    return [float(f"{v:.{digits}g}") for v in values]


# --- manufactured solution ----------------------------------------------------------------------


@pytest.mark.campaign
def test_manufactured_front(campaign):
    """Benchmark 7a: order of space by explicit steps of one length, and of time on one grid."""
    finest = campaign.size(192, 480)
    problem, cells = given.Manufactured(), [finest * 4 // 6, finest * 5 // 6, finest]
    step = 0.2 / (finest**2 * problem.kappa)
    space = [given.explicit_error(problem, n, step, 8.0) for n in cells]
    counts = np.array([64, 128, 256])
    (_, truth), grid = given.exponential(problem, 64, 1024, 8.0)
    pairs = [given.exponential(problem, 64, int(k), 8.0)[0] for k in counts]
    low, high = np.array([[given.norm(f - truth, grid) for f in pair] for pair in pairs]).T
    orders = [given.order(1.0 / np.array(cells), space), given.order(1.0 / counts, low),
              given.order(1.0 / counts, high)]  # fmt: skip
    campaign.record(cells=cells, space=figures(space), first=figures(low), second=figures(high),
                    orders=figures(orders, 4))  # fmt: skip
    assert 1e-4 < min(space) < max(space) < 5e-3
    assert orders == [pytest.approx(k, abs=0.2) for k in (2.0, 1.0, 2.0)]


@pytest.mark.campaign
def test_manufactured_thin_front(campaign):
    """Benchmark 7b, a front sixteen times thinner."""
    finest = campaign.size(1536, 3072)
    problem = given.Manufactured(kappa=4e-4 / 256.0)
    end = 8.0 if campaign.full else 0.2
    cells = [finest * 4 // 6, finest * 5 // 6, finest]
    steps = [0.2 / (n**2 * problem.kappa) for n in cells]
    errors = [
        given.explicit_error(problem, n, step, end) for n, step in zip(cells, steps, strict=True)
    ]
    order = given.order(1.0 / np.array(cells), errors)
    campaign.record(cells=cells, errors=figures(errors), order=float(f"{order:.3f}"))
    assert order == pytest.approx(2.0, abs=0.25)


@pytest.mark.campaign
def test_error_against_cost(campaign):
    """Benchmark 7c: halving the error of explicit steps costs four times, of the pair 2.8 times.

    Cost is counted in updates of cells. Steps of the first go with the square of the edge, of the
    second with the edge.
    """
    finest = campaign.size(192, 512)
    problem = given.Manufactured(speed=0.5)
    cells = np.array([finest // 2, finest * 3 // 4, finest])
    steps = np.ceil(8.0 * cells**2 * problem.kappa / 0.2).astype(int)
    explicit = [
        given.explicit_error(problem, n, 8.0 / k, 8.0) for n, k in zip(cells, steps, strict=True)
    ]
    few = cells // 2
    pair = [
        given.exponential_errors(problem, int(n), int(k), 8.0)[1]
        for n, k in zip(cells, few, strict=True)
    ]
    area = cells**2 // 2
    slopes = [given.order(steps * area, explicit), given.order(few * area, pair)]
    campaign.record(
        cells=cells.tolist(), explicit=figures(explicit), pair=figures(pair),
        updates_explicit=(steps * area).tolist(), updates_pair=(few * area).tolist(),
        slopes=figures(slopes, 4),
    )  # fmt: skip
    assert slopes[0] == pytest.approx(-1.0 / 2.0, abs=0.08)
    assert slopes[1] == pytest.approx(-2.0 / 3.0, abs=0.12)


# --- spinodal decomposition ---------------------------------------------------------------------


def descent(made, end: float, tolerance: float):
    """Energy at the end of a run whose energy never rose and whose mean stayed."""
    last, energies, moved = given.followed(*made, end, tolerance)
    assert np.all(np.diff(energies) < 0.0)
    assert moved < 1e-11
    return float(energies[-1]), last


@pytest.mark.campaign
def test_spinodal_decomposition_on_squares(campaign):
    """Benchmark 1a and 1b: mean, descent at every step, grid and steps.

    The start of 1a jumps over the periodic side, and late energies hang on single droplets; the
    order of the grid is judged on 1b at time 10.
    """
    finest = campaign.size(200, 400)
    end = 2000.0 if campaign.full else 40.0
    cells = [finest // 4, finest // 2, finest]
    early = [m.energy(m.fixed(c, 0.1, 100)) for m, c in map(given.square, cells)]
    ratio = given.ratios(early)[0]
    tolerances = [1e-3, 3e-4, 1e-4] if campaign.full else [1e-3]
    at_100 = [descent(given.square(100), end / 20.0, t)[0] for t in tolerances]
    late = {
        name: descent(given.square(finest // 2, periodic=periodic), end, 1e-3)[0]
        for name, periodic in (("late_periodic", True), ("late_closed", False))
    }
    campaign.record(cells=cells, early=figures(early, 8), ratio=float(f"{ratio:.3f}"),
                    tolerances=tolerances, by_tolerance=figures(at_100), end=end,
                    **{k: float(f"{v:.6g}") for k, v in late.items()})  # fmt: skip
    assert ratio == pytest.approx(4.0, abs=0.5)


def tee_end(cells: int, end: float, share: float) -> float:
    """Energy in the T at the end, for steps of a share of the longest."""
    model, start = given.tee(cells)
    count = int(np.ceil(end / (4.0 * share * model.longest_step)))
    c, energies = start, [model.energy(start)]
    for _ in range(4):
        c = model.run(c, end / (4 * count), count)
        energies.append(model.energy(c))
    assert np.all(np.diff(energies) < 0.0)
    assert abs(c[model.inside].mean() - start[model.inside].mean()) < 1e-12
    return energies[-1]


@pytest.mark.campaign
def test_spinodal_decomposition_on_a_tee(campaign):
    """Benchmark 1c: mean, descent, grid and steps."""
    finest = campaign.size(20, 40)
    cells, end = [finest // 2, finest * 3 // 4, finest], 8.0
    ends = [tee_end(n, end, 0.8) for n in cells]
    halved = tee_end(cells[1], end, 0.4)
    slopes = np.diff(ends) / np.diff(1.0 / np.array(cells) ** 2)
    campaign.record(cells=cells, ends=figures(ends, 8), steps_halved=figures([halved], 8),
                    slopes=figures(slopes, 4))  # fmt: skip
    # an error that goes with the square of the edge has one slope against it
    assert slopes[1] == pytest.approx(slopes[0], rel=0.3)
    assert abs(halved - ends[1]) < 0.2 * abs(ends[2] - ends[1])


@pytest.mark.campaign
def test_decomposition_with_charge(campaign):
    """Benchmark 6a: mean, descent of the energy with the applied potential's share, grid, steps."""
    finest = campaign.size(100, 200)
    end = 400.0 if campaign.full else 20.0
    cells = [finest // 4, finest // 2, finest]
    early = [m.energy(m.fixed(c, 0.1, 50)) for m, c in map(given.charged, cells)]
    ratio = given.ratios(early)[0]
    tolerances = [1e-3, 1e-4] if campaign.full else [1e-3]
    late = [descent(given.charged(finest // 2), end, t)[0] for t in tolerances]
    grids = [descent(given.charged(n), end, 1e-3)[0] for n in cells[1 if campaign.full else 2 :]]
    campaign.record(
        cells=cells, early=figures(early, 8), ratio=float(f"{ratio:.3f}"), end=end,
        tolerances=tolerances, late=figures(late), late_by_grid=figures(grids),
    )  # fmt: skip
    assert ratio == pytest.approx(4.0, abs=0.4)


# --- dendrite -----------------------------------------------------------------------------------


def grown(extent: float, edge: float, end: float, share: float = 0.8):
    """Tip, solid share and energy at the end; heat must be kept."""
    model = given.dendrite(extent, edge)
    count = round(end / (share * model.longest_step))
    start = model.seed(8.0)
    melt = model.run(start, end / count, count)
    kept = [float(np.mean(m.heat - 0.5 * m.phase)) for m in (start, melt)]
    assert kept[1] == pytest.approx(kept[0], abs=1e-11)
    return model.tip(melt), melt.solid, model.energy(melt)


@pytest.mark.campaign
def test_dendrite(campaign):
    """Benchmark 3; the tip is where the phase is zero in the row of cells along the side.

    The order is shown on a quarter of the extent with edges fine enough for it; the whole goes to
    its end on coarser ones, and the tip there is extrapolated with that order.
    """
    extent = float(campaign.size(120, 960))
    small, end, last = (240.0, 300.0, 1500.0) if campaign.full else (100.0, 20.0, 20.0)
    edges, coarse = (0.64, 0.512, 0.4096), (1.0, 0.8, 0.64) if campaign.full else (1.0, 0.8)
    tips, solids, _ = zip(*(grown(small, edge, end) for edge in edges), strict=True)
    half = grown(small, edges[0], end, share=0.4)[0]
    orders = [float(np.log(given.ratios(x)[0]) / np.log(1.25)) for x in (tips, solids)]
    whole = [grown(extent, edge, last) for edge in coarse]
    at_last = [found[0] for found in whole]
    campaign.record(
        edges=edges, tips=figures(tips), solids=figures(solids), end=end,
        orders=figures(orders, 3), tip_of_half_steps=float(f"{half:.6g}"), coarse=coarse,
        whole=[dict(zip(("tip", "solid", "energy"), figures(x), strict=True)) for x in whole],
        extrapolated=float(f"{at_last[-1] + (at_last[-1] - at_last[-2]) / (1.25**2 - 1.0):.4g}"),
    )  # fmt: skip
    assert orders == [pytest.approx(2.0, abs=0.4)] * 2
    assert abs(half - tips[0]) < 0.1 * abs(tips[1] - tips[0])
    assert np.all(np.diff(at_last) > 0.0)
