"""Structure models: an ensemble of networks trained on few labels, with intervals and a card.

The better of two ensembles is kept, from scratch or from a pre-trained network, with the errors of
the plain models on the same folds in its card: where one of them is better, the card says so.

Range: the ensemble was chosen and its intervals calibrated on the same folds, which flatters both a
little. A structure with an element that was not seen, or unlike all training structures, is
unknown.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from anolyte.atoms.graph_net import checkpoint
from anolyte.atoms.graph_net.ensemble import Ensemble, reach
from anolyte.atoms.graph_net.judging import FOLDS, SCRATCH, TUNED, Recipe, Trial, judge, plain
from anolyte.atoms.graph_net.network import import_torch
from anolyte.atoms.graph_net.training import Trained
from anolyte.atoms.learned.baselines import Learner
from anolyte.atoms.learned.conformal import Intervals, calibrate
from anolyte.atoms.learned.labels import Labelled
from anolyte.core.errors import DataError
from anolyte.core.progress import Progress, silent

FORMAT = "anolyte structure model 1"
SPLIT = f"{FOLDS} folds by chemical system; the final networks are trained on all rows"
REACH = "reach"


@dataclass(frozen=True, eq=False)
class StructureHead:
    """A trained model of structures.

    Args:
        ensemble: With its intervals.
        card: What is to be known of it.
    """

    ensemble: Ensemble
    card: dict[str, Any]


@dataclass(frozen=True, eq=False)
class Start:
    """A pre-trained network, and the compositions that it must not be judged on."""

    network: Trained
    compositions: frozenset[str]

    @classmethod
    def load(cls, path: Path, trusted: bool = False) -> Start:
        """From a file.

        Raises:
            DataError: A file that is refused, or whose card does not list its compositions.
        """
        network, card = checkpoint.load(path, trusted)
        if not card.get("compositions"):
            raise DataError(
                f"{path}: the card does not list the compositions of its labels, so leakage cannot "
                "be ruled out; pre-train it again"
            )
        return cls(network, frozenset(card["compositions"]))

    def check(self, data: Labelled) -> None:
        """Refuse labels whose compositions were pre-trained on.

        Raises:
            DataError: Leakage.
        """
        both = sorted(self.compositions & set(data.compositions))
        if both:
            raise DataError(
                f"leakage: {len(both)} compositions of the labels were pre-trained on: "
                f"{', '.join(both[:5])}{' ...' if len(both) > 5 else ''}; pre-train without them"
            )


def looked(data: Labelled, progress: Progress = silent) -> Labelled:
    """Volume and 64 features of every structure by the potential, unrelaxed.

    Raises:
        MissingExtra: chgnet is not installed.
    """
    from anolyte.atoms.graph_net.made_labels import static

    made = static(data.crystals, progress=progress)
    # The first column, an energy, is missing for elements without a reference.
    return replace(made, targets=made.targets[1:], values=made.values[:, 1:])


def train(
    data: Labelled,
    learners: Sequence[Learner] = plain(None),
    start: Start | None = None,
    recipe: Recipe | None = None,
    level: float = 0.9,
    progress: Progress = silent,
) -> StructureHead:
    """Judge networks and plain models on held-out chemical systems; keep the better networks.

    Args:
        data: One target, with structures.
        learners: Plain models, of `judging.plain`.
        start: Pre-trained network; None: transfer is not tried.
        recipe: Of the ensembles; None: the usual.
        level: Share of new labels that the intervals shall hold.
        progress: Told of every training.

    Raises:
        DataError: More than one target, no structures, too few labels, leakage.
        MissingExtra: torch or scikit-learn is not installed.
    """
    if len(data.targets) != 1 or not data.crystals:
        raise DataError(f"one column of labels of structures is learned, not {len(data.targets)}")
    recipe = recipe or Recipe()
    if start is not None:
        start.check(data)
    starts: dict[str, Trained | None] = {SCRATCH: None}
    if start is not None:
        starts[TUNED] = start.network
    trial = judge(data, learners, starts, recipe, progress)
    best = trial.network
    intervals = calibrate(trial.off[best], trial.spreads[best], level)
    members = recipe.networks(data, starts[best], progress)
    ensemble = Ensemble(members, intervals, reach(members[0], data))
    return StructureHead(ensemble, _card(data, trial, ensemble, recipe))


def _card(data: Labelled, trial: Trial, ensemble: Ensemble, recipe: Recipe) -> dict[str, Any]:
    first = ensemble.members[0]
    made = ", ".join(first.before[1:])
    return {
        "format": FORMAT, "target": asdict(data.targets[0]), "learner": trial.network,
        "errors": trial.errors, "answered": trial.answered, "transfer": trial.transfer,
        "labels_note": f"labels: {data.targets[0].label_kind}"
        + (f"; pre-training: {made}, which are not measured" if made else ""),
        "intervals": asdict(ensemble.intervals) if ensemble.intervals else None,
        "labels": len(data), "systems": len(set(data.systems)), "elements": sorted(first.elements),
        "data": data.digest, "split": SPLIT, "recipe": asdict(recipe),
        "formulas": list(data.formulas),
        "members": [checkpoint.described(m) for m in ensemble.members],
    }  # fmt: skip


def save(path: Path, head: StructureHead) -> Path:
    """Write a model and its card; the card's path is given back.

    Raises:
        DataError: Another suffix than `.safetensors`, or a path that cannot be written to.
        MissingExtra: safetensors is not installed.
    """
    checkpoint.check_name(path)
    assert head.ensemble.reach is not None
    rows, longest = head.ensemble.reach
    weights = {
        f"{m}.{k}": v.contiguous()
        for m, member in enumerate(head.ensemble.members)
        for k, v in member.network.state_dict().items()
    }
    weights[REACH] = import_torch().from_numpy(np.ascontiguousarray(rows))
    content = checkpoint.format_tools().save(weights)
    card = {"sha256": hashlib.sha256(content).hexdigest(), **head.card, "longest": longest}
    beside = path.with_suffix(".json")
    checkpoint.write_whole(path, content)
    checkpoint.write_whole(beside, (json.dumps(card, indent=1) + "\n").encode())
    return beside


def load(path: Path, trusted: bool = False) -> StructureHead:
    """A model that was saved.

    Args:
        path: `.safetensors`; its card lies beside it.
        trusted: Take it although its hash is not that of its card.

    Raises:
        DataError: No card, or one that does not fit.
        MissingExtra: torch or safetensors is not installed.
    """
    checkpoint.check_name(path)
    card = checkpoint.read_card(path, FORMAT)
    content = checkpoint.checked(path, card, trusted)
    try:
        weights = checkpoint.tensors(content, path)
        members = tuple(
            checkpoint.rebuilt(one, _of_member(weights, m)) for m, one in enumerate(card["members"])
        )
        near = (weights[REACH].double().numpy(), float(card["longest"]))
        ensemble = Ensemble(members, Intervals(**card["intervals"]), near)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        line = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(f"{path}: card and weights are not of one model: {line}") from None
    return StructureHead(ensemble, card)


def _of_member(weights: dict[str, Any], member: int) -> dict[str, Any]:
    first = f"{member}."
    return {k.removeprefix(first): v for k, v in weights.items() if k.startswith(first)}
