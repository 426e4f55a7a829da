"""The answer: frozen dataclasses of SI numbers that say what they mean as findings.

A field that is a number declares its kind with `quantity("electrode_potential")`; that is all that
`to_dict`, `to_frame`, saving and loading need. Nothing here knows any physics.
"""

from __future__ import annotations

import dataclasses
import importlib
import math
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Self

from anolyte.core import units
from anolyte.core.errors import DataError

SCHEMA_VERSION = 1


class Concern(StrEnum):
    """What can go wrong at the interface; findings of different concerns are never merged."""

    WINDOW = "window"
    REACTION = "reaction"
    VOLUME = "volume"
    WETTING = "wetting"
    DENDRITE = "dendrite"
    TRANSPORT = "transport"
    TEMPERATURE = "temperature"


class Level(StrEnum):
    """How a concern stands."""

    GOOD = "good"
    CAUTION = "caution"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Number:
    """A number in SI with its kind and, where known, its standard deviation."""

    si: float
    kind: str
    sigma: float | None = None

    def __str__(self) -> str:
        text = units.show(self.si, self.kind)
        if self.sigma is None:
            return text
        return f"{text} ± {self.sigma / units.KINDS[self.kind].factor:.1g}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a result says about one concern.

    Args:
        concern: Which concern it speaks of.
        level: good | caution | bad | unknown.
        because: A sentence with `{name}` places for the numbers.
        numbers: Name to number, SI; rendered in habitual units where people read them.
        sources: Citation keys of the data used.
        label: One or two words that name the state ("passivating", "metastable").
        basis: calibrated | predicted | measured | rule: what kind of statement it is.
    """

    concern: Concern
    level: Level
    because: str
    numbers: Mapping[str, Number] = dataclasses.field(default_factory=dict)
    sources: tuple[str, ...] = ()
    label: str = ""
    basis: str = "predicted"

    @property
    def reason(self) -> str:
        """The sentence with its numbers in habitual units."""
        return self.because.format(**{name: str(n) for name, n in self.numbers.items()})


def quantity(kind: str, **kwargs: Any) -> Any:
    """A dataclass field that holds a number (or a tuple of numbers) of the given kind, in SI."""
    if kind not in units.KINDS:
        raise ValueError(f"unknown kind '{kind}'")
    return dataclasses.field(metadata={"kind": kind}, **kwargs)


class Result:
    """What every answer can do; subclasses are frozen dataclasses and add `findings`."""

    __slots__ = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """A dataclass leaves a `__repr__` alone that its class has itself: here stands one."""
        super().__init_subclass__(**kwargs)
        if "__repr__" not in cls.__dict__:
            cls.__repr__ = Result.__repr__

    def __repr__(self) -> str:
        from anolyte.core.display import text

        return text(self)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from anolyte.core.display import markup

        return markup(self)

    def findings(self, criteria: Any) -> tuple[Finding, ...]:
        """What this result says, in the light of the thresholds."""
        raise TypeError(f"{type(self).__name__} states no findings")

    def rows(self) -> list[dict[str, Any]]:
        """The result as a flat table: a list of rows; the unit stands in the column's name."""
        return [_flat(self)]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types, every number beside its unit."""
        return {"schema": SCHEMA_VERSION} | encode(self)

    def to_frame(self) -> Any:
        """A pandas DataFrame of `rows()`."""
        import pandas as pd

        return pd.DataFrame(self.rows())

    def to_xarray(self) -> Any:
        """An `xarray.Dataset` of its series, in SI, the unit in each variable's attributes.

        The first series of the class is the axis of all that have its length; single numbers
        become attributes.

        Raises:
            DataError: It has no series.
        """
        from anolyte.core.frames import dataset

        return dataset(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The result that `to_dict` wrote."""
        return decode(cls, data)


def _flat(obj: Any) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for f in dataclasses.fields(obj):
        value = getattr(obj, f.name)
        kind = f.metadata.get("kind")
        if kind and isinstance(value, int | float):
            row[f"{f.name} [{units.KINDS[kind].label}]"] = units.habitual(value, kind)
        elif isinstance(value, str | int | float | bool) or value is None:
            row[f.name] = value
    return row


