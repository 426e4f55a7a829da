"""The critical current of a ramp: levels by hand for each mechanism, pressure, draws, refusals."""

import math

import pytest

import anolyte
from anolyte.core.errors import AnolyteError, DataError
from anolyte.core.result import Concern, Level
from anolyte.core.units import BOLTZMANN, ELEMENTARY_CHARGE, FARADAY
from anolyte.laws.extrusion import PorePenetration
from anolyte.laws.fracture import OverpotentialLimit
from anolyte.laws.growth import InterphaseGrowth
from anolyte.laws.kinetics import ChargeTransfer
from anolyte.laws.voids import HyperbolicLoss, VacancyDiffusion
from anolyte.materials.criteria import criteria
from anolyte.materials.protocol import Protocol, Step, current_ramp, cycling
from anolyte.materials.stack import Conditions, Interface, Sample
from anolyte.models.cell.critical import (
    AFTER_VOIDS,
    FILAMENT,
    CriticalCurrent,
    CriticalCurrentDensity,
    critical_current,
)

VOLUME = 13.0e-6
SPEED = VOLUME / FARADAY
DEPTH = 0.5e-6
THERMAL = 2.0 * BOLTZMANN * 298.15 / ELEMENTARY_CHARGE
FILM = 1e-4  # ohm m2, of an interphase in full contact
HOUR = 3600.0


def by_hand(ramp: Protocol, *, thickness=1e-4, pressure=5e6, draws=0, **changes) -> CriticalCurrent:
    """The ramp on a cell whose two faces have no law but those a test asks for."""
    laws = {
        "voids": VacancyDiffusion(1e4, VOLUME), "loss": HyperbolicLoss(DEPTH), "refill": 1.0,
        "transfer": ChargeTransfer(1e12), "constriction": lambda a, kappa: 0.0 * a,
        "growth": InterphaseGrowth(0.0, initial=1e-8), "interphase_conductivity": 1e-8 / FILM,
        "flaw": None, "penetration": None, "layers": lambda kelvin: 0.0, "attached": 1.0,
        "gap": 0.0, "liquid": 0.0, "volume_per_charge": 0.0, "molar_volume": VOLUME,
    }  # fmt: skip
    interface = Interface("Li6PS5Cl", "Li", sample=Sample(thickness=thickness))
    conditions = Conditions(stack_pressure=pressure)
    return critical_current(interface, conditions, ramp, draws=draws, laws=laws | changes)


def ramp(first=1.0, last=40.0, time=HOUR) -> Protocol:
    return current_ramp(first, last, 1.0, time=time)


# --- by hand --------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [0.010, 0.012, 0.020])
def test_a_filament_in_full_contact(limit) -> None:
    """asinh(j / 2 j0) and nothing else: the limit is crossed between two levels."""
    exact = 2.0 * 20.0 * math.sinh(limit / THERMAL)
    found = by_hand(
        ramp(), flaw=OverpotentialLimit(limit), transfer=ChargeTransfer(20.0),
        interphase_conductivity=math.inf,
    )  # fmt: skip
    assert found.current_density == math.floor(exact)
    assert found.failed_at == math.floor(exact) + 1 and found.mechanism == FILAMENT
    assert found.run is not None and found.run.end is not None
    assert found.run.end.current_density == found.failed_at  # the counter side plates first


@pytest.mark.parametrize("closing", [2.0, 8.0])
@pytest.mark.parametrize("time", [300.0, HOUR])
def test_a_filament_where_stripping_has_left_voids(closing, time) -> None:
    """j R (1 + h/h0)^2 against the limit at the first moment of plating after h = s (j - jc) t."""
    limit = 0.02

    def load(j):
        void = SPEED * max(j - closing, 0.0) * time
        return j * FILM * (1.0 + void / DEPTH) ** 2 / limit

    expected = next(j for j in range(1, 41) if load(j) >= 1.0)
    assert abs(load(expected) - 1.0) > 0.015 < abs(load(expected - 1) - 1.0)  # no close call
    found = by_hand(
        ramp(time=time), flaw=OverpotentialLimit(limit), voids=VacancyDiffusion(closing, VOLUME)
    )
    assert (found.current_density, found.failed_at) == (expected - 1, expected)
    contact = 1.0 / (1.0 + SPEED * max(expected - closing, 0.0) * time / DEPTH)
    assert found.mechanism == (AFTER_VOIDS if contact < 0.7 else FILAMENT)
    assert found.run is not None and found.run.end is not None
    assert found.run.end.current_density == -expected


