"""The verbs `learn train`, `predict`, `card` and `pretrain`: models of the user's own labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anolyte.core.errors import DataError
from anolyte.faces.options import Json

if TYPE_CHECKING:
    from anolyte.core.progress import Progress

app = typer.Typer(
    name="learn", no_args_is_help=True, rich_markup_mode=None,
    help="Learn a property from labels of your own, with intervals; all take --json.",
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip
Model = Annotated[Path, typer.Argument(metavar="MODEL.safetensors", help="Made by `learn train`.")]
Out = Annotated[Path, typer.Option(metavar="MODEL.safetensors", help="Card beside it.")]
Seed = Annotated[int, typer.Option(metavar="N", help="Of splits and learners.")]
Epochs = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="Times that networks see every label.")
]
Trust = Annotated[
    bool, typer.Option("--trust", help="Take a model whose hash is not that of its card.")
]
HIDDEN = ("formulas", "elements", "compositions", "members", "targets", "scaler")
"""Of a card: too long for a terminal; --json has them."""


@app.command()
def train(
    labels: Annotated[
        Path,
        typer.Argument(metavar="LABELS.csv", help="formula or structure, and 'name [unit]'."),
    ],
    out: Out,
    structures: Annotated[
        Path | None,
        typer.Option(metavar="DIR|FILE.jsonl", help="What the column `structure` names."),
    ] = None,
    start: Annotated[
        Path | None,
        typer.Option(metavar="MODEL.safetensors", help="Made by `learn pretrain`."),
    ] = None,
    members: Annotated[int, typer.Option(metavar="5", min=2, help="Networks.")] = 5,
    epochs: Epochs = None,
    label_kind: Annotated[str, typer.Option(metavar="TEXT", help="What they are.")] = "measured",
    level: Annotated[float, typer.Option(metavar="0.9", help="Of the intervals.")] = 0.9,
    seed: Seed = 0,
    trust: Trust = False,
    json: Json = False,
) -> None:
    """Learn from formulas, or with --structures from structures; plain models on the same folds.

    Of formulas the best learner is kept, of structures the better networks.

    Example: anolyte learn train gaps.csv --out gaps.safetensors
    """
    _check(out)
    if structures is None:
        if start is not None:
            raise DataError("--start is a network of structures: add --structures DIR")
        from anolyte.atoms.learned import heads, label_file

        head = heads.train(label_file.read(labels, label_kind), level, seed)
        heads.save(out, head)
        _show(heads.read_card(out), json)
        return
    from anolyte.atoms.graph_net import heads as structured
    from anolyte.atoms.graph_net.judging import Recipe, plain
    from anolyte.atoms.learned import structure_file

    _one_thread()
    data = structure_file.read(labels, structures, label_kind)
    begun = structured.Start.load(start, trust) if start else None
    learners, recipe = (
        plain(structured.looked(data, _progress(json))),
        Recipe(members, epochs, seed),
    )
    found = structured.train(data, learners, begun, recipe, level, _progress(json))
    structured.save(out, found)
    _show(found.card, json)


@app.command()
def predict(
    model: Model,
    asked: Annotated[
        list[str], typer.Argument(metavar="FORMULA|FILE ...", help="Compositions, or structures.")
    ],
    trust: Trust = False,
    json: Json = False,
) -> None:
    """What a model says of formulas or structures, with intervals; unknown outside of its labels.

    Example: anolyte learn predict gaps.safetensors LiF Li2O
    """
    from anolyte.faces.console import clean, print_json

    card = _card(model)
    rows = _of_structures(model, asked, trust) if "members" in card else _of_formulas(
        model, asked, trust
    )  # fmt: skip
    target, level = card["target"], card["intervals"]["level"]
    if json:
        print_json({"target": target, "learner": card["learner"], "level": level,
                    "predictions": rows})  # fmt: skip
        return
    head = f"{target['name']} [{target['unit']}], {target['label_kind']}; {level:.0%}"
    print(clean(f"{head}; {card['learner']}"))
    for row in rows:
        value, half = row["value"], row["half_width"]
        said = f"unknown: {row['why']}" if value is None else f"{value:.3g} ± {half:.2g}"
        print(clean(f"  {row.get('structure') or row['formula']}  {said}"))


def _of_formulas(model: Path, asked: Sequence[str], trust: bool) -> list[dict[str, Any]]:
    from anolyte.atoms.learned import heads

    return [asdict(s) for s in heads.load(model, trust)(asked)]


def _of_structures(model: Path, asked: Sequence[str], trust: bool) -> list[dict[str, Any]]:
    """One row a structure; a file that cannot be read is unknown, with its reason."""
    from anolyte.atoms import files
    from anolyte.atoms.graph_net import heads as structured

    _one_thread()
    head, rows = structured.load(model, trust), []
    for found in files.read([Path(a) for a in asked]):
        row: dict[str, Any] = {"structure": found.name, "formula": "", "value": None,
                               "half_width": None, "why": found.why}  # fmt: skip
        if found.crystal is not None:
            [said] = head.ensemble([found.crystal])
            row |= {"formula": found.crystal.formula, "value": said.value,
                    "half_width": said.half_width, "why": said.why}  # fmt: skip
        rows.append(row)
    return rows


@app.command()
def card(model: Model, json: Json = False) -> None:
    """What a model was trained on, how, and what it reached beside the plain ones.

    Example: anolyte learn card gaps.safetensors
    """
    _show(_card(model), json)


@app.command()
def pretrain(
    out: Out,
    labels: Annotated[
        Path | None,
        typer.Option(metavar="LABELS.npz", help="Keeps the made labels, and goes on with them."),
    ] = None,
    count: Annotated[int, typer.Option(metavar="2000", min=20, help="Crystals.")] = 2000,
    elements: Annotated[
        str | None, typer.Option(metavar="Li,P,S", help="Else all with a reference.")
    ] = None,
    without: Annotated[
        Path | None,
        typer.Option(metavar="LABELS.csv", help="Labels to be fine-tuned on: left out."),
    ] = None,
    structures: Annotated[
        Path | None,
        typer.Option(metavar="DIR|FILE.jsonl", help="What their column `structure` names."),
    ] = None,
    epochs: Epochs = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Teach a network labels made with a potential (ML labels); the same command goes on.

    Example: anolyte learn pretrain --out start.safetensors --without g.csv --structures cells
    """
    from anolyte.atoms.graph_net import checkpoint, made_labels, pretraining
    from anolyte.atoms.learned import label_file, structure_file

    _check(out)
    _one_thread()
    barred: tuple[str, ...] = ()
    if without is not None:
        barred = (
            structure_file.read(without, structures) if structures else label_file.read(without)
        ).compositions
    usable = sorted(made_labels.references())
    chosen = [e.strip() for e in elements.split(",") if e.strip()] if elements else usable
    if strange := [e for e in chosen if e not in usable]:
        raise DataError(f"no reference energy of {', '.join(strange)}; there are {len(usable)}")
    made = pretraining.labelled(
        labels or out.with_suffix(".npz"), chosen, count, seed, _progress(json)
    )
    network, known, metrics = pretraining.pretrain(made, barred, seed, epochs, _progress(json))
    split = "a tenth of the chemical systems is held out; made crystals"
    checkpoint.save(out, network, split, metrics, known.compositions)
    _show(_card(out), json)


