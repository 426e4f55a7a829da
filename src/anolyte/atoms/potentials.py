"""Interatomic potentials: a structure in; energy, forces and stress out.

A potential is any object with a `model` label and a call `(structure) -> Point`. `Chgnet` is the
universal network of Deng et al., Nat. Mach. Intell. 2023, 5, 1031, in its weights 0.3.0. Its
energies already carry the MP2020 corrections (Wang et al., Sci. Rep. 2021, 11, 15496): they are
never corrected a second time, and never joined with r2SCAN or uncorrected energies.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from anolyte.core.errors import DataError, MissingExtra, NotConverged

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from pymatgen.core import Structure

    from anolyte.atoms.crystal import Crystal

EV_PER_A3_IN_GPA = 160.21766208
# A relaxation that leaves these bounds has exploded or collapsed (share of the start volume).
VOLUME_BOUNDS = (0.5, 2.2)


@dataclass(frozen=True, slots=True)
class Point:
    """What a potential says of one structure."""

    energy: float  # eV, of the whole cell
    forces: np.ndarray  # eV/angstrom, (atoms, 3)
    stress: np.ndarray  # eV/angstrom^3, (3, 3), tension positive


class Potential(Protocol):
    """A structure to its energy, forces and stress."""

    @property
    def model(self) -> str:
        """Name and version, as written beside every number that comes out."""
        ...

    def __call__(self, structure: Structure) -> Point:
        """Energy (eV), forces (eV/angstrom) and stress (eV/angstrom^3) of a structure."""
        ...


@dataclass(frozen=True)
class Chgnet:
    """CHGNet with the weights shipped in its package, loaded offline and checked.

    Args:
        version: Folder of the weights in the package.
        sha256: Checksum of the weights file; another file is refused.
        device: Where the network runs, as torch names it: cpu, cuda, cuda:1.

    Raises:
        MissingExtra: chgnet or torch is not installed.
        DataError: The weights are not the checked ones, or there is no such device.
    """

    version: str = "0.3.0"
    sha256: str = "d14ab7c0f093efe64b60a7bcd540bca10e74fb7f46c86108a079af60524659d1"
    device: str = "cpu"

    @property
    def model(self) -> str:
        return f"CHGNet {self.version}"

    def __call__(self, structure: Structure) -> Point:
        import numpy as np

        answer = self._network.predict_structure(structure, task="efs")
        return Point(
            energy=float(answer["e"]) * len(structure),
            forces=np.asarray(answer["f"], dtype=float),
            stress=np.asarray(answer["s"], dtype=float) / EV_PER_A3_IN_GPA,
        )

    def many(self, crystals: Sequence[Crystal]) -> list[Point]:
        """Energies, forces and stresses of many crystals in one forward pass."""
        return self._points(crystals, "efs")

    def forces(self, crystals: Sequence[Crystal]) -> list[Point]:
        """Energies and forces, stresses left at zero: two thirds of the time."""
        return self._points(crystals, "ef")

    def _points(self, crystals: Sequence[Crystal], task: Literal["ef", "efs"]) -> list[Point]:
        import numpy as np

        network = self._network
        graphs = [network.graph_converter(c.pymatgen()) for c in crystals]
        answer = network.predict_graph(graphs, task=task, batch_size=len(graphs))
        found = [answer] if len(graphs) == 1 else answer
        return [
            Point(
                energy=float(a["e"]) * len(c.symbols),
                forces=np.asarray(a["f"], dtype=float),
                stress=np.asarray(a["s"], dtype=float) / EV_PER_A3_IN_GPA
                if "s" in a
                else np.zeros((3, 3)),
            )
            for a, c in zip(found, crystals, strict=True)
        ]

    @cached_property
    def _network(self) -> Any:
        try:
            import chgnet
            import torch
            from chgnet.model.model import CHGNet
        except ImportError as error:
            raise MissingExtra("CHGNet is not installed: pip install 'anolyte[ml]'") from error
        torch.set_num_threads(1)
        torch.manual_seed(0)
        folder = Path(str(chgnet.__file__)).parent / "pretrained" / self.version
        path = next(iter(sorted(folder.glob("*.pth.tar"))), None)
        if path is None or hashlib.sha256(path.read_bytes()).hexdigest() != self.sha256:
            raise DataError(
                f"the CHGNet {self.version} weights in {folder} are not the checked ones"
            )
        # weights_only: a checkpoint is data, it must not be able to run code.
        state = torch.load(path, map_location="cpu", weights_only=True)["model"]
        network = CHGNet.from_dict(state)
        network.graph_converter.set_isolated_atom_response("ignore")
        try:
            return network.to(self.device).eval()
        except (RuntimeError, AssertionError) as error:
            line = str(error).splitlines()[0]
            raise DataError(f"no network on the device '{self.device}': {line}") from None


@dataclass(frozen=True)
class FromAse:
    """Any calculator of ASE that knows energy, forces and stress.

    Args:
        calculator: The calculator.
        model: Name and version, as written beside every number.
    """

    calculator: Any
    model: str

    def __call__(self, structure: Structure) -> Point:
        from ase.stress import voigt_6_to_full_3x3_stress
        from pymatgen.io.ase import AseAtomsAdaptor

        atoms: Any = AseAtomsAdaptor.get_atoms(structure)
        atoms.calc = self.calculator
        stress = voigt_6_to_full_3x3_stress(atoms.get_stress())
        return Point(float(atoms.get_potential_energy()), atoms.get_forces(), stress)

    def many(self, crystals: Sequence[Crystal]) -> list[Point]:
        """One after the other."""
        return [self(c.pymatgen()) for c in crystals]


GROUP = "anolyte.calculators"
"""Entry points of packages that offer potentials: what they name is called without arguments and
gives a calculator of ASE, or an object with `model` and `many`."""
OWN = "chgnet"


def offered() -> tuple[str, ...]:
    """Names of the potentials that are installed, the usual one first."""
    return (OWN, *sorted(entry.name for entry in entry_points(group=GROUP)))


@dataclass(frozen=True)
class Offered:
    """A potential by its name, loaded where it is used: in every worker for itself.

    Args:
        name: `chgnet`, or that of an entry point of the group `anolyte.calculators`.
        device: Where CHGNet runs; others choose for themselves.

    Raises:
        DataError: None of that name is installed, or it does not load.
    """

    name: str = OWN
    device: str = "cpu"

    def __post_init__(self) -> None:
        if self.name not in offered():
            raise DataError(f"no potential '{self.name}'; installed are {', '.join(offered())}")

    @cached_property
    def _loaded(self) -> Any:
        if self.name == OWN:
            return Chgnet(device=self.device)
        [entry] = [e for e in entry_points(group=GROUP) if e.name == self.name][:1]
        try:
            found = entry.load()()
        except Exception as error:  # a plug-in may fail in any way
            raise DataError(f"the potential '{self.name}' does not load: {error}") from None
        if hasattr(found, "many") and hasattr(found, "model"):
            return found
        if hasattr(found, "get_potential_energy"):
            return FromAse(found, self.name)
        raise DataError(
            f"the potential '{self.name}' is neither a calculator of ASE nor has it model and many"
        )

    @property
    def model(self) -> str:
        """Name and version."""
        return str(self._loaded.model)

    def __call__(self, structure: Structure) -> Point:
        """Of one structure."""
        return self._loaded(structure)

    def many(self, crystals: Sequence[Crystal]) -> Sequence[Point]:
        """Of many."""
        return self._loaded.many(crystals)

    def forces(self, crystals: Sequence[Crystal]) -> Sequence[Point]:
        """Without stresses where it can leave them out."""
        of = getattr(self._loaded, "forces", self._loaded.many)
        return of(crystals)


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The end of a relaxation; `fmax` in eV/angstrom, `energy` in eV of the cell."""

    structure: Structure
    energy: float
    steps: int
    fmax: float
    converged: bool


