"""Maps of safe operation: their grid, their probabilities, going on after a stop, failed points."""

import json
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

import anolyte
from anolyte.core.errors import AnolyteError, DataError
from anolyte.core.result import decode, encode
from anolyte.laws.voids import Closing, ExponentialLoss
from anolyte.materials.library import Library
from anolyte.materials.protocol import Protocol, Step, cycling
from anolyte.studies import maps
from anolyte.studies.cell import Cell
from anolyte.studies.ledger import Ledger
from anolyte.studies.maps import OUTCOMES, SAFE, OperatingMap, operating_map

SHORT = cycling(1.0, time=1200.0, cycles=2)
CURRENT, PRESSURE = ("0.1 mA/cm2", "5 mA/cm2"), ("1 MPa", "10 MPa")


@pytest.fixture(scope="module")
def cell() -> Cell:
    return Cell("Li6PS5Cl", "Li", pressure="5 MPa", capacity="0.5 mAh/cm2")


@pytest.fixture(scope="module")
def found(cell) -> OperatingMap:
    return cell.map(current=CURRENT, pressure=PRESSURE, n=36 * 16, draws=16, protocol=SHORT)


@pytest.fixture
def small_chunks(monkeypatch):
    """Chunks of 20 runs, so that a small map has many."""
    monkeypatch.setattr(maps, "CHUNK", 20)


# --- what a map is --------------------------------------------------------------------------------


def test_the_grid_spans_the_ends(found) -> None:
    assert found.shape == (6, 6, 1) and found.runs == 576 and found.draws == 16
    assert found.current_density[0] == pytest.approx(1.0)
    assert found.current_density[-1] == pytest.approx(50.0)
    assert found.stack_pressure[0] == pytest.approx(1e6)
    assert found.stack_pressure[-1] == pytest.approx(1e7)
    steps = np.diff(np.log(found.current_density))
    np.testing.assert_allclose(steps, steps[0])
    assert found.temperature == (298.15,)


def test_probabilities_are_shares_of_the_draws_and_sum_to_one(found) -> None:
    table = np.reshape(found.probability, (36, len(OUTCOMES)))
    np.testing.assert_allclose(table.sum(axis=1), 1.0, atol=1e-3)
    np.testing.assert_allclose(table * 16, np.round(table * 16), atol=1e-2)
    assert found.unknown == 0 and (found.share("not converged") == 0.0).all()
    assert sum(found.share(o).sum() for o in OUTCOMES) == pytest.approx(36.0, abs=1e-2)


def test_safety_falls_with_current_and_rises_with_pressure(found) -> None:
    safe = found.share()[:, :, 0]
    assert (np.diff(safe, axis=0) <= 1e-9).all() and (np.diff(safe, axis=1) >= -1e-9).all()
    assert safe[0, -1] == 1.0 and safe[-1, 0] < 0.2
    assert ((0.05 < safe) & (safe < 0.95)).any()  # a band, not a line


def test_the_best_values_are_those_of_a_run_alone(cell, found) -> None:
    best = np.reshape(found.best, found.shape)
    contact = np.reshape(found.contact, found.shape)
    for i in range(0, 6, 2):
        for k in range(0, 6, 2):
            j, p = found.current_density[i], found.stack_pressure[k]
            one = Cell("Li6PS5Cl", "Li", pressure=p).run(cycling(j, time=1200.0, cycles=2))
            name = OUTCOMES[best[i, k, 0]]
            assert (name == SAFE) == (one.end is None)
            if one.end is not None:
                assert name.startswith("filament") == (one.end.kind == "crack")
            least = min(min(one.contact), min(one.counter_contact))
            assert contact[i, k, 0] == pytest.approx(least, rel=0.05)


def test_the_same_seed_gives_the_same_map_and_another_a_like_one(cell, found) -> None:
    options = {"current": CURRENT, "pressure": PRESSURE, "n": 576, "draws": 16, "protocol": SHORT}
    assert cell.map(**options) == found
    other = cell.map(**options, seed=1)
    assert other.probability != found.probability and other.best == found.best
    assert np.abs(other.share() - found.share()).mean() < 0.2


