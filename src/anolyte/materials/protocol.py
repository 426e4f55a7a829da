"""What is done to a cell: steps of current, voltage, pressure, temperature and time.

Steps are written as sentences ("Strip at 0.5 mA/cm2 for 1 h at 5 MPa") or made by the functions
below (`current_ramp`, `cycling`, ...). Positive current strips the named side.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from anolyte.core.errors import DataError, UnitsError
from anolyte.core.result import quantity
from anolyte.core.units import number, show, si

_POSITIVE = ("temperature", "stop_current", "charge")
MOST_STEPS = 200_000
"""Steps of a protocol; more are a slip."""
UNTIL, HELD = 3.6e7, 3.6e5
"""s; a step, and a hold, of which only the cut-off is said last no longer."""
LONGEST = 3.2e8
"""s; a step may last ten years, not longer."""


@dataclass(frozen=True)
class Step:
    """One thing that is done to a cell.

    Args:
        current_density: A/m2, positive strips the named side; None: the voltage is held.
        voltage: Held voltage of the named side against the counter side, V.
        duration: Longest time, s.
        charge: Ends the step when it has passed, C/m2.
        stop_voltage: Ends the step when the voltage reaches it, V: from above while a half cell is
            lithiated, from below while it is delithiated; its size where both sides are metal.
        stop_current: Ends a hold when the size of the current falls to it, A/m2.
        pressure: Stack pressure from here on, Pa; None: as before.
        temperature: From here on, K; None: as before.
        impedance: Lowest and highest frequency of a spectrum taken at the end of the step, Hz.
        cycle: Number of the cycle or level that the step belongs to.
    """

    current_density: float | None = quantity("current_density", default=0.0)
    voltage: float | None = quantity("potential", default=None)
    duration: float = quantity("time", default=math.inf)
    charge: float | None = quantity("areal_capacity", default=None)
    stop_voltage: float | None = quantity("potential", default=None)
    stop_current: float | None = quantity("current_density", default=None)
    pressure: float | None = quantity("pressure", default=None)
    temperature: float | None = quantity("temperature", default=None)
    impedance: tuple[float, float] | None = None
    cycle: int = 0

    def __post_init__(self) -> None:
        if (self.current_density is None) == (self.voltage is None):
            raise DataError("a step holds either a current or a voltage")
        self._possible()
        if self.charge is not None and not self.current_density:
            raise DataError(f"step '{self}': a charge never passes without a current")
        if not 0.0 < self.lasts <= LONGEST:
            raise DataError(
                f"step '{self}': needs an end within ten years; add 'for 1 h' or a charge such as "
                "'for 1 mAh/cm2'"
            )

    @property
    def lasts(self) -> float:
        """Longest time that the step can take, s."""
        if self.charge is None or not self.current_density:
            return self.duration
        return min(self.duration, self.charge / abs(self.current_density))

    def _possible(self) -> None:
        """Refuse numbers that no cell can be given."""
        for name, f in self.__dataclass_fields__.items():
            value, kind = getattr(self, name), f.metadata.get("kind")
            if kind is None or value is None:
                continue
            words = name.replace("_", " ")
            if math.isnan(value) or (math.isinf(value) and name != "duration"):
                raise DataError(f"a step's {words} must be a number, not {value}")
            if name == "temperature" and value <= 0.0:
                raise DataError("a step's temperature must be above absolute zero")
            if name in _POSITIVE and value <= 0.0:
                raise DataError(f"a step's {words} must be positive, not {show(value, kind)}")
        if self.pressure is not None and self.pressure < 0.0:
            raise DataError("a step's stack pressure must not be negative")
        if self.stop_voltage is not None and not self.current_density:
            raise DataError("only a step that strips or plates ends at a voltage")
        if self.stop_current is not None and self.voltage is None:
            raise DataError("only a hold ends at a current")

    def __str__(self) -> str:
        j = self.current_density
        if j is None:
            head = f"Hold at {show(self.voltage or 0.0, 'potential')}"
        elif j == 0.0:
            head = "Rest"
        else:
            verb = "Strip" if j > 0.0 else "Plate"
            head = f"{verb} at {show(abs(j), 'current_density')}"
        if math.isfinite(self.lasts):
            head += f" for {_time(self.lasts)}"
        for value, kind in ((self.pressure, "pressure"), (self.temperature, "temperature")):
            head += "" if value is None else f" at {show(value, kind)}"
        if self.stop_voltage is not None:
            head += f" or until {show(self.stop_voltage, 'potential')}"
        return head


def sentence(step: Step) -> str:
    """The sentence that `parse_step` reads back, numbers in SI with their full precision.

    >>> parse_step(sentence(Step(5.0, duration=60.0))) == Step(5.0, duration=60.0)
    True
    """
    if step.impedance is not None:
        return f"Impedance from {step.impedance[0]!r} Hz to {step.impedance[1]!r} Hz"
    j = step.current_density
    if j is None:
        text = f"Hold at {step.voltage!r} V"
    elif j == 0.0:
        text = "Rest"
    else:
        text = f"{'Strip' if j > 0.0 else 'Plate'} at {abs(j)!r} A/m^2"
    if step.charge is not None:
        text += f" for {step.charge!r} C/m^2"
    if math.isfinite(step.duration):
        text += f" for {step.duration!r} s"
    for value, word in (
        (step.pressure, "at {!r} Pa"), (step.temperature, "at {!r} K"),
        (step.stop_voltage, "until {!r} V"), (step.stop_current, "until {!r} A/m^2"),
    ):  # fmt: skip
        text += "" if value is None else " " + word.format(value)
    return text


def _time(seconds: float) -> str:
    for size, unit in ((3600.0, "h"), (60.0, "min")):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"


@dataclass(frozen=True)
class Protocol:
    """A sequence of steps.

    >>> len(Protocol.parse("Strip at 0.5 mA/cm2 for 1 h", "Plate at 0.5 mA/cm2 for 1 h"))
    2
    """

    steps: tuple[Step, ...]
    name: str = ""

    def __post_init__(self) -> None:
        if not self.steps:
            raise DataError("a protocol needs at least one step")
        if len(self.steps) > MOST_STEPS:
            raise DataError(f"a protocol of {len(self.steps)} steps; at most {MOST_STEPS}")

    def __len__(self) -> int:
        return len(self.steps)

    def __mul__(self, times: int) -> Protocol:
        """The steps again and again; cycles are counted on."""
        if isinstance(times, bool) or not isinstance(times, int) or times < 1:
            raise DataError(
                f"a protocol is repeated a whole number of times, at least once, not {times!r}"
            )
        if times * len(self.steps) > MOST_STEPS:
            raise DataError(
                f"{times} times {len(self.steps)} steps are too many; at most {MOST_STEPS} in all"
            )
        span = max(s.cycle for s in self.steps) + 1
        steps = [replace(s, cycle=s.cycle + k * span) for k in range(times) for s in self.steps]
        return Protocol(tuple(steps), self.name)

    def __add__(self, other: Protocol) -> Protocol:
        span = max(s.cycle for s in self.steps) + 1
        later = [replace(s, cycle=s.cycle + span) for s in other.steps]
        return Protocol((*self.steps, *later), self.name or other.name)

    @classmethod
    def parse(cls, *sentences: str | Step | Protocol, capacity: float | None = None) -> Protocol:
        """A protocol from sentences, steps or other protocols.

        Args:
            sentences: As `parse_step` reads them.
            capacity: Charge that a C-rate speaks of, C/m2; None: there is none.
        """
        if len(sentences) == 1 and isinstance(sentences[0], Protocol):
            return sentences[0]
        steps: list[Step] = []
        for text in sentences:
            if isinstance(text, Protocol):
                steps += text.steps
            else:
                steps.append(text if isinstance(text, Step) else parse_step(text, capacity))
        return cls(tuple(steps))

    @property
    def duration(self) -> float:
        """Longest time that it takes, s."""
        return sum(s.lasts for s in self.steps)


# --- sentences ----------------------------------------------------------------------------------

_SIGNS = {"strip": 1.0, "discharge": 1.0, "delithiate": 1.0,
          "plate": -1.0, "charge": -1.0, "lithiate": -1.0}  # fmt: skip
_VERBS = (*_SIGNS, "hold", "rest", "press")
_TIMES = {"second": "s", "seconds": "s", "minute": "min", "minutes": "min", "hour": "h",
          "hours": "h", "day": "d", "days": "d"}  # fmt: skip
_CLAUSE = re.compile(r"\s+(?:or\s+)?(at|for|until|from)\s+", re.IGNORECASE)
_KINDS = ("current_density", "potential", "pressure", "temperature")
_RATE = re.compile(r"(\d*\.?\d*) ?C ?/ ?(\d+\.?\d*)|(\d+\.?\d*)C")
"""A C-rate: C/10, 2C/3, 0.5C; with a blank, 25 C, it is a temperature."""


def parse_step(text: str, capacity: float | None = None) -> Step:
    """A step from a sentence.

    A verb (strip, plate, discharge, charge, hold, rest, press), then clauses: `at` a current, a
    voltage, a pressure or a temperature, `for` a time or a charge, `until` a voltage or a current.
    An impedance spectrum is "Impedance from 0.1 Hz to 1 MHz". A current may be a C-rate (C/10,
    0.5C) where the capacity is known.

    Args:
        text: The sentence.
        capacity: Charge that a C-rate speaks of, C/m2; None: there is none.

    Raises:
        DataError: What is wrong and an example.

    >>> parse_step("Strip at 0.5 mA/cm2 for 1 hour at 5 MPa or until 0.5 V").duration
    3600.0
    """
    words = " ".join(str(text).split())
    if words.casefold().startswith("impedance"):
        return _impedance(words)
    verb, _, rest = words.partition(" ")
    verb = verb.casefold()
    if verb not in _VERBS:
        raise DataError(
            f"step '{words[:60]}': begins with none of {', '.join(_VERBS)}; "
            "write for example 'Strip at 0.5 mA/cm2 for 1 h'"
        )
    found: dict[str, Any] = {}
    parts = _CLAUSE.split(f" {rest}")
    if parts[0].strip():
        raise DataError(f"step '{words[:60]}': '{parts[0].strip()}' is not understood")
    clauses = list(zip(parts[1::2], (v.strip() for v in parts[2::2]), strict=True))
    if verb in _SIGNS:
        clauses = _without_rate(clauses, found, words, capacity)
    for preposition, value in clauses:
        _clause(preposition.casefold(), value, found, words)
    return _step(verb, found, words)


def _without_rate(
    clauses: list[tuple[str, str]], found: dict[str, Any], words: str, capacity: float | None
) -> list[tuple[str, str]]:
    """The clauses but for a C-rate, whose current goes into `found`."""
    for k, (preposition, value) in enumerate(clauses):
        match = _RATE.fullmatch(value) if preposition.casefold() == "at" else None
        # 25C is a temperature where a current stands beside it
        if match is None or (match[3] and _has_current(clauses)):
            continue
        if capacity is None or capacity <= 0.0:
            raise DataError(
                f"step '{words[:60]}': a C-rate needs a capacity; write a current, 'at 0.5 mA/cm2'"
            )
        over = float(match[2] or 1.0)
        rate = 0.0 if over == 0.0 else float(match[3] or match[1] or 1.0) / over
        found["current_density"] = rate * capacity / 3600.0
        return clauses[:k] + clauses[k + 1 :]
    return clauses


def _has_current(clauses: list[tuple[str, str]]) -> bool:
    for preposition, value in clauses:
        try:
            if preposition.casefold() == "at" and not _RATE.fullmatch(value):
                si(value, "current_density")
                return True
        except UnitsError:
            continue
    return False


def _clause(preposition: str, value: str, found: dict[str, Any], words: str) -> None:
    """Read one clause into `found`."""
    if preposition == "for":
        kind, size = _one_of(_spell(value), ("time", "areal_capacity"), words)
        key = "duration" if kind == "time" else "charge"
    elif preposition == "until":
        kind, size = _one_of(value, ("potential", "current_density"), words)
        key = "stop_voltage" if kind == "potential" else "stop_current"
    else:
        key, size = _one_of(value, _KINDS, words)
    if key in found:
        raise DataError(f"step '{words[:60]}': says {key.replace('_', ' ')} twice")
    found[key] = size


def _spell(value: str) -> str:
    amount, _, unit = value.partition(" ")
    return f"{amount} {_TIMES.get(unit.casefold(), unit)}"


def _one_of(value: str, kinds: Sequence[str], words: str) -> tuple[str, float]:
    """The first kind of quantity that a text is."""
    for kind in kinds:
        try:
            return kind, si(value, kind)
        except UnitsError:
            continue
    wanted = " or ".join(k.replace("_", " ") for k in kinds)
    raise DataError(f"step '{words[:60]}': '{value[:30]}' is no {wanted} with its unit")


def _step(verb: str, found: dict[str, Any], words: str) -> Step:
    current, voltage = found.pop("current_density", None), found.pop("potential", None)
    if verb in _SIGNS:
        if current is None or current <= 0.0 or voltage is not None:
            raise DataError(
                f"step '{words[:60]}': needs a positive current, '{verb} at 0.5 mA/cm2 ...'"
            )
        current *= _SIGNS[verb]
    elif current is not None:
        raise DataError(f"step '{words[:60]}': a current belongs to strip or plate")
    if verb == "hold" and voltage is None:
        raise DataError(f"step '{words[:60]}': needs a voltage, 'Hold at 0.05 V for 1 h'")
    if verb != "hold" and voltage is not None:
        raise DataError(f"step '{words[:60]}': a voltage is held by 'Hold at 0.05 V ...'")
    held = None if verb == "hold" else current or 0.0
    if not {"duration", "charge"} & set(found):
        if "stop_current" in found and verb == "hold":
            found["duration"] = HELD
        elif "stop_voltage" in found:
            found["duration"] = UNTIL
    try:
        return Step(held, voltage, **found)
    except DataError as error:
        told = str(error)
        told = told.split("': ", 1)[1] if told.startswith("step '") else told
        raise DataError(f"step '{words[:60]}': {told}") from None


_SPECTRUM = re.compile(r"impedance from (\S+) ?(m|k|M)?Hz to (\S+) ?(m|k|M)?Hz$", re.IGNORECASE)
_PREFIX = {None: 1.0, "m": 1e-3, "k": 1e3, "M": 1e6, "K": 1e3}


def _impedance(words: str) -> Step:
    match = _SPECTRUM.match(words)
    try:
        if match is None:
            raise ValueError
        ends = (float(match[1]) * _PREFIX[match[2]], float(match[3]) * _PREFIX[match[4]])
        if not 0.0 < min(ends) < max(ends) < math.inf:
            raise ValueError
    except ValueError:
        raise DataError(
            f"step '{words[:60]}': write for example 'Impedance from 0.1 Hz to 1 MHz'"
        ) from None
    return Step(0.0, duration=1.0, impedance=(min(ends), max(ends)))


# --- usual protocols ----------------------------------------------------------------------------


def current_ramp(
    start: float | str = "0.1 mA/cm2",
    stop: float | str = "5 mA/cm2",
    step: float | str = "0.1 mA/cm2",
    *,
    time: float | str | None = "1 h",
    charge: float | str | None = None,
    rest: float | str = 0.0,
    cycles: int = 1,
    stop_voltage: float | str | None = None,
) -> Protocol:
    """The ramp that finds a critical current: strip and plate at ever higher currents.

    Args:
        start, stop, step: Current densities (A/m2, or text).
        time: Of each half cycle, s; or
        charge: the same charge at every level, C/m2.
        rest: After each half cycle, s.
        cycles: At each level.
        stop_voltage: Ends a step, V.

    >>> len(current_ramp("0.1 mA/cm2", "0.3 mA/cm2"))
    6
    """
    low, high, width = (number(x, "current_density") for x in (start, stop, step))
    if not (0.0 < low <= high and width > 0.0):
        raise DataError("a ramp rises: 0 < start <= stop, and its step is positive")
    count = int(math.floor((high - low) / width * (1.0 + 1e-12) + 1e-9)) + 1
    if count > 10_000:
        raise DataError(f"a ramp of {count} levels; its step is too small")
    end = _end(time, charge)
    limit = None if stop_voltage is None else number(stop_voltage, "potential")
    if limit is not None and limit <= 0.0:
        raise DataError("the cut-off of a ramp must be positive: the size of the voltage counts")
    pause = number(rest, "time")
    steps = []
    for level in range(count):
        for _ in range(cycles):
            for sign in (1.0, -1.0):
                j = sign * (low + level * width)
                steps.append(Step(j, stop_voltage=limit, cycle=level, **end))
                if pause:
                    steps.append(Step(0.0, duration=pause, cycle=level))
    return Protocol(tuple(steps), "current ramp")


def _current(value: float | str) -> float:
    found = number(value, "current_density")
    if found <= 0.0:
        raise DataError(f"the current must be positive, not {show(found, 'current_density')}")
    return found


def _end(time: float | str | None, charge: float | str | None) -> dict[str, Any]:
    if charge is not None:
        return {"charge": number(charge, "areal_capacity")}
    if time is None:
        raise DataError("a half cycle needs a time or a charge")
    return {"duration": number(time, "time")}


def cycling(
    current: float | str,
    *,
    charge: float | str | None = None,
    time: float | str | None = None,
    cycles: int = 10,
    rest: float | str = 0.0,
    plate_first: bool = False,
    stop_voltage: float | str | None = None,
) -> Protocol:
    """Strip and plate the same charge again and again.

    >>> cycling("0.1 mA/cm2", charge="0.1 mAh/cm2", cycles=3).duration / 3600
    6.0
    """
    j = _current(current)
    limit = None if stop_voltage is None else number(stop_voltage, "potential")
    pause = number(rest, "time")
    signs = (-1.0, 1.0) if plate_first else (1.0, -1.0)
    steps = []
    for sign in signs:
        steps.append(Step(sign * j, stop_voltage=limit, **_end(time, charge)))
        if pause:
            steps.append(Step(0.0, duration=pause))
    return replace(Protocol(tuple(steps)) * cycles, name="cycling")


def pressure_sweep(
    current: float | str,
    pressures: Iterable[float | str],
    *,
    time: float | str = "1 h",
    hold: float | str = "1 h",
) -> Protocol:
    """Strip and plate at one current under one stack pressure after the other."""
    j, length = _current(current), number(time, "time")
    steps = []
    for cycle, pressure in enumerate(pressures):
        p = number(pressure, "pressure")
        steps += [
            Step(0.0, duration=number(hold, "time"), pressure=p, cycle=cycle),
            Step(j, duration=length, cycle=cycle),
            Step(-j, duration=length, cycle=cycle),
        ]
    return Protocol(tuple(steps), "pressure sweep")


def strip(current: float | str, *, until: float | str = "0.5 V", longest: float | str = "1000 h"
          ) -> Protocol:  # fmt: skip
    """Strip to a cut-off voltage."""
    return Protocol(
        (Step(_current(current), duration=number(longest, "time"),
              stop_voltage=number(until, "potential")),), "strip"
    )  # fmt: skip


def titration(
    current: float | str, *, pulse: float | str, rest: float | str, pulses: int = 20
) -> Protocol:
    """Short pulses with a rest after each, as in a titration."""
    j = _current(current)
    pair = (Step(j, duration=number(pulse, "time")), Step(0.0, duration=number(rest, "time")))
    return replace(Protocol(pair) * pulses, name="titration")
