"""OPTIMADE: the reference server itself, and a server that breaks the standard."""

import json
import time
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

pytest.importorskip("httpx", reason="databases are asked through httpx: pip install 'anolyte[mp]'")

from anolyte.core.errors import RemoteError
from anolyte.laws.equilibrium import lithium_ladder
from anolyte.materials.entries import read_entries
from anolyte.materials.remote import EnergyField, Optimade
from anolyte.materials.remote.optimade import SYMBOLS, known_fields
from anolyte.materials.remote.transport import Limits

PAGE = Path(__file__).parents[3] / "docs" / "howto" / "energies_from_databases.md"
SYSTEM = ("Li", "P", "S", "Cl")
QUICK = Limits(silence=2.0, total=10.0, attempts=1)
# Formation energies that conftest.py gives the reference server, eV per atom.
FORMATION = {
    "Li": 0.0, "P": 0.0, "S": 0.0, "Cl": 0.0, "Li2S": -1.38, "Li3P": -0.70, "LiCl": -2.02,
    "P2S5": -0.36, "P4S3": -0.17, "Li3PS4": -0.97, "Li7PS6": -1.04, "Li6PS5Cl": -1.13,
    "Li2PS3": -0.87,
}  # fmt: skip


# --- the reference server -----------------------------------------------------------------------


def test_the_reference_server_gives_the_hull(optimade_servers, tmp_path) -> None:
    table = Optimade(optimade_servers["oqmd"]).phases(SYSTEM)
    assert len(table.rows) == 44 and table.elements == ("Cl", "Li", "P", "S")
    assert "entries without a usable energy: 1" in table.origin
    assert "newest entry 2025-0" in table.origin and "formation energies, PBE" in table.kind
    for text, energy in FORMATION.items():
        found = table.find({**read_formula(text)})
        assert found is not None and found.energy == energy
        atoms = sum(found.composition.values())
        assert found.volume == pytest.approx(18.0 * atoms * 6.02214076e-7, rel=1e-9)
    path = tmp_path / "same.csv"
    lines = [f"{text},{energy},made,made formation energies" for text, energy in FORMATION.items()]
    path.write_text("\n".join(["formula,energy_eV_per_atom,source,kind", *lines]), encoding="utf-8")
    local = read_entries(path)
    for text in ("Li6PS5Cl", "Li3PS4", "LiCl"):
        one, other = (lithium_ladder(t, read_formula(text)) for t in (table, local))
        assert [s.potential for s in one.reductions] == pytest.approx(
            [s.potential for s in other.reductions], abs=1e-12
        )


def read_formula(text: str) -> dict[str, float]:
    from anolyte.materials import formula

    return formula.parse(text)


@pytest.mark.parametrize("tail", ["", "/", "/v1", "/v1/", "/v1/structures", "/v1.2"])
def test_an_address_may_be_written_in_several_ways(optimade_servers, tail) -> None:
    assert Optimade(optimade_servers["oqmd"] + tail).phases(("Li", "S")).elements == ("Li", "S")


def test_what_is_asked_for_is_all_that_comes(optimade_servers) -> None:
    table = Optimade(optimade_servers["oqmd"]).phases(("Li", "Cl"))
    assert {p.formula for p in table.rows} == {"Li", "Cl", "LiCl"}


def test_an_answer_works_offline(optimade_servers, monkeypatch) -> None:
    url = optimade_servers["oqmd"]
    fresh = Optimade(url).phases(("Li", "S"))
    monkeypatch.setattr(
        "anolyte.materials.remote.optimade.Service", lambda *_, **__: pytest.fail("asked")
    )
    assert Optimade(url).phases(("S", "Li")) == fresh


def test_a_provider_without_a_known_energy_is_told_of(optimade_servers) -> None:
    with pytest.raises(RemoteError, match=r"'exmpl' keeps no energy .*it has _exmpl_delta_e") as e:
        Optimade(optimade_servers["exmpl"]).phases(SYSTEM)
    assert "leave out --entries" in str(e.value)
    named = EnergyField("_exmpl_delta_e", "made formation energies", source="this test")
    table = Optimade(optimade_servers["exmpl"], named).phases(SYSTEM)
    assert table.kind.endswith("made formation energies") and len(table.rows) == 44


def test_elements_without_an_entry_are_refused(optimade_servers) -> None:
    with pytest.raises(RemoteError, match="no entry for the element Zr"):
        Optimade(optimade_servers["oqmd"]).phases(("Li", "Zr"))
    with pytest.raises(RemoteError, match="holds no entry of Fr"):
        Optimade(optimade_servers["oqmd"]).phases(("Fr",))


# --- a server that breaks the standard ----------------------------------------------------------

INFORMATION = {
    "data": {"properties": {"_oqmd_delta_e": {"description": "", "unit": "eV/atom"}}},
    "meta": {"api_version": "1.1.0", "provider": {"prefix": "oqmd"},
             "database": {"version": "v1.6"}},
}  # fmt: skip