def test_chunks_do_not_change_a_map(cell, found, small_chunks) -> None:
    again = cell.map(current=CURRENT, pressure=PRESSURE, n=576, draws=16, protocol=SHORT)
    assert again == found


def test_one_draw_is_the_best_values_alone(cell, found) -> None:
    sharp = cell.map(current=CURRENT, pressure=PRESSURE, n=36, draws=1, protocol=SHORT)
    assert sharp.best == found.best and set(sharp.probability) == {0.0, 1.0}


def test_other_axes_and_single_values(cell) -> None:
    warm = cell.map(temperature=("0 C", "60 C"), current="1 mA/cm2", n=5, draws=1, protocol=SHORT)
    assert warm.shape == (1, 1, 5) and warm.current_density == (10.0,)
    np.testing.assert_allclose(np.diff(warm.temperature), 15.0)
    assert warm.stack_pressure == (5e6,)
    three = cell.map(pressure=[1e6, 9e6, 4e6], n=3, draws=1, protocol=SHORT)
    assert three.stack_pressure == (1e6, 4e6, 9e6) and three.shape == (1, 3, 1)
    assert three.current_density == (abs(cell.conditions.current_density),)
    zero = cell.map(pressure=("0 MPa", "4 MPa"), n=5, draws=1, protocol=SHORT)
    assert zero.stack_pressure == pytest.approx((0.0, 1e6, 2e6, 3e6, 4e6))


@pytest.mark.parametrize(
    ("axes", "n", "side"),
    [(1, 50, 50), (2, 49, 7), (3, 27, 3), (3, 125, 5)],
)
def test_a_map_has_the_nodes_that_were_asked_for(cell, axes, n, side) -> None:
    given = {"current": CURRENT, "pressure": PRESSURE, "temperature": ("0 C", "60 C")}
    some = dict(list(given.items())[:axes])
    tiny = Protocol((Step(1.0, duration=60.0),))
    made = cell.map(**some, n=2 * n, draws=2, protocol=tiny)
    assert [s for s in made.shape if s > 1] == [side] * axes and made.runs <= 2 * n


def test_the_default_protocol_passes_the_capacity_of_the_conditions(cell) -> None:
    made = cell.map(current=(1.0, 2.0), n=2, draws=1)
    assert "20 steps" in made.protocol
    thick = Cell("Li6PS5Cl", "Li", pressure="3 MPa", capacity="5 mAh/cm2")
    thin = Cell("Li6PS5Cl", "Li", pressure="3 MPa", capacity="0.05 mAh/cm2")
    contacts = [c.map(current=(5.0, 6.0), n=2, draws=1).contact for c in (thick, thin)]
    assert max(contacts[0]) < min(contacts[1])


def test_a_cells_own_laws_and_attach_pressure_are_heard(cell) -> None:
    options = {"current": (5.0, 50.0), "pressure": 3e6, "n": 6, "draws": 1, "protocol": SHORT}
    plain = cell.map(**options)
    steep = Cell("Li6PS5Cl", "Li", laws={"loss": ExponentialLoss(0.2e-6)}).map(**options)
    assert sum(steep.contact) < sum(plain.contact)
    loose = Cell("Li6PS5Cl", "Li", attach_pressure="0.5 MPa").map(**options)
    assert loose.contact[0] < plain.contact[0]


# --- files and tables -----------------------------------------------------------------------------


def test_a_map_is_saved_and_read_back(found, tmp_path) -> None:
    assert decode(OperatingMap, encode(found)) == found
    anolyte.save(found, tmp_path / "map.json")
    assert anolyte.load(tmp_path / "map.json") == found


def test_rows_are_one_a_node(found) -> None:
    rows = found.rows()
    assert len(rows) == 36
    assert rows[0]["pressure [MPa]"] == pytest.approx(1.0)
    assert rows[0]["current [mA cm⁻²]"] == pytest.approx(0.1)
    for row, safe in zip(rows, found.share().ravel(), strict=True):
        assert row["safe [%]"] == pytest.approx(100.0 * safe)
        assert row["with best values"] in OUTCOMES


