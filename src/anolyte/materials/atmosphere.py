r"""Air and other gas mixtures: partial pressures, with humidity as people state it.

The saturated pressure of water comes from its own thermal functions,
$\ln p_s/p^\circ = -[G_{gas}(T) - G_{condensed}(T)]/RT$, over ice below 0 °C: a dew point below is a
frost point. Range: 200 to 373 K.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from anolyte.core.errors import DataError
from anolyte.core.near import near
from anolyte.core.provenance import Source
from anolyte.core.units import GAS_CONSTANT, ZERO_CELSIUS, si
from anolyte.materials import thermal
from anolyte.materials.thermal import STANDARD

WATER = {"H": 2.0, "O": 1.0}
SYSTEMS_OF_GASES = ("O2", "N2", "CO2", "Ar")


def saturated(temperature: float) -> float:
    """Pressure of water vapour over liquid water, or over ice below 0 °C, Pa.

    Args:
        temperature: K.

    >>> round(saturated(298.15)), round(saturated(233.15), 1)
    (3167, 12.9)
    """
    gas, condensed = (thermal.find(WATER, state) for state in ("gas", "liquid"))
    assert gas is not None and condensed is not None
    vapour = gas.enthalpy + gas.increment(temperature)
    water = condensed.enthalpy + condensed.increment(temperature)
    return STANDARD * math.exp(-(vapour - water) / (GAS_CONSTANT * temperature))


def dew_point(pressure: float) -> float:
    """Temperature at which a pressure of water (Pa) is saturated, K; nan outside 200 to 373 K."""
    low, high = 200.0, 373.15
    if not saturated(low) <= pressure <= saturated(high):
        return math.nan
    while high - low > 1e-6:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if saturated(middle) < pressure else (low, middle)
    return 0.5 * (low + high)


@dataclass(frozen=True, slots=True)
class DewPoint:
    """Humidity as a dew point (frost point below 0 °C), K."""

    temperature: float

    def pressure(self, temperature: float) -> float:
        """Pa; at the temperature of the gas no more than saturated."""
        if self.temperature > temperature + 1e-9:
            raise DataError(
                f"a dew point of {self.temperature - ZERO_CELSIUS:g} °C lies above the gas's "
                f"{temperature - ZERO_CELSIUS:g} °C: water would condense; lower it"
            )
        return saturated(self.temperature)


@dataclass(frozen=True, slots=True)
class RelativeHumidity:
    """Humidity as a share of the saturated one, 0 to 1."""

    share: float

    def pressure(self, temperature: float) -> float:
        """Pa."""
        return self.share * saturated(temperature)


@dataclass(frozen=True, slots=True)
class Fraction:
    """Humidity as a share of the molecules, at 1 bar in all."""

    share: float

    def pressure(self, temperature: float) -> float:
        """Pa."""
        return self.share * STANDARD


Humidity = DewPoint | RelativeHumidity | Fraction


@dataclass(frozen=True)
class Atmosphere:
    """A gas mixture at 1 bar.

    Args:
        name: What it is called.
        gases: Formula to share of the dry gas.
        humidity: Its water.
    """

    name: str
    gases: Mapping[str, float]
    humidity: Humidity
    source: Source

    def pressures(self, temperature: float) -> dict[str, float]:
        """Partial pressures of water and of the gases that are present, Pa."""
        water = self.humidity.pressure(temperature)
        if not 0.0 < water < STANDARD:
            raise DataError(
                f"{self.name}: a water pressure of {water:g} Pa is not in 0 < p < 1 bar"
            )
        dry = {g: x * (STANDARD - water) for g, x in self.gases.items() if x > 0.0}
        return {"H2O": water} | dry

    def moist(self, humidity: Humidity) -> Atmosphere:
        """The same gases with another humidity."""
        return replace(self, humidity=humidity)

    def with_gas(self, gas: str, share: float) -> Atmosphere:
        """The same with another share of one gas."""
        return replace(self, gases={**self.gases, gas: share})


@lru_cache(maxsize=1)
def atmospheres() -> Mapping[str, Atmosphere]:
    """The atmospheres that have a name."""
    path = Path(__file__).parent / "data" / "atmospheres.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["name"]: _atmosphere(row) for row in csv.DictReader(file)}


def _atmosphere(row: Mapping[str, str]) -> Atmosphere:
    value = float(row["value"])
    humidity: Humidity = {
        "dew_point": DewPoint(value + ZERO_CELSIUS),
        "relative_humidity": RelativeHumidity(value),
        "fraction": Fraction(value),
    }[row["water"]]
    gases = {g: float(row[g]) for g in SYSTEMS_OF_GASES if float(row[g]) > 0.0}
    source = Source(row["source"], row["where"], row["how"], row["known"])
    return Atmosphere(row["name"], gases, humidity, source)


def atmosphere(name: str) -> Atmosphere:
    """An atmosphere by name.

    Raises:
        DataError: No such name.

    >>> round(atmosphere("dry room").pressures(298.15)["H2O"], 1)
    12.9
    """
    try:
        return atmospheres()[name]
    except KeyError:
        raise DataError(
            f"no atmosphere '{name[:40]}'; {near(name, atmospheres())}; other ones by "
            "--dew-point, --humidity and --gas"
        ) from None


def share(text: str) -> float:
    """A share such as `50 %`, `420 ppm` or `0.2`.

    Raises:
        DataError: No such number.

    >>> share("50 %")
    0.5
    """
    number, factor = text.strip(), 1.0
    for unit, size in (("%", 1e-2), ("ppm", 1e-6), ("ppb", 1e-9)):
        if number.endswith(unit):
            number, factor = number.removesuffix(unit), size
    try:
        value = float(number) * factor
    except ValueError:
        value = math.nan
    if not 0.0 <= value <= 1.0:
        raise DataError(f"'{text[:40]}' is no share; write for example 50 %, 420 ppm or 0.2")
    return value


def partial_pressure(text: str) -> tuple[str, float]:
    """A gas and its pressure (Pa) from text such as `O2:0.2 bar`.

    >>> partial_pressure("O2:0.2 bar")
    ('O2', 20000.0)
    """
    gas, colon, value = text.partition(":")
    if not colon:
        raise DataError(
            f"'{text[:40]}' names no gas with its pressure; write for example O2:0.2 bar"
        )
    return gas.strip(), si(value.strip(), "pressure")
