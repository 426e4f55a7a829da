"""What a result was made with: versions, data hashes, models, settings."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import anolyte
from anolyte.materials.phases import Phases
from anolyte.materials.stack import Interface


@dataclass(frozen=True)
class Provenance:
    """Enough to repeat a result and to see what changed.

    Args:
        version: Of anolyte.
        energies: Kind and origin of the reference energies.
        energies_digest: Their SHA-256.
        interface_digest: SHA-256 of the materials and layers, numbers and sources included.
        materials: Name to digest of every material from the user's own files.
        models: Names of the models asked.
        references: Citation keys of the models.
        environment: Versions that numbers may depend on.
    """

    version: str = ""
    energies: str = ""
    energies_digest: str = ""
    interface_digest: str = ""
    materials: Mapping[str, str] = field(default_factory=dict)
    models: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


def provenance(interface: Interface, phases: Phases, models: Iterable[Any]) -> Provenance:
    """The provenance of a study of one interface."""
    import numpy as np

    models = tuple(models)
    materials = [interface.electrolyte, interface.anode, *(x.material for x in interface.layers)]
    references = dict.fromkeys(k for m in models for k in m.references)
    return Provenance(
        version=anolyte.__version__,
        energies=f"{phases.kind} ({phases.origin})",
        energies_digest=phases.digest,
        interface_digest=interface.digest,
        materials={m.name: m.digest for m in materials if m.digest},
        models=tuple(type(m).__name__ for m in models),
        references=tuple(references),
        environment={
            "python": platform.python_version(),
            "numpy": np.__version__,
            "platform": platform.system(),
        },
    )
