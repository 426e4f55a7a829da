"""Half cells at the command line: how the host is made, its usual cycle, what was understood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anolyte.materials.protocol import Protocol
    from anolyte.materials.stack import Form, Interface

LONGEST_UNTIL = "10000 h"
"""How long a step lasts that is told a cut-off and no time."""
USUAL = (0.01, 1.5)
"""V vs Li/Li+ between which a host is cycled where nothing is said: above the plating of lithium,
and where nearly all of it has left."""
_OPTION = {"free_volume": "free-volume", "electrolyte": "electrolyte-share"}


def formed(interface: Interface, given: Mapping[str, str | None]) -> Interface:
    """The interface with what the options say of its anode's make.

    Raises:
        DataError: An option that says nothing of this anode.
    """
    from anolyte.core.errors import DataError

    told = {name: text for name, text in given.items() if text is not None}
    if "shape" in told:
        told["shape"] = told["shape"].strip().casefold()
    anode = interface.anode
    wrong = sorted(set(told) - {"size"})
    if wrong and (anode.plated or anode.family == "current collector"):
        raise DataError(
            f"--{_OPTION.get(wrong[0], wrong[0])} speaks of a host such as Si or graphite; "
            f"{anode.name} is plated metal (--size is the thickness of its foil)"
        )
    return replace(interface, form=replace(interface.form, **told)) if told else interface


def is_half_cell(cell: Any) -> bool:
    """Whether the named side is a host, which takes lithium up instead of being plated."""
    from anolyte.models.cell.host_face import is_host

    return is_host(cell.interface.anode)


def steps(cell: Any, texts: Sequence[str]) -> Protocol:
    """A protocol from sentences, named by them."""
    return replace(cell.steps(*texts), name=summary(texts))


def named(protocol: Protocol | None) -> Protocol | None:
    """A protocol of a file, named by its steps where it has no name."""
    if protocol is None or protocol.name:
        return protocol
    return replace(protocol, name=summary([str(step) for step in protocol.steps]))


def summary(texts: Sequence[str], most: int = 3) -> str:
    """Steps on one line: the first few as they were written, and how many more there are."""
    more = f"; and {len(texts) - most} more" if len(texts) > most else ""
    return "; ".join(" ".join(t.split()) for t in texts[:most]) + more


def lithiation(
    cell: Any, current: str, *, capacity: str | None, cycles: int, rest: str,
    down: str | None, up: str | None,
) -> Protocol:  # fmt: skip
    """A host filled and emptied again and again, between two voltages of the cell.

    Args:
        cell: The half cell.
        current: Of both half cycles.
        capacity: Charge that ends a half cycle before its cut-off does; None: none.
        cycles: How often.
        rest: After each half cycle.
        down, up: Cut-offs of filling and emptying, V; None: `USUAL` less the counter's potential.
    """
    from anolyte.core.errors import DataError
    from anolyte.core.units import number
    from anolyte.materials.protocol import Protocol, Step

    j, pause = number(current, "current_density"), number(rest, "time")
    if j <= 0.0:
        raise DataError(f"--current '{current[:40]}': the current must be positive")
    ends = [number(v, "potential") if v is not None else usual - _counter(cell)
            for v, usual in zip((down, up), USUAL, strict=True)]  # fmt: skip
    if ends[0] >= ends[1]:
        raise DataError(
            f"--lithiate-until {ends[0]:.3g} V must lie below --delithiate-until {ends[1]:.3g} V"
        )
    charge = None if capacity is None else number(capacity, "areal_capacity")
    longest = number(LONGEST_UNTIL, "time")
    made: list[Step] = []
    for sign, end in zip((-1.0, 1.0), ends, strict=True):
        made.append(Step(sign * j, duration=longest, charge=charge, stop_voltage=end))
        made += [Step(0.0, duration=pause)] if pause else []
    done = Protocol(tuple(made)) * cycles
    return replace(done, name=f"{cycles} cycle{'s'[: cycles > 1]}, {_between(j, ends)}")


def _between(current: float, ends: Sequence[float]) -> str:
    from anolyte.core.units import show

    told = " and ".join(show(v, "potential") for v in ends)
    return f"filled and emptied at {show(current, 'current_density')} between {told}"


def _counter(cell: Any) -> float:
    """Potential of the other side, V vs Li/Li+."""
    import numpy as np

    face = cell.assemble().device.faces[1]
    return float(np.ravel(face.interior.open_circuit)[0])


def about(cell: Any, interlayer: Sequence[str]) -> tuple[str, ...]:
    """What was understood of a cell beyond its names: conditions, layers, how its host is made.

    Args:
        cell: The cell that is run.
        interlayer: The layers as a person wrote them.
    """
    from anolyte.core.units import show
    from anolyte.faces import views

    at, interface = cell.conditions, cell.interface
    told = [f"{show(at.stack_pressure, 'pressure')}, {show(at.temperature, 'temperature')}, "
            f"electrolyte {views.thickness(interface.sample.thickness)} thick"]  # fmt: skip
    bare = {k for k, text in enumerate(interlayer) if ":" not in text}
    told += [
        f"{x.material.name} {views.thickness(x.thickness)} thick"
        + (f', as no thickness is given ("{x.material.name}:50 nm")' if k in bare else "")
        for k, x in enumerate(interface.layers)
    ]
    if is_half_cell(cell):
        inside = cell.assemble().device.faces[0].interior
        full = show(inside.capacity, "areal_capacity")
        made = f"{interface.anode.name}: {_make(interface.form, inside)}"
        told.append(f"{made}{views.thickness(inside.thickness)} thick as made, {full} when full")
    return tuple(told)


def _make(form: Form, inside: Any) -> str:
    """Shape and shares of an electrode, each with a comma after it."""
    from anolyte.core.units import show
    from anolyte.faces import views

    flat = form.shape in ("film", "foil") or form.size is None
    size = "" if flat else f" of {views.thickness(form.size or 0.0)}"
    pieces = "film" if inside.adherent else "pieces" if size else "a dense layer"
    parts = [f"{form.shape}{size}" if form.shape else f"{pieces}{size}, as no shape is given"]
    parts += [
        f"{show(value, 'fraction')} {name}"
        for name, value in (
            ("electrolyte", form.electrolyte), ("carbon", form.carbon),
            ("free volume", form.free_volume), ("filled as made", form.prelithiation),
        ) if value
    ]  # fmt: skip
    return "".join(f"{part}, " for part in parts)
