"""The standard deviations of computed energies are those that leaving compounds out shows."""

import math
import statistics
from pathlib import Path

from anolyte.atoms import assemble
from anolyte.atoms.leave_one_out import leave_one_out, summary, worst


def test_the_given_sigmas_are_not_smaller_than_the_errors() -> None:
    predictions = leave_one_out(
        assemble.read_measured(assemble.DATA / "enthalpies.csv"),
        assemble.read_computed(assemble.DATA / "computed.csv"),
    )
    for by_elements, sigma in (
        (False, assemble.SIGMA_COMPOUNDS),
        (True, assemble.SIGMA_ELEMENTS),
    ):
        errors = [p.error for p in predictions if p.by_elements == by_elements]
        assert len(errors) >= 12
        rms = math.sqrt(statistics.fmean(e * e for e in errors))
        assert rms <= 1.1 * sigma
    assert len(predictions) >= 200
    page = (Path(__file__).parents[2] / "docs" / "energies.md").read_text(encoding="utf-8")
    assert summary(predictions) in page and worst(predictions) in page


def test_a_compound_is_predicted_without_itself() -> None:
    def measured(text: str, energy: float) -> assemble.Measured:
        row = {"known": "read"}
        return assemble.Measured(text, "solid", "", energy, 0.001, row)

    def computed(text: str, energy: float) -> assemble.Computed:
        row = {
            "known": "read", "source": "a", "published_volume_A3_per_fu": "",
            "volume_A3_per_fu": str(10.0 + abs(energy)),
        }  # fmt: skip
        return assemble.Computed(text, text, energy, row)

    names = {"Mg": 0.0, "Al": 0.0, "MgAl": -0.5, "MgAl3": -0.4}
    found = leave_one_out(
        [measured(k, v) for k, v in names.items()],
        [computed(k, v - 0.2 - (0.1 if k == "MgAl" else 0.0)) for k, v in names.items()],
    )
    by_name = {p.formula: p for p in found}
    # MgAl from the elements: its own computed error of -0.1 shows; it cannot hide behind itself.
    assert math.isclose(by_name["MgAl"].error, -0.1, abs_tol=1e-9)
