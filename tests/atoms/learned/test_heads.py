"""Composition models: chosen by folds, kept with a card, silent outside of their labels."""

import json

import numpy as np
import pytest

from anolyte.atoms.learned import heads
from anolyte.atoms.learned.labels import Labelled, Target
from anolyte.core.errors import DataError

pytest.importorskip("sklearn")
pytest.importorskip("safetensors")
pytest.importorskip("pymatgen")

pytestmark = pytest.mark.ml
METALS, ANIONS = ("Li", "Na", "K", "Mg", "Ca", "Sr", "Zn", "Al"), ("F", "Cl", "Br", "O", "S")
GAP = Target("gap", "eV", "measured")


@pytest.fixture(scope="module")
def head():
    rows = [(f"{m}{a}", 2.0 * i + j) for j, m in enumerate(METALS) for i, a in enumerate(ANIONS)]
    return heads.train(
        Labelled(tuple(f for f, _ in rows), (GAP,), np.array([[v] for _, v in rows]))
    )


def test_best_is_used(head):
    assert head.errors[head.learner] == min(head.errors.values()) < head.errors["mean"]
    assert len(head.errors) == 3


def test_outside_is_unknown(head):
    inside, strange, nonsense = head(["LiF", "CsF", "?!"])
    assert inside.value is not None
    assert inside.half_width > 0.0
    assert strange.value is None
    assert strange.why == "no label holds Cs"
    assert nonsense.value is None
    assert nonsense.why


def test_kept(head, tmp_path):
    path = tmp_path / "gap.safetensors"
    heads.save(path, head)
    again = heads.load(path)
    assert again(["LiF", "NaCl"]) == head(["LiF", "NaCl"])
    card = json.loads(path.with_suffix(".json").read_text())
    assert card["data"] == head.data.digest
    card["sha256"] = "0"
    path.with_suffix(".json").write_text(json.dumps(card))
    with pytest.raises(DataError, match="not the numbers of its card"):
        heads.load(path)
    assert heads.load(path, trusted=True).learner == head.learner
    path.with_suffix(".json").unlink()
    with pytest.raises(DataError, match="without its card"):
        heads.load(path)