def test_xarray_has_labelled_axes_in_si(found) -> None:
    data = found.to_xarray()
    assert data.probability.dims == ("current_density", "stack_pressure", "temperature", "outcome")
    assert data.probability.shape == (6, 6, 1, len(OUTCOMES))
    np.testing.assert_allclose(data.stack_pressure, found.stack_pressure)
    one = data.probability.sel(outcome=SAFE).isel(current_density=0, stack_pressure=5)
    assert float(one.item()) == found.share()[0, 5, 0]
    assert data.attrs["draws"] == 16 and set(data) == {"probability", "best", "contact"}


# --- going on after a stop ------------------------------------------------------------------------

ASKED = {"current": CURRENT, "pressure": PRESSURE, "n": 200, "draws": 8, "protocol": SHORT}


def by_run(ledger: Ledger) -> dict[int, int]:
    """How many chunks each run of a ledger has done."""
    return dict(ledger._all("SELECT run, count(*) FROM task GROUP BY run ORDER BY run"))


def test_a_stopped_map_goes_on_and_redoes_nothing(cell, tmp_path, small_chunks) -> None:
    whole = cell.map(**ASKED)
    told = []

    def stop(done, total, what):
        told.append((done, total))
        if done == 4:
            raise KeyboardInterrupt

    with Ledger(tmp_path / "map.db") as ledger:
        with pytest.raises(KeyboardInterrupt):
            cell.map(**ASKED, ledger=ledger, progress=stop)
        assert by_run(ledger) == {1: 4} and told[-1] == (4, 10)
    with Ledger(tmp_path / "map.db") as ledger:
        resumed = cell.map(**ASKED, ledger=ledger)
        assert by_run(ledger) == {1: 4, 2: 6}
        assert cell.map(**ASKED, ledger=ledger) == resumed == whole
        assert by_run(ledger) == {1: 4, 2: 6}


def test_another_question_is_not_answered_from_the_ledger(cell, small_chunks) -> None:
    with Ledger() as ledger:
        first = cell.map(**ASKED, ledger=ledger)
        alike = {"pressure": "5 MPa", "capacity": "0.5 mAh/cm2"}  # as the cell of this file
        other = Cell("Li6PS5Cl", "Li", **alike, laws={"loss": ExponentialLoss(0.2e-6)})
        loose = Cell("Li6PS5Cl", "Li", **alike, attach_pressure="1 MPa")
        thick = Cell("Li6PS5Cl", "Li", **alike, thickness="1 mm")
        for c, changed in (
            (other, {}), (loose, {}), (thick, {}), (cell, {"seed": 1}),
            (cell, {"draws": 4, "n": 100}),
            (cell, {"protocol": cycling(1.0, time=600.0, cycles=2)}),
            (cell, {"current": (1.0, 2.0)}),
        ):  # fmt: skip
            asked = ASKED | changed
            fresh = c.map(**asked)
            assert c.map(**asked, ledger=ledger) == fresh
        assert cell.map(**ASKED, ledger=ledger) == first


def test_changed_files_of_ones_own_are_another_question(tmp_path) -> None:
    folder = tmp_path / "mine"
    (folder / "interfaces").mkdir(parents=True)
    text = (
        "name: mine\nelectrolyte: [Li6PS5Cl]\nanode: [Li]\nproperties:\n  void_depth:\n"
        "    - {{value: {} um, source: zhu2015, known: read}}\n"
    )
    asked = {"current": (5.0, 50.0), "n": 6, "draws": 1, "protocol": SHORT}
    with Ledger(tmp_path / "map.db") as ledger:
        found = []
        for depth in ("0.1", "50"):
            path = folder / "interfaces" / "mine.yaml"
            path.write_text(text.format(depth))
            mine = Cell("Li6PS5Cl", "Li", pressure="3 MPa", lib=Library((folder,)))
            found.append(mine.map(**asked, ledger=ledger))
            assert found[-1] == mine.map(**asked)
    assert found[0].contact != found[1].contact


