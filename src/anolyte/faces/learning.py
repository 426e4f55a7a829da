"""The verbs `learn train`, `learn predict` and `learn card`: models of the user's own labels."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from anolyte.faces.options import Json

app = typer.Typer(
    name="learn", no_args_is_help=True, rich_markup_mode=None,
    help="Learn a property from labels of your own, with intervals; all take --json.",
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip
Model = Annotated[Path, typer.Argument(metavar="MODEL.safetensors", help="Made by `learn train`.")]
Trust = Annotated[
    bool, typer.Option("--trust", help="Take a model whose hash is not that of its card.")
]


@app.command()
def train(
    labels: Annotated[Path, typer.Argument(metavar="LABELS.csv", help="formula, 'name [unit]'.")],
    out: Annotated[Path, typer.Option(metavar="MODEL.safetensors", help="Card beside it.")],
    label_kind: Annotated[str, typer.Option(metavar="TEXT", help="What they are.")] = "measured",
    level: Annotated[float, typer.Option(metavar="0.9", help="Of the intervals.")] = 0.9,
    seed: Annotated[int, typer.Option(metavar="N", help="Of folds and learners.")] = 0,
    json: Json = False,
) -> None:
    """Learn from formulas; mean, forest and Gaussian process on the same folds, the best is kept.

    Example: anolyte learn train gaps.csv --out gaps.safetensors
    """
    from anolyte.atoms.learned import heads, label_file

    head = heads.train(label_file.read(labels, label_kind), level, seed)
    heads.save(out, head)
    _show(heads.read_card(out), json)


@app.command()
def predict(
    model: Model,
    formulas: Annotated[list[str], typer.Argument(metavar="FORMULA ...", help="Compositions.")],
    trust: Trust = False,
    json: Json = False,
) -> None:
    """What a model says of formulas, with intervals; unknown outside of its labels.

    Example: anolyte learn predict gaps.safetensors LiF Li2O
    """
    from anolyte.atoms.learned import heads
    from anolyte.faces.console import clean, print_json

    head = heads.load(model, trust)
    target, level = head.data.targets[0], head.intervals.level
    found = head(formulas)
    if json:
        rows = [asdict(s) for s in found]
        print_json({"target": asdict(target), "learner": head.learner, "level": level,
                    "predictions": rows})  # fmt: skip
        return
    print(clean(f"{target.name} [{target.unit}], {target.label_kind}; {level:.0%}; {head.learner}"))
    for s in found:
        said = f"unknown: {s.why}" if s.value is None else f"{s.value:.3g} ± {s.half_width:.2g}"
        print(clean(f"  {s.formula}  {said}"))


@app.command()
def card(model: Model, json: Json = False) -> None:
    """What a model was trained on, how, and what it reached beside the plain ones.

    Example: anolyte learn card gaps.safetensors
    """
    from anolyte.atoms.learned import heads

    _show(heads.read_card(model), json)


def _show(found: dict[str, object], json: bool) -> None:
    from anolyte.faces.console import clean, print_json

    if json:
        print_json(found)
        return
    for name, value in found.items():
        if name not in ("formulas", "elements"):
            print(clean(f"{name}: {value}"))
