"""The two ways to say which phases a window hangs on give one answer.

`window` asks the plain ladder of the few phases in doubt; `window --draws` leaves out every
compound in one compiled sweep, whose loading takes longer than a whole plain answer.
"""

import pytest

from anolyte.laws.equilibrium_draws import without_each
from anolyte.materials import library
from anolyte.materials.phases import embedded
from anolyte.materials.schema import Electrolyte
from anolyte.models.window import HANGS_ON, window

INORGANIC = [e for e in library.default().all(Electrolyte)
             if e.formula and not {"C", "H"} <= set(e.composition)]  # fmt: skip


@pytest.mark.parametrize("electrolyte", INORGANIC, ids=lambda e: e.name)
def test_what_is_in_doubt_is_what_leaving_out_each_compound_moves(electrolyte) -> None:
    composition = electrolyte.composition
    table = embedded().within({*composition, "Li"})
    names, left_out = without_each(table, composition)
    doubtful = {
        name: i for i, name in enumerate(names)
        if i and left_out.moved[i] > HANGS_ON
        and not (left_out.phase(name).source.how == "measured"
                 and left_out.phase(name).source.known == "read")
    }  # fmt: skip
    told = {a.case.removeprefix("without "): a for a in window(electrolyte).alternatives
            if a.case.startswith("without ")}  # fmt: skip
    assert set(told) == set(doubtful)
    for name, i in doubtful.items():
        assert told[name].reduction_limit == pytest.approx(left_out.reduction.limits[i], abs=1e-9)
        assert told[name].oxidation_limit == pytest.approx(left_out.oxidation.limits[i], abs=1e-9)