# --- points that fail -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Fails:
    """A void law that is no number, or raises, under the pressures of some nodes."""

    above: float
    raises: bool = False
    references: ClassVar[tuple[str, ...]] = ()
    ranges: ClassVar[dict] = {}

    def closing(self, pressure, temperature) -> Closing:
        high = np.asarray(pressure) > self.above
        if self.raises and high.any():
            raise RuntimeError("no such pressure")
        return Closing(steady=np.where(high, np.nan, 1e-10))


def failing(**options) -> tuple[OperatingMap, OperatingMap]:
    """A map some of whose nodes fail, and the same where none does."""
    asked = {"pressure": PRESSURE, "current": "0.5 mA/cm2", "n": 40, "draws": 4, "protocol": SHORT}
    made = []
    for above in (5e6, 1e9):
        c = Cell("Li6PS5Cl", "Li", laws={"voids": Fails(above, **options)})
        c = Cell("Li6PS5Cl", "Li", pressure=1e6, laws=c.laws)
        made.append(operating_map(c, **asked))
    return made[0], made[1]


def check(bad: OperatingMap, good: OperatingMap) -> None:
    high = np.array(bad.stack_pressure) > 5e6
    unknown = bad.share("not converged")[0, :, 0]
    np.testing.assert_array_equal(unknown, high.astype(float))
    assert bad.unknown == 4 * high.sum() and good.unknown == 0 and 0 < high.sum() < 10
    table = np.reshape(bad.probability, (10, -1))[~high]
    np.testing.assert_array_equal(table, np.reshape(good.probability, (10, -1))[~high])
    np.testing.assert_array_equal(np.array(bad.best)[~high], np.array(good.best)[~high])


def test_a_point_that_cannot_be_followed_is_unknown_and_leaves_the_others() -> None:
    check(*failing())


def test_a_chunk_that_raises_is_unknown_and_leaves_the_others(monkeypatch) -> None:
    monkeypatch.setattr(maps, "CHUNK", 4)
    check(*failing(raises=True))


def test_failed_points_are_no_nan_in_json(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(maps, "CHUNK", 4)
    bad, _ = failing(raises=True)

    def refuse(name):
        raise AssertionError(f"{name} in JSON")

    text = json.dumps(bad.to_dict())
    json.loads(text, parse_constant=refuse)
    anolyte.save(bad, tmp_path / "m.json")
    assert anolyte.load(tmp_path / "m.json").to_dict() == bad.to_dict()


# --- refusals -------------------------------------------------------------------------------------

REFUSED = {
    "no axis": {},
    "one value only": {"pressure": "5 MPa"},
    "equal ends": {"pressure": ("5 MPa", "5 MPa")},
    "negative": {"pressure": (-1e6, 1e6)},
    "negative text": {"pressure": ("-1 MPa", "5 MPa")},
    "negative current": {"current": ("-1 mA/cm2", "5 mA/cm2")},
    "wrong unit": {"pressure": ("1 mA/cm2", "5 mA/cm2")},
    "no number": {"pressure": ("low", "high")},
    "NaN": {"pressure": (float("nan"), 1e6)},
    "infinite": {"pressure": (1e6, float("inf"))},
    "empty": {"pressure": ()},
    "fewer runs than draws": {"pressure": PRESSURE, "n": 10, "draws": 64},
    "no draws": {"pressure": PRESSURE, "draws": 0},
    "no runs": {"pressure": PRESSURE, "n": 0},
    "absolute zero": {"temperature": ("0 K", "300 K")},
    "zero current": {"current": (0.0, 0.0)},
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_axis_that_makes_no_sense_is_refused_in_one_line(cell, name) -> None:
    with pytest.raises(AnolyteError) as caught:
        cell.map(**({"n": 8, "draws": 1, "protocol": SHORT} | REFUSED[name]))
    assert "\n" not in str(caught.value)


def test_a_host_is_refused_before_any_run() -> None:
    with pytest.raises((DataError, AnolyteError), match="plated metal"):
        Cell("Li6PS5Cl", "Si").map(pressure=PRESSURE, n=8, draws=1, protocol=SHORT)
