"""What remedies and evidence cost beside plain references in the same run.

Remedies: every strategy tried on the models, against assessing each new cell whole.
Evidence: all records read with units checked and turned into SI, against pandas and pint doing the
same conversions one by one. Equal answers are asserted; CPU time of the process, medians.
"""

import argparse
import statistics
import time

import pandas
import pint

from anolyte.core.errors import AnolyteError
from anolyte.materials import evidence
from anolyte.materials.criteria import criteria
from anolyte.materials.phases import Phases, embedded
from anolyte.materials.stack import Cell, Interface
from anolyte.materials.strategy import strategies
from anolyte.models import installed
from anolyte.studies.diagnosis import ask, headlines
from anolyte.studies.remedies import remedies


def fresh() -> Phases:
    """A table of energies that has answered nothing yet."""
    old = embedded()
    return Phases(**{f: getattr(old, f) for f in old.__dataclass_fields__})


def tried(cell: Cell) -> dict[str, dict]:
    """Levels after each remedy, our way."""
    limits, models = criteria(), installed(fresh())
    answers = ask(models, cell, limits)
    before = {f.concern: f.level for f in headlines(answers)}
    found = {}
    for r in remedies(cell, answers, limits):
        found[r.strategy] = before | {s.concern: s.after for s in (*r.mends, *r.worsens)}
    return found


def plain(cell: Cell, names: list[str]) -> dict[str, dict]:
    """The same by assessing every new cell whole."""
    limits, found = criteria(), {}
    for strategy in strategies():
        if strategy.name in names:
            try:
                after = strategy.apply(cell)
            except AnolyteError:  # it scales a property that nobody knows
                continue
            answers = ask(installed(fresh()), after, limits)
            found[strategy.name] = {f.concern: f.level for f in headlines(answers)}
    return found


def by_pint() -> list[float]:
    """Values of all records in SI, by pandas and pint."""
    registry = pint.UnitRegistry(autoconvert_offset_to_baseunit=True)
    frame = pandas.read_csv(evidence.FILE, dtype=str, keep_default_na=False)
    words = {"%": "percent", "mAh": "mA*hour", "uAh": "uA*hour", "Wh": "W*hour", "C": "degC"}
    values = []
    for value, unit in zip(frame["value"], frame["unit"], strict=True):
        text = words.get(unit, unit)
        for word in ("mAh", "uAh", "Wh"):
            text = text.replace(word, words[word])
        quantity = registry.Quantity(float(value), text.replace("^", "**") or "1")
        values.append(quantity.to_base_units().magnitude)
    return values


def seconds(task, rounds: int) -> float:
    """Median CPU time of a task."""
    times = []
    for _ in range(rounds):
        begin = time.process_time()
        task()
        times.append(time.process_time() - begin)
    return statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    cell = Cell(Interface("LLZTO", "Li"))
    ours = tried(cell)
    theirs = plain(cell, list(ours))
    differ = []
    for name, levels in theirs.items():
        for concern, level in levels.items():
            known = {str(level), str(ours[name][concern])}
            if len(known) > 1 and "unknown" not in known:
                differ.append((name, concern))
    if differ:
        raise SystemExit(f"not the same levels: {differ}")
    quick = seconds(lambda: tried(cell), rounds)
    slow = seconds(lambda: plain(cell, list(ours)), max(1, rounds // 2))
    print(f"{len(ours)} remedies of {cell.interface}: {quick:.2f} s, {slow / quick:.1f} times less "
          "than assessing each new cell whole")  # fmt: skip
    evidence.read(evidence.FILE)
    records = evidence.read(evidence.FILE)
    own = seconds(lambda: evidence.read(evidence.FILE), rounds)
    reference = seconds(by_pint, max(1, rounds // 2))
    ratio = reference / own
    print(f"{len(records)} records read whole, checked, in SI: {own * 1000:.0f} ms")
    print(f"{ratio:.0f} times less than pandas and pint for the values alone")


if __name__ == "__main__":
    main()
