"""How true the answers are: made spectra and ramps of which the truth is known, cold starts."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import pytest

from anolyte.materials.protocol import current_ramp
from anolyte.measure import synthetic
from anolyte.measure.circuits.fit import CircuitFit
from anolyte.measure.processes import assign
from anolyte.measure.processes.evidence import evidence
from anolyte.measure.quality.gate import Gate
from anolyte.measure.records import Spectrum, Trace
from anolyte.measure.relaxation.times import RelaxationTimes
from anolyte.measure.resistance import CellResistance
from anolyte.measure.series.arrhenius import of_resistance
from anolyte.measure.series.growth_law import growth
from anolyte.measure.setup import Setup
from anolyte.measure.traces.ramp import critical_current
from anolyte.measure.traces.shorts import find_shorts
from anolyte.studies.cell import Cell

ROWS = 3
"""Low rows on end until the alarm."""

FLOOR = 1.5
"""Squares over those of the noise that was put in, up to which a fit is at the floor: 89 points
scatter by 0.11."""
FAR = 5.0
"""Standard errors (or interval ends over 1.645) from the truth that no resistance of a separated
arc may be off silently."""

# --- circuits -----------------------------------------------------------------------------------


def squares(made: synthetic.Series) -> np.ndarray:
    """Mean squared relative residual of a part that the true circuit leaves of each spectrum."""
    pairs = zip(made.spectra, made.truths, strict=True)
    each = [np.abs((t.clean - s.impedance) / s.impedance) ** 2 for s, t in pairs]
    return np.sum(each, axis=1) / (2 * made.frequency.size)


def covered(fits, truths) -> np.ndarray:
    """Whether the 90 % interval of each parameter holds the truth, (fits, 11); open ends do."""
    return np.array(
        [
            [
                (p.low is None or p.low <= v) and (p.high is None or v <= p.high)
                for p, v in zip(f.parameters, t.values, strict=True)
            ]
            for f, t in zip(fits, truths, strict=True)
        ]
    )


def twin(arcs, arc) -> int:
    """Place of the arc whose time constant is the nearest; a boundary below the noise moves the
    names of those behind it."""
    return int(np.argmin([abs(math.log(a.time_constant / arc.time_constant)) for a in arcs]))


def resistance(fit, arc):
    """The parameter that is the resistance of an arc."""
    names = {p.name for p in fit.parameters}
    return fit[arc.name if arc.name in names else f"{arc.name}_0"]


def far_off(fit, truth) -> bool:
    """Whether the resistance of a separated arc is wrong by far more than its interval says."""
    for made, alone in zip(truth.arcs[:3], truth.pellet.separated, strict=True):
        p = resistance(fit, fit.arcs[twin(fit.arcs, made)])
        if not alone or p.error is None:
            continue
        ends = (math.inf if e is None else abs(math.log(e / p.value)) for e in (p.low, p.high))
        below, above = ends
        off = math.log(made.resistance / p.value)
        if not -FAR / 1.645 * max(below, p.error) <= off <= FAR / 1.645 * max(above, p.error):
            return True
    return False


@lru_cache(maxsize=2)
def fitted(count: int, seed: int):
    """Different cells and their fits from no start at all, the noise not told."""
    made = synthetic.cells(count, seed=seed)
    return made, CircuitFit(synthetic.CIRCUIT)(made.spectra)


@lru_cache(maxsize=1)
def aged(count: int, seed: int):
    """The ageing cell and its fits as one series."""
    made = synthetic.ageing(count=count, seed=seed)
    return made, CircuitFit(synthetic.CIRCUIT)(made.spectra, ordered=True)


@pytest.mark.campaign
def test_different_cells_are_fitted_or_flagged(campaign):
    """Cells over wide ranges, noise of 0.1 to 1 % that the fit is not told, no start given."""
    count = campaign.size(100, 1000)
    made, fits = fitted(count, campaign.seed)
    noise = np.array([t.noise for t in made.truths])
    chi2, truth = np.array([f.chi2 for f in fits]), squares(made)
    good = np.array([f.good for f in fits])
    floor = chi2 < FLOOR * noise**2
    off = np.array([far_off(f, t) for f, t in zip(fits, made.truths, strict=True)])
    inside = covered(fits, made.truths)
    alone = np.array([t.pellet.separated for t in made.truths])
    plain = good & alone.all(axis=1)
    cover = inside[plain].mean(axis=0)
    figures = {
        "at_floor": int(floor.sum()), "as_low_as_the_truth": int(np.sum(chi2 <= truth)),
        "good": int(good.sum()), "above_floor_but_good": int(np.sum(good & ~floor)),
        "far_off_but_good": int(np.sum(good & off)),
        "separated": int(plain.sum()),
        "cover_separated": dict(zip(synthetic.NAMES, cover.round(3).tolist(), strict=True)),
        "cover_all": dict(
            zip(synthetic.NAMES, inside[good].mean(axis=0).round(3).tolist(), strict=True)
        ),
        "median_hit_rate": float(np.median([f.hit_rate for f in fits])),
    }  # fmt: skip
    campaign.record(**figures)
    print(figures)
    assert floor.sum() >= 0.98 * count
    assert np.sum(chi2 <= truth) >= 0.98 * count
    assert figures["above_floor_but_good"] == 0
    # another set of arcs that fits as well or better; no residual can tell
    assert figures["far_off_but_good"] <= 0.01 * count
    room = 2.5 * math.sqrt(0.09 / plain.sum())  # of so few draws
    assert np.all((cover > 0.85 - room) & (cover < 0.95 + room)), figures


@pytest.mark.campaign
def test_an_ageing_cell_is_followed(campaign):
    """The ageing series: all at the floor, growth law, exponent and constant as they were made."""
    count = campaign.size(40, 200)
    made, fits = aged(count, campaign.seed - 1)
    chi2 = np.array([f.chi2 for f in fits])
    off = np.array(
        [np.log(f.values) - np.log(t.values) for f, t in zip(fits, made.truths, strict=True)]
    )
    r = [CellResistance(f["R3"].value, f["R3"].value * f["R3"].error) for f in fits]
    found = growth([s.time for s in made.spectra], r)
    power = next(f for f in found.laws if f.law == "power")
    parabolic = next(f for f in found.laws if f.law == "parabolic")
    rivals = [f.behind for f in found.laws if f.law not in ("power", "parabolic")]
    cover = covered(fits, made.truths).mean(axis=0)
    worst = dict(zip(synthetic.NAMES, np.abs(off).max(axis=0).round(4).tolist(), strict=True))
    sums = [abs((f.values[0] + f.values[3]) / (t.values[0] + t.values[3]) - 1)
            for f, t in zip(fits, made.truths, strict=True)]  # fmt: skip
    figures = {
        "at_floor": int(np.sum(chi2 < 2e-5)), "median_chi2": float(np.median(chi2)),
        "cover": dict(zip(synthetic.NAMES, cover.round(3).tolist(), strict=True)),
        "worst": worst, "worst_R1_and_R2": float(max(sums)), "best": found.best.law,
        "exponent": power.exponent, "low": power.exponent_low, "high": power.exponent_high,
        "rate": parabolic.rate * 60.0, "start": parabolic.start.si, "rivals_behind": min(rivals),
    }  # fmt: skip
    campaign.record(**figures)
    print(figures)
    assert figures["at_floor"] == count
    assert found.best.law in ("parabolic", "power")
    assert 0.49 < power.exponent < 0.51
    assert parabolic.rate * 60.0 == pytest.approx(24.0, rel=5e-3)  # ohm a root hour
    assert parabolic.start.si == pytest.approx(120.0, rel=5e-3)
    assert worst["R3"] < 0.006 and worst["R1"] < 0.06 and max(sums) < 0.004


# --- meaning ------------------------------------------------------------------------------------


def right(arcs, truth, alone) -> list[bool]:
    """Whether each of the three arcs that stands alone has its class."""
    found = assign(arcs, truth.setup).processes
    return [
        found[twin(found, made)].best == kind
        for made, kind, ok in zip(truth.arcs[:3], truth.classes[:3], alone, strict=True)
        if ok
    ]


@pytest.mark.campaign
def test_classes_of_the_ageing_cell_are_right(campaign):
    """Bulk, boundary and charge transfer, by fits and by relaxation times alone."""
    made, fits = aged(campaign.size(40, 200), campaign.seed - 1)
    find = RelaxationTimes(resamples=0)
    every = (True, True, True)
    by_fit = [all(right(f.arcs, t, every)) for f, t in zip(fits, made.truths, strict=True)]
    by_times = [
        all(right(find(s).arcs, t, every)) for s, t in zip(made.spectra, made.truths, strict=True)
    ]
    campaign.record(by_fit=sum(by_fit), by_relaxation_times=sum(by_times))
    print(sum(by_fit), sum(by_times))
    assert all(by_fit) and all(by_times)


@pytest.mark.campaign
def test_classes_of_separated_arcs_are_right(campaign):
    """Different cells: arcs have their class where all three stand alone and the fit knows them;
    where the noise hides a neighbour, none is given a wrong class with certainty."""
    made, fits = fitted(campaign.size(100, 1000), campaign.seed)
    whole: list[bool] = []
    single: list[bool] = []
    sure = 0
    for f, t in zip(fits, made.truths, strict=True):
        if not f.good:
            continue
        alone = t.pellet.separated
        found = right(f.arcs, t, known(f, t))
        single += found
        whole += found if all(alone) else []
        sure += wrongly_sure(f.arcs, t, known(f, t))
    figures = {
        "whole": len(whole), "whole_right": sum(whole), "separated": len(single),
        "separated_right": sum(single), "wrong_above_80_percent": sure,
    }  # fmt: skip
    campaign.record(**figures)
    print(figures)
    assert len(whole) > 0.5 * len(made) and sum(whole) >= 0.99 * len(whole), figures
    assert sum(single) >= 0.95 * len(single) and sure == 0, figures


def known(fit, truth) -> list[bool]:
    """Separated arcs, as far as the fit itself does not say that it cannot tell them."""
    near = [fit.arcs[twin(fit.arcs, made)] for made in truth.arcs[:3]]
    return [
        alone and arc.resolved and not fit.others
        for arc, alone in zip(near, truth.pellet.separated, strict=True)
    ]


def wrongly_sure(arcs, truth, alone) -> int:
    """Arcs that stand alone with a wrong class of a probability above 0.8."""
    found = assign(arcs, truth.setup).processes
    near = [found[twin(found, made)] for made in truth.arcs[:3]]
    parts = zip(near, truth.classes[:3], alone, strict=True)
    return sum(p.best != kind and p.probability > 0.8 for p, kind, ok in parts if ok)


def certain(p) -> float:
    """Relative error of a parameter as its interval has it; infinite where that is open."""
    if p.error is None or p.low is None or p.high is None:
        return math.inf
    return max(p.error, math.log(p.high / p.low) / 3.29)


@pytest.mark.campaign
def test_energies_come_back(campaign):
    """Temperatures from 243 to 353 K: 0.30, 0.45 and 0.55 eV, or a constriction's 0.30.

    Points count where the arc stands alone within the sweep: a bulk arc that peaks far beyond it is
    one with its boundary, whatever the fit.
    """
    count = campaign.size(2, 20)
    cover, worst = [], 0.0
    for seed in range(count):
        for constriction in (False, True):
            made = synthetic.temperatures(constriction, seed=1000 * campaign.seed + 2 * seed)
            fits = CircuitFit(synthetic.CIRCUIT)(made.spectra, ordered=True)
            for place, key in enumerate(("bulk", "boundary", "interface")):
                found = energy(made, fits, place)
                wanted = made.truths[0].facts[key]
                worst = max(worst, abs(found.energy / wanted - 1.0))
                cover.append(found.energy_low <= wanted <= found.energy_high)
    campaign.record(cover=float(np.mean(cover)), worst=worst)
    print(np.mean(cover), worst)
    assert worst < 0.05
    assert np.mean(cover) > (0.7 if count > 5 else 0.5)


def energy(made, fits, place):
    """Arrhenius fit of one arc where it stands alone and its interval is closed."""
    known = []
    for s, f, t in zip(made.spectra, fits, made.truths, strict=True):
        p = f[f"R{place + 1}"]
        if f.good and t.pellet.separated[place] and certain(p) < 0.2:
            known.append((s.temperature, CellResistance(p.value, p.value * certain(p))))
    return of_resistance([t for t, _ in known], [r for _, r in known])


@pytest.mark.campaign
def test_constriction_is_suspected_only_where_it_is_one(campaign):
    """Series over temperature and over pressure: the third arc is contact geometry or is not."""
    count = campaign.size(2, 20)
    wrong = []
    for seed in range(count):
        seed += 1000 * campaign.seed
        for series, contact in (
            (synthetic.temperatures(False, seed=seed), False),
            (synthetic.temperatures(True, seed=seed), True),
            (synthetic.pressures(0.0, seed=seed), False),
            (synthetic.pressures(-0.5, seed=seed), True),
        ):
            fits = CircuitFit(synthetic.CIRCUIT)(series.spectra, ordered=True)
            setups = [t.setup for t in series.truths]
            told = evidence([f.arcs for f in fits], setups)
            middle = len(fits) // 3  # cool enough for all arcs to lie in the sweep
            found = assign(fits[middle].arcs, setups[middle], told).processes
            third = found[twin(found, series.truths[middle].arcs[2])]
            if (third.contact_suspected or third.best == "constriction") != contact:
                wrong.append((seed, series.truths[0].facts, third.best, third.contact_suspected))
    campaign.record(wrong=len(wrong), series=4 * count)
    assert not wrong


@pytest.mark.campaign
def test_thickness_tells_bulk_and_boundary_from_interfaces(campaign):
    """Pellets of three thicknesses: exponents of 1, 1 and 0 within three errors."""
    count = campaign.size(3, 30)
    pulls, bad = [], 0
    for seed in range(count):
        series = synthetic.pellets(seed=1000 * campaign.seed + seed)
        fits = CircuitFit(synthetic.CIRCUIT)(series.spectra)
        told = evidence([f.arcs for f in fits], [t.setup for t in series.truths])
        for arc, slope in zip(told.arcs[:3], (1.0, 1.0, 0.0), strict=True):
            pulls.append((arc.thickness - slope) / arc.thickness_error)
        for f, t in zip(fits, series.truths, strict=True):
            found = assign(f.arcs, t.setup, told).processes
            bad += [p.best for p in found[:3]] != list(t.classes[:3])
    campaign.record(pull=float(np.std(pulls)), wrong_classes=bad)
    print(np.std(pulls), bad)
    assert bad == 0 and np.std(pulls) < 2.0


# --- the gate -----------------------------------------------------------------------------------


@pytest.mark.campaign
def test_gate_lets_clean_spectra_pass_and_knows_their_noise(campaign):
    """Different cells, noise of 0.1 to 1 %: how many pass, and how true the noise is."""
    count = campaign.size(100, 1000)
    made = synthetic.cells(count, seed=campaign.seed)
    found = Gate()(made.spectra).spectra
    passed = sum(str(q.verdict) == "passed" for q in found)
    ratio = np.array([q.noise / t.noise for q, t in zip(found, made.truths, strict=True)])
    error = np.array([q.noise_error / t.noise for q, t in zip(found, made.truths, strict=True)])
    within = float(np.mean(np.abs(ratio - 1.0) < 2.0 * error))
    campaign.record(passed=passed, noise_ratio=float(np.median(ratio)), within_two_sigma=within)
    assert passed >= 0.99 * count
    assert np.median(ratio) == pytest.approx(1.0, abs=0.03)
    assert within >= 0.90


@pytest.mark.campaign
def test_gate_sees_drift_and_says_so(campaign):
    """The interface rises by 50, 20, 5 % during the sweep; the smallest may stay unseen."""
    count = campaign.size(20, 200)
    seen = {}
    for drift in (0.5, 0.2, 0.05):
        made = synthetic.drifting(drift, count=count, seed=campaign.seed)
        found = Gate()(made.spectra, noise=0.003).spectra
        seen[drift] = sum(str(q.verdict) == "drift" for q in found)
    campaign.record(**{f"drift_{100 * d:.0f}_percent": n for d, n in seen.items()})
    assert seen[0.5] == count and seen[0.2] >= 0.95 * count


@pytest.mark.campaign
def test_gate_names_the_bad_points(campaign):
    """Two points that are 5 to 20 % off: both are named, and few of the good ones."""
    count = campaign.size(50, 500)
    made = synthetic.cells(count, seed=campaign.seed + 1)
    rng = np.random.default_rng([campaign.seed, 5])
    spoilt, places = [], []
    for s, truth in zip(made.spectra, made.truths, strict=True):
        where = rng.choice(np.arange(3, s.frequency.size - 3), 2, replace=False)
        z = s.impedance.copy()
        off = rng.uniform(10.0, 20.0, 2) * truth.noise  # of the noise, 1 to 20 %
        z[where] *= 1.0 + off * np.exp(2j * np.pi * rng.random(2))
        spoilt.append(Spectrum.of(s.frequency, z))
        places.append(set(where.tolist()))
    found = Gate()(spoilt).spectra
    named = sum(len(w & set(q.bad_points)) for w, q in zip(places, found, strict=True))
    wrong = sum(len(set(q.bad_points) - w) for w, q in zip(places, found, strict=True))
    silent = sum(str(q.verdict) == "passed" for q in found)
    campaign.record(named=named, planted=2 * count, good_ones_named=wrong, passed=silent)
    assert named >= 0.9 * 2 * count and wrong <= 0.05 * 2 * count
    assert silent <= 0.02 * count


@pytest.mark.campaign
def test_gate_bears_a_cable(campaign):
    """20 nH is hidden below a bulk arc that peaks beyond the sweep, 2 uH is not."""
    count = campaign.size(20, 200)
    figures: dict[str, float] = {}
    for inductance in (20e-9, 2e-6):
        made = synthetic.cabled(inductance, count=count, seed=campaign.seed)
        found = Gate()(made.spectra).spectra
        figures[f"usable_{1e9 * inductance:.0f}"] = usable = sum(q.usable for q in found)
        assert usable >= 0.98 * count
        apart = [(q.inductance - inductance) / q.inductance_error for q in found]
        figures[f"mean_nH_of_{1e9 * inductance:.0f}"] = float(
            1e9 * np.mean([q.inductance for q in found])
        )
        figures[f"within_two_sigma_{1e9 * inductance:.0f}"] = float(np.mean(np.abs(apart) < 2.0))
    campaign.record(**figures)
    assert figures["mean_nH_of_2000"] == pytest.approx(2000.0, rel=0.2)
    assert min(figures["within_two_sigma_20"], figures["within_two_sigma_2000"]) > 0.85


# --- ramps of the current -----------------------------------------------------------------------


def test_ramp_is_read_exactly():
    """The partial short at 1.1 mA/cm2: alarm in its third row, all charges as they were passed."""
    trace, truth = synthetic.ramp()
    found = critical_current(trace, truth.setup)
    (short,) = found.check.shorts
    area = truth.setup.area
    assert short.start == 36_910.0 and short.alarm == 36_930.0 and short.end is None
    assert (found.survived / area, found.failed / area) == pytest.approx((10.0, 11.0))
    assert found.completed_areal_capacity / 3.6e4 == pytest.approx(5.5, rel=1e-6)
    assert found.cumulative_areal_capacity / 3.6e4 == pytest.approx(5.775, rel=2e-3)
    assert found.threshold_capacity / 3.6e4 == pytest.approx(0.275, rel=0.02)
    assert found.kind == "soft" and found.critical_current_density is None


@pytest.mark.campaign
def test_passing_shorts_are_found_and_nothing_else(campaign):
    """Shorts of random start, length and depth: none missed that lasts, none invented."""
    count = campaign.size(20, 300)
    lasting = missed = late = wrong = invented = 0
    for trace, truth in synthetic.soft_shorts(count, seed=campaign.seed):
        check = find_shorts(trace, truth.setup)
        half, certain = expected(trace, truth.shorts[0])
        if certain is None:  # too few rows in any half step: either answer is right
            continue
        lasting += 1
        if not check.shorts:
            missed += 1
            continue
        first = check.shorts[0]
        late += first.alarm > certain + 1e-6
        wrong += first.half_cycle != half or first.kind != "soft"
        (made,) = truth.shorts
        invented += any(
            s.start <= made.start or s.start > made.start + made.length + 30.0 for s in check.shorts
        )
    figures = {"lasting": lasting, "missed": missed, "late": late, "wrong": wrong,
               "invented": invented}  # fmt: skip
    campaign.record(**figures)
    assert lasting > 0.6 * count
    assert (missed, late, wrong, invented) == (0, 0, 0, 0), figures


def expected(trace, short) -> tuple[int, float | None]:
    """Half cycle of the short, and the latest time of its alarm; a row after a change of current
    may be left out as settling."""
    rows = np.flatnonzero((trace.time > short.start) & (trace.time <= short.start + short.length))
    if not rows.size:
        return 0, None
    settling = int(np.sum(trace.step[rows[: ROWS + 1]] != trace.step[rows[: ROWS + 1] - 1]))
    last = ROWS - 1 + settling
    return int(trace.step[rows[0]]), float(trace.time[rows[last]]) if rows.size > last else None


@pytest.mark.campaign
def test_healthy_ramps_raise_no_alarm(campaign):
    """Ramps without a short, with noise up to 1 mV: none is said to have failed."""
    count = campaign.size(10, 200)
    alarms = ended = 0
    rng = np.random.default_rng(campaign.seed)
    for k in range(count):
        noise = float(np.exp(rng.uniform(math.log(20e-6), math.log(1e-3))))
        trace, truth = synthetic.ramp(shorts=(), noise=noise, seed=1000 * campaign.seed + k)
        found = critical_current(trace, truth.setup)
        alarms += len(found.check.shorts) > 0 or found.kind == "hard"
        ended += found.failed is not None
        assert found.survived == pytest.approx(truth.survived * truth.setup.area)
    campaign.record(alarms=alarms, ended=ended)
    assert (alarms, ended) == (0, 0)


@pytest.mark.campaign
def test_lasting_shorts_give_the_critical_current(campaign):
    """Shorts that stay, hard ones among them: the last survived current density is exact."""
    count = campaign.size(10, 200)
    rng = np.random.default_rng([campaign.seed, 3])
    wrong = kinds = 0
    for k in range(count):
        start = 1800.0 * rng.uniform(2.0, 39.0)
        if 1800.0 - start % 1800.0 < 60.0:  # no three rows left in the half step
            start -= 60.0
        short = synthetic.Short(start=start, length=math.inf, depth=float(rng.uniform(0.005, 0.4)))
        trace, truth = synthetic.ramp((short,), seed=k)
        setup = Setup(area=truth.setup.area, temperature=298.15, stack_pressure=5e6)
        found = critical_current(trace, setup)
        wrong += found.critical_current_density != pytest.approx(truth.survived)
        wrong += found.failed_current_density != pytest.approx(truth.failed)
        kinds += (found.kind == "hard") != short.hard and not 0.04 < short.depth < 0.06
        assert abs(found.cumulative_areal_capacity - truth.passed) <= 2.5 * 10.0 * truth.failed
    campaign.record(wrong=wrong, kinds_wrong=kinds)
    assert (wrong, kinds) == (0, 0)


# --- ramps that the cell model made -------------------------------------------------------------

LEFT = 0.15
"""Share of the voltage that is left once a filament has crossed the made cell."""


def logged(run, seed: int) -> Trace:
    """What a cycler would have written of a simulated ramp: a row every 10 s, 20 uV of noise, and
    the half step in which a filament crosses goes on with the voltage fallen."""
    area, half = 1e-4, 3600.0
    end = 40 * half if run.end is None else half * math.ceil(run.end.time / half + 1e-6)
    time = np.arange(10.0, end + 1.0, 10.0)
    step = np.minimum((time - 1.0) // half, 39).astype(int)
    j = np.where(step % 2 == 0, 1.0, -1.0) * (step // 2 + 1.0)
    source = np.array(run.time) + 1e-9 * np.arange(len(run.time))
    share = np.array(run.voltage) / np.where(np.array(run.current_density) == 0.0, np.inf,
                                             np.array(run.current_density))  # fmt: skip
    v = j * np.interp(time, source, share)
    if run.end is not None:
        v[time > run.end.time] *= LEFT
    v += 20e-6 * np.random.default_rng(seed).standard_normal(v.size)
    return Trace(time=time, voltage=v, current=j * area, step=step + 1, file="simulated")


@pytest.mark.campaign
def test_simulated_cells_give_the_critical_current_that_they_had(campaign):
    """Ramps of the cell model at many pressures, with their voids and their filament."""
    count = campaign.size(6, 60)
    wrong = []
    for k, pressure in enumerate(np.geomspace(1e6, 15e6, count)):
        cell = Cell("Li6PS5Cl", "Li", pressure=float(pressure), thickness="0.5 mm")
        run = cell.run(current_ramp("0.1 mA/cm2", "2 mA/cm2", "0.1 mA/cm2"))
        setup = Setup(area=1e-4, temperature=298.15, stack_pressure=float(pressure))
        found = critical_current(logged(run, k), setup)
        failed = None if run.end is None else abs(run.end.current_density)
        wanted = 20.0 if failed is None else failed - 1.0
        said = found.critical_current_density, found.failed_current_density
        if said != (pytest.approx(wanted), None if failed is None else pytest.approx(failed)):
            wrong.append((pressure, said, wanted, failed))
    campaign.record(wrong=len(wrong))
    assert not wrong
