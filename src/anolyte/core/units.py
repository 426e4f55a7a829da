"""Units at the border: text enters through `si`, people read `show`; inside there is SI only.

A *kind* is a physical quantity as the field uses it: its SI unit, the habitual unit that people
write and read, and the spellings of it. A wrong dimension is refused with the habitual unit named;
nothing is ever converted silently between kinds (an area resistance printed as `ohm cm-2`, a
current density printed as `mAh/cm2`).

The habitual spellings convert by table; any other unit goes through pint, imported on first need.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from anolyte.core.errors import UnitsError

# CODATA 2018 exact values (Tiesinga et al., Rev. Mod. Phys. 2021, 93, 025010).
ELEMENTARY_CHARGE = 1.602176634e-19  # C
AVOGADRO = 6.02214076e23  # 1/mol
BOLTZMANN = 1.380649e-23  # J/K
FARADAY = ELEMENTARY_CHARGE * AVOGADRO  # C/mol
GAS_CONSTANT = BOLTZMANN * AVOGADRO  # J/(mol K)
ZERO_CELSIUS = 273.15  # K
ANGSTROM3_TO_MOLAR = 1e-30 * AVOGADRO  # m3/mol per angstrom3 a formula unit


@dataclass(frozen=True, slots=True)
class Kind:
    """A physical quantity: SI unit, habitual unit and the factor between them (SI per habitual)."""

    si: str
    habitual: str
    factor: float
    label: str
    minimum: float = -math.inf
    hint: str = ""


KINDS: dict[str, Kind] = {
    "current_density": Kind("A/m^2", "mA/cm^2", 10.0, "mA cm⁻²"),
    "areal_capacity": Kind("C/m^2", "mAh/cm^2", 3.6e4, "mA h cm⁻²", 0.0),
    "specific_capacity": Kind("C/kg", "mAh/g", 3600.0, "mA h g⁻¹", 0.0),
    "specific_current": Kind("A/kg", "mA/g", 1.0, "mA g⁻¹"),
    "specific_energy": Kind("J/kg", "Wh/kg", 3600.0, "W h kg⁻¹", 0.0),
    "specific_volume": Kind("m^3/kg", "cm^3/g", 1e-3, "cm³ g⁻¹", 0.0),
    "pressure": Kind("Pa", "MPa", 1e6, "MPa"),
    "modulus": Kind("Pa", "GPa", 1e9, "GPa", 0.0),
    "toughness": Kind("Pa*m^0.5", "MPa*m^0.5", 1e6, "MPa m^½", 0.0),
    "temperature": Kind("K", "degC", 1.0, "°C", 0.0),
    "temperature_difference": Kind("K", "K", 1.0, "K"),
    "area_resistance": Kind("ohm*m^2", "ohm*cm^2", 1e-4, "Ω cm²", 0.0),
    "conductivity": Kind("S/m", "mS/cm", 0.1, "mS cm⁻¹", 0.0),
    "electronic_conductivity": Kind("S/m", "S/cm", 100.0, "S cm⁻¹", 0.0),
    "length": Kind("m", "um", 1e-6, "µm", 0.0),
    "area": Kind("m^2", "cm^2", 1e-4, "cm²", 0.0),
    "potential": Kind("V", "V", 1.0, "V"),
    "electrode_potential": Kind("V", "V", 1.0, "V vs Li/Li⁺"),
    "energy": Kind("J", "eV", ELEMENTARY_CHARGE, "eV"),
    "energy_per_atom": Kind("J", "eV", ELEMENTARY_CHARGE, "eV/atom"),
    "surface_energy": Kind("J/m^2", "J/m^2", 1.0, "J m⁻²"),
    "stress_coupling": Kind("V/Pa", "mV/GPa", 1e-12, "mV GPa⁻¹"),
    "swelling": Kind("m^3/C", "um/(mAh/cm^2)", 1e-6 / 3.6e4, "µm/(mA h cm⁻²)"),
    "rate": Kind("1/s", "1/s", 1.0, "s⁻¹", 0.0),
    "diffusivity": Kind("m^2/s", "cm^2/s", 1e-4, "cm² s⁻¹", 0.0),
    "density": Kind("kg/m^3", "g/cm^3", 1000.0, "g cm⁻³", 0.0),
    "molar_volume": Kind("m^3/mol", "cm^3/mol", 1e-6, "cm³ mol⁻¹", 0.0),
    "concentration": Kind("mol/m^3", "mol/L", 1000.0, "mol L⁻¹", 0.0),
    "area_capacitance": Kind("F/m^2", "uF/cm^2", 0.01, "µF cm⁻²", 0.0),
    "speed": Kind("m/s", "nm/s", 1e-9, "nm s⁻¹"),
    "time": Kind("s", "h", 3600.0, "h", 0.0),
    "angle": Kind("rad", "deg", math.pi / 180.0, "°"),
    "fraction": Kind("1", "%", 0.01, "%"),
    "number": Kind("1", "1", 1.0, ""),
    "frequency": Kind("Hz", "Hz", 1.0, "Hz", 0.0),
    "resistance": Kind("ohm", "ohm", 1.0, "Ω"),
    "capacitance": Kind("F", "F", 1.0, "F", 0.0),
    "line_capacitance": Kind("F/m", "F/cm", 100.0, "F cm⁻¹", 0.0),
    "inductance": Kind("H", "nH", 1e-9, "nH", 0.0),
    "current": Kind("A", "mA", 1e-3, "mA"),
    "charge": Kind("C", "mAh", 3.6, "mA h"),
    "mass": Kind("kg", "mg", 1e-6, "mg", 0.0),
    "scan_rate": Kind("V/s", "mV/s", 1e-3, "mV s⁻¹", 0.0),
}

# SI unit -> spellings that are so common that they need no unit library (SI per spelling).
COMMON: dict[str, dict[str, float]] = {
    "A/m^2": {"mA/cm^2": 10.0, "uA/cm^2": 0.01, "A/cm^2": 1e4},
    "C/m^2": {"mA*h/cm^2": 3.6e4, "uA*h/cm^2": 36.0},
    "C/kg": {"mA*h/g": 3600.0, "A*h/kg": 3600.0},
    "Pa": {"kPa": 1e3, "MPa": 1e6, "GPa": 1e9, "bar": 1e5},
    "Pa*m^0.5": {"MPa*m^0.5": 1e6, "MPa*m^(1/2)": 1e6},
    "ohm*m^2": {"ohm*cm^2": 1e-4, "kohm*cm^2": 0.1},
    "S/m": {"S/cm": 100.0, "mS/cm": 0.1, "uS/cm": 1e-4},
    "m": {"cm": 1e-2, "mm": 1e-3, "um": 1e-6, "nm": 1e-9},
    "m^2": {"cm^2": 1e-4, "mm^2": 1e-6},
    "V": {"mV": 1e-3},
    "J": {
        "eV": ELEMENTARY_CHARGE,
        "meV": 1e-3 * ELEMENTARY_CHARGE,
        "kJ/mol": 1e3 / AVOGADRO,
    },
    "m^2/s": {"cm^2/s": 1e-4},
    "kg/m^3": {"g/cm^3": 1e3},
    "m^3/mol": {"cm^3/mol": 1e-6},
    "mol/m^3": {"mol/L": 1e3, "mol/cm^3": 1e6},
    "F/m^2": {"uF/cm^2": 0.01, "F/cm^2": 1e4},
    "m/s": {"nm/s": 1e-9, "um/s": 1e-6},
    "s": {"h": 3600.0, "min": 60.0, "d": 86400.0},
    "rad": {"deg": math.pi / 180.0},
    "ohm": {"mohm": 1e-3, "kohm": 1e3, "Mohm": 1e6},
    "F": {"mF": 1e-3, "uF": 1e-6, "nF": 1e-9, "pF": 1e-12},
    "H": {"mH": 1e-3, "uH": 1e-6, "nH": 1e-9},
    "A": {"mA": 1e-3, "uA": 1e-6, "nA": 1e-9},
    "C": {"mA*h": 3.6, "A*h": 3600.0, "uA*h": 3.6e-3},
    "kg": {"g": 1e-3, "mg": 1e-6, "ug": 1e-9},
    "V/s": {"mV/s": 1e-3, "V/min": 1.0 / 60.0, "mV/min": 1e-3 / 60.0},
    "1": {"%": 0.01},
}

_NUMBER = re.compile(
    r"^([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*)$", re.DOTALL | re.ASCII
)
_REFERENCE = re.compile(r"\s+(?:vs\.?|versus)\s+Li(?:\s*/\s*Li[+⁺]?)?\s*$", re.IGNORECASE)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
# Look-alikes: the minus sign, dots and crosses of products, both ohm signs, both micro signs.
_FOLD = str.maketrans(
    {
        "\u2212": "-",
        "\u00b7": "*",
        "\u22c5": "*",
        "\u00d7": "*",
        "\u03a9": "ohm",
        "\u2126": "ohm",
        "\u00b5": "u",
        "\u03bc": "u",
        "\u00bd": "0.5",
    }
)
_WORDS = {
    "°C": "degC", "℃": "degC", "Ohm": "ohm", "OHM": "ohm", "Wh": "W*h", "Ah": "A*h",
    "mAh": "mA*h", "uAh": "uA*h", "\u00b5Ah": "uA*h", "\u03bcAh": "uA*h",
}  # fmt: skip
_AS_IT_IS = {
    ("fraction", ""), ("temperature_difference", "C"), ("temperature_difference", "degC"),
}  # fmt: skip
_HINTS = {
    ("area_resistance", "ohm/cm^2"): "an area resistance is ohm cm2, not per cm2; "
    "did you mean {n} ohm cm2?",
    ("current_density", "mA*h/cm^2"): "that is an areal capacity; did you mean {n} mA/cm2?",
    ("areal_capacity", "mA/cm^2"): "that is a current density; did you mean {n} mAh/cm2?",
}


def si(value: str | float | int, kind: str) -> float:
    """The SI number that a text with a unit stands for; a bare number is in the habitual unit.

    Args:
        value: `"0.5 mA/cm2"`, `"5 MPa"`, `"25 C"` (temperature fields only) or a number.
        kind: A key of `KINDS`.

    Raises:
        UnitsError: No number, an unknown unit, a wrong dimension, or an impossible value.

    >>> si("0.5 mA cm-2", "current_density")
    5.0
    >>> si("25 C", "temperature")
    298.15
    """
    spec = _spec(kind)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UnitsError(f"{_name(kind)}: expected text like '1 {_habit(kind)}', not {value!r}")
    number, unit = (float(value), "") if not isinstance(value, str) else _split(value, kind)
    if not math.isfinite(number):
        raise UnitsError(f"{_name(kind)} '{value}': not a finite number")
    result = _convert(number, unit, kind, str(value)[:60])
    if result < spec.minimum:
        least = "above absolute zero" if kind == "temperature" else "zero or more, not negative"
        raise UnitsError(f"{_name(kind)} '{value}': must be {least}")
    return result


def number(value: float | str, kind: str) -> float:
    """A number in SI: text goes through `si`, a number is SI already.

    Raises:
        UnitsError: As `si`, or a number that is not finite or below the kind's minimum.

    >>> number("0.5 mA/cm2", "current_density"), number(5.0, "current_density")
    (5.0, 5.0)
    """
    if isinstance(value, str):
        return si(value, kind)
    spec = _spec(kind)
    if isinstance(value, bool) or not math.isfinite(value) or value < spec.minimum:
        raise UnitsError(f"{_name(kind)} {value!r}: not a possible number in {spec.si}")
    return float(value)


def show(value: float, kind: str, digits: int = 3) -> str:
    """A number in SI as people of the field write it.

    >>> show(5.0, "current_density"), show(298.15, "temperature")
    ('0.5 mA cm⁻²', '25 °C')
    """
    spec = _spec(kind)
    number = habitual(value, kind)
    if kind.endswith("potential"):
        text = f"{number:.2f}"
        text = "0.00" if text == "-0.00" else text
    else:
        text = f"{number:.{digits}g}"
        if 1e3 <= abs(number) < 1e5:  # 1190, not 1.19e+03
            text = f"{float(text):.0f}"
    return f"{text} {spec.label}".strip() if spec.label not in ("%", "°") else text + spec.label


def habitual(value: float, kind: str) -> float:
    """A number in SI, in the habitual unit of its kind."""
    spec = _spec(kind)
    return value - ZERO_CELSIUS if kind == "temperature" else value / spec.factor


def fill(template: str, numbers: Mapping[str, tuple[float, str]]) -> str:
    """A sentence with its `{name}` places filled by `show`; numbers are (SI value, kind).

    >>> fill("reduced below {limit}", {"limit": (1.71, "electrode_potential")})
    'reduced below 1.71 V vs Li/Li⁺'
    """
    return template.format(**{name: show(v, kind) for name, (v, kind) in numbers.items()})


def _name(kind: str) -> str:
    return kind.replace("_", " ")


def _spec(kind: str) -> Kind:
    try:
        return KINDS[kind]
    except KeyError:
        raise UnitsError(f"unknown kind of quantity '{kind}'; known: {', '.join(KINDS)}") from None


def _habit(kind: str) -> str:
    return "C" if kind == "temperature" else KINDS[kind].habitual.replace("^", "")


def _split(text: str, kind: str) -> tuple[float, str]:
    """Number and normalised unit of a text such as `1e-3 S cm⁻¹`."""
    if len(text) > 200 or not text.strip():
        raise UnitsError(f"{_name(kind)}: expected text like '1 {_habit(kind)}'")
    clean = text.strip()
    if KINDS[kind].si == "V":
        clean = _REFERENCE.sub("", clean)
    match = _NUMBER.match(clean.replace("−", "-"))
    if match is None or not clean.isprintable():
        raise UnitsError(f"{_name(kind)} '{text[:60]}': no number; write e.g. '1 {_habit(kind)}'")
    return float(match.group(1)), _unit(match.group(2))


@lru_cache(maxsize=4096)
def _unit(text: str) -> str:
    """A unit with powers, products and symbols spelled one way."""
    text = text.strip().replace("²", "2").replace("³", "3").translate(_SUPERSCRIPTS)
    for word, plain in _WORDS.items():
        text = re.sub(rf"(?<![A-Za-z]){re.escape(word)}(?![A-Za-z])", plain, text)
    text = text.translate(_FOLD)
    text = re.sub(r"(?<=[A-Za-z])\^?\(?([+-]?\d+(?:\.\d+)?)\)?", r"^\1", text)
    text = re.sub(r"\s*([*/])\s*", r"\1", text)
    text = re.sub(r"\s+", "*", text)
    return re.sub(r"\*([A-Za-z]+)\^-(\d+(?:\.\d+)?)", _divide, text)


def _divide(match: re.Match[str]) -> str:
    power = "" if match.group(2) == "1" else f"^{match.group(2)}"
    return f"/{match.group(1)}{power}"


def _convert(number: float, unit: str, kind: str, text: str) -> float:
    spec = KINDS[kind]
    if kind == "temperature":
        if unit in ("", "C", "degC"):
            return number + ZERO_CELSIUS
        if unit == "K":
            return number
    elif (kind, unit) in _AS_IT_IS:
        return number
    elif unit in ("", spec.habitual, _unit(spec.habitual), _unit(spec.label)):
        return number * spec.factor
    elif unit == spec.si:
        return number
    elif (factor := COMMON.get(spec.si, {}).get(unit)) is not None:
        return number * factor
    if (hint := _HINTS.get((kind, unit))) is not None:
        raise UnitsError(f"{_name(kind)} '{text}': {hint.format(n=f'{number:g}')}")
    if _spellings().get(unit, spec.si) != spec.si and spec.si not in _LIKE_OTHERS:
        raise _no_unit_of(unit, kind, text)
    return _by_pint(number, unit, kind, text)


_LIKE_OTHERS = ("1", "rad", "Hz", "1/s", "V/Pa", "m^3/C")
"""SI units that measure the same as another one; whether a text fits them is left to pint."""


@lru_cache(maxsize=1)
def _spellings() -> dict[str, str]:
    """SI unit of every spelling that converts by table, where it is the only one."""
    found = {"C": "K", "degC": "K"}
    for spec in KINDS.values():
        if spec.si not in _LIKE_OTHERS:
            several = (spec.si, spec.habitual, spec.label, *COMMON.get(spec.si, {}))
            found |= {_unit(text): spec.si for text in several}
    return found


def _no_unit_of(unit: str, kind: str, text: str) -> UnitsError:
    expected = f"expected a unit like {_habit(kind)}"
    if unit in ("C", "coulomb"):
        return UnitsError(
            f"{_name(kind)} '{text}': 'C' is read as degrees Celsius in temperature fields only; "
            f"{expected}"
        )
    return UnitsError(f"{_name(kind)} '{text}': '{unit}' is no unit of {_name(kind)}; {expected}")


@lru_cache(maxsize=1)
def _registry() -> Any:
    import pint

    return pint.UnitRegistry(autoconvert_offset_to_baseunit=True)


def _by_pint(number: float, unit: str, kind: str, text: str) -> float:
    if unit in ("C", "coulomb"):
        raise _no_unit_of(unit, kind, text)
    registry, spec = _registry(), KINDS[kind]
    try:
        found = registry.parse_units(unit.replace("^", "**"))
        registry.Quantity(1.0, found).to_base_units()  # decibels parse, and then are no unit
    except Exception:  # pint raises many kinds on unknown text; all mean the same to the user
        expected = f"expected a unit like {_habit(kind)}"
        raise UnitsError(f"{_name(kind)} '{text}': unknown unit '{unit}'; {expected}") from None
    wanted = registry.parse_units(spec.si.replace("^", "**") if spec.si != "1" else "")
    if found.dimensionality == (wanted * registry.Unit("1/mol")).dimensionality and spec.si == "J":
        number, found = number / AVOGADRO, found * registry.Unit("mol")
    if found.dimensionality != wanted.dimensionality:
        raise _no_unit_of(unit, kind, text)
    return float(registry.Quantity(number, found).to(wanted).magnitude)
