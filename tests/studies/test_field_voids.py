"""Stripping from the names of a cell: signs of the effects, resumed runs, cells half as large."""

from dataclasses import replace

import numpy as np
import pytest

from anolyte.core.errors import DataError, MissingProperty
from anolyte.materials.stack import Conditions, Interface
from anolyte.models.field.void import StrippedFace
from anolyte.studies.field_void_setup import Notch, StripSetup, Supply
from anolyte.studies.field_voids import fallen, one_at_a_time, strip
from anolyte.studies.march import Checkpoints, march


def setup(**changed):
    """A garnet whose lithium loses contact within minutes."""
    usual = StripSetup(
        Interface("LLZO", "Li"), Conditions(current_density=30.0, stack_pressure=0.4e6),
        until=500.0, cells=20,
    )  # fmt: skip
    return replace(usual, **changed)


@pytest.fixture(scope="module")
def found():
    """The time to half of the contact with one thing changed at a time."""
    return {one.name: one for one in one_at_a_time(setup()).effects}


def test_effects_have_the_signs_that_voids_have(found):
    as_is = found["as it is"].half_lost
    sooner = ("current x 1.5", "pressure / 1.5", "20 K colder", "no diffusion", "no creep")
    assert all(found[name].half_lost < as_is for name in sooner)
    later = ("current / 1.5", "pressure x 1.5", "20 K warmer", "metal sinks as a whole")
    for name in later:
        assert found[name].half_lost is None or found[name].half_lost > as_is
    assert found["current / 1.5"].contact > found["as it is"].contact


def test_cells_half_as_large_change_little(found):
    assert found["cells half as large"].half_lost == pytest.approx(
        found["as it is"].half_lost, rel=0.01
    )


def test_the_answer_names_what_it_stands_on():
    result, film = strip(setup(until=100.0), frames=4)
    assert result.ended == "time" and abs(result.balance) < 1e-10
    assert 0.0 < result.device_contact < 1.0
    assert "starting_void" in result.assumed and "masias2019" in result.sources
    assert len(film.times) == 4 and film.times[-1] == result.time
    # The notch is the only void: stripes with the same contact are the closed form.
    assert result.stripes is not None
    # Charge transfer evens the current out over the contact, which costs more in the electrolyte.
    assert result.stripes < result.constriction < 2.0 * result.stripes
    assert result.length >= setup().conductivity * 0.02569 / 2570.0


def test_a_resumed_run_is_the_same_to_the_last_bit(tmp_path):
    asked = setup(until=200.0)
    whole = march(asked.process()).state
    keep = Checkpoints(tmp_path / "run.h5")

    class Halted(StrippedFace):
        def ended(self, state):
            return "halted" if state.time > 80.0 else super().ended(state)

    process = asked.process()
    first = Halted(**{name: getattr(process, name) for name in process.__dataclass_fields__})
    assert march(first, checkpoints=keep).ended == "halted"
    again = march(asked.process(), checkpoints=keep, resume=True)
    assert again.resumed > 0
    assert again.state.gap.tobytes() == whole.gap.tobytes()
    assert again.state.potential.tobytes() == whole.potential.tobytes()
    assert again.state.time == whole.time
    with pytest.raises(DataError, match="other settings"):
        march(setup(until=300.0).process(), checkpoints=keep, resume=True)


def test_supplies_are_switched_by_an_object():
    process = setup(supply=Supply(None, vacancies=False, mobility=1e-30)).process()
    assert process.creep is None and process.lattice is None and process.walls is not None


def test_what_cannot_be_asked_is_refused():
    with pytest.raises(DataError, match="between 0 and 1"):
        Notch(share=1.0)
    with pytest.raises(MissingProperty):
        setup(interface=Interface("LLZO", "Na")).process()


def test_when_values_fall_to_a_level():
    times, values = np.array([0.0, 2.0, 4.0]), np.array([1.0, 0.6, 0.2])
    assert fallen(times, values, 0.4) == pytest.approx(3.0)
    assert fallen(times, values, 0.1) is None
    assert fallen(times, values, 2.0) == 0.0
