"""A series over temperature fitted at once: what single spectra leave open, all of them decide.

Capacitances and exponents are shared, resistances are free in each spectrum: no law is put in, so
that a kink or a curve can still be seen. Where that does not describe the spectra to the noise, the
single fits stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from anolyte.core.errors import AnolyteError
from anolyte.measure.arcs import Arc, against_sweep
from anolyte.measure.circuits import Circuit, FitResult, JointFit, JointResult
from anolyte.measure.circuits.processes import arcs_of
from anolyte.measure.records import Spectrum
from anolyte.studies.spectra.gather import distinct

FEWEST = 3
"""Temperatures from which a joint fit is worth its while."""
UNKNOWN = 1.0
"""Relative error from which a resistance is not known in a spectrum."""


def joint_fit(
    clean: Sequence[Spectrum], fits: Sequence[FitResult], temperatures: Sequence[float | None],
    noise: float | None, seed: int,
) -> tuple[JointResult | None, tuple[int, ...], str]:  # fmt: skip
    """The joint fit of the spectra that single fits describe.

    Args:
        clean: Spectra without their bad points.
        fits: Their single fits.
        temperatures: K; None: not known.
        noise: Relative, where it is known.
        seed: Of starts.

    Returns:
        The fit (None: not tried, or not as good as the noise allows), which spectra it holds, and
        why it was not taken.
    """
    known = [k for k, (f, t) in enumerate(zip(fits, temperatures, strict=True)) if f.good and t]
    along = [temperatures[k] or 0.0 for k in known]
    if distinct("temperature", along) < FEWEST:
        return None, (), ""
    fit = JointFit(fits[known[0]].circuit)
    start = [fits[k] for k in known]
    try:
        found = fit([clean[k] for k in known], along, noise=noise, seed=seed, start=start)
    except (AnolyteError, np.linalg.LinAlgError) as error:
        return None, (), f"no joint fit: {error}"
    if not found.good:
        worst = max(c / f for c, f in zip(found.chi2, found.floors, strict=True))
        return None, (), (
            "capacitances and exponents that are the same at all temperatures do not describe the "
            f"spectra (squares up to {worst:.2g} times what noise leaves); each stands by itself"
        )  # fmt: skip
    return found, tuple(known), ""


def arcs_of_joint(joint: JointResult, place: int, highest: float) -> tuple[Arc, ...]:
    """The arcs of one spectrum of a joint fit.

    Args:
        joint: The fit.
        place: Which of its spectra.
        highest: Frequency of that spectrum, Hz.
    """
    errors = np.array(joint.errors[place])
    errors = np.where(np.isfinite(errors), errors, UNKNOWN)
    arcs = arcs_of(Circuit.of(joint.circuit), joint.values[place], np.diag(errors**2))
    shared = {t.parameter: t.sigma / t.value for t in joint.terms if t.term == "value" and t.value}
    out = []
    for arc in arcs:
        # The capacitance is a term of its own; from errors of R, Q and n it would come out too far.
        own = next((v for n, v in shared.items() if n == f"CPE{arc.name.lstrip('R')}_0"), None)
        known = arc.resistance_error is not None and arc.resistance_error < UNKNOWN
        out.append(
            replace(
                arc,
                capacitance_error=own if own is not None else arc.capacitance_error,
                resistance_error=arc.resistance_error if known else UNKNOWN,
                resolved=known,
            )
        )
    return against_sweep(out, highest)
