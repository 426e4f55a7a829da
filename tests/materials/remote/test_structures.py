"""Structures by a filter: from the real reference server to a file, and from there to a screen."""

import json

import pytest

from anolyte.atoms import files
from anolyte.core.errors import AnolyteError, DataError, RemoteError
from anolyte.faces.cli import main
from anolyte.materials.remote.structures import OptimadeStructures

CHLORIDES = 'elements HAS "Li" AND elements HAS "Cl" AND nelements=2'


def test_every_page_is_kept_and_read(optimade_servers, tmp_path) -> None:
    asked = OptimadeStructures(optimade_servers["oqmd"], CHLORIDES, kept_in=tmp_path)
    path = asked.file()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(lines) > 20  # more than the server gives on a page
    assert {line["attributes"]["chemical_formula_reduced"] for line in lines} == {"ClLi"}
    pytest.importorskip("pymatgen")
    found = list(files.read([path]))
    assert len(found) == len(lines)
    assert found[0].crystal is not None and found[0].name.endswith(lines[0]["id"])


def test_an_answer_is_asked_for_once(optimade_servers, tmp_path) -> None:
    asked = OptimadeStructures(optimade_servers["oqmd"], CHLORIDES, kept_in=tmp_path)
    before = asked.file().stat().st_mtime_ns
    assert asked.file().stat().st_mtime_ns == before
    again = OptimadeStructures(asked.address, CHLORIDES, refresh=True, kept_in=tmp_path)
    assert again.file().stat().st_mtime_ns > before
    assert not list(tmp_path.glob("*.writing"))


@pytest.mark.parametrize(
    ("wording", "said"),
    [('elements HAS "Xx" AND nelements=2', "no structure fits"), ("elements HAS", "400")],
)
def test_a_filter_that_finds_nothing_or_is_none_is_one_line(
    optimade_servers, tmp_path, wording, said
) -> None:
    asked = OptimadeStructures(optimade_servers["oqmd"], wording, kept_in=tmp_path)
    with pytest.raises(RemoteError, match=said) as caught:
        asked.file()
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_is_one_line(optimade_servers, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    asked = OptimadeStructures(optimade_servers["oqmd"], CHLORIDES, kept_in=tmp_path / "file")
    with pytest.raises(AnolyteError, match="cannot be written"):
        asked.file()


@pytest.mark.parametrize(
    ("text", "said"),
    [("mp:", "which structures"), ("optimade:oqmd", "write optimade:https"),
     ("optimade:https://a.b", "which structures")],
)  # fmt: skip
def test_what_is_no_query_says_how_one_is_written(text, said) -> None:
    with pytest.raises(DataError, match=said):
        OptimadeStructures.named(text)


def test_structures_of_a_provider_go_through_a_screen(
    optimade_servers, tmp_path, monkeypatch, capsys
) -> None:
    pytest.importorskip("pymatgen")
    monkeypatch.setenv("ANOLYTE_CACHE", str(tmp_path))
    query = f"optimade:{optimade_servers['oqmd']}?filter={CHLORIDES.replace(' ', '+')}"
    asked = ["screen", "--electrolyte", "LLZTO", "--candidates", query, "--through", "tables",
             "--engine", "local", "--json"]  # fmt: skip
    assert main(asked) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["steps"][0]["came"] > 0
    assert data["shortlist"][0]["candidate"]["formula"] == "LiCl"
    assert main([*asked[:4], "mp:", *asked[5:]]) == 2
    assert "which structures" in capsys.readouterr().err
