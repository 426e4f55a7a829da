r"""Ionic substitution in a host with a charge audit: what a formula is owed, and ways to pay.

Putting an ion of charge $z'$ on sites of an ion of charge $z$ leaves the formula with

$$ q = \sum_i n_i z_i = n_\mathrm{site} x\,(z' - z) $$

elementary charges, $x$ the share of the sites. A formula with q other than zero is not a salt; it
is flagged, never mended in silence, and the usual ways to compensate it are offered: lithium on
interstices or off its sites, a vacancy of the anion, another anion in its place, a second ion on
the same site.

Range: usual oxidation states (`charge.STATES`), the cations of the host in their highest ones.
Whether a compensated formula is a phase is a question for the hull, not for the audit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from anolyte.core.errors import DataError
from anolyte.materials import charge, formula

MOBILE = "Li"
HALIDES = frozenset({"F", "Cl", "Br", "I"})
SMALLEST = 1e-9
SWAPS = {"S": ("Cl", "N"), "Se": ("Cl", "N"), "O": ("F", "N"), "Cl": ("", "S"), "Br": ("", "S"),
         "F": ("", "O")}  # fmt: skip
"""Anion to one of one negative charge less and one of one more that take its place."""


@dataclass(frozen=True)
class Substituted:
    """A formula that a substitution makes.

    Args:
        formula: As written, lithium first.
        host: Formula of the host.
        site, ion: The element that leaves and the one that comes.
        charge: Elementary charges a formula unit; 0: balanced.
        how: What was done beside the exchange, in words; empty: nothing.
    """

    formula: str
    host: str
    site: str
    ion: str
    charge: float = 0.0
    how: str = ""

    @property
    def says(self) -> str:
        """One sentence.

        >>> substitute("Li10GeP2S12", "Ge", "Sr")[0].says
        'Li10SrP2S12 (Sr on Ge of Li10GeP2S12) carries the charge -2: not a salt as written'
        """
        head = f"{self.formula} ({self.ion} on {self.site} of {self.host})"
        if self.charge:
            return f"{head} carries the charge {self.charge:+g}: not a salt as written"
        return f"{head}: balanced{' by ' + self.how if self.how else ''}"


def states(amounts: Mapping[str, float], text: str = "") -> dict[str, float]:
    """Oxidation states with the cations in their highest usual ones.

    Args:
        amounts: Of a formula that balances so.
        text: The formula as people wrote it.

    Raises:
        DataError: It does not balance with these, or an element has no listed states.

    >>> states({"Li": 10, "Ge": 1, "P": 2, "S": 12})
    {'Li': 1.0, 'Ge': 4.0, 'P': 5.0, 'S': -2.0}
    """
    text = text or formula.write(amounts)
    unlisted = [e for e in amounts if e not in charge.STATES]
    if unlisted:
        raise DataError(f"{text}: no usual oxidation state is listed for {', '.join(unlisted)}")
    all_anions = {e for e in amounts if e in charge.ANIONS}
    if not all_anions:
        raise DataError(f"{text}: no anion, so no charges to balance")
    strongest = max(all_anions, key=charge.ANIONS.__getitem__)
    for anions in (all_anions, {e for e in all_anions if e == strongest or e in HALIDES}):
        if (found := _balanced(amounts, anions)) is not None:
            return found
    raise DataError(f"{text}: its charges do not balance with usual oxidation states")


def _balanced(amounts: Mapping[str, float], anions: set[str]) -> dict[str, float] | None:
    """States with these anions and the cations highest, or one cation below (Fe in LiFePO4)."""
    found = {
        e: float(min(charge.STATES[e][0], -1) if e in anions else charge.STATES[e][1])
        for e in amounts
    }
    left = sum(n * found[e] for e, n in amounts.items())
    if abs(left) <= charge.TOLERANCE:
        return found
    for e, n in amounts.items():
        low, high = charge.STATES[e]
        lower = found[e] - left / n
        if e not in anions and low <= lower <= high and abs(lower - round(lower)) < SMALLEST:
            return found | {e: lower}
    return None


def substitute(host: str, site: str, ion: str, share: float = 1.0) -> tuple[Substituted, ...]:
    """The formula that an exchange of ions gives, and its compensations where it is charged.

    Args:
        host: Chemical formula.
        site: Element whose sites are taken.
        ion: Element that takes them, in its highest usual oxidation state.
        share: Of the sites, above 0 and up to 1.

    Returns:
        The formula as it stands first; then, if it is charged, those that balance it.

    Raises:
        DataError: The site is not in the host, the ion is, or a charge is not known.

    >>> [s.formula for s in substitute("Li10GeP2S12", "Ge", "Sr")]
    ['Li10SrP2S12', 'Li12SrP2S12', 'Li10SrP2S11', 'Li10SrP2S10Cl2', 'Li11SrP2S11Cl']
    >>> [s.formula for s in substitute("Li10GeP2S12", "Ge", "P")][1:2]
    ['Li9P3S12']
    >>> [s.charge for s in substitute("Li10GeP2S12", "Ge", "Sn")]
    [0.0]
    """
    amounts = formula.parse(host)
    if site not in amounts:
        raise DataError(f"{host} has no {site} to replace; it has {', '.join(amounts)}")
    if ion == site or ion not in charge.STATES:
        raise DataError(f"{ion} on {site}: " + ("the same ion" if ion == site else
                        "no usual oxidation state is listed for it"))  # fmt: skip
    if not 0.0 < share <= 1.0:
        raise DataError(f"share of the {site} sites is {share:g}; it must be above 0 and up to 1")
    known = states(amounts, host)
    moved = amounts[site] * share
    made = _with(amounts, {site: -moved, ion: moved})
    z = known.get(ion, float(charge.STATES[ion][1]))
    if (known[site] > 0.0) != (z > 0.0):
        z = float(min(charge.STATES[ion][0], -1))
    owed = moved * (z - known[site])
    first = Substituted(_text(made), host, site, ion, round(owed, 9) + 0.0)
    if abs(owed) <= SMALLEST:
        return (first,)
    ways = _compensations(made, known, owed)
    return (first, *(Substituted(_text(m), host, site, ion, 0.0, how) for m, how in ways))


def _compensations(
    made: Mapping[str, float], known: Mapping[str, float], owed: float
) -> Iterator[tuple[dict[str, float], str]]:
    """Compositions that balance, with what was done; `owed` is the charge as it stands."""
    size = abs(owed)
    if owed < 0.0:
        yield _with(made, {MOBILE: size}), f"{size:g} {MOBILE}+ on interstices"
    elif made.get(MOBILE, 0.0) > size:
        yield _with(made, {MOBILE: -size}), f"{size:g} {MOBILE}+ taken out"
    anion = max((e for e in made if known.get(e, 0.0) < 0.0), key=lambda e: made[e], default=None)
    if anion is None:
        return
    z = -known[anion]
    if owed < 0.0 and made[anion] > size / z:
        yield _with(made, {anion: -size / z}), f"{size / z:g} vacancies of {anion}"
    other = SWAPS.get(anion, ("", ""))[owed > 0.0]
    if other and made[anion] > size:
        yield _with(made, {anion: -size, other: size}), f"{size:g} {other} on sites of {anion}"
        half = 0.5 * size
        sign = 1.0 if owed < 0.0 else -1.0
        if made.get(MOBILE, 0.0) + sign * half > 0.0:
            yield (
                _with(made, {MOBILE: sign * half, anion: -half, other: half}),
                f"{half:g} {MOBILE}+ {'more' if sign > 0 else 'less'} and {half:g} {other} on "
                f"sites of {anion}",
            )


def _with(amounts: Mapping[str, float], change: Mapping[str, float]) -> dict[str, float]:
    """Amounts after a change; what is used up is gone."""
    found = {e: amounts.get(e, 0.0) + change.get(e, 0.0) for e in (*amounts, *change)}
    return {e: n for e, n in found.items() if n > SMALLEST}


def _text(amounts: Mapping[str, float]) -> str:
    return formula.write({e: round(n, 9) for e, n in amounts.items()})