def relax(
    structure: Structure, potential: Potential, fmax: float = 0.05, steps: int = 300
) -> Relaxed:
    """Relax cell and positions until every generalised force is below `fmax`.

    Positions and the logarithm of the deformation gradient move together (Frechet cell filter)
    under a limited-memory BFGS, which takes about half the steps of FIRE to the same energy.

    Args:
        structure: Ordered structure.
        potential: Energy, forces, stress.
        fmax: Largest force, eV/angstrom.
        steps: Step limit; running into it gives `converged=False`.

    Raises:
        NotConverged: The volume left 0.5 to 2.2 times the start, or a number is not finite.
    """
    import numpy as np
    from ase.filters import FrechetCellFilter
    from ase.optimize import LBFGS
    from pymatgen.io.ase import AseAtomsAdaptor

    # Any: the types that ase states are narrower than what it takes and gives.
    atoms: Any = AseAtomsAdaptor.get_atoms(structure.copy(site_properties={}))
    atoms.calc = _calculator(potential)
    moving: Any = FrechetCellFilter(atoms)
    quiet: Any = None
    optimizer = LBFGS(moving, logfile=quiet)
    largest = np.inf
    for _ in optimizer.irun(fmax=fmax, steps=steps):
        largest = float(np.sqrt((moving.get_forces() ** 2).sum(axis=1).max()))
        share = atoms.get_volume() / structure.volume
        if not np.isfinite(largest) or not VOLUME_BOUNDS[0] < share < VOLUME_BOUNDS[1]:
            raise NotConverged(
                f"{structure.composition}: the cell went to {share:.2f} of its start"
            )
    end = AseAtomsAdaptor.get_structure(atoms)
    energy = float(atoms.get_potential_energy())
    return Relaxed(end, energy, optimizer.nsteps, largest, largest < fmax)


def _calculator(potential: Potential) -> Any:
    """An ASE calculator around a potential."""
    from ase.calculators.calculator import Calculator, all_changes
    from pymatgen.io.ase import AseAtomsAdaptor

    class _Adapter(Calculator):
        implemented_properties = ["energy", "forces", "stress"]

        def calculate(self, atoms: Any = None, properties=None, system_changes=all_changes):
            super().calculate(atoms, properties, system_changes)
            point = potential(AseAtomsAdaptor.get_structure(atoms))
            voigt = point.stress[[0, 1, 2, 1, 0, 0], [0, 1, 2, 2, 2, 1]]
            self.results = {"energy": point.energy, "forces": point.forces, "stress": voigt}
            self.results["free_energy"] = point.energy

    return _Adapter()
