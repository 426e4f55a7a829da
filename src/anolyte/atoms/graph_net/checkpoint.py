"""A trained network on disk: weights as safetensors, and a JSON card that says what they are.

`name.safetensors` holds numbers only; `name.json` holds targets, kinds of labels, scalers, elements
seen, digests of the labels, split, seed, metrics, and the hash of the weights. Without its card, or
with one whose hash does not fit, a network is refused. Nothing is ever unpickled.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
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
    path: Path,
    trained: Trained,
    split: str = "",
    metrics: Mapping[str, float] | None = None,
    compositions: Sequence[str] = (),
) -> Path:
    """Write a network and its card.

    Args:
        path: Of the weights; `.safetensors`. The card lies beside it, as `.json`.
        trained: The network.
        split: How its training rows were chosen, in words.
        metrics: What it reached, with names that say on which rows.
        compositions: Of the training rows: what it must not be judged on later.

    Returns:
        Path of the card.

    Raises:
        DataError: Another suffix.
        MissingExtra: safetensors is not installed.
    """
    check_name(path)
    content = format_tools().save(
        {k: v.contiguous() for k, v in trained.network.state_dict().items()}
    )
    card = {
        "format": FORMAT,
        "sha256": hashlib.sha256(content).hexdigest(),
        **described(trained),
        "split": split,
        "metrics": dict(metrics or {}),
        "compositions": sorted(set(compositions)),
    }
    write_whole(path, content)
    beside = path.with_suffix(".json")
    write_whole(beside, (json.dumps(card, indent=1) + "\n").encode())
    return beside


def described(trained: Trained) -> dict[str, Any]:
    """All of a network but its weights, as a card holds it."""
    return {
        "targets": [asdict(t) for t in trained.targets],
        "label_kind": sorted({t.label_kind for t in trained.targets}),
        "scaler": asdict(trained.scaler),
        "elements": sorted(trained.elements),
        "data": trained.data,
        "pre_training": list(trained.before),
        "settings": asdict(trained.settings),
    }


def load(path: Path, trusted: bool = False) -> tuple[Trained, dict[str, Any]]:
    """A network that was saved, and its card.

    Args:
        path: `.safetensors`; its card lies beside it.
        trusted: Take it although its hash is not that of its card.

    Raises:
        DataError: No card, a card that does not fit the weights, or weights of another network.
        MissingExtra: torch or safetensors is not installed.
    """
    check_name(path)
    card = read_card(path, FORMAT)
    content = checked(path, card, trusted)
    try:
        trained = rebuilt(card, tensors(content, path))
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        line = str(error).splitlines()[0]
        raise DataError(f"{path}: card and weights are not of this network: {line}") from None
    return trained, card


def checked(path: Path, card: Mapping[str, Any], trusted: bool = False) -> bytes:
    """The bytes of a file of weights, if they are those of its card.

    Raises:
        DataError: They are not, and are not trusted; too many, or not readable.
    """
    try:
        large = path.stat().st_size > LARGEST
        content = b"" if large else path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from None
    if large:
        raise DataError(f"{path} is larger than any network of this kind; it was not opened")
    if hashlib.sha256(content).hexdigest() != card.get("sha256") and not trusted:
        raise DataError(
            f"{path}: the weights are not those of their card; fetch or train them again"
        )
    return content


def read_card(path: Path, *formats: str) -> dict[str, Any]:
    """The card beside a file of weights.

    Raises:
        DataError: None, or one of another format.
    """
    beside = path.with_suffix(".json")
    try:
        card = json.loads(beside.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(
            f"{beside.name} is missing: weights without their card are refused"
        ) from None
    except (OSError, ValueError) as error:
        raise DataError(f"{beside} is not a card: {error}") from None
    if not isinstance(card, dict) or card.get("format") not in formats:
        raise DataError(f"{beside} is not the card of any of: {', '.join(formats)}")
    return card


def rebuilt(card: Mapping[str, Any], weights: Any) -> Trained:
    """The network that a card describes, with these weights.

    Raises:
        KeyError, TypeError, ValueError, RuntimeError: The card, or weights of another network.
    """
    targets = tuple(Target(**t) for t in card["targets"])
    scaler = Scaler(*(tuple(float(x) for x in card["scaler"][k]) for k in ("mean", "deviation")))
    if not len(targets) == len(scaler.mean) == len(scaler.deviation):
        raise ValueError("as many means and deviations as targets are needed")
    if not all(math.isfinite(x) for x in (*scaler.mean, *scaler.deviation)):
        raise ValueError("a mean or deviation is not finite")
    settings = Settings(**{**card["settings"], "weights": tuple(card["settings"]["weights"])})
    network = build(len(targets))
    network.load_state_dict(weights)
    return Trained(
        network, targets, scaler, frozenset(card["elements"]), str(card["data"]),
        settings, tuple(card["pre_training"]),
    )  # fmt: skip


def tensors(content: bytes, path: Path) -> Any:
    """Arrays by name.

    Raises:
        DataError: Not safetensors.
        ValueError: A weight that is not finite.
    """
    torch = import_torch()
    try:
        found = format_tools().load(content)
    except Exception as error:  # the format's own error is not exported by every version
        raise DataError(f"{path} is not a safetensors file: {error}") from None
    if not all(bool(torch.isfinite(t).all()) for t in found.values()):
        raise ValueError("a weight is not finite")
    return found


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all.

    Raises:
        DataError: It cannot be written.
    """
    new = path.with_name(path.name + ".new")
    try:
        new.write_bytes(content)
        new.replace(path)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror}") from None


def check_name(path: Path) -> None:
    """Refuse any other suffix."""
    if path.suffix != ".safetensors":
        raise DataError(f"{path}: weights are kept as .safetensors; no other format is read")


def format_tools() -> Any:
    """The format's own reader and writer for torch.

    Raises:
        MissingExtra: It is not installed.
    """
    try:
        import safetensors.torch
    except ImportError as error:
        raise MissingExtra("safetensors is not installed: pip install safetensors") from error
    return safetensors.torch
