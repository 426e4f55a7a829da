"""Potential against lithium of the hosts that anodes are made of (`host_potentials.yaml`)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from anolyte.core.provenance import Value
from anolyte.core.units import si
from anolyte.materials.library import DATA, read_yaml, validate
from anolyte.materials.schema import Measurement, Strict

FILE = "host_potentials.yaml"


class Gallery(Strict):
    """Sites that fill around one potential.

    Args:
        share: Of the capacity.
        potential: V vs Li/Li+, text with unit.
        width: Of the multi-species, multi-reaction model.
    """

    share: float = Field(gt=0.0, le=1.0)
    potential: str
    width: float = Field(gt=0.0)

    @field_validator("potential")
    @classmethod
    def _volts(cls, value: str) -> str:
        si(value, "potential")
        return value


class Curve(Strict):
    """One curve of one host, as points or as galleries.

    Args:
        branch: Which way the lithium went; mean: half way, or not told apart.
        temperature: Of the measurement.
        points: Filled share and V vs Li/Li+, shares rising and potentials falling.
        galleries: Instead of points.
        source, where, how, known, sigma, doubt, note: As for any number.
    """

    branch: Literal["lithiation", "delithiation", "mean"]
    temperature: str
    points: tuple[tuple[float, float], ...] = ()
    galleries: tuple[Gallery, ...] = ()
    source: str
    where: str
    how: Literal["measured", "computed", "estimated", "assumed"]
    known: Literal["read", "second_hand", "recalled"]
    sigma: str | None = None
    doubt: str = ""
    note: str = ""

    @model_validator(mode="after")
    def _a_curve(self) -> Curve:
        if bool(self.points) == bool(self.galleries):
            raise ValueError("a curve is either points or galleries")
        shares = [s for s, _ in self.points]
        if any(b <= a for a, b in zip(shares, shares[1:], strict=False)):
            raise ValueError("the shares of the points must rise")
        volts = [v for _, v in self.points]
        if any(b > a for a, b in zip(volts, volts[1:], strict=False)):
            raise ValueError("the potential of a host falls as lithium fills it")
        if self.points and not 0.0 <= shares[0] < shares[-1] <= 1.0:
            raise ValueError("shares lie between 0 and 1")
        if self.galleries and not 0.9 < sum(g.share for g in self.galleries) < 1.1:
            raise ValueError("the shares of the galleries must add up to about one")
        return self

    @property
    def columns(self) -> tuple[tuple[float, ...], ...]:
        """Shares and potentials of the points; or shares, potentials, widths of the galleries."""
        rows: list[tuple[float, ...]] = list(self.points)
        if self.galleries:
            rows = [(g.share, si(g.potential, "potential"), g.width) for g in self.galleries]
        return tuple(zip(*rows, strict=True))

    @property
    def value(self) -> Value:
        """The potential half full, with the curve's source, to be kept with a result."""
        shares, volts = self.columns[:2]
        middle = min(range(len(shares)), key=lambda i: abs(shares[i] - 0.5))
        told: dict[str, Any] = {"sigma": self.sigma, "doubt": self.doubt, "note": self.note}
        return Measurement(
            value=f"{volts[middle]} V", source=self.source, where=self.where, how=self.how,
            known=self.known, at={"temperature": self.temperature},
            **{k: v for k, v in told.items() if v},
        ).to_value("potential")  # fmt: skip


class HostCurves(Strict):
    """The curves of one host.

    Args:
        title: In words.
        per: What its lithium is counted per.
        full: Lithium per that, when full.
        full_where: Where that comes from.
        curves: The first of a branch speaks, later ones are its rivals.
    """

    title: str
    per: str
    full: float = Field(gt=0.0)
    full_where: str
    curves: tuple[Curve, ...]
    notes: tuple[str, ...] = ()


class _File(Strict):
    hosts: dict[str, HostCurves]


@lru_cache(maxsize=1)
def read() -> dict[str, HostCurves]:
    """Every host of the package's file.

    >>> sorted(read())[-2:]
    ['Sn', 'graphite']
    """
    path = DATA / FILE
    return validate(_File, read_yaml(path), str(path)).hosts


def hosts() -> tuple[str, ...]:
    """Names of the hosts whose potential is known."""
    return tuple(read())


def curves(host: str) -> tuple[Curve, ...]:
    """The curves of a host by its library name; none where it has none.

    >>> [c.branch for c in curves("Si")][:2]
    ['lithiation', 'delithiation']
    """
    found = read().get(host)
    return found.curves if found else ()
