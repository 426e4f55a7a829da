"""What a simulated filament came to, at the terminal and as a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from anolyte.core.units import show as display
from anolyte.faces.field_page import Told, in_time

if TYPE_CHECKING:
    from anolyte.studies.filament_convergence import Convergence
    from anolyte.studies.filament_effects import Effects
    from anolyte.studies.filaments import FilamentResult


def percent(done: int, total: int, what: str = "") -> None:
    """One line on standard error, rewritten in place on a terminal."""
    import sys

    from anolyte.core.progress import is_followed, lines

    if is_followed():
        lines(round(100.0 * done / total), 100, f"% {what}".rstrip())
    elif sys.stderr.isatty():
        sys.stderr.write(f"\r{100.0 * done / total:5.1f} % {what:30s}")
        sys.stderr.flush()
        if done >= total:
            sys.stderr.write("\n")


def told(result: FilamentResult) -> Told:
    """In words."""
    if result.time_to_short is not None:
        end = f"short after {in_time(result.time_to_short)}"
    elif result.ended:
        end = f"no short within {in_time(result.time)}"
    else:
        end = f"stopped after {in_time(result.time)}; --resume goes on"
    plane = "Two dimensions: a wall, not a needle." if result.dimensions == 2 else ""
    calibrated = (
        "Paths of cracks and critical currents are calibrated by flaw, toughness and resistance, "
        "not predicted."
    )
    cells = (
        f"cells of {display(result.spacing, 'length')}: --converge tells which numbers hang on them"
    )
    current = display(result.current_density, "current_density")
    return Told(
        "A filament, simulated", f"{result.cell}: {end}", f"a filament under {current}",
        _rows(result), [text for text in (plane, calibrated, cells) if text],
        "How to read this: orange is lithium, colour the potential, grey grain boundaries, white "
        "pores. Play, or move the slider.",
    )  # fmt: skip


def show(result: FilamentResult, page_path: str = "", plot: Path | None = None) -> None:
    """The answer on standard output."""
    from anolyte.faces.console import Page

    page, words = Page(), told(result)
    page.line(words.headline)
    page.line(words.said)
    for name, text in words.rows:
        page.line(f"  {name:<38}{text}")
    page.line()
    *calibrated, cells = words.keep_in_mind
    page.line(" ".join(calibrated))
    if result.assumed:
        page.line(f"assumed, not measured: {', '.join(result.assumed).replace('_', ' ')}")
    page.line(cells)
    if plot is not None:
        page.line(f"page with the film: {plot}")


def show_effects(result: Effects, page_path: str = "") -> None:
    """Which numbers carry the answer, on standard output."""
    from anolyte.faces.console import Page

    def told(seconds: float | None) -> str:
        return f"none in {in_time(result.until)}" if seconds is None else in_time(seconds)

    page = Page()
    page.line(f"{result.cell}: time to a short, one number changed at a time")
    page.columns(
        [
            (e.name, *("not asked" if t is None and e.refused else told(t)
                       for t in (e.less, e.as_is, e.more)))
            for e in result.effects
        ],
        head=("number", f"/ {result.effects[0].factor:g}", "as it is",
              f"x {result.effects[0].factor:g}"),
    )  # fmt: skip
    for effect in result.effects:
        if effect.refused:
            page.line(f"{effect.name}: {effect.refused}")


def show_convergence(result: Convergence, page_path: str = "") -> None:
    """Which numbers finer cells would change, on standard output."""
    from anolyte.core.units import show as told
    from anolyte.faces.console import Page

    def number(value: float | None, kind: str) -> str:
        if value is None:
            return "none"
        return in_time(value) if kind == "time" else told(value, kind)

    page = Page()
    page.line(f"{result.cell}: what finer cells and narrower cracks do to the numbers")
    page.columns(
        [
            (n.name, *(number(value, n.kind) for value in (n.as_is, n.cells, n.width)),
             "converged" if n.converged else f"{n.change:.0%} off")
            for n in result.numbers
        ],
        head=("", "as it is", "finer cells", "and cracks", ""),
    )  # fmt: skip
    (cell, finer, _), (crack, _, narrower) = (
        [told(length, "length") for length in lengths]
        for lengths in (result.spacings, result.widths)
    )
    page.line(f"cells of {cell}, then {finer}; cracks {crack} wide, then {narrower}")


def _rows(result: FilamentResult) -> list[tuple[str, str]]:
    """Names and numbers."""
    length = display(result.length, "length")
    found = [
        ("reach of the filament", display(result.depth, "length")),
        ("speed while it moves", display(result.speed, "speed")),
        ("greatest pressure of the lithium", display(result.pressure, "pressure")),
        ("overpotential of the flat anode", f"{1e3 * result.overpotential:.3g} mV"),
        ("critical one of the flaw", f"{1e3 * result.critical_overpotential:.3g} mV"),
        ("flaw", display(result.flaw_size, "length")),
        ("its stress intensity over toughness", f"{result.toughness_ratio:.2f} at most"),
        ("share of the current, at most", display(result.share, "fraction")),
        (f"current at the tip, over {length}", f"{result.focusing:.2f} times the mean"),
        ("surface of lithium over the face", f"{result.contact:.3f}"),
        ("charge not found as lithium", f"{result.balance:.0e}"),
    ]
    if result.stored is not None:
        parts = zip(
            ("stored", "in new crack", "lost in leaps"),
            (result.stored, result.cracked, result.dissipated), strict=True,
        )  # fmt: skip
        parts_told = (f"{display(share or 0.0, 'fraction')} {name}" for name, share in parts)
        found.append(("work of the lithium", ", ".join(parts_told)))
    if result.grain_size is not None:
        found.append(("grains, mean intercept", display(result.grain_size, "length")))
    if result.porosity:
        found.append(("pores, of the volume", display(result.porosity, "fraction")))
        left = display(result.left_in_pores, "fraction")
        found.append(("dead if stripped now, of all plated", f"at most {left}, in pores"))
    if result.in_boundaries is not None:
        found.append(("of its way along boundaries", display(result.in_boundaries, "fraction")))
    return found


def write_film(film: Any, result: FilamentResult, path: Path) -> None:
    """Answer and film as one page that needs no network."""
    from anolyte.faces.field_page import write
    from anolyte.faces.figures.field import film_figure

    write(path, told(result), result, film_figure(film, result))
