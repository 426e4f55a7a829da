"""Mutated evidence and strategy files, and remedies for every pair of the library: no traceback."""

import csv
import io
import math
from pathlib import Path

import numpy as np
import pytest

from anolyte.core.errors import AnolyteError
from anolyte.core.result import Level, decode, encode
from anolyte.materials import evidence
from anolyte.materials.library import DATA, default
from anolyte.materials.schema import Anode, Electrolyte
from anolyte.materials.stack import Conditions, Interface
from anolyte.materials.strategy import strategies
from anolyte.studies.assess import Assessment, assess

ODD = [
    "nan", "1e999", "-1", "", "ohm/cm^2", "mAh/cm^2", "\x00", "\ufeff", "'", "é", "9" * 400, ",",
    "\n", '"', "[[[[", "٣", "{a: [", "!!python/object:os.system x", "1.2.3 C-rate", "°C", "& *a",
]  # fmt: skip


def mutate(text: str, rng: np.random.Generator) -> bytes:
    """A file with a few pieces cut, doubled, exchanged or replaced by odd ones."""
    for _ in range(int(rng.integers(1, 5))):
        i, j = sorted(int(k) for k in rng.integers(0, len(text) + 1, 2))
        piece = ["", text[i : i + 30] * 2, str(rng.choice(ODD)), text[i : i + 30][::-1],
                 chr(int(rng.integers(1, 3000)))][int(rng.integers(5))]  # fmt: skip
        text = text[:i] + piece + text[min(j, i + 12) :]
    return text.encode("utf-8", "replace")


@pytest.mark.campaign
def test_a_mutated_evidence_file_is_read_or_refused_in_one_line(campaign, tmp_path: Path) -> None:
    rng = np.random.default_rng(campaign.seed)
    with evidence.FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    read = refused = 0
    for _ in range(campaign.size(reduced=150, full=10_000)):
        some = [rows[int(k)] for k in rng.integers(0, len(rows), 3)]
        out = io.StringIO()
        writer = csv.DictWriter(out, evidence.COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(some)
        path = tmp_path / "e.csv"
        path.write_bytes(mutate(out.getvalue(), rng))
        try:
            found = evidence.read(path)
        except AnolyteError as error:
            refused += 1
            assert "\n" not in str(error)
            assert len(str(error)) < 2000
            continue
        read += 1
        for record in found:
            assert record.source.key and record.id and math.isfinite(record.value.si)
            assert all(record.protocol for need in record.about.needs
                       if need == "protocol")  # fmt: skip
    assert read and refused
    campaign.record(read=read, refused=refused, tracebacks=0)


@pytest.mark.campaign
def test_a_mutated_strategy_file_is_read_or_refused_in_one_line(campaign, tmp_path: Path) -> None:
    rng = np.random.default_rng(campaign.seed)
    texts = [p.read_text(encoding="utf-8") for p in sorted((DATA / "strategies").glob("*.yaml"))]
    folder = tmp_path / "strategies"
    folder.mkdir()
    ours = len(strategies())
    read = refused = 0
    for i in range(campaign.size(reduced=150, full=10_000)):
        path = folder / f"mine{i}.yaml"
        path.write_bytes(mutate(texts[int(rng.integers(len(texts)))], rng))
        try:
            assert len(strategies((tmp_path,))) >= ours
            read += 1
        except AnolyteError as error:
            refused += 1
            assert "\n" not in str(error)
        path.unlink()
    assert read and refused
    campaign.record(read=read, refused=refused, tracebacks=0)


@pytest.mark.campaign
def test_every_pair_of_the_library_gets_its_remedies(campaign) -> None:
    rng = np.random.default_rng(campaign.seed)
    lib = default()
    pairs = [(e.name, a.name) for e in lib.all(Electrolyte) for a in lib.all(Anode)]
    rng.shuffle(pairs)
    offered = against = tried = 0
    for electrolyte, anode in pairs[: campaign.size(reduced=12, full=len(pairs))]:
        conditions = Conditions(temperature=float(rng.choice([273.15, 298.15, 333.15, 373.15])))
        result = assess(Interface(electrolyte, anode), conditions)
        lacking = {f.concern for f in result.headlines if f.level != Level.GOOD}
        for r in result.remedies:
            assert set(r.wanted) <= lacking
            assert math.isfinite(r.score)
            assert all(0.0 <= c.nearness <= 1.0 and c.weight >= 0.0 for c in r.cases)
        order = [bool(r.against) for r in result.remedies]
        assert order == sorted(order)
        assert decode(Assessment, encode(result)) == result
        tried += 1
        offered += len(result.remedies)
        against += sum(order)
    campaign.record(pairs=tried, remedies=offered, with_a_reason_against=against)