def test_voids_that_cost_all_contact() -> None:
    """19 h0 of void within one half cycle."""
    closing = 3.0
    exact = closing + 19.0 * DEPTH / SPEED / HOUR
    found = by_hand(ramp(), voids=VacancyDiffusion(closing, VOLUME))
    assert found.failed_at == math.ceil(exact) and found.mechanism == "contact loss"
    assert found.current_density == found.failed_at - 1


def test_pressure_that_shorts_the_cell_in_the_middle_of_the_ramp() -> None:
    """75 hours of life at 2 MPa, two hours a level: it fails in the 38th."""
    found = by_hand(
        current_ramp(1.0, 40.0, 1.0), penetration=PorePenetration(300 * HOUR, 2.0), pressure=2e6
    )
    assert (found.current_density, found.failed_at) == (37.0, 38.0)
    assert found.mechanism == "lithium pressed through pores"
    assert found.cumulative_capacity == pytest.approx(sum(range(1, 38)) * HOUR)


def test_an_electrolyte_that_takes_more_than_ten_volts() -> None:
    one = by_hand(ramp(last=2.0), thickness=1.0).run
    assert one is not None
    resistance = one.voltage[0]  # V at 1 A/m2
    found = by_hand(ramp(), thickness=10.0 / 7.5 / resistance)
    assert (found.current_density, found.failed_at) == (7.0, 8.0)
    assert found.mechanism == "open circuit"


def test_no_failure_is_told_as_none() -> None:
    found = by_hand(ramp(last=10.0))
    assert (found.current_density, found.failed_at, found.mechanism) == (10.0, None, "")
    assert found.cumulative_capacity == pytest.approx(55.0 * HOUR)
    (finding,) = found.findings(criteria())
    assert finding.level != Level.BAD and "at least 1 mA cm⁻²" in finding.reason


def test_failure_at_the_first_level_is_told_as_none() -> None:
    found = by_hand(ramp(first=30.0), flaw=OverpotentialLimit(0.001))
    assert (found.current_density, found.failed_at) == (None, 30.0)
    assert found.mechanism == FILAMENT


def test_several_cycles_and_rests_at_a_level_count_as_one_level() -> None:
    levels = current_ramp(1.0, 30.0, 1.0, cycles=2, rest="5 min")
    found = by_hand(levels, voids=VacancyDiffusion(3.0, VOLUME))
    assert found.failed_at == math.ceil(3.0 + 19.0 * DEPTH / SPEED / HOUR)


@pytest.mark.parametrize("attached", [1.0, 0.5])
def test_draws_of_laws_that_do_not_spread_all_say_the_same(attached) -> None:
    """Contact that was poor at first and has closed since is not what starts the filament."""
    found = by_hand(
        ramp(), draws=5, attached=attached, voids=VacancyDiffusion(50.0, VOLUME),
        flaw=OverpotentialLimit(0.00105),
    )  # fmt: skip
    assert (found.current_density, found.mechanism) == (10.0, FILAMENT)
    assert found.low == found.high == 10.0
    assert found.mechanisms == pytest.approx({FILAMENT: 1.0})


def test_half_cycle_and_capacity_are_those_of_the_level() -> None:
    timed = by_hand(ramp(), voids=VacancyDiffusion(3.0, VOLUME))
    assert timed.half_cycle == HOUR
    assert timed.capacity == pytest.approx(HOUR * float(timed.failed_at or 0.0))
    charged = by_hand(
        current_ramp(5.0, 40.0, 5.0, time=None, charge=1e4), flaw=OverpotentialLimit(0.0022)
    )
    assert charged.failed_at == 25.0 and charged.capacity == pytest.approx(1e4)
    assert charged.half_cycle == pytest.approx(400.0)


# --- real cells -----------------------------------------------------------------------------------

ARGYRODITE = Interface("Li6PS5Cl", "Li")


def real(pressure=3e6, draws=0, **options) -> CriticalCurrent:
    return critical_current(ARGYRODITE, Conditions(stack_pressure=pressure), draws=draws, **options)


@pytest.fixture(scope="module")
def found() -> CriticalCurrent:
    return real(draws=60)


def test_it_does_not_fall_with_pressure_until_lithium_is_pressed_through() -> None:
    results = [real(p) for p in (1e6, 2e6, 3e6, 5e6, 7e6, 10e6)]
    values = [r.current_density or 0.0 for r in results]
    assert values == sorted(values) and values[-1] > 3.0 * max(values[0], 0.5)
    extreme = real(75e6)
    assert extreme.mechanism == "lithium pressed through pores"
    assert (extreme.current_density or 0.0) < values[-1]


