"""Maps of safe operation: many runs of one cell over current, pressure and temperature.

Every node of a grid is run with many sets of parameters, drawn from the spread of their sources, so
that a node has a probability and not a verdict. Runs go in chunks through the runner and its
ledger: a map that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from anolyte import __version__
from anolyte.core.errors import DataError
from anolyte.core.progress import Progress, silent
from anolyte.core.result import Result, encode, quantity
from anolyte.core.units import KINDS, habitual, number
from anolyte.materials.protocol import Protocol, cycling
from anolyte.models.cell import build, engine
from anolyte.models.cell.critical import AFTER_VOIDS, FILAMENT, NODES, VOIDED, calibration
from anolyte.models.cell.host_face import refuse_host
from anolyte.studies.ledger import Ledger, key
from anolyte.studies.runner import run

if TYPE_CHECKING:
    from anolyte.studies.cell import Cell
    from anolyte.studies.learn.knowledge import Knowledge

CHUNK = 5000
CYCLES = 10
AXES = {"current": "current_density", "pressure": "pressure", "temperature": "temperature"}
SAFE = "safe"
OUTCOMES = (SAFE, FILAMENT, AFTER_VOIDS, *(str(e) for e in engine.Event if e != "crack"))


@dataclass(frozen=True)
class MapChunk(Result):
    """Outcomes of some runs of a map, as numbers of `OUTCOMES`."""

    first: int
    outcomes: tuple[int, ...]
    contact: tuple[float, ...]
    resistance: tuple[float, ...] = ()

    concern: ClassVar[None] = None


@dataclass(frozen=True)
class OperatingMap(Result):
    """Where a cell is safe, over a grid of conditions.

    Args:
        cell: In words.
        protocol: What was done at every node.
        current_density, stack_pressure, temperature: The axes; one value where it was held.
        outcomes: Names of what can happen; the first is safe.
        probability: Share of the draws for each node and outcome, in the order of the axes
            (current, pressure, temperature), the outcome last.
        best: What happens with the best values of all parameters, one number of `outcomes` a node.
        contact: Least contact with the best values.
        draws, runs: Sets of parameters at a node; runs in all.
        unknown: Runs that failed numerically.
    """

    cell: str
    protocol: str
    current_density: tuple[float, ...] = quantity("current_density")
    stack_pressure: tuple[float, ...] = quantity("pressure")
    temperature: tuple[float, ...] = quantity("temperature")
    outcomes: tuple[str, ...] = OUTCOMES
    probability: tuple[float, ...] = ()
    best: tuple[int, ...] = ()
    contact: tuple[float, ...] = ()
    draws: int = 1
    runs: int = 0
    unknown: int = 0
    calibrated_on: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    concern: ClassVar[None] = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Nodes along current, pressure and temperature."""
        return len(self.current_density), len(self.stack_pressure), len(self.temperature)

    def share(self, outcome: str = SAFE) -> np.ndarray[Any, Any]:
        """Probability of an outcome over the grid."""
        table = np.reshape(self.probability, (*self.shape, len(self.outcomes)))
        return table[..., self.outcomes.index(outcome)]

    def to_xarray(self) -> Any:
        """An `xarray.Dataset` with labelled axes in SI."""
        import xarray as xr

        coordinates = {
            "current_density": list(self.current_density),
            "stack_pressure": list(self.stack_pressure),
            "temperature": list(self.temperature),
        }
        dims = list(coordinates)
        table = np.reshape(self.probability, (*self.shape, len(self.outcomes)))
        return xr.Dataset(
            {
                "probability": ([*dims, "outcome"], table),
                "best": (dims, np.reshape(self.best, self.shape)),
                "contact": (dims, np.reshape(self.contact, self.shape)),
            },
            {**coordinates, "outcome": list(self.outcomes)},
            {"cell": self.cell, "protocol": self.protocol, "draws": self.draws},
        )

    def rows(self) -> list[dict[str, Any]]:
        """One row a node."""
        safe = self.share().ravel()
        labels = {n: f"{n} [{KINDS[k].label}]" for n, k in AXES.items()}
        grid = product(self.current_density, self.stack_pressure, self.temperature)
        return [
            {labels[a]: habitual(v, AXES[a]) for a, v in zip(AXES, point, strict=True)}
            | {"safe [%]": 100.0 * float(safe[i]), "with best values": self.outcomes[self.best[i]]}
            for i, point in enumerate(grid)
        ]


