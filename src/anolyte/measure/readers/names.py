"""Names and units of columns as instruments and people write them: the one table of spellings.

A spelling is compared without case, spaces, underscores, dots and hyphens (`plain`), a unit with
its case, because mHz is not MHz (`plain_unit`). To teach the readers a spelling, add it here.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_PRIMES = str.maketrans({"′": "'", "’": "'", "´": "'", "`": "'", "‘": "'", "″": "''", "”": "''"})
_SIGNS = str.maketrans(
    {"−": "-", "–": "-", "\u2126": "Ohm", "Ω": "Ohm", "µ": "u", "μ": "u", "°": "deg", "²": "2",
     "⁻": "-", "⁰": "0", "¹": "1", "³": "3", "φ": "phi", "ϕ": "phi", "ω": "omega", "℃": "degC"}
)  # fmt: skip


@dataclass(frozen=True)
class Unit:
    """SI value = factor x written value + offset."""

    factor: float
    offset: float = 0.0


def _units(**spellings: tuple[float, str]) -> dict[str, Unit]:
    """Units from `name=(factor, "spelling spelling ...")`."""
    return {s: Unit(factor) for factor, text in spellings.values() for s in text.split()}


_PREFIX = {"m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12, "k": 1e3, "M": 1e6, "G": 1e9, "": 1.0}


def _scaled(prefixes: str, *bases: str) -> dict[str, Unit]:
    """All bases with all of the prefixes and with none."""
    return {p + b: Unit(_PREFIX[p]) for p in (*prefixes, "") for b in bases}


_AREA = {f"{slash}{c}": 1.0 / a for c, a in (("cm2", 1e-4), ("cm-2", 1e-4), ("m2", 1.0))
         for slash in ("/", "")} | {"m-2": 1.0}  # fmt: skip
_MASS = {f"{slash}{m}": 1.0 / a for m, a in (("g", 1e-3), ("g-1", 1e-3), ("kg", 1.0),
                                             ("mg", 1e-6)) for slash in ("/", "")}  # fmt: skip
_CURRENT = _scaled("munpk", "A", "amp", "amps", "ampere")
_CHARGE = {
    **{p + s: Unit(3600.0 * _PREFIX[p]) for p in ("m", "u", "n", "") for s in ("Ah", "A/h")},
    **{s: Unit(3600.0) for s in ("amperehour", "amphour")},
    **_scaled("mu", "C", "coulomb", "As"),
}


def _over(units: dict[str, Unit], per: dict[str, float]) -> dict[str, Unit]:
    return {u + p: Unit(x.factor * f) for u, x in units.items() for p, f in per.items()}


_CELSIUS = Unit(1.0, 273.15)
_AREA_UNITS = {"cm2": 1e-4, "cm^2": 1e-4, "m2": 1.0, "mm2": 1e-6}
_OHM = _scaled("mukMG", "Ohm", "Ohms", "ohm", "ohms")

DIMENSIONS: dict[str, dict[str, Unit]] = {
    "time": {
        **_units(
            s=(1.0, "s sec secs second seconds"), m=(60.0, "min mins minute minutes"),
            h=(3600.0, "h hr hrs hour hours"), d=(86400.0, "d day days"),
        ),
        **_scaled("mun", "s", "sec"),
    },
    "frequency": {
        **_scaled("mkMG", "Hz", "hertz"), "1/s": Unit(1.0), "s-1": Unit(1.0),
        "rad/s": Unit(0.5 / math.pi), "rads-1": Unit(0.5 / math.pi),
    },
    "angular frequency": {u: Unit(0.5 / math.pi) for u in ("rad/s", "rads-1", "1/s", "s-1")},
    "resistance": _OHM,
    "area resistance": {o + a: Unit(u.factor * x) for o, u in _OHM.items()
                        for a, x in _AREA_UNITS.items()},
    "angle": _units(d=(math.pi / 180.0, "deg degree degrees"), r=(1.0, "rad radian radians")),
    "voltage": _scaled("mun", "V", "volt", "volts"),
    "current": _CURRENT,
    "current density": _over(_CURRENT, _AREA),
    "specific current": _over(_CURRENT, _MASS),
    "charge": _CHARGE,
    "specific charge": _over(_CHARGE, _MASS),
    "areal charge": _over(_CHARGE, _AREA),
    "temperature": {
        **{s: _CELSIUS for s in ("degC", "C", "celsius", "oC")},
        **{s: Unit(1.0) for s in ("K", "kelvin", "degK")},
    },
    "pressure": {**_scaled("kMG", "Pa"), "bar": Unit(1e5), "mbar": Unit(100.0),
                 "N/mm2": Unit(1e6), "psi": Unit(6894.757293168)},
    "number": _units(one=(1.0, "1 - # n")),
    "fraction": _units(one=(1.0, "1 -"), cent=(0.01, "% percent")),
}  # fmt: skip


@dataclass(frozen=True)
class Quantity:
    """What a column may hold.

    Args:
        name: Ours.
        dimensions: That its unit may be of, the one of a column without unit first.
        names: Spellings, the most wanted first; compared as `plain` makes them.
        bare: Whether the SI unit is taken where none is written (and said in a flag).
    """

    name: str
    dimensions: tuple[str, ...]
    names: tuple[str, ...]
    bare: bool = True


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# The order within `names` decides where two columns of a file are the same quantity.
QUANTITIES = (
    Quantity("frequency", ("frequency",), _names(
        "freq frequency f frequenz frequencies measfreq actualfrequency fre")),
    Quantity("angular frequency", ("angular frequency",), _names(
        "omega w angularfrequency radialfrequency angfreq"), bare=False),
    Quantity("real", ("resistance", "area resistance"), _names(
        "re(z) rez re(z) z' z'(a) zre z(re) zreal z(real) realz real(z) real re realpart zr zprime "
        "realimpedance impedancereal re(impedance) resistance(z') rs(z') z1 re{z} rezwece "
        "re(zwece) re(z)1 zreal1 r(z)")),
    Quantity("imaginary", ("resistance", "area resistance"), _names(
        "im(z) imz z'' z''(b) zim zimg z(im) zimag z(imag) imagz imag(z) imag im imagpart "
        "imaginary imaginarypart zi zdoubleprime imaginaryimpedance impedanceimaginary "
        "impedanceimag imagimpedance im(impedance) z2 im{z} imzwece im(zwece) zimag1")),
    Quantity("modulus", ("resistance", "area resistance"), _names(
        "|z| modz zmod abs(z) absz magnitude |z|(mod) modulus z impedance mag zabs zmodulus "
        "impedancemagnitude |impedance|")),
    Quantity("phase", ("angle",), _names(
        "phase(z) phase phasez zphz zphase phaseangle theta phi phi(z) angle arg(z) zphz1 "
        "phaseofz impedancephase impedancephaseangle"), bare=False),
    Quantity("time", ("time",), _names(
        "time testtime t elapsedtime totaltime zeit tottime timesec testtime(s) totaltime(s) "
        "runtime relativetime corr.time corrtime time/s pt.time datapointtime elapsed")),
    Quantity("step time", ("time",), _names("steptime relativesteptime relativetime(step)")),
    Quantity("clock", ("time",), _names(
        "clock datetime date realtime absolutetime absolutedatetime dpttime timestamp systemtime "
        "absttime unixtime datetimestamp unixtimestamp time(date) wallclock date/time "
        "sampletime datum zeitstempel"), bare=False),
    Quantity("voltage", ("voltage",), _names(
        "ewe voltage potential e v vf ecell ewe-ece u cellvoltage <ewe> we(1).potential volts volt "
        "we(1)potential potentialapplied terminalvoltage edc vdc eweece ucell e(v) vm spannung "
        "workingelectrode <ewe>")),
    Quantity("current", ("current", "current density", "specific current"), _names(
        "i <i> current im j currentdensity amps we(1).current we(1)current cellcurrent strom idc "
        "jdensity specificcurrent currentdens <j>")),
    Quantity("charge", ("charge", "specific charge", "areal charge"), _names(
        "qcharge/discharge capacity cap q-qo (q-qo) q charge chargepassed stepcapacity "
        "areacapacity specificcapacity speccapacity spec.cap speccap netcapacity q(t) "
        "arealcapacity capacitypassed amphours"), bare=False),
    Quantity("charge capacity", ("charge", "specific charge", "areal charge"), _names(
        "qcharge chargecapacity chargecap chgcap chgcapacity qchg capacitycharge chargeq "
        "chgspeccap chargespecificcapacity specificchargecapacity qch capacitychg "
        "chargespeccapacity chargingcapacity chargespeccap speccapchg cchg "
        "chargecapacitysum capc specapc"), bare=False),
    Quantity("discharge capacity", ("charge", "specific charge", "areal charge"), _names(
        "qdischarge dischargecapacity dischargecap dchgcap dchgcapacity qdchg qdis "
        "capacitydischarge disccap disccapacity dischargespecificcapacity dchgspeccap "
        "specificdischargecapacity qdisch capacitydchg dischgcap dischargespeccapacity "
        "dischargingcapacity dischargespeccap speccapdchg cdchg dischargecapacitysum capd "
        "specapd"), bare=False),
    Quantity("cycle", ("number",), _names(
        "cyclenumber cycle cycleindex cyc cycleno cyclecount cycleid cycle# cyclec loop "
        "loopnumber loopno cyccount cycnum zyklus cyclep nc scan scannumber")),
    Quantity("step", ("number",), _names(
        "ns step stepindex stepnumber stepid stepno steporder stepcount segment halfcycle "
        "stepnum step# stepnr steporderindex")),
    Quantity("temperature", ("temperature",), _names(
        "temperature temp t1 celltemperature t cell.temperature ambienttemperature "
        "auxtemperature temp1 t1temperature auxtemperature1 surfacetemperature "
        "temperaturet1"), bare=False),
    Quantity("stack pressure", ("pressure",), _names(
        "pressure stackpressure cellpressure p appliedpressure druck"), bare=False),
    Quantity("efficiency", ("fraction",), _names(
        "efficiency coulombicefficiency ce eff chargedischargeefficiency"), bare=False),
)  # fmt: skip


def tidy(text: str) -> str:
    """A header with one way of writing primes, minus, ohm, micro, degree and quotes.

    >>> tidy('"−Z″ (Ω)"')
    "-Z'' (Ohm)"
    """
    text = text.strip().strip("\ufeff").strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1].replace('""', '"')
    text = text.translate(_PRIMES).translate(_SIGNS).replace('"', "''").strip()
    return text if text.isascii() else _translated(text)


CHINESE = {
    "循环号": "cycle index", "循环序号": "cycle index", "工步号": "step index",
    "工步类型": "step type", "记录号": "record id", "记录序号": "record id",
    "绝对时间": "absolute time", "总时间": "total time", "测试时间": "test time",
    "工步时间": "step time", "时间": "time", "电压": "voltage", "电流": "current",
    "容量": "capacity",
    "充电容量": "charge capacity", "放电容量": "discharge capacity",
    "充电比容量": "charge specific capacity", "放电比容量": "discharge specific capacity",
    "比容量": "specific capacity", "温度": "temperature",
}  # fmt: skip
"""Names of columns in Chinese exports of Neware (BTSDA) and Landt, as public programs name them."""
_HAN = re.compile("[\u4e00-\u9fff]+")


def _translated(text: str) -> str:
    """A header with its Chinese name in English; another stays as it is."""
    found = _HAN.match(text)
    return CHINESE[found[0]] + text[found.end() :] if found and found[0] in CHINESE else text


def plain(name: str) -> str:
    """A name without case, spaces, underscores, dots, hyphens.

    >>> plain("Cycle_Index"), plain("Re (Z)")
    ('cycleindex', 're(z)')
    """
    return re.sub(r"[\s_.\-]", "", name).lower()


def plain_unit(unit: str) -> str:
    """A unit without the marks between its parts; case is kept.

    >>> plain_unit("mA.h"), plain_unit("mA·cm⁻²"), plain_unit("mA / cm^2")
    ('mAh', 'mAcm-2', 'mA/cm2')
    """
    return re.sub(r"[\s.·*^_⋅]", "", unit.translate(_SIGNS))


def unit_of(text: str, dimension: str) -> Unit | None:
    """The unit of a spelling; a case that differs is accepted only where it cannot matter.

    >>> unit_of("MHz", "frequency").factor, unit_of("HZ", "frequency").factor
    (1000000.0, 1.0)
    >>> unit_of("mhz", "frequency") is None  # milli or mega?
    True
    """
    known, spelling = DIMENSIONS[dimension], plain_unit(text)
    if spelling in known:
        return known[spelling]
    found = {u for s, u in known.items() if s.lower() == spelling.lower()}
    return found.pop() if len(found) == 1 else None


def _index() -> dict[str, list[tuple[Quantity, int]]]:
    """Plain spelling to all quantities it may be, with its rank; the unit decides."""
    found: dict[str, list[tuple[Quantity, int]]] = {}
    for q in QUANTITIES:
        for rank, name in enumerate(q.names):
            entry = found.setdefault(plain(name), [])
            if all(known is not q for known, _ in entry):
                entry.append((q, rank))
    return found


INDEX = _index()