# --- JSON ---------------------------------------------------------------------------------------


def encode(obj: Any, kind: str | None = None) -> Any:
    """Plain JSON types of a dataclass tree; numbers with a kind become {value, unit}."""
    if kind is not None and obj is not None:
        value = [_number(v) for v in obj] if isinstance(obj, tuple) else _number(obj)
        return {"value": value, "unit": units.KINDS[kind].si}
    if dataclasses.is_dataclass(obj) and not isinstance(obj, type):
        head = {"type": _type_name(type(obj))} if isinstance(obj, Result) else {}
        return head | {
            f.name: encode(getattr(obj, f.name), f.metadata.get("kind"))
            for f in dataclasses.fields(obj)
        }
    if (dump := getattr(obj, "model_dump", None)) is not None:
        return dump(mode="json", by_alias=True, exclude_defaults=True)
    if isinstance(obj, Mapping):
        return {str(k): encode(v) for k, v in obj.items()}
    if isinstance(obj, tuple | list | frozenset):
        return [encode(v) for v in obj]
    return _number(obj) if isinstance(obj, float) else obj


def _number(value: Any) -> Any:
    """Floats as JSON can hold them: infinities and NaN as text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return float(value) if hasattr(value, "dtype") else value


def _type_name(cls: type) -> str:
    return f"{cls.__module__}:{cls.__qualname__}"


def find_type(name: str) -> type[Result]:
    """The result class that a saved file names; only anolyte's own result types are opened."""
    module, _, qualname = name.partition(":")
    if not module.startswith("anolyte.") or not qualname.isidentifier():
        raise DataError(f"'{name}' is not an anolyte result; was the file saved by anolyte.save?")
    try:
        cls = getattr(importlib.import_module(module), qualname)
    except (ImportError, AttributeError):
        raise DataError(f"this version of anolyte has no result '{name}'") from None
    if not (isinstance(cls, type) and issubclass(cls, Result)):
        raise DataError(f"'{name}' is not a result")
    return cls


def decode(cls: Any, data: Any) -> Any:
    """The object of type `cls` that `encode` wrote."""
    if data is None:
        return None
    if isinstance(data, dict) and data.keys() == {"value", "unit"}:
        return decode(cls, data["value"])
    if typing.get_origin(cls) is not None:
        return _decode_generic(typing.get_origin(cls), typing.get_args(cls), data)
    if cls is float:
        return float(typing.cast(Any, data))
    if cls is Result:
        return decode(find_type(str(data.get("type"))), data)
    if dataclasses.is_dataclass(cls):
        return _decode_dataclass(cls, data)
    if hasattr(cls, "model_validate"):
        return cls.model_validate(data)
    if isinstance(cls, type) and issubclass(cls, StrEnum):
        return cls(data)
    return data


def _decode_generic(origin: Any, args: tuple[Any, ...], data: Any) -> Any:
    """Optional values, tuples and mappings."""
    if origin in (typing.Union, types.UnionType):
        return decode(next(a for a in args if a is not type(None)), data)
    if origin is tuple:
        inner = args if not (len(args) == 2 and args[1] is Ellipsis) else (args[0],) * len(data)
        return tuple(decode(a, d) for a, d in zip(inner, data, strict=True))
    if issubclass(origin, Mapping):
        return {k: decode(args[1], v) for k, v in data.items()}
    return data


@cache
def _hints(cls: type) -> dict[str, Any]:
    """Types of a class's fields; finding them costs more than reading the fields."""
    return typing.get_type_hints(cls)


def _decode_dataclass(cls: Any, data: Mapping[str, Any]) -> Any:
    if not isinstance(data, Mapping):
        raise DataError(f"{cls.__name__}: expected fields, found {type(data).__name__}")
    hints = _hints(cls)
    names = {f.name for f in dataclasses.fields(cls)}
    missing = [
        f.name
        for f in dataclasses.fields(cls)
        if f.name not in data
        and f.default is dataclasses.MISSING
        and f.default_factory is dataclasses.MISSING
    ]
    if missing:
        raise DataError(f"{cls.__name__}: the file lacks {', '.join(missing)}")
    return cls(**{k: decode(hints[k], v) for k, v in data.items() if k in names})
