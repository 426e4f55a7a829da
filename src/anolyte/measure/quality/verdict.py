"""From the tests of the Kramers-Kronig gate to a verdict in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from anolyte.core.units import show
from anolyte.measure.quality.answer import SpectrumQuality, Verdict
from anolyte.measure.quality.checks import Examined
from anolyte.measure.quality.sweep_drift import SweepDrift, beside, between, steady
from anolyte.measure.records import Spectrum
from anolyte.measure.relaxation.bank import loop_start
from anolyte.numerics.later import special

if TYPE_CHECKING:
    from anolyte.measure.quality.gate import Gate

Array = NDArray[Any]


def judge(
    spectrum: Spectrum,
    seen: Examined,
    gate: Gate,
    noise: float | None,
    neighbours: Sequence[Spectrum],
) -> SpectrumQuality:
    """The verdict on one spectrum.

    Args:
        spectrum: That was tested.
        seen: What the tests found.
        gate: Settings.
        noise: Relative, where the user knows it.
        neighbours: Spectra measured before and after.
    """
    f, z = spectrum.frequency, spectrum.impedance
    size = np.abs(z)
    misfit = np.where(size > 0.0, (z - seen.impedance) / np.where(size > 0.0, size, 1.0), 0.0)
    drift = _drift(spectrum, seen, gate, noise, neighbours)
    bad = tuple(int(k) for k in np.flatnonzero(~seen.lens.kept))
    above, below = _cuts(f, seen, bad)
    verdict, because = _verdict(spectrum, seen, gate, noise, drift, bad, (above, below))
    inductance, error = float(seen.beside[1]), float(seen.errors[1])
    elastance = float(seen.beside[2]) if seen.beside.size == 3 else 0.0
    inductive = _inductive_above(f, seen.impedance, inductance, error)
    return SpectrumQuality(
        name=spectrum.name,
        verdict=verdict,
        because=because,
        noise=seen.fitted.noise,
        noise_error=seen.fitted.noise / math.sqrt(2.0 * seen.fitted.freedom),
        order=seen.order,
        overfit=seen.overfit,
        frequency=_plain(f),
        residual_real=_plain(np.real(misfit)),
        residual_imaginary=_plain(np.imag(misfit)),
        autocorrelation=seen.structure[0],
        structure_chance=seen.structure[1],
        drift=drift,
        inductance=inductance,
        inductance_error=error,
        inductive_above=inductive,
        capacitance=1.0 / elastance if elastance > 0.0 else None,
        cut_above=above,
        cut_below=below,
        bad_points=bad,
        bad_places=tuple(spectrum.place(k) for k in bad),
        not_positive=tuple(int(k) for k in np.flatnonzero(~(np.real(z) > 0.0))),
        warnings=_warnings(spectrum, seen, drift, inductance, error, inductive, bad),
    )


def _plain(values: Array) -> tuple[float, ...]:
    return tuple(float(v) for v in values)


def _drift(
    spectrum: Spectrum,
    seen: Examined,
    gate: Gate,
    noise: float | None,
    neighbours: Sequence[Spectrum],
) -> SweepDrift:
    """Both tests of a change during the sweep."""
    level = max(noise or seen.fitted.noise, gate.negligible)
    clean = spectrum.keep(seen.lens.kept)
    found = [
        b
        for other in beside(spectrum, neighbours)
        if (b := between(clean, other, level, gate.windows, gate.sweep)) is not None
    ]
    visible = None if seen.drifts or not math.isfinite(seen.visible) else seen.visible
    told = steady(found, gate.near)
    if told is None:
        return SweepDrift(seen.drifts, seen.drift_chance, visible)
    changed = told.chance < gate.false_alarm and told.change > gate.drift_tolerated
    return SweepDrift(
        seen=seen.drifts or changed,
        chance=seen.drift_chance,
        visible=visible,
        between=told.change,
        between_chance=told.chance,
        at=told.frequency,
    )


def _cuts(f: Array, seen: Examined, bad: tuple[int, ...]) -> tuple[float | None, float | None]:
    """Frequencies beyond which points do not fit: an end block, or an end mostly of bad points."""
    out = np.zeros(f.size, dtype=bool)
    out[list(bad)] = True
    out[list(seen.cut)] = True
    first, last = _end_run(out), _end_run(out[::-1])
    above = float(f[first]) if first and first < f.size else None
    below = float(f[f.size - 1 - last]) if last and last < f.size else None
    return above, below


def _end_run(out: Array) -> int:
    """Points at the start that go together: three or more bad ones, two thirds of the run."""
    count = np.cumsum(out)
    length = np.arange(1, out.size + 1)
    fits = out & (count >= 3) & (count >= 2.0 / 3.0 * length)
    return int(length[fits][-1]) if fits.any() else 0


def _verdict(
    spectrum: Spectrum,
    seen: Examined,
    gate: Gate,
    noise: float | None,
    drift: SweepDrift,
    bad: tuple[int, ...],
    cuts: tuple[float | None, float | None],
) -> tuple[Verdict, str]:
    level = show(max(seen.fitted.noise, gate.negligible), "fraction", 2)
    if drift.seen:
        return Verdict.DRIFT, _drift_text(seen, drift)
    if seen.fitted.noise > gate.noise_tolerated:
        return Verdict.NOISY, f"the noise is {level} of the modulus; arcs of a tenth are lost in it"
    if (what := _unexplained(seen, gate, noise)) is not None:
        return Verdict.NOISY, what
    above, below = cuts
    if above is not None or below is not None:
        ends = [f"above {show(above, 'frequency')}"] if above is not None else []
        ends += [f"below {show(below, 'frequency')}"] if below is not None else []
        return Verdict.CUT, f"points {' and '.join(ends)} do not fit the rest; leave them out"
    if bad:
        places = ", ".join(spectrum.place(k) for k in bad[:6])
        more = f" and {len(bad) - 6} more" if len(bad) > 6 else ""
        return Verdict.BAD_POINTS, (
            f"{places}{more}: off by more than noise of {level} explains; the rest obeys "
            "Kramers-Kronig"
        )
    return Verdict.PASSED, _passed_text(seen, drift, level)


def _unexplained(seen: Examined, gate: Gate, noise: float | None) -> str | None:
    """Misfit that neither drift nor points nor an end explain."""
    if seen.exhausted:
        return (
            f"more than {gate.most_bad:.0%} of the points are off: no noise of one size, and no "
            "single end; measure again with more periods or a larger amplitude"
        )
    if seen.structure[1] < gate.false_alarm:
        return (
            "the misfit has structure over frequency that no drift, end or single points explain; "
            "a response that is not linear does this: measure again with half the amplitude"
        )
    if noise is not None:
        squares = float(seen.fitted.residual @ seen.fitted.residual)
        chance = float(special.chdtrc(seen.fitted.freedom, squares / noise**2))
        if chance < gate.false_alarm and seen.fitted.noise > gate.negligible:
            return (
                f"the misfit of {show(seen.fitted.noise, 'fraction', 2)} is larger than the noise "
                f"of {show(noise, 'fraction', 2)} that was given"
            )
    return None


def _drift_text(seen: Examined, drift: SweepDrift) -> str:
    told = []
    if seen.drifts:
        told.append(
            "the misfit is that of a cell that changed during the sweep (by noise alone with "
            f"probability {_chance(seen.drift_chance)})"
        )
    if drift.between is not None and (not seen.drifts or drift.between > 0.0):
        told.append(
            f"the neighbouring spectrum differs by {show(drift.between, 'fraction', 2)} a sweep at "
            f"{show(drift.at or 0.0, 'frequency')}"
        )
    return "; ".join(told) + ": let it settle, or sweep faster, and measure again"


def _chance(value: float) -> str:
    return "below 1e-15" if value < 1e-15 else f"{value:.1g}"


def _passed_text(seen: Examined, drift: SweepDrift, level: str) -> str:
    text = f"obeys Kramers-Kronig within {level} (order {seen.order})"
    if drift.between is not None:
        share = show(drift.between, "fraction", 2)
        return f"{text}; neighbouring spectra differ by {share} a sweep at most"
    unseen = "" if drift.visible is None else f" of less than {show(drift.visible, 'fraction', 2)}"
    return (
        f"{text}; this does not show that the cell stood still: a change{unseen} of the whole "
        "during the sweep stays unseen, and more where only one arc changes"
    )


def _left_out(wrong: Array, bad: tuple[int, ...]) -> str:
    out = len(set(wrong.tolist()) & set(bad))
    if out == 0:
        return ", within what noise may do"
    return "; left out" if out == wrong.size else f"; {out} of {wrong.size} left out"


def _inductive_above(f: Array, z: Array, inductance: float, error: float) -> float | None:
    """Lowest frequency from which the inductance outweighs the rest of the imaginary part."""
    if inductance < 3.0 * error or inductance <= 0.0:
        return None
    own = 2.0 * np.pi * f * inductance
    over = own >= np.abs(np.imag(z) - own)
    run = int(np.argmin(over)) if not over.all() else over.size
    return float(f[run - 1]) if run else None


def _warnings(
    spectrum: Spectrum,
    seen: Examined,
    drift: SweepDrift,
    inductance: float,
    error: float,
    inductive: float | None,
    bad: tuple[int, ...],
) -> tuple[str, ...]:
    told = list(spectrum.flags)
    z, f = spectrum.impedance, spectrum.frequency
    wrong = np.flatnonzero(~(np.real(z) > 0.0))
    if wrong.size:
        places = ", ".join(spectrum.place(int(k)) for k in wrong[:6])
        told.append(f"{places}: the real part is not positive{_left_out(wrong, bad)}")
    reactance = 2.0 * math.pi * float(f[0]) * inductance / max(abs(seen.impedance[0]), 1e-300)
    if inductive is None and inductance > 3.0 * error and reactance > 0.1:
        told.append(
            f"an inductance of {show(inductance, 'inductance')} is {reactance:.0%} of the "
            f"modulus at {show(float(f[0]), 'frequency')}; fit it with the circuit"
        )
    if inductive is not None:
        told.append(
            f"an inductance of {show(inductance, 'inductance')} outweighs the cell above "
            f"{show(inductive, 'frequency')}; fit it with the circuit"
        )
    if inductance < -4.0 * error:
        told.append(
            f"the inductance comes out negative, {show(inductance, 'inductance')}: a stray "
            "capacitance, or a cable correction too large"
        )
    kept = np.flatnonzero(seen.lens.kept)
    loop = loop_start(z[kept], max(seen.fitted.noise, 1e-6))
    if loop is not None:
        told.append(
            f"Im Z is positive below {show(float(f[kept[loop]]), 'frequency')}: an inductive loop; "
            "no sum of positive relaxations makes one"
        )
    mains = [k for k in bad if min(abs(f[k] / m - 1.0) for m in (50.0, 60.0, 100.0, 120.0)) < 0.1]
    if mains and len(mains) == len(bad):
        told.append("all bad points lie near the mains frequency or its double: shield the cell")
    if drift.seen and not seen.drifts:
        told.append("Kramers-Kronig alone would have passed this spectrum")
    return tuple(told)
