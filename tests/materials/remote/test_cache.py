"""Answers on disk: pinned, without a network, whole whoever writes, and without a key."""

import json
import threading

import pytest

pytest.importorskip("httpx", reason="databases are asked through httpx: pip install 'anolyte[mp]'")

from anolyte.core.errors import RemoteError
from anolyte.materials.remote import MaterialsProject, ThermoType, cache
from anolyte.materials.remote.cache import Answer, Row
from anolyte.materials.remote.transport import Limits

KEY = "Made0Up1Key2For3Tests4Only5abcde"
SYSTEM = ("Li", "P", "S", "Cl")


def source(service, **more) -> MaterialsProject:
    limits = Limits(silence=0.5, total=2.0, attempts=1)
    return MaterialsProject(KEY, address=service.url, limits=limits, **more)


def test_the_second_answer_needs_no_network_and_no_key(service) -> None:
    fresh = source(service).phases(SYSTEM)
    asked = len(service.asked)
    service.shutdown()
    service.server_close()
    kept = MaterialsProject(address=service.url).phases(reversed(SYSTEM))
    assert len(service.asked) == asked
    assert kept == fresh and kept.digest == fresh.digest
    assert "2025_09_25, asked 20" in kept.origin


def test_an_answer_stays_until_it_is_renewed(service) -> None:
    source(service).phases(SYSTEM)
    service.version = "2026_01_01"
    service.documents[0]["energy_per_atom"] -= 0.5
    pinned = source(service).phases(SYSTEM)
    assert "2025_09_25" in pinned.origin
    renewed = source(service, refresh=True).phases(SYSTEM)
    assert "2026_01_01" in renewed.origin and renewed.digest != pinned.digest
    assert source(service).phases(SYSTEM) == renewed


def test_another_question_is_another_answer(service) -> None:
    source(service).phases(SYSTEM)
    asked = len(service.asked)
    smaller = source(service).phases(("Li", "S"))
    assert len(service.asked) > asked and smaller.elements == ("Li", "S")
    with pytest.raises(RemoteError, match="no entry for the elements"):
        source(service, thermo_type=ThermoType.R2SCAN).phases(("Li", "S"))


def test_what_makes_no_table_is_not_kept(service, tmp_path) -> None:
    service.documents = [d for d in service.documents if d["formula_pretty"] != "P"]
    with pytest.raises(RemoteError, match="no entry for the element P"):
        source(service).phases(SYSTEM)
    assert not list((tmp_path / "cache").glob("*"))


def test_the_key_is_in_no_file(service, tmp_path) -> None:
    source(service).phases(SYSTEM)
    files = list((tmp_path / "cache").iterdir())
    assert len(files) == 1 and files[0].name.startswith("mp-Cl-Li-P-S-")
    assert KEY not in files[0].read_text(encoding="utf-8")


@pytest.mark.parametrize("damage", ["cut", "other number", "not JSON", "other shape", "empty"])
def test_a_damaged_answer_is_asked_for_again(service, tmp_path, damage) -> None:
    whole = source(service).phases(SYSTEM)
    path = next((tmp_path / "cache").iterdir())
    text = path.read_text(encoding="utf-8")
    data = json.loads(text)
    data["answer"]["rows"][0]["energy"] -= 1.0
    path.write_text(
        {"cut": text[:400], "other number": json.dumps(data), "not JSON": "\x00", "empty": "",
         "other shape": json.dumps({"answer": []})}[damage],
        encoding="utf-8",
    )  # fmt: skip
    asked = len(service.asked)
    assert source(service).phases(SYSTEM) == whole
    assert len(service.asked) > asked


def test_a_closed_folder_withholds_no_answer(service, tmp_path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    assert source(service, kept_in=blocked / "below").phases(SYSTEM).rows


def test_many_writers_leave_one_whole_answer(tmp_path) -> None:
    question = {"database": "mp", "system": "Li-S"}
    answers = [Answer("k", str(n), "2026-01-01", (Row("Li", float(n), "x"),) * 300)
               for n in range(8)]  # fmt: skip
    seen = []

    def write(answer: Answer) -> None:
        for _ in range(10):
            assert cache.store(question, answer, tmp_path)
            seen.append(cache.load(question, tmp_path))

    threads = [threading.Thread(target=write, args=(a,)) for a in answers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 80 and all(answer in answers for answer in seen)
    assert [p.suffix for p in tmp_path.iterdir()] == [".json"]


def test_where_answers_are_kept(monkeypatch, tmp_path) -> None:
    assert cache.folder() == tmp_path / "cache"
    monkeypatch.delenv("ANOLYTE_CACHE")
    monkeypatch.setattr("sys.platform", "linux")
    assert cache.folder() == tmp_path / "home" / ".cache" / "anolyte" / "entries"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "x"))
    assert cache.folder() == tmp_path / "x" / "anolyte" / "entries"