def _check(out: Path) -> None:
    """Say now, not after the training, that nothing can be written there."""
    from anolyte.atoms.graph_net.checkpoint import check_name

    check_name(out)
    if not out.parent.is_dir():
        raise DataError(f"{out}: there is no folder {out.parent}; make it first")


def _card(path: Path) -> dict[str, Any]:
    """The card of a model of whichever kind."""
    from anolyte.atoms.graph_net import checkpoint
    from anolyte.atoms.graph_net import heads as structured
    from anolyte.atoms.learned import heads

    return checkpoint.read_card(path, heads.FORMAT, structured.FORMAT, checkpoint.FORMAT)


def _progress(json: bool) -> Progress:
    from anolyte.core import progress

    return progress.silent if json else progress.with_time_left()


def _one_thread() -> None:
    """Networks of this size lose by more threads, and answers depend on their number."""
    from anolyte.atoms.graph_net.network import import_torch

    import_torch().set_num_threads(1)


def _show(found: Mapping[str, Any], json: bool) -> None:
    from anolyte.faces.console import Page, print_json

    if json:
        print_json(found)
        return
    page = Page()
    for name, value in found.items():
        if name not in (*HIDDEN, "errors", "answered", "transfer"):
            page.line(f"{name}: {value}")
    errors = found.get("errors")
    if not errors:
        return
    unit, answered = found["target"]["unit"], found.get("answered", {})
    page.heading(f"Mean absolute error of held-out chemical systems [{unit}]")
    page.columns(
        [
            (name, f"{error:.3g}", f"{answered[name]:.0%}" if answered else "")
            for name, error in errors.items()
        ],
        head=("learner", "error", "speaks of" if answered else ""), right=(1, 2),
    )  # fmt: skip
    best = min(errors, key=errors.__getitem__)
    if "transfer" in found:
        page.line(found["transfer"])
    if best != found["learner"]:
        page.line(f"Kept: {found['learner']}. Better here: {best}.")
