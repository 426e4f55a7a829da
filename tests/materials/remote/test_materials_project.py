"""The Materials Project: what is asked, what is taken, and that the answers are right."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

pytest.importorskip("httpx", reason="databases are asked through httpx: pip install 'anolyte[mp]'")

from anolyte.core.errors import DataError, RemoteError
from anolyte.laws.equilibrium import lithium_ladder
from anolyte.materials.entries import read_entries
from anolyte.materials.library import default
from anolyte.materials.phases import embedded, merge
from anolyte.materials.remote import MaterialsProject, ThermoType
from anolyte.materials.remote.transport import Limits
from anolyte.materials.stack import Conditions, Interface
from anolyte.models.window import Window

KEY = "Made0Up1Key2For3Tests4Only5abcde"
SYSTEM = ("Li", "P", "S", "Cl")
ELECTROLYTES = ("Li6PS5Cl", "Li3PS4", "Li2S", "LiCl", "Li7PS6")


def source(service, **more) -> MaterialsProject:
    return MaterialsProject(KEY, address=service.url, limits=Limits(attempts=1), **more)


def taken(service) -> list[dict]:
    """The documents that count."""
    return [d for d in service.documents if d["thermo_type"] == "GGA_GGA+U"
            and not d["deprecated"] and "Na" not in d["composition"]]  # fmt: skip


def test_what_is_asked(service) -> None:
    source(service).phases(SYSTEM)
    paths = [urlsplit(path) for path, _ in service.asked]
    assert [p.path for p in paths] == ["/heartbeat", "/materials/thermo/", "/heartbeat"]
    query = {k: v[0] for k, v in parse_qs(paths[1].query).items()}
    systems = query["chemsys"].split(",")
    assert len(systems) == 15 and {"Li", "Cl-Li", "Cl-Li-P-S"} < set(systems)
    assert query["thermo_types"] == "GGA_GGA+U"
    assert "energy_per_atom" in query["_fields"] and "structure" not in query["_fields"]
    assert all(headers["X-API-KEY"] == KEY for _, headers in service.asked)


def test_corrected_energies_are_taken_as_they_are(service) -> None:
    table = source(service).phases(SYSTEM)
    documents = {d["material_id"]: d for d in taken(service)}
    assert {p.name for p in table.rows} == set(documents)
    for phase in table.rows:
        assert phase.energy == documents[phase.name]["energy_per_atom"]
        corrected = phase.energy != documents[phase.name]["uncorrected_energy_per_atom"]
        assert ("-0.5000 eV/atom" in phase.note) == corrected
        atoms = sum(phase.composition.values())
        assert phase.volume == pytest.approx(18.0 * atoms * 6.02214076e-7, rel=1e-9)
    assert table.kind == "Materials Project GGA_GGA+U total energies"
    assert table.origin.startswith("Materials Project 2025_09_25, asked 20")


@pytest.mark.parametrize("page", [1, 3, 14, 15])
def test_pages_are_put_together(service, page) -> None:
    whole = source(service).phases(SYSTEM)
    service.page = page
    assert source(service, refresh=True).phases(SYSTEM) == whole


def test_pages_that_repeat_entries_are_refused(service) -> None:
    """As many as promised, but not all: the hull would lack some."""

    def first_page_again(handler) -> bool:
        query = {k: v[0] for k, v in parse_qs(urlsplit(handler.path).query).items()}
        if int(query.get("_skip", 0)) == 0:
            return False
        handler.send(*handler.thermo(query | {"_skip": "0"}))
        return True

    service.page, service.before = 5, first_page_again
    with pytest.raises(RemoteError, match=r"hold an entry twice, .* \(mp-1000\)"):
        source(service).phases(SYSTEM)


def test_nine_elements_are_asked_in_addresses_of_usual_length(service) -> None:
    elements = ("Li", "P", "S", "Cl", "La", "Zr", "O", "Ta", "Al")
    with pytest.raises(RemoteError, match="no entry for the elements Al, La, O, Ta, Zr"):
        source(service).phases(elements)
    assert max(len(path) for path, _ in service.asked) < 4000
    with pytest.raises(DataError, match="at most 9"):
        source(service).phases((*elements, "Ge"))
    with pytest.raises(DataError, match="which elements"):
        source(service).phases(())


def test_r2scan_is_a_hull_of_its_own(service) -> None:
    for text, spelling in (("Li", "r2SCAN"), ("S", "R2SCAN")):
        found = next(d for d in service.documents if d["formula_pretty"] == text)
        service.documents.append(found | {"thermo_type": spelling, "material_id": f"mp-{text}"})
    table = source(service, thermo_type=ThermoType.R2SCAN).phases(("Li", "S"))
    assert {p.name for p in table.rows} == {"mp-Li", "mp-S", "mp-1093"}
    assert "R2SCAN" in table.kind
    with pytest.raises(DataError, match="one hull needs one kind"):
        merge(embedded(), table.rows, table.kind, table.origin)


def answering(**change):
    """What changes the answer to the question for entries."""

    def answer(handler) -> bool:
        if "thermo" not in handler.path:
            return False
        query = {k: v[0] for k, v in parse_qs(urlsplit(handler.path).query).items()}
        _, data = handler.thermo(query)
        for name, make in change.items():
            data[name] = make(data[name])
        handler.send(200, data)
        return True

    return answer


def without(field: str):
    return lambda data: [{k: v for k, v in d.items() if k != field} for d in data]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"data": lambda d: None}, "without 'data'"),
        ({"data": lambda d: {"0": d}}, "without 'data'"),
        ({"meta": lambda m: None}, "without 'data' and 'total_doc'"),
        ({"meta": lambda m: {"total_doc": None}}, "without 'data' and 'total_doc'"),
        ({"meta": lambda m: {"total_doc": 10**7}}, "10000000 entries, more than the 200000"),
        ({"meta": lambda m: {"total_doc": 40}, "data": lambda d: []}, "ends early, with 0 of 40"),
        ({"meta": lambda m: {"total_doc": 0}, "data": lambda d: []}, "holds no entry of Cl-Li-P-S"),
        ({"data": lambda d: [*d[:-1], "text"]}, "not an object"),
        ({"data": without("energy_per_atom")}, "none of 14 entries can be used.*energy_per_atom"),
        ({"data": without("composition")}, "none of 14 entries .*no composition"),
        ({"data": without("thermo_type")}, "kind None among GGA_GGA"),
        ({"data": lambda d: [*d[:-1], d[-1] | {"thermo_type": "GGA_GGA+U_R2SCAN"}]},
         "kind GGA_GGA.U_R2SCAN among GGA_GGA.U; two kinds share no hull"),
        ({"data": lambda d: [x | {"energy_per_atom": "nan"} for x in d]}, "believable"),
        ({"data": lambda d: [x | {"composition": {"Na": 1}} for x in d]}, "was not asked for"),
        ({"data": lambda d: [x for x in d if x["composition"] != {"Li": 2.0}],
          "meta": lambda m: {"total_doc": 13}}, "no entry for the element Li"),
    ],
)  # fmt: skip
def test_a_changed_interface_is_one_line(service, change, told) -> None:
    service.before = answering(**change)
    with pytest.raises(RemoteError, match=told) as caught:
        source(service).phases(SYSTEM)
    assert "leave out --entries" in str(caught.value) and "\n" not in str(caught.value)


def test_a_few_unusable_entries_are_left_out_and_counted(service) -> None:
    service.before = answering(
        data=lambda d: [x | {"energy_per_atom": None} if "P" in x["composition"]
                        and len(x["composition"]) == 4 else x for x in d]
    )  # fmt: skip
    table = source(service).phases(SYSTEM)
    assert len(table.rows) == 13 and "entries without a usable energy: 1" in table.origin


def test_a_database_renewed_on_the_way_is_refused(service) -> None:
    def renewed(handler) -> bool:
        if "thermo" in handler.path:
            service.version = "2026_01_01"
        return False

    service.before = renewed
    with pytest.raises(RemoteError, match=r"was renewed while it answered \(from 2025_09_25\)"):
        source(service).phases(SYSTEM)


def entries_file(service, path):
    """The same numbers as pymatgen writes them: energies bare, corrections beside."""
    entries = []
    for d in taken(service):
        atoms, bare = d["nsites"], d["uncorrected_energy_per_atom"]
        entries.append({
            "@class": "ComputedEntry", "entry_id": d["material_id"],
            "composition": d["composition"], "energy": bare * atoms,
            "correction": (d["energy_per_atom"] - bare) * atoms,
            "parameters": {"run_type": "GGA"},
        })  # fmt: skip
    path.write_text(json.dumps(entries), encoding="utf-8")
    return path


def test_the_same_numbers_from_a_file_give_the_same_answers(service, tmp_path) -> None:
    remote = source(service).phases(SYSTEM)
    local = read_entries(entries_file(service, tmp_path / "entries.json"))
    lithium = default().anode("Li")
    for text in ELECTROLYTES:
        solid = default().electrolyte(text, as_printed=True)
        asked = Interface(solid, lithium), Conditions()
        ours, theirs = (Window(t)(*asked) for t in (remote, local))
        assert ours.reduction_limit == pytest.approx(theirs.reduction_limit, abs=1e-12)
        assert ours.oxidation_limit == pytest.approx(theirs.oxidation_limit, abs=1e-12)
        assert "Materials Project 2025_09_25, asked" in ours.energies
        composition = solid.composition
        one, other = (lithium_ladder(t, composition) for t in (remote, local))
        steps = [
            [s.potential for s in ladder.reductions + ladder.oxidations] for ladder in (one, other)
        ]
        assert steps[0] == pytest.approx(steps[1], abs=1e-12)


def test_windows_are_pymatgens(service) -> None:
    pytest.importorskip("pymatgen", reason="pymatgen is the oracle of this test")
    from pymatgen.analysis.phase_diagram import PhaseDiagram
    from pymatgen.core import Composition
    from pymatgen.core.entries import ComputedEntry

    remote = source(service).phases(SYSTEM)
    diagram = PhaseDiagram([
        ComputedEntry(
            Composition(d["composition"]),
            d["uncorrected_energy_per_atom"] * d["nsites"],
            correction=(d["energy_per_atom"] - d["uncorrected_energy_per_atom"]) * d["nsites"],
        )
        for d in taken(service)
    ])  # fmt: skip
    lithium = diagram.el_refs[next(e for e in diagram.elements if e.symbol == "Li")].energy_per_atom
    for text in ELECTROLYTES:
        composition = Composition(text)
        ladder = lithium_ladder(remote, {e.symbol: float(n) for e, n in composition.items()})
        hull = diagram.get_hull_energy_per_atom(composition)
        assert ladder.hull_energy == pytest.approx(hull, abs=1e-10)
        profile = diagram.get_element_profile("Li", composition)
        theirs = sorted({round(lithium - step["chempot"], 6) for step in profile[1:]})
        ours = sorted({round(s.potential, 6) for s in ladder.reductions + ladder.oxidations})
        assert [v for v in ours if v > 1e-6] == pytest.approx(
            [v for v in theirs if v > 1e-6], abs=2e-6
        )
