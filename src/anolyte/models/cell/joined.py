"""Cells that differ in numbers, not in laws, as one batch: their devices joined end to end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np

from anolyte.models.cell.records import Device


@dataclass(frozen=True)
class Known:
    """What a law gives at the temperature that each cell keeps.

    Args:
        values: Over cells.
    """

    values: Any

    def __call__(self, temperature: Any) -> Any:
        """The values, whatever the temperature."""
        return self.values


@dataclass(frozen=True)
class KnownBulk:
    """An electrolyte at the temperature that each cell keeps.

    Args:
        kappa: S/m, over cells.
        thickness: m, over cells.
    """

    kappa: Any
    thickness: Any

    def conductivity(self, temperature: Any) -> Any:
        """S/m."""
        return self.kappa

    def resistance(self, temperature: Any) -> Any:
        """ohm m2."""
        return self.thickness / self.kappa


def at(device: Device, temperature: Any, cells: int) -> Device:
    """A device whose electrolyte and layers are numbers, known at a temperature that is kept.

    Args:
        device: Of one design, numbers or arrays over its cells.
        temperature: K.
        cells: How many.
    """

    def wide(values: Any) -> Any:
        return np.broadcast_to(np.asarray(values, float), cells).copy()

    kelvin = wide(temperature)
    bulk = KnownBulk(wide(device.bulk.conductivity(kelvin)), wide(device.bulk.thickness))
    one, other = (replace(f, layers=Known(wide(f.layers(kelvin)))) for f in device.faces)
    return replace(device, bulk=bulk, faces=(one, other))  # type: ignore[arg-type]


def likeness(device: Device) -> Any:
    """What must be the same for devices to be joined: everything but numbers."""
    return _likeness(device)


def _likeness(part: Any) -> Any:
    if isinstance(part, bool | int | float | np.ndarray | np.generic):
        return "number"
    if is_dataclass(part) and not isinstance(part, type):
        return type(part), tuple(_likeness(getattr(part, f.name)) for f in fields(part))
    if isinstance(part, tuple):
        return tuple(_likeness(item) for item in part)
    return part


def joined(devices: Sequence[Device], cells: int) -> Device:
    """Devices of one likeness, each for so many cells, as one for all of them.

    >>> _join([1.0, 2.0], 2).tolist(), _join([3.0, 3.0], 2)
    ([1.0, 1.0, 2.0, 2.0], 3.0)
    """
    return _join(devices, cells)


def _join(parts: Sequence[Any], cells: int) -> Any:
    first = parts[0]
    if isinstance(first, bool | int | float | np.ndarray | np.generic):
        if all(np.ndim(p) == 0 and p == first for p in parts):
            return first
        return np.concatenate([np.broadcast_to(np.asarray(p, float), cells) for p in parts])
    if is_dataclass(first) and not isinstance(first, type):
        names = [f.name for f in fields(first) if f.init]
        found = {n: _join([getattr(p, n) for p in parts], cells) for n in names}
        return replace(first, **found)
    if isinstance(first, tuple):
        return tuple(_join(items, cells) for items in zip(*parts, strict=True))
    return first
