"""Cathodes and passive parts: every number has a source, a user's folder adds, bad mixes fail."""

from __future__ import annotations

import pytest

from anolyte.core.errors import DataError, UnknownMaterial
from anolyte.materials.cathode import Mix, cathode, cathodes, context, part, part_of
from anolyte.materials.library import Library
from anolyte.materials.references import all_references


def test_every_number_of_the_cathodes_has_a_source():
    keys = all_references()
    for material in (*cathodes(), *(part(n) for n in ("Cu", "Al", "SS", "additives"))):
        for name, measurements in material.properties.items():
            for m in measurements:
                assert m.source in keys, (material.name, name)
                assert m.where
                assert m.source in material.references
    for found in cathodes():
        for m in (found.active, found.additives, found.porosity):
            assert m is not None
            assert m.how == "assumed"


def test_a_users_folder_adds_cathodes(tmp_path):
    (tmp_path / "cathodes.yaml").write_text(
        "cathodes:\n  - {name: mine, class: unknown, properties: {specific_capacity: "
        "{value: 250 mAh/g, source: anolyte, known: recalled}}}\n"
    )
    lib = Library((tmp_path,))
    assert cathode("mine", lib).need("specific_capacity").si == 250 * 3600.0
    assert cathode("LFP", lib).name == "LFP"
    assert {c.name for c in cathodes(lib)} == {c.name for c in cathodes()} | {"mine"}


def test_a_users_cathode_stands_before_the_package_s(tmp_path):
    (tmp_path / "cathodes.yaml").write_text(
        "cathodes:\n  - {name: LFP, class: unknown, properties: {specific_capacity: "
        "{value: 150 mAh/g, source: anolyte, known: recalled}}}\n"
    )
    lib = Library((tmp_path,))
    assert cathode("LFP", lib).need("specific_capacity").si == 150 * 3600.0
    assert cathode("LFP").need("specific_capacity").si > 150 * 3600.0


def test_what_is_not_known_is_named():
    with pytest.raises(UnknownMaterial, match="NMC811, LFP, S"):
        cathode("unobtainium")
    with pytest.raises(UnknownMaterial, match="unknown part"):
        part("unobtainium")
    assert part_of(("unobtainium", " cu ")) == part("Cu")
    assert part_of(("unobtainium",)) is None and context("unobtainium") is None


def test_a_usual_mix_leaves_the_rest_to_the_electrolyte():
    for found in cathodes():
        mix = found.mix
        assert 0.0 < mix.active < 1.0 and mix.active + mix.additives <= 1.0
        assert mix.follows == 1.0  # the cautious case unless told otherwise


@pytest.mark.parametrize("shares", [(0.0,), (0.8, 0.3), (1.0, 0.0, 1.0), (1.0, 0.0, 0.0, 2.0)])
def test_impossible_mixes_are_refused(shares):
    with pytest.raises(DataError):
        Mix(*shares)