def test_it_does_not_rise_with_a_longer_half_cycle() -> None:
    values = [
        real(protocol=current_ramp(time=t)).current_density or 0.0 for t in ("10 min", "1 h", "5 h")
    ]
    assert values == sorted(values, reverse=True) and values[0] > values[-1]


def test_the_interval_holds_the_best_value_and_the_shares_sum_to_one(found) -> None:
    assert found.low <= found.current_density <= found.high and found.low < found.high
    assert sum(found.mechanisms.values()) == pytest.approx(1.0)
    assert found.draws == 60 and found.mechanism in found.mechanisms
    assert found.calibrated_on and found.sources and found.rests_on


def test_the_same_seed_gives_the_same_interval_and_another_a_near_one(found) -> None:
    again, other = real(draws=60), real(draws=60, seed=1)
    assert (again.low, again.high, again.mechanisms) == (found.low, found.high, found.mechanisms)
    assert other.current_density == found.current_density
    assert (other.low, other.high, other.mechanisms) != (found.low, found.high, found.mechanisms)
    assert 0.3 < other.high / found.high < 3.0


def test_without_draws_there_is_no_interval() -> None:
    result = real()
    assert (result.low, result.high, result.mechanisms, result.draws) == (None, None, None, 0)


def test_the_first_draw_is_the_best_values() -> None:
    """The batch of `assess` and a run alone agree on the level that is reached and on why."""
    model = CriticalCurrentDensity(draws=8)
    for pressure in (1e6, 3e6, 8e6):
        conditions = Conditions(stack_pressure=pressure, current_density=5.0)
        drawn = model(ARGYRODITE, conditions)
        levels = sorted({0.0} | {float(x) for x in _levels_of(model, conditions)})
        steps = [Step(s * j, duration=HOUR, cycle=k) for k, j in enumerate(levels[1:])
                 for s in (1.0, -1.0)]  # fmt: skip
        alone = critical_current(ARGYRODITE, conditions, Protocol(tuple(steps)), draws=0)
        assert drawn.current_density == pytest.approx(alone.current_density)
        assert drawn.mechanism == alone.mechanism


def _levels_of(model: CriticalCurrentDensity, conditions: Conditions):
    from anolyte.models.cell import critical

    return critical._levels_about(abs(conditions.current_density), whole=model.whole)


def test_it_is_a_finding_about_dendrites() -> None:
    level = {}
    for current in (0.05, 200.0):
        conditions = Conditions(stack_pressure=5e6, current_density=current)
        result = critical_current(ARGYRODITE, conditions, draws=20)
        (finding,) = result.findings(criteria())
        assert finding.concern == Concern.DENDRITE and finding.basis == "calibrated"
        assert "mA cm⁻²" in finding.reason
        level[current] = finding.level
    assert level == {0.05: Level.GOOD, 200.0: Level.BAD}


def test_it_is_saved_and_read_back(found, tmp_path) -> None:
    anolyte.save(found, tmp_path / "ccd.json")
    assert anolyte.load(tmp_path / "ccd.json") == found
    assert found.rows()


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "protocol",
    [
        cycling(1.0, time=60.0, cycles=1), cycling(1.0, time=60.0) + cycling(0.5, time=60.0),
        Protocol.parse("Rest for 1 h"), Protocol.parse("Hold at 0.1 V for 1 h"),
        Protocol((Step(1.0, duration=60.0), Step(-2.0, duration=60.0))),
        current_ramp(1.0, 1.0, 1.0),
    ],
)  # fmt: skip
def test_what_is_no_ramp_is_refused(protocol) -> None:
    with pytest.raises(DataError, match="ramp"):
        critical_current(ARGYRODITE, Conditions(), protocol, draws=0)


def test_a_cell_that_fails_before_the_first_level_has_no_critical_current() -> None:
    """A long rest under a pressure that shorts the cell, then the ramp."""
    protocol = Protocol.parse("Rest for 100 h at 75 MPa") + ramp()
    result = critical_current(ARGYRODITE, Conditions(), protocol, draws=0)
    assert result.current_density is None
    assert result.mechanism == "lithium pressed through pores"


@pytest.mark.parametrize("options", [{"attach_pressure": -1e6}, {"draws": -5}], ids=str)
def test_other_mistakes_are_refused_in_one_line(options) -> None:
    with pytest.raises(AnolyteError) as caught:
        critical_current(ARGYRODITE, Conditions(), ramp(last=3.0), **options)
    assert "\n" not in str(caught.value)
