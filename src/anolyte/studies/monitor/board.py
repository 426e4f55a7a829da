"""What a page shows of a watch: a fold over its decisions that never grows.

Every series keeps at most a few hundred points; when it is full every other one goes, the newest
stay. What was there before a restart comes back from the journal, line by line.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from anolyte.core.result import Level
from anolyte.studies.monitor.decision import WORST, Decision

MOST = 400
"""Points of a series."""
ALARMS = 60
"""Alarms that are shown."""
DRAWN = {"spectrum": "resistance", "half cycle": "resistance", "cycle": "fraction"}
"""Numbers of which kind are drawn, for each kind of card."""
CELLS = 64
"""Cells and files of rows that are shown; the oldest make room."""


@dataclass
class Series:
    """Numbers against time.

    Args:
        kind: Of the numbers.
        time, value, sigma: Of each point.
    """

    kind: str
    time: list[float] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    sigma: list[float] = field(default_factory=list)

    def add(self, time: float, value: float, sigma: float) -> None:
        """A further point; the older ones are thinned where there are too many."""
        for kept, new in ((self.time, time), (self.value, value), (self.sigma, sigma)):
            kept.append(new)
            if len(kept) > MOST:
                del kept[1 : MOST // 2 : 2]


@dataclass
class Card:
    """One cell, or the rows of one file.

    Args:
        name: Of the cell, or of cell and file.
        kind: spectrum | half cycle | cycle.
        count: Decisions so far.
        level: Of the last decision.
        worst: Of all.
        last: The last decision.
        clocked: Whether all times are those of a clock.
        first: Time of the first decision, s.
        series: Name of a number to its series.
        marks: Times of alarms and whether they are bad, newest last.
    """

    name: str
    kind: str
    count: int = 0
    level: Level = Level.GOOD
    worst: Level = Level.GOOD
    last: Decision | None = None
    first: float | None = None
    series: dict[str, Series] = field(default_factory=dict)
    marks: deque[tuple[float, bool]] = field(default_factory=lambda: deque(maxlen=ALARMS))

    def add(self, decision: Decision) -> None:
        """A further decision."""
        self.count += 1
        self.level, self.last = decision.level, decision
        self.worst = max(self.worst, decision.level, key=WORST.index)
        if self.kind == "spectrum" and self.first is None and self.count == 1:
            self.first = decision.time
        at = self._at(decision)
        if decision.alarms:
            bad = any(a.level is Level.BAD for a in decision.alarms)
            self.marks.append((at, bad))
        if decision.kind != self.kind:
            return  # a short within a half cycle has its mark, not a point
        for name, number in decision.numbers.items():
            if number.kind == DRAWN[self.kind] and number.si == number.si:
                kept = self.series.setdefault(name, Series(number.kind))
                kept.add(at, number.si, number.sigma or 0.0)

    @property
    def timed(self) -> bool:
        """Whether it is drawn against time, and not against the number of the spectrum."""
        return self.kind == "half cycle" or bool(self.first)

    def _at(self, decision: Decision) -> float:
        """Hours since the first, where the instrument has a clock; else how many came before."""
        if self.kind == "cycle":
            return float(decision.number)
        if self.kind == "spectrum":
            if not self.timed or decision.time is None:
                return float(self.count)
            return (decision.time - (self.first or 0.0)) / 3600.0
        if self.first is None:
            time = decision.time or 0.0
            self.first = time if time > 1e8 else 0.0  # a clock counts from 1970
        return ((decision.time or 0.0) - self.first) / 3600.0


@dataclass(frozen=True)
class Told:
    """An alarm as it is shown.

    Args:
        key: What repeats it.
        level: Of the alarm.
        name: Of the decision.
        text: A sentence.
        times: In a row.
    """

    key: tuple[str, str, str, Level]
    level: Level
    name: str
    text: str
    times: int


@dataclass
class Board:
    """All cells of a watch.

    Args:
        cards: Name to card, the one that changed last at the end.
        alarms: The last ones, newest first; those that only repeat the one before are counted.
        unread: Files that could not be read, newest first.
        files: How many those are.
    """

    cards: dict[str, Card] = field(default_factory=dict)
    alarms: deque[Told] = field(default_factory=lambda: deque(maxlen=ALARMS))
    unread: deque[str] = field(default_factory=lambda: deque(maxlen=10))
    files: int = 0

    def add(self, decision: Decision) -> None:
        """A further decision."""
        for alarm in decision.alarms:
            key = (decision.cell, decision.kind, alarm.name, alarm.level)
            before = self.alarms.popleft() if self.alarms and self.alarms[0].key == key else None
            text = f"{alarm.name}: {alarm.because}"
            times = 1 if before is None else before.times + 1
            self.alarms.appendleft(Told(key, alarm.level, decision.name, text, times))
        if decision.kind == "file":
            self.files += 1
            self.unread.appendleft(decision.because)
            return
        name, kind = decision.cell, "spectrum"
        if decision.kind != "spectrum":
            name = f"{decision.cell}/{decision.file}".removeprefix("./")
            kind = "cycle" if decision.kind == "cycle" else "half cycle"
        card = self.cards.pop(name + kind, None) or Card(name, kind)
        card.add(decision)
        self.cards[name + kind] = card
        while len(self.cards) > CELLS:
            del self.cards[next(iter(self.cards))]

    @property
    def level(self) -> Level:
        """The worst of what every cell shows now."""
        return max((c.level for c in self.cards.values()), key=WORST.index, default=Level.UNKNOWN)
