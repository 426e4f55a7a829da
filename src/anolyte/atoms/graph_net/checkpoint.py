"""A trained network on disk: weights as safetensors, and a JSON card that says what they are.

`name.safetensors` holds numbers only; `name.json` holds targets, kinds of labels, scalers, elements
seen, digests of the labels, split, seed, metrics, and the hash of the weights. Without its card, or
with one whose hash does not fit, a network is refused. Nothing is ever unpickled.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from anolyte.atoms.graph_net.network import build, import_torch
from anolyte.atoms.graph_net.training import Scaler, Settings, Trained
from anolyte.atoms.learned.labels import Target
from anolyte.core.errors import DataError, MissingExtra

FORMAT = "anolyte graph network 1"
LARGEST = 64_000_000
"""Bytes of weights: ours are below one million."""


def save(
    path: Path, trained: Trained, split: str = "", metrics: Mapping[str, float] | None = None
) -> Path:
    """Write a network and its card.

    Args:
        path: Of the weights; `.safetensors`. The card lies beside it, as `.json`.
        trained: The network.
        split: How its training rows were chosen, in words.
        metrics: What it reached, with names that say on which rows.

    Returns:
        Path of the card.

    Raises:
        DataError: Another suffix.
        MissingExtra: safetensors is not installed.
    """
    _check_name(path)
    content = _safetensors().save(
        {k: v.contiguous() for k, v in trained.network.state_dict().items()}
    )
    card = {
        "format": FORMAT,
        "sha256": hashlib.sha256(content).hexdigest(),
        "targets": [asdict(t) for t in trained.targets],
        "label_kind": sorted({t.label_kind for t in trained.targets}),
        "scaler": asdict(trained.scaler),
        "elements": sorted(trained.elements),
        "data": trained.data,
        "pre_training": list(trained.before),
        "settings": asdict(trained.settings),
        "split": split,
        "metrics": dict(metrics or {}),
    }
    _replace(path, content)
    beside = path.with_suffix(".json")
    _replace(beside, (json.dumps(card, indent=1) + "\n").encode())
    return beside


def load(path: Path) -> tuple[Trained, dict[str, Any]]:
    """A network that was saved, and its card.

    Raises:
        DataError: No card, a card that does not fit the weights, or weights of another network.
        MissingExtra: torch or safetensors is not installed.
    """
    _check_name(path)
    card = _card(path.with_suffix(".json"))
    try:
        large = path.stat().st_size > LARGEST
        content = b"" if large else path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from None
    if large:
        raise DataError(f"{path} is larger than any network of this kind; it was not opened")
    if hashlib.sha256(content).hexdigest() != card.get("sha256"):
        raise DataError(
            f"{path}: the weights are not those of their card; fetch or train them again"
        )
    try:
        trained = _trained(card)
        trained.network.load_state_dict(_tensors(content, path))
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        line = str(error).splitlines()[0]
        raise DataError(f"{path}: card and weights are not of this network: {line}") from None
    return trained, card


def _card(path: Path) -> dict[str, Any]:
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(f"{path.name} is missing: weights without their card are refused") from None
    except (OSError, ValueError) as error:
        raise DataError(f"{path} is not a card: {error}") from None
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        raise DataError(f"{path} is not the card of a graph network ('{FORMAT}')")
    return card


def _trained(card: Mapping[str, Any]) -> Trained:
    targets = tuple(Target(**t) for t in card["targets"])
    scaler = Scaler(*(tuple(float(x) for x in card["scaler"][k]) for k in ("mean", "deviation")))
    if not len(targets) == len(scaler.mean) == len(scaler.deviation):
        raise ValueError("as many means and deviations as targets are needed")
    if not all(math.isfinite(x) for x in (*scaler.mean, *scaler.deviation)):
        raise ValueError("a mean or deviation is not finite")
    settings = Settings(**{**card["settings"], "weights": tuple(card["settings"]["weights"])})
    return Trained(
        build(len(targets)), targets, scaler, frozenset(card["elements"]), str(card["data"]),
        settings, tuple(card["pre_training"]),
    )  # fmt: skip


def _tensors(content: bytes, path: Path) -> Any:
    torch = import_torch()
    try:
        tensors = _safetensors().load(content)
    except Exception as error:  # the format's own error is not exported by every version
        raise DataError(f"{path} is not a safetensors file: {error}") from None
    if not all(bool(torch.isfinite(t).all()) for t in tensors.values()):
        raise ValueError("a weight is not finite")
    return tensors


def _replace(path: Path, content: bytes) -> None:
    """Whole or not at all."""
    new = path.with_name(path.name + ".new")
    new.write_bytes(content)
    new.replace(path)


def _check_name(path: Path) -> None:
    if path.suffix != ".safetensors":
        raise DataError(f"{path}: weights are kept as .safetensors; no other format is read")


def _safetensors() -> Any:
    try:
        import safetensors.torch
    except ImportError as error:
        raise MissingExtra("safetensors is not installed: pip install safetensors") from error
    return safetensors.torch
