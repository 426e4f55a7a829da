"""The verb `air`: what moisture, carbon dioxide and oxygen do to a solid; energies at heat."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from anolyte.core.errors import DataError
from anolyte.core.units import ELEMENTARY_CHARGE, ZERO_CELSIUS, si
from anolyte.faces.options import AsPrinted, Csv, Entries, Json, Materials

if TYPE_CHECKING:
    from anolyte.laws.gibbs import GibbsPhases
    from anolyte.materials.atmosphere import Atmosphere
    from anolyte.materials.phases import Phases
    from anolyte.models.air import AirResult, Attack, Release

Temperature = Annotated[str | None, typer.Option(metavar='"60 C"', help="Temperature.")]
Gases = Annotated[
    list[str] | None,
    typer.Option("--gas", metavar='"O2:0.2 bar"', help="A gas and its pressure; repeatable."),
]


def air(
    material: Annotated[str, typer.Argument(metavar="MATERIAL", help="Name or formula.")],
    where: Annotated[
        str,
        typer.Option(
            "--in", metavar="NAME", help="ambient, dry room, glovebox, wet, dry carbon dioxide."
        ),
    ] = "ambient",
    dew_point: Annotated[
        str | None, typer.Option(metavar='"-40 C"', help="Humidity, as a dew (frost) point.")
    ] = None,
    humidity: Annotated[
        str | None, typer.Option(metavar='"50 %"', help="Humidity, of the saturated one.")
    ] = None,
    gas: Annotated[
        list[str] | None,
        typer.Option(metavar='"CO2:420 ppm"', help="Share of a dry gas; repeatable."),
    ] = None,
    temperature: Temperature = None,
    released_at: Annotated[
        str | None,
        typer.Option(metavar='"1 ppm"', help="Share of a gas that forms and is carried away."),
    ] = None,
    save: Annotated[
        Path | None, typer.Option(metavar="OUT.json", help="Write the whole result.")
    ] = None,
    json: Json = False,
    csv: Csv = False,
    materials: Materials = None,
    entries: Entries = None,
    as_printed: AsPrinted = False,
) -> None:
    """What air does to a solid: reactions with water, CO2 and O2, gases released, from when on.

    Example: anolyte air Li6PS5Cl --in "dry room"
    """
    from anolyte.faces import asking, export
    from anolyte.laws.gibbs import STANDARD
    from anolyte.materials.atmosphere import share
    from anolyte.materials.stack import Conditions
    from anolyte.models.air import TRACE, Air, solid_of

    export.only_one(json=json, csv=csv)
    gases = _atmosphere(where, dew_point, humidity, gas or ())
    trace = TRACE if released_at is None else share(released_at) * STANDARD
    solid = solid_of(asking.library(materials), material, as_printed=as_printed)
    conditions = Conditions(temperature=temperature or 298.15)
    result = Air(gases, asking.energies(entries), trace)(solid, conditions)
    if save is not None:
        from anolyte.studies.files import save as write

        write(result, save)
    if json:
        from anolyte.faces.console import print_json

        print_json(result.to_dict())
    elif csv:
        export.print_csv(result.rows())
    else:
        show(result)


def _atmosphere(
    where: str, dew_point: str | None, humidity: str | None, gases: Sequence[str]
) -> Atmosphere:
    from anolyte.materials.atmosphere import DewPoint, RelativeHumidity, atmosphere, share

    found = atmosphere(where)
    if dew_point and humidity:
        raise DataError("--dew-point and --humidity both state the water; give one of them")
    if dew_point:
        found = found.moist(DewPoint(si(dew_point, "temperature")))
    if humidity:
        found = found.moist(RelativeHumidity(share(humidity)))
    for text in gases:
        name, colon, value = text.partition(":")
        if not colon:
            raise DataError(f"--gas '{text[:40]}': write a gas and its share, such as CO2:420 ppm")
        found = found.with_gas(name.strip(), share(value))
    return found


def energies_at(phases: Phases, temperature: str | None, gases: Sequence[str]) -> Phases:
    """Energies at `--temperature` with gases at `--gas` pressures; as they are without both.

    Raises:
        DataError: Gases without a temperature.
    """
    if temperature is None:
        if gases:
            raise DataError("--gas needs --temperature: energies at 298 K are enthalpies")
        return phases
    from anolyte.laws.gibbs import at
    from anolyte.materials.atmosphere import partial_pressure

    return at(phases, si(temperature, "temperature"), dict(map(partial_pressure, gases)))


def vapour_lines(
    phases: GibbsPhases,
    composition: dict[str, float],
    oxidation: float,
    potentials: Sequence[float],
) -> list[str]:
    """Lines that say which gas stands over a solid at potentials around its oxidation limit."""
    from anolyte.laws.vapours import gas_pressures

    lines = []
    for potential in (oxidation, *potentials):
        if not math.isfinite(potential):
            continue
        found = gas_pressures(phases, composition, potential).items()
        told = ", ".join(f"{g} {_pressure(p)}" for g, p in found if p > VISIBLE)
        lines.append(f"{potential:.2f} V: {told or 'no gas above 1e-6 Pa'}")
    return lines


VISIBLE = 1e-6


def show(result: AirResult) -> None:
    """The reactions as people read them."""
    from anolyte.faces.console import Page

    page = Page()
    page.line(f"{result.material} ({result.formula}) in {result.atmosphere}", "bold")
    gases = ", ".join(f"{g} {_pressure(p)}" for g, p in result.pressures.items())
    page.line(
        f"{result.temperature - ZERO_CELSIUS:g} °C; {gases}; dew point "
        f"{_celsius(result.dew_point)}; other gases {_pressure(result.product_pressure)}",
        "dim",
    )
    for attack in result.attacks:
        _attack(page, attack)
    if result.warnings:
        page.heading("Mind")
        page.bullets(result.warnings)
    if result.missing:
        page.line(f"not in the energies: {', '.join(result.missing)}", "dim")
    page.line(f"energies: {result.energies}", "dim")


def _attack(page: object, attack: Attack) -> None:
    from anolyte.faces.console import Page

    assert isinstance(page, Page)
    how = "no change of oxidation states" if attack.exchange else "with redox"
    page.heading(f"{attack.case} ({how})")
    if not attack.reaction:
        page.line(f"  nothing, with {1 - attack.likelihood:.0%} of the drawn energies")
        return
    mev = 1000.0 / ELEMENTARY_CHARGE
    rows = [
        ("reaction", attack.reaction),
        (
            "driving force",
            f"{mev * attack.driving_force:.0f} ± {mev * attack.sigma:.0f} meV/atom, "
            f"{attack.per_formula_unit / ELEMENTARY_CHARGE:.2f} eV per formula unit; with "
            f"{attack.likelihood:.0%} of the drawn energies",
        ),
        *(("released", _released(r)) for r in attack.releases),
        ("mass gain", f"{100.0 * attack.mass_gain:.0f} %"),
        ("from", _onset(attack)),
        ("needs", f"{attack.supply:.3g} L of this gas per gram"),
    ]
    if attack.estimated:
        rows.append(("estimated entropies", "; ".join(attack.estimated)))
    page.columns(rows)


def _released(release: Release) -> str:
    return (
        f"{release.gas}: {1000.0 * release.volume:.0f} ± {1000.0 * release.sigma:.0f} mL per gram "
        f"(0 °C, 1 bar), {release.amount:.3g} per formula unit; in balance at "
        f"{_pressure(release.pressure)}"
    )


def _onset(attack: Attack) -> str:
    first = "water" if attack.onset_dew_point is not None else "the first gas"
    if attack.onset is None:
        return "no pressure below saturation"
    if attack.onset == 0.0:
        return "any pressure"
    at = attack.onset_dew_point
    dew = f", dew point {_celsius(at)}" if at is not None else ""
    return f"{_pressure(attack.onset)} of {first}{dew}"


def _pressure(value: float) -> str:
    if math.isinf(value):
        return "any pressure"
    return f"{value / 1e5:.3g} bar" if 1e3 <= value < 1e10 else f"{value:.2g} Pa"


def _celsius(kelvin: float) -> str:
    return "below -73 °C" if math.isnan(kelvin) else f"{kelvin - ZERO_CELSIUS:.0f} °C"
