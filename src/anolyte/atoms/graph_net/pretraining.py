"""Pre-training on labels that the project makes itself, interrupted and resumed at will.

The labels lie in a file that grows by parts; the crystals of a seed come in one order, so the same
call goes on after the last that is kept. A tenth of the chemical systems is held out: the error on
it is what the pre-training is worth. All labels are those of a potential, never measured ones.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from anolyte.atoms.crystal import Crystal
from anolyte.atoms.graph_net import made_labels
from anolyte.atoms.graph_net.training import PRE_TRAINING, Trained, train
from anolyte.atoms.learned.labels import Labelled, split
from anolyte.atoms.potentials import Chgnet
from anolyte.core.errors import DataError
from anolyte.core.progress import Progress, silent

HELD_OUT = 0.1


def labelled(
    path: Path, elements: Sequence[str], count: int, seed: int = 0, progress: Progress = silent
) -> Labelled:
    """Made labels of a number of crystals; what the file holds is not made again.

    Args:
        path: `.npz`; written after every part.
        elements: What structure types are filled with.
        count: Crystals that are tried; those that are no materials are left out.
        seed: Of the crystals.
        progress: Told of every part.

    Raises:
        DataError: A file of other crystals, or elements that fill too few types.
        MissingExtra: chgnet or pymatgen is not installed.
    """
    crystals = list(made_labels.filled(elements, count, seed))
    data = made_labels.read(path) if path.exists() else None
    done, potential = _done(path, data, crystals), Chgnet()
    while part := crystals[done : done + made_labels.PART]:
        more = made_labels.label(part, potential)
        data = more if data is None else made_labels.joined(data, more)
        made_labels.write(path, data)
        progress(done := done + len(part), len(crystals), "crystals")
    if data is None:
        raise DataError("no crystal was asked for")
    return data


def _done(path: Path, data: Labelled | None, crystals: Sequence[Crystal]) -> int:
    """How many crystals have been tried; the last part may have kept none of its own."""
    if data is None or not len(data):
        return 0
    place = {c.digest: i for i, c in enumerate(crystals)}
    if strange := [c.formula for c in data.crystals if c.digest not in place]:
        raise DataError(
            f"{path} holds {len(strange)} crystals that are not of this seed, count and elements "
            f"({strange[0]}); name another file"
        )
    last = max(place[c.digest] for c in data.crystals)
    return min((last // made_labels.PART + 1) * made_labels.PART, len(crystals))


def pretrain(
    data: Labelled,
    without: Iterable[str] = (),
    seed: int = 0,
    epochs: int | None = None,
    progress: Progress = silent,
) -> tuple[Trained, Labelled, dict[str, float]]:
    """A network trained on made labels.

    Args:
        data: Made labels.
        without: Compositions that are left out: those that it will be fine-tuned and judged on.
        seed: Of the split and the weights.
        epochs: None: the usual.
        progress: Told of every epoch.

    Returns:
        The network, its training rows, and its errors on held-out chemical systems.

    Raises:
        DataError: Too few labels.
        MissingExtra: torch is not installed.
    """
    barred = set(without)
    data = data.take([i for i, c in enumerate(data.compositions) if c not in barred])
    rows, held = split(data, HELD_OUT, seed)
    settings = replace(
        PRE_TRAINING, seed=seed, weights=made_labels.WEIGHTS, epochs=epochs or PRE_TRAINING.epochs
    )
    known, test = data.take(rows), data.take(held)
    network = train(known, settings, progress=progress)
    said, kinds = network(test.crystals), itertools.islice(data.targets, 2)
    metrics = {
        f"{what} of {t.name} on held-out systems [{t.unit}]": value
        for k, t in enumerate(kinds)
        for what, value in (
            ("mean absolute error", float(np.nanmean(np.abs(said[:, k] - test.values[:, k])))),
            ("deviation of the labels", float(test.values[:, k].std())),
        )
    }
    return network, known, metrics
