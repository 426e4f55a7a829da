"""`Cell`: an interface, what it stands in, and what can be done to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from anolyte.core.errors import AnolyteError, DataError
from anolyte.core.progress import Progress, silent
from anolyte.core.units import number
from anolyte.materials import stack
from anolyte.materials.library import Library, default
from anolyte.materials.protocol import Protocol, Step
from anolyte.materials.schema import Anode, Material
from anolyte.materials.stack import Conditions, Interface, Layer
from anolyte.models.cell.assembly import Assembly, assemble
from anolyte.models.cell.critical import CriticalCurrent, critical_current
from anolyte.models.cell.run import Run, run
from anolyte.models.passivation import Passivation

if TYPE_CHECKING:
    from anolyte.studies.maps import OperatingMap
    from anolyte.studies.sensitivity import Sensitivity


@dataclass(frozen=True, init=False)
class Cell(stack.Cell):
    """A cell that can be run: symmetric, lithium | collector, or metal against lithium.

    Args:
        electrolyte: A material or a name (or a whole `Interface`).
        anode: The named side: a material or a name.
        counter: The other side; None: the same metal, or lithium against a collector.
        protocol: What `run()` does where it is not told.
        interlayer: Layers from electrolyte to anode, texts like `"LiF:50 nm"`.
        thickness: Of the electrolyte, m or text.
        pressure, temperature, current, capacity: Conditions, SI or texts.
        attach_pressure: Pressure at which the metal was attached; None: the stack pressure.
        laws: Rival laws by field of `FaceLaws`, `{"loss": ExponentialLoss(0.5e-6)}`; of one side
            alone as `{"counter.loss": ...}`.
        lib: Where names are looked up; None: the package's library.
        interface, conditions: Whole parts instead of the above.

    >>> from anolyte.materials.protocol import cycling
    >>> cell = Cell("Li6PS5Cl", "Li", thickness="0.5 mm", pressure="5 MPa")
    >>> run = cell.run(cycling("0.1 mA/cm2", charge="0.1 mAh/cm2", cycles=2))
    >>> run.end is None
    True
    """

    attach_pressure: float | None = None
    laws: tuple[tuple[str, Any], ...] = ()
    lib: Library | None = field(default=None, compare=False)

    def __init__(
        self,
        electrolyte: Any = None,
        anode: Any = None,
        *,
        counter: Anode | str | None = None,
        protocol: Protocol | None = None,
        interlayer: Iterable[Layer | str] | Layer | str = (),
        thickness: float | str | None = None,
        pressure: float | str | None = None,
        temperature: float | str | None = None,
        current: float | str | None = None,
        capacity: float | str | None = None,
        attach_pressure: float | str | None = None,
        laws: Any = (),
        lib: Library | None = None,
        interface: Interface | None = None,
        conditions: Conditions | None = None,
    ) -> None:
        library = lib or default()
        if isinstance(electrolyte, Interface):
            interface, conditions = electrolyte, anode or conditions
        if interface is None:
            interface = _interface(library, electrolyte, anode, interlayer)
        if thickness is not None:
            sample = replace(interface.sample, thickness=number(thickness, "length"))
            interface = replace(interface, sample=sample)
        given = {"stack_pressure": pressure, "temperature": temperature,
                 "current_density": current, "areal_capacity": capacity}  # fmt: skip
        told = {k: v for k, v in given.items() if v is not None}
        attach = None if attach_pressure is None else number(attach_pressure, "pressure")
        if attach is not None and attach < 0.0:
            raise DataError("the pressure at which the metal is attached must not be negative")
        side = (
            counter if counter is None or isinstance(counter, Material) else library.anode(counter)
        )
        chosen = laws.items() if hasattr(laws, "items") else laws
        for name, value in (
            ("interface", interface), ("conditions", replace(conditions or Conditions(), **told)),
            ("counter", side), ("protocol", protocol), ("attach_pressure", attach),
            ("laws", tuple(chosen)), ("lib", lib),
        ):  # fmt: skip
            object.__setattr__(self, name, value)

    def assemble(self, **options: Any) -> Assembly:
        """The cell's laws with the numbers they rest on."""
        from anolyte.models.cell.assembly import CONDUCTING

        given: dict[str, Any] = {
            "counter": self.counter, "lib": self.lib, "attach_pressure": self.attach_pressure,
            "laws": dict(self.laws), "conducts": self._character() in CONDUCTING,
        }  # fmt: skip
        return assemble(self.interface, self.conditions, **(given | options))

    def _character(self) -> str:
        """What becomes of the interphase, as thermodynamics has it; unknown where it is silent."""
        try:
            return Passivation()(self.interface, self.conditions).character
        except AnolyteError:
            return "unknown"

    def run(
        self, *protocol: str | Step | Protocol, progress: Progress = silent, **options: Any
    ) -> Run:
        """Carry the cell through a protocol.

        Args:
            protocol: Sentences such as `"Strip at 0.5 mA/cm2 for 1 h"`, steps, or protocols;
                none: the cell's own. A C-rate ("Lithiate at C/10 until 0.01 V") is of what a host
                holds, else of the areal capacity of the conditions.
            progress: Told after each step.
            options: Of `assemble`.

        Raises:
            DataError: A sentence that is not understood, with an example.
        """
        if not protocol and self.protocol is None:
            raise DataError("run what? cell.run('Strip at 0.5 mA/cm2 for 1 h', ...)")
        made = self.assemble(**options)
        steps = self._steps(protocol, made) if protocol else self.protocol
        assert steps is not None
        return run(self.interface, self.conditions, steps, assembly=made, progress=progress)

    def steps(self, *protocol: str | Step | Protocol) -> Protocol:
        """A protocol for this cell, whose capacity a C-rate speaks of.

        >>> cell = Cell("Li6PS5Cl", "Li", capacity="2 mAh/cm2")
        >>> cell.steps("Strip at C/4 for 1 h").steps[0].current_density
        5.0
        """
        return self._steps(protocol, self.assemble())

    def _steps(self, protocol: Sequence[str | Step | Protocol], made: Assembly) -> Protocol:
        held = made.device.faces[0].interior.capacity
        charge = self.conditions.areal_capacity if held is None else held
        return Protocol.parse(*protocol, capacity=charge)

    def critical_current(
        self, protocol: Protocol | None = None, *, draws: int = 200, seed: int = 0,
        progress: Progress = silent,
    ) -> CriticalCurrent:  # fmt: skip
        """The critical current density by a ramp, with its mechanism and interval."""
        from anolyte.models.cell.assembly import CONDUCTING

        return critical_current(
            self.interface, self.conditions, protocol, draws=draws, seed=seed, progress=progress,
            counter=self.counter, lib=self.lib, attach_pressure=self.attach_pressure,
            laws=dict(self.laws), conducts=self._character() in CONDUCTING,
        )  # fmt: skip

    def map(
        self,
        *,
        current: Sequence[float | str] | float | str | None = None,
        pressure: Sequence[float | str] | float | str | None = None,
        temperature: Sequence[float | str] | float | str | None = None,
        n: int = 100_000,
        draws: int = 64,
        **options: Any,
    ) -> OperatingMap:
        """Where a cell is safe: outcome over current, pressure and temperature.

        Args:
            current, pressure, temperature: Two ends of an axis each, or one value.
            n: Runs in all; the grid has n / draws nodes.
            draws: Sets of parameters at each node.
            options: Of `studies.maps.operating_map` (protocol, seed, ledger, progress).
        """
        from anolyte.studies.maps import operating_map

        return operating_map(
            self, current=current, pressure=pressure, temperature=temperature, n=n, draws=draws,
            **options,
        )  # fmt: skip

    def sensitivity(self, quantity_of: Any = None, *, n: int = 128, seed: int = 0) -> Sensitivity:
        """Which numbers the critical current (or another answer) hangs on."""
        from anolyte.studies.sensitivity import sensitivity

        return sensitivity(self, quantity_of, n=n, seed=seed)


def _interface(library: Library, electrolyte: Any, anode: Any, layers: Any) -> Interface:
    if electrolyte is None or anode is None:
        raise DataError("a cell needs two names: Cell('Li6PS5Cl', 'Li')")
    several = (layers,) if isinstance(layers, str | Layer) else tuple(layers)
    return Interface(
        electrolyte if isinstance(electrolyte, Material) else library.electrolyte(electrolyte),
        anode if isinstance(anode, Material) else library.anode(anode),
        tuple(Layer.parse(x, library) if isinstance(x, str) else x for x in several),
    )