def operating_map(
    cell: Cell,
    *,
    current: Any = None,
    pressure: Any = None,
    temperature: Any = None,
    n: int = 100_000,
    draws: int = 64,
    protocol: Protocol | None = None,
    seed: int = 0,
    ledger: Ledger | None = None,
    progress: Progress = silent,
    known: Knowledge | None = None,
) -> OperatingMap:
    """Run a cell all over a grid of conditions.

    Args:
        cell: The cell; what has no axis stays as its conditions say.
        current, pressure, temperature: Two ends (or several values) of an axis, or one value.
        n: Runs in all; the grid has n / draws nodes.
        draws: Sets of parameters at each node; the first is the best values.
        protocol: For a current of 1 A/m2; each node scales it. None: ten cycles with the charge of
            the cell's conditions.
        seed: Of the draws.
        ledger: Where chunks are kept and looked for; None: in memory.
        progress: Told as chunks end.
        known: Where numbers come from; None: their sources.

    Raises:
        DataError: An axis that makes no sense, or fewer runs than draws.
    """
    if draws < 1 or n < draws:
        raise DataError(f"a map of {n} runs with {draws} draws has no node; ask for n >= draws")
    c = cell.conditions
    asked = {"current": current, "pressure": pressure, "temperature": temperature}
    refuse_host(cell.interface.anode)
    held = {"current": abs(c.current_density), "pressure": c.stack_pressure,
            "temperature": c.temperature}  # fmt: skip
    axes = _axes(asked, held, n // draws)
    protocol = protocol or cycling(1.0, charge=c.areal_capacity, cycles=CYCLES)
    grid = np.array(list(product(*axes.values())))
    runs = len(grid) * draws
    question = _Question(cell, protocol, grid, draws, seed, known)
    identity = {
        "cell": encode(cell.interface), "conditions": encode(c), "laws": str(cell.laws),
        "counter": cell.counter and cell.counter.name, "attach": cell.attach_pressure,
        "steps": [encode(s) for s in protocol.steps], "axes": {k: list(v) for k, v in axes.items()},
        "draws": draws,
        "numbers": {k: [v.si, v.sigma or 0.0] for k, v in sorted(cell.assemble().used.items())},
    }  # fmt: skip
    if known is not None:
        identity["known"] = known.identity
    firsts = range(0, runs, CHUNK)
    tasks = [
        (key("operating_map", __version__, identity | {"first": f, "chunk": CHUNK}, "", seed), f)
        for f in firsts
    ]
    done = run(question, tasks, ledger=ledger, progress=progress, chunk=1, inputs=identity)
    chunks = [done.ledger.get(k) for k, _ in tasks]
    return _collect(question, axes, [x for x in chunks if x is not None], runs)


def _axes(
    asked: dict[str, Any], held: dict[str, float], nodes: int
) -> dict[str, np.ndarray[Any, Any]]:
    """The values along each axis; two ends are filled geometrically (temperature evenly)."""
    ends: dict[str, list[float]] = {}
    for name, given in asked.items():
        kind = AXES[name]
        several = [given] if isinstance(given, str | int | float) else given
        ends[name] = [held[name]] if several is None else [number(v, kind) for v in several]
        least = 1.0 if name == "temperature" else 0.0
        if not ends[name] or any(v < least for v in ends[name]):
            raise DataError(f"map: the axis '{name}' needs one value, or two ends, not negative "
                            "and above absolute zero")  # fmt: skip
    open_axes = [name for name, values in ends.items() if len(values) == 2]
    if not any(len(v) > 1 for v in ends.values()):
        raise DataError("map: give two ends of an axis, for example pressure=('1 MPa', '10 MPa')")
    fixed = math.prod(len(v) for name, v in ends.items() if name not in open_axes)
    side = int(max(2.0, (nodes / fixed) ** (1.0 / max(1, len(open_axes))) + 1e-9))
    found = {}
    for name, values in ends.items():
        if name in open_axes:
            low, high = sorted(values)
            if low == high:
                raise DataError(f"map: the two ends of '{name}' are the same")
            even = name == "temperature" or low == 0.0
            found[name] = (np.linspace if even else np.geomspace)(low, high, side)
        else:
            found[name] = np.array(sorted(values))
    return found


@dataclass(frozen=True)
class _Tiled:
    """Draws of a few sets of parameters, handed out to runs by their number."""

    draws: build.Draws
    index: Any

    def __call__(self, name: str, value: Any) -> Any:
        return self.draws(name, value)[self.index]


@dataclass(frozen=True)
class _Question:
    """What one chunk of a map is asked."""

    cell: Cell
    protocol: Protocol
    grid: Any
    draws: int
    seed: int
    known: Knowledge | None = None

    def __call__(self, first: int, _: Any) -> MapChunk:
        """Outcomes of the runs from a number on."""
        numbers = np.arange(first, min(first + CHUNK, len(self.grid) * self.draws))
        point = self.grid[numbers // self.draws]
        current, pressure, temperature = point.T
        cell = replace(self.cell, attach_pressure=self.cell.attach_pressure)
        attach = pressure if cell.attach_pressure is None else cell.attach_pressure
        device = self._device(cell, attach, numbers % self.draws)
        cells = engine.start(device, pressure, temperature, current, len(numbers))
        engine.simulate(device, self.protocol, cells, keep=False, nodes=NODES)
        return MapChunk(
            first, tuple(int(k) for k in outcomes(cells)),
            tuple(float(f"{a:.4g}") for a in cells.least_contact),
        )  # fmt: skip

    def _device(self, cell: Cell, attach: Any, index: Any) -> engine.Device:
        """The laws, each run with its set of numbers."""
        if self.known is not None:
            return self.known.assemble(
                cell, self.draws, self.seed, index, attach_pressure=attach
            ).device
        pick: Any = build.best
        if self.draws > 1:
            pick = _Tiled(build.Draws(self.draws, self.seed), index)
        return cell.assemble(pick=pick, attach_pressure=attach).device


def outcomes(cells: engine.Cells) -> np.ndarray[Any, Any]:
    """What became of each cell, as a number of `OUTCOMES`."""
    by_kind = [
        OUTCOMES.index(FILAMENT if e == engine.Event.CRACK else str(e)) for e in engine.KINDS
    ]
    found = np.where(cells.ended < 0, 0, np.array(by_kind)[cells.ended])
    voids = (found == OUTCOMES.index(FILAMENT)) & (cells.least_contact < VOIDED)
    return np.where(voids, OUTCOMES.index(AFTER_VOIDS), found)


def _collect(
    question: _Question, axes: dict[str, Any], chunks: Sequence[MapChunk], runs: int
) -> OperatingMap:
    """One map from its chunks; a chunk that is missing counts as unknown."""
    failed = OUTCOMES.index(str(engine.Event.FAILED))
    code, contact = np.full(runs, failed), np.full(runs, np.nan)
    for chunk in chunks:
        part = slice(chunk.first, chunk.first + len(chunk.outcomes))
        code[part], contact[part] = chunk.outcomes, chunk.contact
    table = code.reshape(-1, question.draws)
    shares = np.stack([(table == k).mean(axis=1) for k in range(len(OUTCOMES))], axis=1)
    cell, assembly = question.cell, question.cell.assemble()
    return OperatingMap(
        cell=str(cell.interface),
        protocol=f"{question.protocol.name or 'protocol'}, {len(question.protocol)} steps",
        current_density=tuple(map(float, axes["current"])),
        stack_pressure=tuple(map(float, axes["pressure"])),
        temperature=tuple(map(float, axes["temperature"])),
        probability=tuple(float(f"{v:.4g}") for v in shares.ravel()),
        best=tuple(int(k) for k in table[:, 0]),
        contact=tuple(float(v) for v in contact.reshape(-1, question.draws)[:, 0]),
        draws=question.draws,
        runs=runs,
        unknown=int((code == failed).sum()),
        calibrated_on=calibration(assembly),
        rests_on=assembly.basis,
        warnings=assembly.warnings,
        sources=assembly.sources,
    )