def entry(text: str, energy: object, index: int, **more) -> dict:
    attributes = {"chemical_formula_reduced": text, "_oqmd_delta_e": energy, "nsites": None,
                  "lattice_vectors": None}  # fmt: skip
    return {"id": str(index), "type": "structures", "attributes": attributes | more}


def page(**more) -> dict:
    data = [entry("Li", 0.0, 1), entry("S", 0.0, 2), entry("Li2S", -1.4, 3)]
    return {"data": data, "links": {"next": None},
            "meta": {"data_returned": 3, "more_data_available": False}} | more  # fmt: skip


def playing(structures, information=INFORMATION):
    """What answers as a provider does, from given answers."""

    def answer(handler) -> bool:
        path = urlsplit(handler.path).path
        found = information if path.endswith("/info/structures") else structures
        found = found(handler) if callable(found) else found
        handler.send(*(found if isinstance(found, tuple) else (200, found)))
        return True

    return answer


def asked(service, structures, information=INFORMATION, elements=("Li", "S")):
    service.before = playing(structures, information)
    return Optimade(service.url, limits=QUICK).phases(elements)


def changed(**more) -> dict:
    return json.loads(json.dumps(INFORMATION)) | more


@pytest.mark.parametrize(
    ("structures", "information", "told"),
    [
        (page(data=None), INFORMATION, "without 'data'"),
        (page(data=[{"id": 1}]), INFORMATION, "an entry has no attributes"),
        (page(data=[]), INFORMATION, "ends early, with 0 of 3"),
        (page(data=[], meta={}), INFORMATION, "holds no entry of Li-S"),
        (page(meta={"data_returned": 9}), INFORMATION, "ends early, with 3 of 9"),
        (page(meta={"more_data_available": True}), INFORMATION, "ends early, with 3 of more"),
        (page(links={"next": "https://example.org/v1/structures?x"}), INFORMATION,
         "points to another host"),
        (page(links={"next": 7}), INFORMATION, "go in circles"),
        (page(links={"next": "http://["}), INFORMATION, "points to another host"),
        (page(data=[entry("Li", None, 1)], meta={}), INFORMATION,
         "none of 1 entries can be used, the first: OPTIMADE 1: no energy in _oqmd_delta_e"),
        (page(data=[entry("Li", 0.0, 1), entry("S", "x", 2)], meta={}), INFORMATION,
         "no entry for the element S"),
        (page(data=[entry("NaCl", 0.0, 1)], meta={}), INFORMATION, "NaCl was not asked for"),
        (page(data=[entry("Li?", 0.0, 1)], meta={}), INFORMATION, "none of 1 entries can be used"),
        (page(), {}, "no OPTIMADE interface"),
        (page(), {"data": []}, "no OPTIMADE interface"),
        (page(), changed(data={"properties": {}}), "keeps no energy in a field that is known"),
        (page(), changed(data={"properties": {"_oqmd_delta_e": {"unit": "kJ/mol"}}}),
         "_oqmd_delta_e is in 'kJ/mol', not in eV/atom"),
        (page(), changed(meta={"provider": {"prefix": "oqmd"}}), "version '' of OPTIMADE"),
        (page(), changed(meta={"api_version": "2.0.0", "provider": {"prefix": "oqmd"}}),
         "version '2.0.0' of OPTIMADE; version 1 is understood"),
        ((500, {}), INFORMATION, "a fault of its own"),
        ((404, {}), INFORMATION, "no such address"),
        (page(), (404, {}), r"no OPTIMADE database of version 1 is there \(404"),
        ((400, {"errors": [{"detail": "no\nsuch filter"}]}), INFORMATION, "400: no such filter"),
    ],
)  # fmt: skip
def test_a_broken_standard_is_one_line(service, structures, information, told) -> None:
    with pytest.raises(RemoteError, match=told) as caught:
        asked(service, structures, information)
    assert "leave out --entries" in str(caught.value) and "\n" not in str(caught.value)


def test_pages_in_circles_end(service) -> None:
    def round_and_round(handler):
        number = len(service.asked)
        return page(data=[entry("Li", 0.0, number)],
                    links={"next": f"{service.url}/v1/structures?page=1"})  # fmt: skip

    with pytest.raises(RemoteError, match="go in circles"):
        asked(service, round_and_round)


def test_pages_without_end_end(service) -> None:
    def on_and_on(handler):
        number = len(service.asked)
        data = [entry("Li", 0.0, 9 * number + i) for i in range(9)]
        return page(data=data, links={"next": {"href": f"{service.url}/v1/structures?n={number}"}})

    service.before = playing(on_and_on)
    limits = Limits(requests=20)
    with pytest.raises(RemoteError, match="more than 20 requests"):
        Optimade(service.url, limits=limits).phases(("Li", "S"))
    with pytest.raises(RemoteError, match="more than the 50 entries"):
        Optimade(service.url, limits=Limits(entries=50)).phases(("Li", "S"))


