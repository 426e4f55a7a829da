"""The critical current density as what comes out of a ramp, with its mechanism and its interval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from anolyte.core.errors import AnolyteError, DataError
from anolyte.core.result import Concern, Finding, Level, Number, Result, quantity
from anolyte.materials.criteria import criteria as default_criteria
from anolyte.materials.library import Library
from anolyte.materials.protocol import Protocol, Step, current_ramp
from anolyte.materials.stack import Conditions, Interface
from anolyte.models.cell import build, engine
from anolyte.models.cell.assembly import Assembly, assemble
from anolyte.models.cell.contact import conducts, host_finding, speaks
from anolyte.models.cell.host_face import refuse_host
from anolyte.models.cell.joined import at, joined, likeness
from anolyte.models.cell.run import Run, run

DRAWS = 200
NODES = 10
HALF_CYCLE = 3600.0
FILAMENT = "filament"
AFTER_VOIDS = "filament after voids"
VOIDED = 0.7
"""Contact below which voids have carried the current to a filament."""


LEVELS = tuple(float(j) for j in np.geomspace(0.5, 100.0, 18))
"""A/m2; the ramp of `assess` rises by a third from level to level."""


@dataclass(frozen=True)
class CriticalCurrentDensity:
    """The critical current density as a concern: is the current asked for below it?

    Args:
        draws: Sets of parameters for the interval; the first is the best values.
        conducting: The interphase conducts electrons (what `Passivation` found).
        lib: Where pair files are looked up; None: the package's.
        whole: The ramp goes on beyond the current that is asked for and its margin.
    """

    draws: int = 24
    conducting: bool = False
    lib: Library | None = None
    whole: bool = True

    concern: ClassVar[Concern] = Concern.DENDRITE
    reads: ClassVar[tuple[str, ...]] = (
        "electrolyte", "layers", "anode", "surface", "sample", "form",
        "conditions.stack_pressure", "conditions.temperature", "conditions.current_density",
    )  # fmt: skip
    references: ClassVar[tuple[str, ...]] = ("kasemchainan2019",)

    @property
    def quick(self) -> CriticalCurrentDensity:
        """The same judgement from a ramp that ends where the judgement is made."""
        return replace(self, whole=False)

    def given(self, results: Iterable[Result]) -> CriticalCurrentDensity:
        """The same model with what another one found of the interphase."""
        return replace(self, conducting=conducts(results))

    def __call__(self, interface: Interface, conditions: Conditions) -> CriticalCurrent:
        """The limit by a ramp of 1 h half cycles, from one batch of draws."""
        return _answers([self._ramp(interface, conditions)])[0]

    @staticmethod
    def together(
        asked: Sequence[tuple[CriticalCurrentDensity, Interface, Conditions]],
    ) -> list[CriticalCurrent | AnolyteError]:
        """What the calls would answer one by one, or why not: the same numbers in one batch.

        Args:
            asked: A model, and what it is asked of.
        """
        ramps: list[_Ramp | AnolyteError] = []
        for model, interface, conditions in asked:
            try:
                ramps.append(model._ramp(interface, conditions))
            except AnolyteError as error:
                ramps.append(error)
        answers = iter(_answers([r for r in ramps if isinstance(r, _Ramp)]))
        return [next(answers) if isinstance(r, _Ramp) else r for r in ramps]

    def _ramp(self, interface: Interface, conditions: Conditions) -> _Ramp:
        """The ramp that a question stands for."""
        if not speaks(interface):
            return _Ramp(interface, conditions)
        levels = _levels_about(abs(conditions.current_density), whole=self.whole)
        steps = [
            Step(sign * j, duration=HALF_CYCLE, cycle=k)
            for k, j in enumerate(levels) for sign in (1.0, -1.0)
        ]  # fmt: skip
        drawn = assemble(
            interface, conditions, pick=build.Draws(self.draws), lib=self.lib,
            conducts=self.conducting,
        )  # fmt: skip
        return _Ramp(
            interface, conditions, drawn, Protocol(tuple(steps), "current ramp"), self.draws
        )


@dataclass(frozen=True)
class _Ramp:
    """A ramp to be run; without an assembly the model does not speak of the anode."""

    interface: Interface
    conditions: Conditions
    drawn: Assembly | None = None
    protocol: Protocol | None = None
    draws: int = 0

    def told(self, found: dict[str, Any]) -> CriticalCurrent:
        """The answer."""
        conditions, drawn = self.conditions, self.drawn
        if drawn is None:
            return CriticalCurrent(str(self.interface), silent=True)
        return CriticalCurrent(
            cell=str(self.interface), half_cycle=HALF_CYCLE,
            stack_pressure=conditions.stack_pressure, temperature=conditions.temperature,
            attach_pressure=conditions.stack_pressure, asked=abs(conditions.current_density),
            draws=self.draws, filaments_known=_filaments_known(drawn),
            calibrated_on=calibration(drawn), rests_on=drawn.basis,
            warnings=drawn.warnings + _doubts(drawn), sources=drawn.sources, **found,
        )  # fmt: skip


def _answers(ramps: Sequence[_Ramp]) -> list[CriticalCurrent]:
    """The answers of ramps; those whose cells differ in numbers alone are run as one batch."""
    groups: dict[Any, list[tuple[int, engine.Device]]] = {}
    for number, ramp in enumerate(ramps):
        if ramp.drawn is not None and ramp.protocol is not None:
            device = at(ramp.drawn.device, ramp.conditions.temperature, ramp.draws)
            alike = likeness(device), ramp.protocol, ramp.draws
            groups.setdefault(alike, []).append((number, device))
    found: dict[int, dict[str, Any]] = {}
    for (_, protocol, draws), members in groups.items():
        some = [ramps[number].conditions for number, _ in members]
        device = joined([part for _, part in members], draws)
        for (number, _), told in zip(
            members, _intervals(device, some, protocol, draws), strict=True
        ):
            found[number] = told
    return [ramp.told(found.get(number, {})) for number, ramp in enumerate(ramps)]


def _levels_about(asked: float, *, whole: bool) -> tuple[float, ...]:
    """The usual levels, the current that is asked for and its margin among them."""
    margin = default_criteria()["current_margin"] * asked
    levels = sorted({*LEVELS, *(j for j in (asked, margin) if j > 0.0)})
    if whole or asked <= 0.0:
        return tuple(levels)
    needed = [j for j in levels if j <= margin]
    return tuple(needed) if len(needed) > 1 else tuple(levels[:2])


@dataclass(frozen=True)
class CriticalCurrent(Result):
    """The highest current density that a cell carried, and what stopped it.

    Args:
        cell: In words.
        current_density: Highest level that was carried through, A/m2; None: not even the first.
        failed_at: Level at which the cell failed; None: it carried all of them.
        mechanism: What stopped it.
        low, high: 10th and 90th percentile of the draws, A/m2.
        mechanisms: Share of the draws that each mechanism stopped.
        half_cycle: Time of a half cycle at that level, s; capacity: its charge, C/m2.
        cumulative_capacity: Charge plated on the named side until the end, C/m2.
        stack_pressure, temperature, attach_pressure: What it was asked at.
        draws: How many sets of parameters the interval rests on.
        calibrated_on: Papers that fed the limits.
        filaments_known: Whether a plating limit is known for the pair.
        silent: The model does not speak of this anode.
        run: The ramp itself.
    """

    cell: str
    current_density: float | None = quantity("current_density", default=None)
    failed_at: float | None = quantity("current_density", default=None)
    mechanism: str = ""
    low: float | None = quantity("current_density", default=None)
    high: float | None = quantity("current_density", default=None)
    mechanisms: Mapping[str, float] | None = None
    half_cycle: float = quantity("time", default=0.0)
    capacity: float = quantity("areal_capacity", default=0.0)
    cumulative_capacity: float = quantity("areal_capacity", default=0.0)
    stack_pressure: float = quantity("pressure", default=0.0)
    temperature: float = quantity("temperature", default=298.15)
    attach_pressure: float = quantity("pressure", default=0.0)
    asked: float = quantity("current_density", default=0.0)
    draws: int = 0
    calibrated_on: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ()
    run: Run | None = None
    silent: bool = False
    filaments_known: bool = True
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    concern: ClassVar[Concern] = Concern.DENDRITE

    def findings(self, criteria: Any) -> tuple[Finding, ...]:
        """Whether the current asked for is below the critical one, and how surely."""
        if self.silent:
            return (host_finding(self.concern, "filaments"),)
        low, high = self.low or 0.0, self.high or 0.0
        numbers = {
            "asked": Number(self.asked, "current_density"),
            "ccd": Number(self.current_density or 0.0, "current_density"),
            "low": Number(low, "current_density"),
            "high": Number(high, "current_density"),
            "pressure": Number(self.stack_pressure, "pressure"),
        }
        best = self.current_density or 0.0
        if self.failed_at is None:
            best = max(best, self.asked)
        if self.asked * criteria["current_margin"] <= low and not self.filaments_known:
            level, label = Level.UNKNOWN, "plating limit unknown"
        elif self.asked * criteria["current_margin"] <= low:
            level, label = Level.GOOD, "below its limit"
        elif self.asked <= best:
            level, label = Level.CAUTION, "near its limit"
        elif self.asked <= high:
            level, label = Level.CAUTION, "at its limit"
        else:
            level, label = Level.BAD, "above its limit"
        because = "critical current density {ccd} ({low} to {high}) at {pressure}, limited by "
        because += self.mechanism
        if self.failed_at is None:
            because = "critical current density at least {ccd} at {pressure}"
        if not self.filaments_known:
            because = f"voids alone: {because}; when filaments start is not known for this pair"
        basis = "calibrated" if self.calibrated_on else "predicted"
        return (Finding(self.concern, level, because, numbers, self.sources, label, basis),)

    def rows(self) -> list[dict[str, Any]]:
        """One row."""
        from anolyte.core.result import _flat

        return [_flat(self)]


def critical_current(
    interface: Interface,
    conditions: Conditions,
    protocol: Protocol | None = None,
    *,
    draws: int = DRAWS,
    seed: int = 0,
    assembly: Assembly | None = None,
    progress: Any = None,
    **options: Any,
) -> CriticalCurrent:
    """Find the critical current density of a cell by a ramp.

    Args:
        interface: Electrolyte | layers | anode.
        conditions: Stack pressure and temperature.
        protocol: A ramp (`current_ramp`); None: 0.1 to 5 mA/cm2 in steps of 0.1 mA/cm2, 1 h each
            half cycle.
        draws: Sets of parameters for the interval; 0: none.
        seed: Of the draws.
        assembly: A cell that `assemble` made, for its best values.
        progress: Told after each step.
        options: Of `assemble`.

    Raises:
        DataError: A protocol that does not rise from level to level.
        MissingProperty: A number that no law can do without.
    """
    if draws < 0:
        raise DataError(f"an interval of {draws} draws; ask for 0 or more")
    protocol = protocol or current_ramp()
    levels = _levels(protocol)
    refuse_host(interface.anode)
    found = run(interface, conditions, protocol, assembly=assembly, progress=progress,
                **({} if assembly else options))  # fmt: skip
    value, failed = _reached(levels, None if found.end is None else found.end.cycle)
    limits: dict[str, Any] = {}
    if draws > 1:
        device = assemble(interface, conditions, pick=build.Draws(draws, seed), **options).device
        (drawn,) = _intervals(device, [conditions], protocol, draws)
        limits = {name: drawn[name] for name in ("low", "high", "mechanisms")}
    first = next(s for s in protocol.steps if s.current_density)
    level = failed if failed is not None else value
    assembled = assembly or assemble(interface, conditions, **options)
    return CriticalCurrent(
        cell=found.cell,
        current_density=value,
        failed_at=failed,
        mechanism=mechanism(found),
        half_cycle=first.duration if first.charge is None else first.charge / float(level or 1.0),
        capacity=first.charge or first.duration * float(level or 0.0),
        cumulative_capacity=found.plated,
        stack_pressure=conditions.stack_pressure,
        temperature=conditions.temperature,
        attach_pressure=options.get("attach_pressure") or conditions.stack_pressure,
        asked=abs(conditions.current_density),
        draws=draws,
        calibrated_on=calibration(assembled),
        filaments_known=_filaments_known(assembled),
        rests_on=found.rests_on,
        run=found,
        warnings=found.warnings + _doubts(assembled),
        sources=found.sources,
        **limits,
    )


def _filaments_known(assembly: Assembly) -> bool:
    return any(face.flaw is not None for face in assembly.device.faces)


def calibration(assembly: Assembly) -> tuple[str, ...]:
    """Papers whose limits fed the laws."""
    names = ("critical overpotential", "pressure limited current", "diffusion limited current")
    values = [assembly.used[n] for n in names if n in assembly.used]
    return tuple(dict.fromkeys(v.source.key for v in values if v.source.how != "assumed"))


def _doubts(assembly: Assembly) -> tuple[str, ...]:
    """What a reader must know of the numbers behind a critical current."""
    names = [n for n in assembly.basis if n != "Li: creep activation energy"]
    if not names:
        return ()
    return (f"critical current: {', '.join(names)} are assumed or recalled, not measured here",)


def _levels(protocol: Protocol) -> dict[int, float]:
    """Size of the current at each level; levels must rise."""
    levels: dict[int, float] = {}
    for step in protocol.steps:
        if step.current_density:
            size = abs(step.current_density)
            if not np.isclose(levels.setdefault(step.cycle, size), size):
                raise DataError("a ramp holds one current at each level; this protocol does not")
    sizes = list(levels.values())
    if len(sizes) < 2 or any(b < a for a, b in zip(sizes[:-1], sizes[1:], strict=True)):
        raise DataError("a ramp needs two levels or more that rise; see current_ramp()")
    return levels


def _reached(levels: dict[int, float], ended: int | None) -> tuple[float | None, float | None]:
    """The highest level that was carried through and the level of failure."""
    if ended is None:
        return list(levels.values())[-1], None
    before = [j for cycle, j in levels.items() if cycle < ended]
    after = [j for cycle, j in levels.items() if cycle >= ended]
    return (before[-1] if before else None), (after[0] if after else None)


def mechanism(found: Run) -> str:
    """What stopped a run, in words."""
    if found.end is None:
        return ""
    if found.end.kind != engine.Event.CRACK:
        return found.end.kind
    return AFTER_VOIDS if min(found.contact[-1], found.counter_contact[-1]) < VOIDED else FILAMENT


def _intervals(
    device: engine.Device, conditions: Sequence[Conditions], protocol: Protocol, draws: int
) -> list[dict[str, Any]]:
    """Percentiles of the critical current and the share of each mechanism, of cells joined."""
    levels = _levels(protocol)
    pressure = np.repeat([c.stack_pressure for c in conditions], draws)
    temperature = np.repeat([c.temperature for c in conditions], draws)
    cells = engine.start(device, pressure, temperature, 1.0, draws * len(conditions))
    engine.simulate(device, protocol, cells, keep=False, nodes=NODES)
    kinds = [_kind(int(e), float(a)) for e, a in zip(cells.ended, cells.end_contact, strict=True)]
    parts = (slice(k * draws, (k + 1) * draws) for k in range(len(conditions)))
    return [_interval(cells.end_cycle[part], kinds[part], levels) for part in parts]


def _interval(cycles: Any, kinds: Sequence[str], levels: dict[int, float]) -> dict[str, Any]:
    """The same of the draws of one cell: the cycles that they ended in, and what ended them."""
    reached = np.array([_reached(levels, _ended(c))[0] or 0.0 for c in cycles])
    value, failed = _reached(levels, _ended(cycles[0]))
    shares: dict[str, float] = {}
    for kind in kinds:
        shares[kind or "none"] = shares.get(kind or "none", 0.0) + 1.0 / len(kinds)
    low, high = np.quantile(reached, [0.1, 0.9])
    return {"low": float(low), "high": float(high), "mechanisms": shares,
            "current_density": value, "failed_at": failed, "mechanism": kinds[0]}  # fmt: skip


def _ended(cycle: Any) -> int | None:
    return None if cycle < 0 else int(cycle)


def _kind(ended: int, contact: float) -> str:
    """What ended a cell, in words; empty where nothing did."""
    kind = "" if ended < 0 else str(engine.KINDS[ended])
    if kind != engine.Event.CRACK:
        return kind
    return AFTER_VOIDS if contact < VOIDED else FILAMENT
