"""The funnel: who is dropped, who never is, and that a broken run changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from anolyte.studies.ledger import Ledger
from anolyte.studies.screen.candidates import Candidate, digest
from anolyte.studies.screen.estimates import Estimate, Judged, Property
from anolyte.studies.screen.funnel import FLAG, Funnel, Tier
from anolyte.studies.screen.ranking import front, rank
from anolyte.studies.screen.targets import Target


@dataclass(frozen=True)
class Numbers:
    """Candidates named by their number."""

    count: int

    @property
    def digest(self) -> str:
        return digest("numbers", self.count)

    def __iter__(self) -> Iterator[Candidate]:
        for k in range(self.count):
            yield Candidate(f"{k}", "LiF", "numbers", flag="not a salt" if k == 7 else "")


@dataclass(frozen=True)
class Reading:
    """Gives each candidate its own number as a property; every fifth is unknown."""

    name: str = "size"
    sigma: float = 1.0
    breaks_at: str = ""

    @property
    def gives(self) -> tuple[Property, ...]:
        return (Property(self.name, "number", "the number"),)

    @property
    def digest(self) -> str:
        return digest(self.name, self.sigma)

    def __call__(self, judged: Sequence[Judged]) -> Sequence[Judged]:
        numbers = [j.candidate.name for j in judged]
        if self.breaks_at in numbers:
            raise RuntimeError("broken")
        values = [None if int(n) % 5 == 0 else float(n) for n in numbers]
        return [
            j.adding([Estimate(self.name, "number", value, self.sigma)])
            for j, value in zip(judged, values, strict=True)
        ]


SIZE = Target("size", "number", 50.0, at_least=True)


def funnel(count: int = 100, *, breaks_at: str = "", spared: float = 0.0, tiers: int = 1) -> Funnel:
    names = ("size", "height", "weight")
    steps = tuple(Tier(n, (Reading(n, breaks_at=breaks_at),), group=10) for n in names[:tiers])
    targets = (SIZE, Target("height", "number", 80.0, at_least=False))
    return Funnel(Numbers(count), steps, targets, spared=spared)


def test_only_who_surely_misses_is_dropped() -> None:
    with Ledger() as ledger:
        f = funnel()
        assert f.run(ledger) == 0
        kept = {int(j.candidate.name) for j in f.finalists(ledger)}
    # P < 5 % is 1.645 sigma below the limit; unknown ones stay whatever they are.
    assert kept == {k for k in range(100) if (k >= 50 - 1.644 or k % 5 == 0) and k != 7}


def test_what_each_tier_did_adds_up_and_says_why() -> None:
    with Ledger() as ledger:
        f = funnel(tiers=2)
        f.run(ledger)
        first, second = f.step(0, ledger), f.step(1, ledger)
        assert first.came == 100 and first.kept + first.dropped == 100
        assert second.came == first.kept
        assert dict(first.reasons) == {"size": first.dropped - 1, FLAG: 1}
        assert dict(second.reasons) == {"height": second.dropped}
        assert "is missed: 1 ± 1" in first.examples[0].because
        # Mean over all that are known, dropped ones too: 80 known, about 39.5 of them meet it.
        assert first.usual["size"] == pytest.approx(40.5 / 80.0, abs=0.01)


def test_a_share_of_the_dropped_goes_on_and_is_never_dropped_later() -> None:
    with Ledger() as ledger:
        f = funnel(2000, spared=0.1, tiers=2)
        f.run(ledger)
        spared = [j for j in f.finalists(ledger) if j.spared]
        step = f.step(0, ledger)
        assert 0.05 < step.spared / (step.spared + step.dropped) < 0.6
        assert len(spared) >= step.spared
        assert "7" not in {j.candidate.name for j in spared}


def test_a_group_that_breaks_is_a_failure_and_mended_later_without_repeats(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    with Ledger(path) as ledger:
        assert funnel(breaks_at="63", tiers=2).run(ledger) == 1
        held = ledger.status()["done"]
    with Ledger(path) as ledger:
        whole = funnel(tiers=2)
        assert whole.run(ledger, retry=True) == 0
        again = {j.candidate.name for j in whole.finalists(ledger)}
        assert ledger.status()["failed"] == 0
        # One group of the first tier and what follows from it in the second; nothing else anew.
        assert ledger.status()["done"] == held + 2
    with Ledger() as ledger:
        whole.run(ledger)
        assert again == {j.candidate.name for j in whole.finalists(ledger)}


def test_other_targets_are_another_question(tmp_path: Path) -> None:
    with Ledger(tmp_path / "s.db") as ledger:
        funnel().run(ledger)
        other = Funnel(Numbers(100), funnel().tiers, (Target("size", "number", 90.0, True),))
        other.run(ledger)
        assert len(list(other.finalists(ledger))) < len(list(funnel().finalists(ledger)))


def judged(name: str, **values: float | None) -> Judged:
    said = tuple(Estimate(n, "number", v, 1.0) for n, v in values.items())
    return Judged(Candidate(name, "LiF", "made"), said)


def test_an_unknown_counts_as_usual_and_stands_behind_an_equal() -> None:
    targets = (SIZE, Target("height", "number", 80.0, at_least=False))
    places = rank(
        [judged("a", size=60.0, height=None), judged("b", size=60.0, height=70.0),
         judged("c", size=50.0, height=70.0)],
        targets, {"height": 0.2},
    )  # fmt: skip
    assert [p.judged.candidate.name for p in places] == ["b", "c", "a"]
    assert places[2].probability == pytest.approx(0.2) and places[2].unknown == 1
    assert places[1].probability == pytest.approx(0.5)


def test_the_front_is_who_nobody_beats_in_everything() -> None:
    targets = (SIZE, Target("height", "number", 80.0, at_least=False))
    exact = [
        Judged(Candidate(n, "LiF", ""), tuple(Estimate(k, "number", v) for k, v in both.items()))
        for n, both in {
            "long": {"size": 9.0, "height": 5.0}, "low": {"size": 3.0, "height": 1.0},
            "beaten": {"size": 2.0, "height": 2.0}, "unknown": {"size": None, "height": 9.0},
        }.items()
    ]  # fmt: skip
    assert list(front(exact, targets)) == [1.0, 1.0, 0.0, 0.0]
    close = [judged("a", size=50.0, height=50.0), judged("b", size=50.1, height=49.9)]
    shares = front(close, targets)
    assert 0.5 < shares[0] < 0.8 and 0.5 < shares[1] < 0.85


def test_a_tier_may_ask_only_the_likeliest_and_loses_none() -> None:
    target = Target("size", "number", 30.0, at_least=True)
    cheap = Tier("cheap", (Reading(sigma=20.0),), group=7)
    dear = Tier("dear", (Reading("weight"),), group=3, most=10)
    funnel = Funnel(Numbers(60), (cheap, dear), (target,), doubt=0.0, spared=0.0)
    with Ledger() as ledger:
        assert funnel.run(ledger) == 0
        asked = {j.candidate.name for j in funnel.finalists(ledger) if j.best("weight")}
        everyone = [j.candidate.name for j in funnel.finalists(ledger)]
    # The ten largest known numbers below 60; every fifth is unknown and counts a half.
    assert asked == {str(n) for n in (47, 48, 49, 51, 52, 53, 54, 56, 57, 58, 59) if n % 5} - {"47"}
    assert sorted(everyone, key=int) == [str(n) for n in range(60) if n != 7]
    with Ledger() as again:
        funnel.run(again)
        assert [j.candidate.name for j in funnel.finalists(again)] == everyone
