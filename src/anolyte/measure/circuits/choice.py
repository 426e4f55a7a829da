"""Which circuit: nested ones fitted to the same spectra, compared by what they explain and cost.

Candidates have one arc fewer and one more than the spectrum of relaxation times shows, with and
without a series resistance, an inductance, and diffusion or a blocking element at the slow end.
They are ranked by Akaike's criterion for small samples, summed over a series: a series gets one
circuit. A candidate with a parameter that the data do not know is refused whatever its rank.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.result import Result
from anolyte.measure.arcs import Arc
from anolyte.measure.circuits.fit import CircuitFit, Noise
from anolyte.measure.circuits.result import FitResult
from anolyte.measure.records import Spectrum


@dataclass(frozen=True)
class Candidate:
    """One circuit of a choice.

    Args:
        circuit: Its text.
        parameters: How many are fitted.
        chi2: Mean over the spectra of the squared relative residual.
        aicc, bic: Summed over the spectra.
        at_floor: How many spectra it fits as well as noise allows.
        refused: Why it is out; empty: it is not.
    """

    circuit: str
    parameters: int
    chi2: float
    aicc: float
    bic: float
    at_floor: int
    refused: str = ""


@dataclass(frozen=True)
class CircuitChoice(Result):
    """The circuit that was chosen, and what it was compared with.

    Args:
        circuit: The chosen one.
        fits: Of it, one a spectrum.
        table: All candidates, the best first.
        warnings: What to know before using it.
    """

    circuit: str
    fits: tuple[FitResult, ...]
    table: tuple[Candidate, ...]
    warnings: tuple[str, ...] = ()

    def rows(self) -> list[dict[str, Any]]:
        """One row a candidate, with its distance from the best."""
        best = min((c.aicc for c in self.table if not c.refused), default=math.nan)
        return [
            {
                "circuit": c.circuit,
                "parameters": c.parameters,
                "chi2": c.chi2,
                "AICc over best": c.aicc - best,
                "BIC": c.bic,
                "at the floor": c.at_floor,
                "refused": c.refused,
            }
            for c in self.table
        ]


@dataclass(frozen=True)
class CircuitSearch:
    """How a circuit is chosen; call it with spectra.

    Args:
        fit: Settings of each fit; its circuit is replaced.
        worst_error: Relative error of a parameter beyond which it counts as not known.
        share: Of the spectra in which a parameter must be unknown for the circuit to be refused:
            in a series an arc may be seen at some temperatures only.
        margin: Difference of AICc up to which the circuit of fewer parameters is preferred.
        most_arcs: In a candidate.

    >>> f = np.geomspace(1e5, 1.0, 50)
    >>> z = 10.0 + 100.0 / (1.0 + 2j * np.pi * f * 1e-3)
    >>> noise = np.random.default_rng(0).standard_normal((2, 50))
    >>> data = Spectrum.of(f, z + 0.002 * abs(z) * (noise[0] + 1j * noise[1]))
    >>> CircuitSearch()(data, candidates=["R0-p(R1,C1)", "R0-p(R1,C1)-p(R2,C2)"]).circuit
    'R0-p(R1,C1)'
    """

    fit: CircuitFit = CircuitFit("R0", starts=8, most_starts=16)
    worst_error: float = 1.0
    share: float = 0.5
    margin: float = 2.0
    most_arcs: int = 5

    def __call__(
        self,
        spectra: Spectrum | Sequence[Spectrum],
        candidates: Sequence[str] | None = None,
        *,
        noise: Noise = None,
        seed: int = 0,
    ) -> CircuitChoice:
        """Choose one circuit for all spectra.

        Args:
            spectra: One, or a series of one cell.
            candidates: Circuits to compare; None: made from the spectra of relaxation times.
            noise: As in `CircuitFit`.
            seed: Of the starts.

        Raises:
            DataError: No candidate, or none that can be fitted.
        """
        several = [spectra] if isinstance(spectra, Spectrum) else list(spectra)
        if not several:
            raise DataError("no spectrum to choose a circuit for")
        arcs = list(self.fit.arcs(several)) if self.fit.arcs else [()] * len(several)
        texts = list(candidates) if candidates else nested(several, arcs, self.most_arcs)
        keep = None if self.fit.arcs is None else (lambda _: arcs)
        quick = replace(self.fit.uncertainty, profile=False)
        tried = []
        for text in texts:
            fit = replace(self.fit, circuit=text, arcs=keep, uncertainty=quick)
            tried.append(fit(several, noise=noise, seed=seed))
        table = [self._candidate(t, f) for t, f in zip(texts, tried, strict=True)]
        order = self._ranked(table)
        chosen = texts[order[0]]
        last = replace(self.fit, circuit=chosen, arcs=keep)
        fits = last(several, noise=noise, seed=seed, warm=tried[order[0]])
        return CircuitChoice(
            chosen, fits, tuple(table[k] for k in order), _warnings([table[k] for k in order])
        )

    def _candidate(self, text: str, fits: Sequence[FitResult]) -> Candidate:
        free = sum(not p.fixed for p in fits[0].parameters)
        return Candidate(
            text,
            free,
            float(np.mean([f.chi2 for f in fits])),
            sum(f.aicc for f in fits),
            sum(f.bic for f in fits),
            sum(f.at_floor for f in fits),
            self._unknown(fits),
        )

    def _unknown(self, fits: Sequence[FitResult]) -> str:
        """Which parameter the data do not know in too many spectra."""
        for k, p in enumerate(fits[0].parameters):
            # an open interval has no error of its own: that of the covariance stands in
            own = [(f.parameters[k].error, f.covariance[k][k]) for f in fits]
            errors = [float(np.sqrt(max(c, 0.0))) if e is None else e for e, c in own]
            count = sum(e > self.worst_error for e in errors)
            if count > self.share * len(fits):
                return f"{p.name} is not known (relative error {np.median(errors):.2g})"
            bound = [f.parameters[k] for f in fits if f.parameters[k].at_bound]
            # An exponent of 1 is a capacitor, which is known; no simpler candidate has one there.
            capacitor = any(b.unit == "1" and b.value > 0.99 for b in bound)
            if len(bound) > self.share * len(fits) and not capacitor:
                return f"{p.name} stands at its bound"
        return ""

    def _ranked(self, table: list[Candidate]) -> list[int]:
        """Places of candidates from the best on: those not refused first; within the margin the
        smaller one."""
        order = sorted(range(len(table)), key=lambda k: (bool(table[k].refused), table[k].aicc))
        best = table[order[0]]
        near = [
            k
            for k in order
            if bool(table[k].refused) == bool(best.refused)
            and table[k].aicc <= best.aicc + self.margin
        ]
        first = min(near, key=lambda k: (table[k].parameters, table[k].aicc))
        return [first, *(k for k in order if k != first)]


def nested(spectra: Sequence[Spectrum], arcs: Sequence[Sequence[Arc]], most: int = 5) -> list[str]:
    """Circuits around what the spectra of relaxation times show.

    Args:
        spectra: Measured.
        arcs: Of each.
        most: Arcs in a circuit.

    >>> f = np.geomspace(1e5, 1.0, 50)
    >>> data = Spectrum.of(f, 10.0 + 100.0 / (1.0 + 2j * np.pi * f * 1e-3))
    >>> nested([data], [(Arc("peak 1", 100.0, 1e-5, 1e-3),)])[:2]
    ['R0-p(R1,CPE1)', 'p(R1,CPE1)']
    """
    counts = [sum(a.shape != "blocking" for a in own) for own in arcs]
    middle = max(1, round(float(np.median(counts)))) if counts else 1
    last = [s.impedance[-1] for s in spectra]
    blocks = np.mean([-z.imag > abs(z.real) for z in last]) > 0.5
    induces = np.mean([s.impedance[0].imag > 0.0 for s in spectra]) > 0.5
    ends = ("-CPE0", "-Wo1") if blocks else ("", "-Ws1")
    found = []
    for count in range(max(0 if blocks else 1, middle - 1), min(middle + 1, most) + 1):
        for end in ends:
            for series in ("R0", ""):
                for cable in ("L0", "") if induces else ("",):
                    chain = [f"p(R{k},CPE{k})" for k in range(1, count + 1)]
                    text = "-".join(p for p in (cable, series, *chain) if p) + end
                    found.append(text.lstrip("-"))
    return list(dict.fromkeys(t for t in found if t))


def _warnings(table: Sequence[Candidate]) -> tuple[str, ...]:
    """What to know before using the choice."""
    said = []
    best = table[0]
    if best.refused:
        said.append(f"no circuit is known in all its parameters: {best.refused}")
    if not best.at_floor:
        said.append("no candidate reaches the noise: the spectra hold more than these circuits do")
    near = [c for c in table[1:] if not c.refused and c.aicc - best.aicc < 10.0]
    if near:
        said.append(
            f"{near[0].circuit} explains the data nearly as well (AICc "
            f"{near[0].aicc - best.aicc:+.1f}); less noise or another temperature would decide"
        )
    return tuple(said)


def choose(
    spectra: Spectrum | Sequence[Spectrum],
    candidates: Sequence[str] | None = None,
    *,
    noise: Noise = None,
    seed: int = 0,
) -> CircuitChoice:
    """One circuit for a spectrum or a series, with the habitual settings (`CircuitSearch`).

    Args:
        spectra: One, or a series of one cell.
        candidates: Circuits to compare; None: made from the spectra of relaxation times.
        noise: As in `CircuitFit`.
        seed: Of the starts.
    """
    return CircuitSearch()(spectra, candidates, noise=noise, seed=seed)
