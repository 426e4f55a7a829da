r"""A computed contact: Schottky barrier and electron transfer distance from planar averages.

The barrier lines the bulk band edge up with the macroscopic potential deep in the solid,

$$ \Phi_e = \bar V_\mathrm{solid} + (E_c - \bar V)_\mathrm{bulk} - E_F . $$

Lengths in angstrom, energies in eV, as `profile`. A solid without a plateau is refused: its slab is
too thin, or it is charged.
"""

from __future__ import annotations

import numpy as np

from anolyte.atoms.first_principles.profile import FLAT, Profile
from anolyte.core.errors import DataError

SETTLED = 0.1
"""Share of the transferred electrons by which their sum may still change in the far solid."""


def schottky_from_profile(
    potential: Profile, window: float, solid: tuple[float, float], edge: float, fermi: float
) -> float:
    """Barrier for electrons from the metal, eV.

    Args:
        potential: Planar average of the electrostatic potential of the contact, eV.
        window: Of the macroscopic average, angstrom: the repeat of the planes.
        solid: Where the solid is like its bulk, from and to, angstrom.
        edge: Conduction edge over the macroscopic potential in a bulk computation, eV.
        fermi: Fermi level of the contact, on the scale of the potential, eV.

    Raises:
        DataError: No plateau, or too few points of it.
    """
    z, level = np.array(potential.z), np.array(potential.macroscopic(window).values)
    inside = level[(z >= solid[0]) & (z <= solid[1])]
    if inside.size < 8:
        raise DataError(f"{inside.size} points between {solid[0]:g} and {solid[1]:g} angstrom: "
                        "give a longer stretch of the solid")  # fmt: skip
    half = inside.size // 2
    drift = abs(float(inside[:half].mean() - inside[-half:].mean()))
    if max(drift, float(inside.std())) > FLAT:
        raise DataError(f"no plateau: the potential drifts by {drift:.2f} eV and scatters by "
                        f"{inside.std():.2f} eV in the solid; take a thicker slab")  # fmt: skip
    return float(inside.mean()) + edge - fermi


def electron_transfer_distance(
    density: Profile, interface: float, end: float, share: float = 0.9
) -> float:
    r"""Depth that holds a share of the electrons that the solid has gained, angstrom.

    $$ \int_{z_0}^{z_0+t} \Delta n\,dz = s \int_{z_0}^{z_1} \Delta n\,dz $$

    Noise cancels in the signed sum, which must have settled in the last third of the solid. It is
    a measure of a charge density, not the decay length of a tunnelling current.

    Args:
        density: Planar average of the charge density difference, electrons per angstrom.
        interface, end: The solid lies between, angstrom.
        share: Definitions differ among papers, so state it.

    Raises:
        DataError: No electrons gained, or their sum does not settle.
    """
    z, gained = np.array(density.z), np.array(density.values)
    inside = (z >= interface) & (z <= end)
    z, gained = z[inside], gained[inside]
    if z.size < 12:
        raise DataError(f"{z.size} points between {interface:g} and {end:g} angstrom are too few")
    running = np.append(0.0, np.cumsum(0.5 * (gained[1:] + gained[:-1]) * np.diff(z)))
    far = running[-(z.size // 3) :]
    total = float(far.mean())
    if total <= 0.0 or np.ptp(far) > SETTLED * total:
        raise DataError("no plateau: the electrons gained do not add up to a settled number "
                        "in the far solid; take a thicker slab")  # fmt: skip
    return float(z[np.argmax(running >= share * total)] - interface)