def test_pages_that_repeat_entries_are_refused(service) -> None:
    """As many as promised, but not all: the hull would lack some."""
    more = page(links={"next": "?n=2"}, meta={"data_returned": 5})
    with pytest.raises(RemoteError, match=r"hold an entry twice, .* \(1\)"):
        asked(service, lambda handler: page() if "n=2" in handler.path else more)


@pytest.mark.parametrize("following", ["/v1/structures?n=2", "?n=2", {"href": "structures?n=2"}])
def test_pages_are_put_together_with_a_rest_between_them(service, following) -> None:
    def two(handler):
        whole = page()
        first, last = whole["data"][:2], whole["data"][2:]
        if "n=2" in handler.path:
            return whole | {"data": last}
        meta = {"data_returned": 3, "more_data_available": True, "request_delay": 0.2}
        return whole | {"data": first, "links": {"next": following}, "meta": meta}

    begun = time.monotonic()
    assert len(asked(service, two).rows) == 3
    assert 0.2 <= time.monotonic() - begun < 3.0


def test_a_rest_longer_than_there_is_time_is_told(service) -> None:
    greedy = page(links={"next": "?n=2"}, meta={"request_delay": 1e9})
    with pytest.raises(RemoteError, match="wants a rest between its pages; .* the 10 s allowed"):
        asked(service, greedy)


def test_a_provider_that_lacks_has_only_is_asked_in_other_words(service) -> None:
    filters = []

    def old(handler):
        query = parse_qs(urlsplit(handler.path).query)
        filters.append(query["filter"][0])
        if "HAS ONLY" in filters[-1]:
            return 501, {"errors": [{"detail": "not implemented"}]}
        return 403 if "page_limit" in query else 200, page()

    assert asked(service, old).origin.startswith("OPTIMADE 127.0.0.1")
    assert len(filters) == 4
    assert filters[-1].startswith('NOT (elements HAS ANY "H", "He", "Be"')
    for element in ("Li", "S"):
        assert f'"{element}"' not in filters[-1]
    assert f'"{element}"' not in unquote(filters[-1])


def test_nested_energies_are_found_whatever_their_case(service) -> None:
    def energies(value):
        return {"_mp_stability": {"GGA_GGA+U": {"formation_energy_per_atom": value},
                                  "r2scan": {"formation_energy_per_atom": -99.0}}}  # fmt: skip

    data = [entry("Li", 0, 1, **energies(0.0)), entry("S", 0, 2, **energies(0.0)),
            entry("Li2S", 0, 3, **energies(-1.4)),
            entry("LiS", 0, 4, _mp_stability={})]  # fmt: skip
    information = changed(
        data={"properties": {"_mp_stability": {}}},
        meta={"api_version": "1.2.0", "provider": {"prefix": "mp"}},
    )
    table = asked(service, page(data=data, meta={}), information)
    assert {p.formula: p.energy for p in table.rows} == {"Li": 0.0, "S": 0.0, "Li2S": -1.4}
    assert "entries without a usable energy: 1" in table.origin


def test_phases_without_an_energy_are_named(service) -> None:
    """A hull that lacks them tells so: their absence widens windows."""
    data = [*page()["data"], entry("LiS2", None, 4), entry("Li2S", None, 5),
            entry("Li8S4", None, 6), entry("S3Li", "x", 7), entry("Li?", 1.0, 8),
            entry("NaCl", None, 9)]  # fmt: skip
    for refresh in (False, True):  # asked, and then from disk
        service.before = (lambda handler: False) if refresh else playing(page(data=data, meta={}))
        origin = Optimade(service.url, limits=QUICK).phases(("Li", "S")).origin
        assert origin.endswith("usable energy: 6, so that the hull lacks LiS2, LiS3")


def test_no_password_of_an_address_is_shown(service) -> None:
    host = service.url.removeprefix("http://")
    for odd in (f"http://me:hush@{host}", f"{service.url}?api_key=hush", f"{service.url}#hush"):
        with pytest.raises(RemoteError, match="is not an address") as caught:
            Optimade(odd, limits=QUICK).phases(("Li", "S"))
        assert "hush" not in str(caught.value)
    assert service.asked == []


def test_the_version_is_the_databases_own_where_it_says_one(service) -> None:
    assert " v1.6, asked 20" in asked(service, page()).origin


def test_the_table_of_fields_is_sound() -> None:
    for prefix, fields in known_fields().items():
        for known in fields:
            assert known.field.startswith(f"_{prefix}_")
            assert known.kind and known.source
            assert known.known in ("read", "second_hand")
            assert f"| `{prefix}` | `{known.field}`" in PAGE.read_text(encoding="utf-8")


def test_there_are_118_elements() -> None:
    assert len(SYMBOLS) == len(set(SYMBOLS)) == 118
