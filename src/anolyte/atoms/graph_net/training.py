r"""Training of the network: AdamW, one cycle of the rate, absolute errors of standardised targets.

$$ L = \frac{\sum_{ik} w_k\,|\hat y_{ik} - (y_{ik} - \mu_k)/s_k|}{\sum_{ik} w_k} $$

over the labels that exist; $\mu_k$ and $s_k$ are those of the training rows alone. Fine-tuning
starts from trained weights, gives the network new heads and lets everything move at a third of the
rate. The same seed gives the same weights on the same version of torch and one thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.atoms.crystal import Crystal
from anolyte.atoms.graph_net.graphs import Graph, graph, pack
from anolyte.atoms.graph_net.network import READ_OUT, build, import_torch, inputs
from anolyte.atoms.learned.labels import Labelled, Target
from anolyte.core.errors import DataError
from anolyte.core.progress import Progress, silent

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Settings:
    """How a network is trained.

    Args:
        epochs: Times that every label is seen.
        rate: Highest learning rate.
        batch: Graphs a step.
        decay: Of the weights.
        seed: Of the first weights and of the order of the labels.
        weights: Of each target in the loss; empty: equal.
    """

    epochs: int = 60
    rate: float = 3e-3
    batch: int = 32
    decay: float = 1e-2
    seed: int = 0
    weights: tuple[float, ...] = ()


PRE_TRAINING = Settings(epochs=25)
FINE_TUNING = Settings(rate=1e-3)


@dataclass(frozen=True)
class Scaler:
    """Mean and standard deviation of each target over the training rows.

    Args:
        mean, deviation: In the units of the targets.
    """

    mean: tuple[float, ...]
    deviation: tuple[float, ...]

    @classmethod
    def of(cls, values: Array) -> Scaler:
        """From the labels of the training rows.

        Raises:
            DataError: A target without any label.

        >>> Scaler.of(np.array([[1.0], [3.0]]))
        Scaler(mean=(2.0,), deviation=(1.0,))
        """
        if np.isnan(values).all(axis=0).any():
            raise DataError("a target has no label in the training rows")
        deviation = np.nanstd(values, axis=0)
        deviation[deviation < 1e-12] = 1.0
        return cls(tuple(np.nanmean(values, axis=0).tolist()), tuple(deviation.tolist()))

    def apply(self, values: Array) -> Array:
        """To mean 0 and deviation 1."""
        return (values - np.array(self.mean)) / np.array(self.deviation)

    def undo(self, values: Array) -> Array:
        """Back to the units of the targets."""
        return values * np.array(self.deviation) + np.array(self.mean)


@dataclass(frozen=True, eq=False)
class Trained:
    """A trained network and what must be known of it.

    Args:
        network: Its weights.
        targets: What it gives.
        scaler: Of the training rows.
        elements: Seen in training; those of the pre-training count as seen.
        data: Digest of the labels.
        settings: Of the last training.
        before: Digest of the labels and kind of labels of the pre-training; empty: none.
    """

    network: Any = field(repr=False)
    targets: tuple[Target, ...]
    scaler: Scaler
    elements: frozenset[str]
    data: str
    settings: Settings
    before: tuple[str, ...] = ()

    def __call__(self, crystals: Sequence[Crystal]) -> Array:
        """Each target of each crystal; NaN outside the domain: see `outside`.

        Returns:
            (crystals, targets), in the units of the targets.
        """
        found = np.full((len(crystals), len(self.targets)), np.nan)
        inside = [i for i, c in enumerate(crystals) if not self.outside(c)]
        if inside:
            graphs = [cached_graph(crystals[i]) for i in inside]
            found[inside] = self.scaler.undo(forward(self.network, graphs))
        return found

    def outside(self, crystal: Crystal) -> str:
        """Why nothing is said of a crystal; empty: something is."""
        strange = sorted(set(crystal.symbols) - self.elements)
        return f"no label of the training holds {', '.join(strange)}" if strange else ""


@lru_cache(maxsize=20000)
def cached_graph(crystal: Crystal) -> Graph:
    """The graph of a crystal; one crystal is trained on many times."""
    return graph(crystal)


def train(
    data: Labelled,
    settings: Settings | None = None,
    start: Trained | None = None,
    progress: Progress = silent,
) -> Trained:
    """Train a network, from scratch or from another that has learned something else.

    Args:
        data: Labels with structures.
        settings: None: `FINE_TUNING` with a start, else the defaults.
        start: Pre-trained; its read-out is kept, its heads are not.
        progress: Told of every epoch.

    Raises:
        DataError: Fewer than two labels, no structures.
        MissingExtra: torch is not installed.
    """
    if len(data) < 2 or not data.crystals:
        raise DataError(f"a network needs at least two structures with labels, not {len(data)}")
    settings = settings or (FINE_TUNING if start else Settings())
    graphs = [cached_graph(c) for c in data.crystals]
    network = build(len(data.targets), settings.seed)
    if start is not None:
        _take_over(network, start.network)
    scaler = Scaler.of(data.values)
    _fit(network, graphs, scaler.apply(data.values), settings, progress)
    before = (start.data, *sorted({t.label_kind for t in start.targets})) if start else ()
    seen = data.elements | (start.elements if start else frozenset())
    return Trained(network, data.targets, scaler, seen, data.digest, settings, before)


def forward(network: Any, graphs: Sequence[Graph], batch: int = 128) -> Array:
    """Standardised outputs of many graphs."""
    torch = import_torch()
    network.eval()
    parts = (graphs[i : i + batch] for i in range(0, len(graphs), batch))
    with torch.no_grad():
        return np.vstack([network(*inputs(pack(p))).double().numpy() for p in parts])


def latent(trained: Trained, crystals: Sequence[Crystal]) -> Array:
    """What the read-out layer says of crystals, (crystals, 128): features for other models."""
    torch = import_torch()
    trained.network.eval()
    if not crystals:
        return np.zeros((0, READ_OUT))
    with torch.no_grad():
        packed = inputs(pack([cached_graph(c) for c in crystals]))
        return trained.network.latent(*packed).double().numpy()


def _take_over(network: Any, other: Any) -> None:
    """All weights but those of the heads."""
    state = {k: v for k, v in other.state_dict().items() if not k.startswith("heads.")}
    network.load_state_dict(state, strict=False)


def _fit(
    network: Any, graphs: Sequence[Graph], values: Array, settings: Settings, progress: Progress
) -> None:
    torch = import_torch()
    draws = np.random.default_rng(settings.seed)
    steps = -(-len(graphs) // settings.batch)
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=settings.rate, weight_decay=settings.decay
    )
    cycle = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, settings.rate, total_steps=max(settings.epochs * steps, 2)
    )
    packed = [inputs(g) for g in graphs]
    weights = np.array(settings.weights or [1.0] * values.shape[1])
    known = torch.from_numpy(~np.isnan(values) * weights).float()
    goal = torch.from_numpy(np.nan_to_num(values)).float()
    network.train()
    for epoch in range(settings.epochs):
        for rows in np.array_split(draws.permutation(len(graphs)), steps):
            optimizer.zero_grad()
            misses = (network(*_joined(packed, rows)) - goal[rows]).abs() * known[rows]
            (misses.sum() / known[rows].sum().clamp(min=1e-9)).backward()
            optimizer.step()
            cycle.step()
        progress(epoch + 1, settings.epochs, "epochs")


def _joined(packed: Sequence[tuple[Any, ...]], rows: Any) -> tuple[Any, ...]:
    """Graphs side by side, their edges already turned into Gaussians."""
    torch = import_torch()
    chosen = [packed[i] for i in rows]
    sizes = [len(g[0]) for g in chosen]
    starts = np.cumsum([0, *sizes])[:-1].tolist()
    numbers = torch.cat([g[0] for g in chosen])
    at = torch.cat([g[1] + s for g, s in zip(chosen, starts, strict=True)])
    to = torch.cat([g[2] + s for g, s in zip(chosen, starts, strict=True)])
    owner = torch.repeat_interleave(torch.arange(len(chosen)), torch.tensor(sizes))
    return numbers, at, to, torch.cat([g[3] for g in chosen]), owner, len(chosen)


def seeded(settings: Settings, member: int) -> Settings:
    """The settings of one member of an ensemble."""
    return replace(settings, seed=settings.seed + 1000 * member)
