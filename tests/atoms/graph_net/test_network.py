"""The network: what must not change its answer, what it can learn, and how it is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the network is in the [ml] extra")

import torch

from anolyte.atoms.crystal import Crystal
from anolyte.atoms.graph_net.training import Scaler, Settings, Trained, train
from anolyte.atoms.learned.labels import Labelled, Target
from anolyte.core.errors import DataError

pytestmark = pytest.mark.ml
TARGET = Target("made", "1", "ML (a potential)")
QUICK = Settings(epochs=3, batch=4)


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def crystal(seed: int, symbols: tuple[str, ...] = ("Li", "P", "S", "S")) -> Crystal:
    draws = np.random.default_rng(seed)
    lattice = 4.8 * np.eye(3) + 0.5 * draws.standard_normal((3, 3))
    return Crystal.of_arrays(lattice, symbols, draws.random((len(symbols), 3)))


def salts() -> Labelled:
    crystals, values = [], []
    for i, metal in enumerate(("Li", "Na", "K")):
        for j, anion in enumerate(("F", "Cl", "Br", "I")):
            half = 2.0 + 0.3 * i + 0.25 * j
            cell = half * (np.ones((3, 3)) - np.eye(3))
            places = np.array([[0.0] * 3, [0.5] * 3])
            crystals.append(Crystal.of_arrays(cell, (metal, anion), places))
            values.append([100.0 + 3.0 * i - 2.0 * j * i])
    formulas = tuple(c.formula for c in crystals)
    return Labelled(formulas, (TARGET,), np.array(values), tuple(crystals))


@pytest.fixture(scope="module")
def trained() -> Trained:
    """A network that has seen lithium, phosphorus and sulfur, with statistics that are not bare."""
    data = [crystal(s) for s in range(12)]
    values = np.random.default_rng(0).standard_normal((12, 1))
    labels = Labelled(tuple(c.formula for c in data), (TARGET,), values, tuple(data))
    return train(labels, Settings(epochs=5, batch=6))


def ask(network: Trained, made: Crystal) -> float:
    return float(network([made])[0, 0])


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_the_atoms_does_not_matter(trained: Trained, seed: int) -> None:
    made = crystal(seed)
    order = np.random.default_rng(seed).permutation(len(made.symbols))
    other = Crystal.of_arrays(
        made.matrix, tuple(made.symbols[i] for i in order), np.array(made.positions)[order]
    )
    assert ask(trained, other) == pytest.approx(ask(trained, made), abs=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_turning_and_moving_the_crystal_does_not_matter(trained: Trained, seed: int) -> None:
    made = crystal(seed)
    turn, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((3, 3)))
    moved = np.array(made.positions) + np.random.default_rng(seed).random(3)
    other = Crystal.of_arrays(made.matrix @ turn.T, made.symbols, moved)
    assert ask(trained, other) == pytest.approx(ask(trained, made), abs=1e-3)


@pytest.mark.parametrize("shape", [(2, 1, 1), (1, 3, 1), (2, 2, 1)])
def test_a_supercell_is_its_cell(trained: Trained, shape: tuple[int, int, int]) -> None:
    for seed in range(4):
        made = crystal(seed)
        cells = np.array(list(np.ndindex(*shape)))
        places = (np.array(made.positions)[None] + cells[:, None]) / np.array(shape)
        lattice = made.matrix * np.array(shape)[:, None]
        other = Crystal.of_arrays(lattice, made.symbols * len(cells), places.reshape(-1, 3))
        assert ask(trained, other) == pytest.approx(ask(trained, made), abs=1e-3)


def test_the_length_of_a_bond_does_matter(trained: Trained) -> None:
    made = crystal(1)
    other = Crystal.of_arrays(1.05 * made.matrix, made.symbols, np.array(made.positions))
    assert abs(ask(trained, other) - ask(trained, made)) > 1e-3


def test_eight_labels_are_learned_by_heart() -> None:
    made = tuple(crystal(s, ("Li", "P", "S", "S") * 3) for s in range(8))
    values = np.random.default_rng(1).standard_normal((8, 1))
    data = Labelled(tuple(c.formula for c in made), (TARGET,), values, made)
    learned = train(data, Settings(epochs=200, batch=8, decay=0.0))
    # Not to zero: batch norm counts n atoms as n - 1 once it stops learning.
    assert np.abs(learned(made) - values).mean() < 0.05 * values.std()


def test_the_same_seed_gives_the_same_weights_and_leaves_the_global_numbers_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    one, two = train(salts(), QUICK), train(salts(), QUICK)
    assert torch.equal(torch.rand(1), expected)
    other = train(salts(), replace(QUICK, seed=1))
    states = [list(t.network.state_dict().values()) for t in (one, two, other)]
    assert all(torch.equal(a, b) for a, b in zip(states[0], states[1], strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(states[0], states[2], strict=True))


def test_scalers_know_the_training_rows_only() -> None:
    data = salts()
    learned = train(data.take(range(6)), QUICK)
    assert learned.scaler == Scaler.of(data.values[:6]) != Scaler.of(data.values)
    values = np.array([[1.0, 5.0], [3.0, np.nan]])
    scaler = Scaler.of(values)
    np.testing.assert_allclose(scaler.undo(scaler.apply(values)), values)
    with pytest.raises(DataError, match="no label"):
        Scaler.of(np.array([[np.nan], [np.nan]]))


def test_missing_labels_teach_nothing() -> None:
    data = salts()
    extra = replace(TARGET, name="other")
    values = np.column_stack([data.values, np.full(len(data), np.nan)])
    values[:2, 1] = [1.0, 2.0]
    both = Labelled(data.formulas, (TARGET, extra), values, data.crystals)
    assert np.isfinite(train(both, QUICK)(data.crystals)).all()


def test_an_element_that_was_not_seen_is_unknown(trained: Trained) -> None:
    strange = crystal(1, ("Li", "Cl", "S", "Zr"))
    assert np.isnan(ask(trained, strange))
    assert trained.outside(strange) == "no label of the training holds Cl, Zr"
    assert np.isfinite(trained([strange, crystal(2)])[1]).all()


def test_fine_tuning_keeps_what_was_learned_and_says_so(trained: Trained) -> None:
    still = Settings(epochs=1, rate=1e-9, decay=0.0)
    measured = replace(salts(), targets=(replace(TARGET, label_kind="measured"),))
    tuned = train(measured, still, trained)
    assert tuned.before == (trained.data, "ML (a potential)")
    assert tuned.targets[0].label_kind == "measured"
    assert tuned.elements == trained.elements | {"Li", "Na", "K", "F", "Cl", "Br", "I"}
    old, new = trained.network.state_dict(), tuned.network.state_dict()
    torch.testing.assert_close(new["read_out.weight"], old["read_out.weight"])
    assert not torch.allclose(new["heads.weight"], old["heads.weight"])


def test_too_few_labels_or_no_structures_are_refused() -> None:
    with pytest.raises(DataError, match="at least two"):
        train(salts().take([0]), QUICK)
    with pytest.raises(DataError, match="at least two"):
        train(replace(salts(), crystals=()), QUICK)


def test_a_label_of_another_composition_is_refused() -> None:
    data = salts()
    with pytest.raises(DataError, match="row 1: the label is of NaF"):
        replace(data, formulas=("NaF", *data.formulas[1:]))


def test_an_ensemble_speaks_with_intervals() -> None:
    from anolyte.atoms.graph_net.ensemble import train_ensemble

    said = train_ensemble(salts(), QUICK, level=0.8, members=2)([crystal(1), *salts().crystals[:2]])
    assert said[0].value is None and "P, S" in said[0].why
    assert said[1].half_width is not None and said[1].half_width > 0.0
    assert said[1].label_kind == "ML (a potential)"


class TestCheckpoint:
    """What is kept comes back; what was tampered with does not."""

    @pytest.fixture
    def path(self, tmp_path: Path, trained: Trained) -> Path:
        pytest.importorskip("safetensors", reason="weights are kept as safetensors")
        from anolyte.atoms.graph_net.checkpoint import save

        save(tmp_path / "n.safetensors", trained, "by chemical system", {"error": 0.1})
        return tmp_path / "n.safetensors"

    def test_round_trip(self, path: Path, trained: Trained) -> None:
        from anolyte.atoms.graph_net.checkpoint import load

        again, card = load(path)
        assert ask(again, crystal(3)) == ask(trained, crystal(3))
        assert (again.targets, again.scaler, again.settings, again.elements, again.data) == (
            trained.targets, trained.scaler, trained.settings, trained.elements, trained.data
        )  # fmt: skip
        assert card["label_kind"] == ["ML (a potential)"] and card["metrics"] == {"error": 0.1}
        assert card["split"] == "by chemical system" and "DFT" not in json.dumps(card)

    def test_changed_weights_are_refused(self, path: Path) -> None:
        from anolyte.atoms.graph_net.checkpoint import load

        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        path.write_bytes(content)
        with pytest.raises(DataError, match="not those of their card"):
            load(path)

    def test_no_card_or_another_card_is_refused(self, path: Path) -> None:
        from anolyte.atoms.graph_net.checkpoint import load

        card = path.with_suffix(".json")
        text = card.read_text()
        card.write_text(text.replace("graph network 1", "graph network 9"))
        with pytest.raises(DataError, match="not the card"):
            load(path)
        broken = json.loads(text)
        broken["targets"] *= 2
        broken["scaler"] = {k: v * 2 for k, v in broken["scaler"].items()}
        card.write_text(json.dumps(broken))
        with pytest.raises(DataError, match="not of this network"):
            load(path)
        card.unlink()
        with pytest.raises(DataError, match="without their card"):
            load(path)

    def test_no_other_format_is_touched(self, tmp_path: Path) -> None:
        from anolyte.atoms.graph_net.checkpoint import load

        with pytest.raises(DataError, match="no other format"):
            load(tmp_path / "n.pt")
