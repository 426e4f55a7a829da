"""Mutated entry files give a window or one line; nothing else ever comes out."""

import json
import math

import numpy as np
import pytest

from anolyte.core.errors import AnolyteError
from anolyte.materials.entries import read_entries
from anolyte.materials.library import default
from anolyte.materials.stack import Conditions, Interface
from anolyte.models.window import window
from anolyte.models.window_uncertainty import WindowUncertainty

CSV = (
    "formula,energy_eV_per_atom,source,kind,sigma_eV_per_atom,volume_A3_per_fu,state\n"
    "Li,0,a,k,,21.6,solid\nS,0,a,k,0,25.8,solid\nLi2S,-1.5,a,k,0.02,46,solid\n"
)
ENTRIES = [
    {"@class": "ComputedEntry", "composition": {"Li": 2}, "energy": -3.8, "correction": 0.0,
     "parameters": {"run_type": "GGA"}},
    {"@class": "ComputedEntry", "composition": {"S": 32}, "energy": -131.2,
     "parameters": {"run_type": "GGA"}},
    {"@class": "ComputedStructureEntry", "energy": -12.0, "parameters": {"run_type": "GGA+U"},
     "structure": {"lattice": {"volume": 46.0}, "sites": [
         {"species": [{"element": "Li", "occu": 1.0}]},
         {"species": [{"element": "S", "occu": 0.5}]}]},
     "energy_adjustments": [{"value": 0.1}, {"adj_per_atom": -0.5, "n_atoms": 2}]},
]  # fmt: skip
ODD = ["nan", "1e999", "-1", "null", "true", '"x"', "[]", "{}", "\x00", "\ufeff", "'", "Xx", "é",
       "9" * 400, ",", "\n", '"', "Infinity", "[[[[", "٣", '"\n"', "\\n"]  # fmt: skip


LI2S_ON_LITHIUM = Interface(default().electrolyte("Li2S"), default().anode("Li"))


def mutate(text: str, rng: np.random.Generator) -> bytes:
    """A file with a few pieces cut, doubled, exchanged or replaced by odd ones."""
    for _ in range(int(rng.integers(0, 4))):
        i, j = sorted(int(k) for k in rng.integers(0, len(text) + 1, 2))
        piece = [
            "", text[i:j] * 2, str(rng.choice(ODD)), text[i:j][::-1],
            chr(int(rng.integers(1, 3000))),
        ][int(rng.integers(5))]  # fmt: skip
        text = text[:i] + piece + text[min(j, i + 12) :]
    data = text.encode("utf-8", "replace")
    if rng.random() < 0.1:
        data = data[: int(rng.integers(0, len(data) + 1))] + bytes(rng.integers(0, 256, 5).tolist())
    return data


@pytest.mark.campaign
def test_a_mutated_entry_file_is_read_or_refused_in_one_line(campaign, tmp_path) -> None:
    rng = np.random.default_rng(campaign.seed)
    read = refused = 0
    for i in range(campaign.size(reduced=500, full=10_000)):
        name, text = ("e.csv", CSV) if i % 2 else ("e.json", json.dumps(ENTRIES))
        path = tmp_path / name
        path.write_bytes(mutate(text, rng))
        try:
            table = read_entries(path)
            answer = window("Li2S", phases=table)
            if not i % 10:
                WindowUncertainty(table, draws=100)(LI2S_ON_LITHIUM, Conditions())
            assert not math.isnan(answer.reduction_limit + answer.oxidation_limit)
            read += 1
        except AnolyteError as error:
            refused += 1
            assert "\n" not in str(error)
            assert len(str(error)) < 1000
    assert read and refused
    campaign.record(read=read, refused=refused, tracebacks=0)
