"""Dates and durations as instruments write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

LONGEST = 200
"""Characters in which a date stands."""
_MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec"
_TIME = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2}(?:[.,]\d{0,20})?))?\s*([AaPp][Mm])?\s*(Z|[+-]\d{2}:?\d{2})?"
)
_NUMBERS = re.compile(r"(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})")
_NAMED = re.compile(r"(?:(\d{1,2})[-\s]+)?([A-Za-z]{3})[A-Za-z]*[.\s,-]+(?:(\d{1,2}),?\s+)?(\d{4})")
_DURATION = re.compile(
    r"^\s*(?:(\d{1,6})\s*(?:d|days?|[.\s])[,\s]*)?(\d{1,7}):([0-5]?\d):([0-5]?\d(?:[.,]\d{0,20})?)\s*$"
)


def seconds(text: str) -> float | None:
    """A duration as `h:min:s`, with days before it or not; None: it is none.

    >>> seconds("01:02:03.5"), seconds("1d 00:00:10"), seconds("12.5 s")
    (3723.5, 86410.0, None)
    """
    found = _DURATION.match(text)
    if found is None:
        return None
    days, hours, minutes, rest = found.groups()
    return (
        86400.0 * int(days or 0) + 3600.0 * int(hours) + 60.0 * int(minutes)
        + float(rest.replace(",", "."))
    )  # fmt: skip


def all_seconds(cells: Sequence[str]) -> NDArray[np.float64]:
    """Durations of a column, NaN where one is none; those of the usual kind `h:min:s` at once.

    >>> all_seconds(["0:00:01.5", "100:00:00"]), all_seconds(["0:61:00"])
    (array([1.5e+00, 3.6e+05]), array([nan]))
    """
    text = ":".join(cells).replace(",", ".")
    if cells and _PLAIN.issuperset(text) and {c.count(":") for c in cells} == {2}:
        try:
            parts = np.array(list(map(float, text.split(":")))).reshape(-1, 3)
        except ValueError:
            parts = np.full((1, 3), 60.0)
        if parts[:, 1:].max() < 60.0:
            return 3600.0 * parts[:, 0] + 60.0 * parts[:, 1] + parts[:, 2]
    return np.array([seconds(c) for c in cells], dtype=float)


_PLAIN = frozenset("0123456789:.")


def day_first(texts: Iterable[str]) -> bool | None:
    """Whether dates such as `03/04/2024` have the day first; None: none of them shows it.

    Args:
        texts: That begin with a date, or hold nothing else like one.

    >>> day_first(["03/04/2024", "13/04/2024"]), day_first(["03/04/2024", "03/14/2024"])
    (True, False)
    >>> day_first(["03/04/2024", "2024-03-13", "13.04.2024"]) is None
    True
    """
    for text in {t.strip()[:10] for t in texts}:  # few days, many rows
        both = _either(text)
        if both is not None and max(both) > 12:
            return both[0] > 12
    return None


def doubt(text: str, decided: bool | None = None) -> tuple[str, ...]:
    """A sentence where a date may have the day or the month first; else nothing.

    Args:
        text: With the date, read as `moment` does.
        decided: What other dates of the file show.

    >>> doubt("03/04/2024 12:00")[0][:45]
    "'03/04/2024' was read as 4 March 2024; if the"
    >>> doubt("03/14/2024"), doubt("2024-03-04"), doubt("03/04/2024", True)
    ((), (), ())
    """
    both = _either(text)
    day = None if both is None else _day(text)
    if both is None or day is None or decided is not None or max(both) > 12 or both[0] == both[1]:
        return ()
    found = _NUMBERS.search(text)
    return (
        f"'{found[0] if found else text}' was read as {day.day} {day:%B %Y}; if the computer "
        "wrote the day first, the clock of this file is off",
    )


def _either(text: str) -> tuple[int, int] | None:
    """First and second number of a date whose order is not told by its marks."""
    found = _NUMBERS.search(text[:LONGEST])
    if found is None or found[2] == "." or len(found[1]) == 4:
        return None
    return int(found[1]), int(found[3])


def moment(text: str, day_first: bool | None = None) -> float | None:
    """A date with or without a time, s since 1970-01-01 UTC; None: it is none.

    Without a zone it is taken as UTC: the instrument's clock as it stood. `03/04/2024` is the
    fourth of March unless `day_first`, `03.04.2024` the third of April. See `doubt`.

    >>> moment("03/04/2024 12:00:00") == moment("2024-03-04T12:00") == moment("Mar. 4, 2024 12:00")
    True
    >>> moment("12.5") is None
    True
    """
    day = _day(text, bool(day_first))
    if day is None:
        return None
    time = _TIME.search(text[:LONGEST])
    if time is None:
        return day.timestamp()
    return _at(day, time)


def _at(day: datetime, time: re.Match[str]) -> float | None:
    """That time of that day."""
    hours, minutes, rest, half, zone = time.groups()
    hour = int(hours) % 12 + 12 * (half.lower() == "pm") if half else int(hours)
    found = day + timedelta(
        hours=hour, minutes=int(minutes), seconds=float((rest or "0").replace(",", "."))
    )
    if hour > 24 or int(minutes) > 59:
        return None
    if zone and zone != "Z":
        shift = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
        found -= -shift if zone[0] == "-" else shift
    return found.timestamp()


def _day(text: str, day_first: bool = False) -> datetime | None:
    """The first date in a text; the beginning of a long one."""
    text = text[:LONGEST]
    if (found := _NUMBERS.search(text)) is not None:
        first, mark, second, third = found.groups()
        turned = mark == "." or (day_first and int(second) <= 12)
        return _checked(*_order(int(first), int(second), int(third), turned, len(first) == 4))
    if (found := _NAMED.search(text)) is not None:
        before, name, after, year = found.groups()
        month, odd = divmod(_MONTHS.find(name.lower()), 3)
        if not odd and month >= 0 and (before or after):
            return _checked(int(year), month + 1, int(before or after))
    return None


def _order(a: int, b: int, c: int, turned: bool, year_first: bool) -> tuple[int, int, int]:
    """Year, month, day."""
    if year_first:
        return a, b, c
    year = c if c > 99 else 2000 + c
    if turned or a > 12:
        return year, b, a
    return year, a, b


def _checked(year: int, month: int, day: int) -> datetime | None:
    if not 1970 <= year <= 2200:
        return None
    try:
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None
