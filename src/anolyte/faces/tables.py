"""Answers as people read them in a terminal: the verdict first, then why, then what it hangs on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from anolyte.core.result import Level
from anolyte.faces import views
from anolyte.faces.console import Page
from anolyte.materials import references
from anolyte.models.reactions import Profile, ReactionsResult
from anolyte.models.window import WindowResult
from anolyte.studies.assess import Assessment

if TYPE_CHECKING:  # its model brings a compiler
    from anolyte.models.window_uncertainty import WindowUncertaintyResult

SHORT_LADDER = 3
WHOLE_REMEDIES, SHORT_REMEDIES, FORBIDDEN_REMEDIES = 4, 20, 4


def assessment(result: Assessment, report: str = "") -> None:
    """The verdict on an interface, one line a concern, a short ladder, and what to look at next.

    Args:
        result: The assessment.
        report: Where its page was written; empty: say how to get one.
    """
    page = Page()
    cell = result.cell
    page.line(views.interface(cell), "bold")
    page.line(views.conditions(cell), "dim")
    page.line()
    page.line(f"Verdict: {result.verdict}", "bold")
    page.line()
    rows: list[tuple[str, ...]] = []
    told = " ".join(f.reason for f in result.headlines)
    for head, others in views.findings(result):
        rows.append((str(head.concern), str(head.level), _label(head), head.reason))
        rows += [
            ("", str(f.level), _label(f), f.reason)
            for f in others
            if (f.level != Level.UNKNOWN or f.numbers)
            and f.reason.rpartition(" by ")[2] not in told
        ]
    page.columns(rows)
    window = views.result_of(result, WindowResult)
    if window is not None:
        _short_ladder(page, window)
    _remedies(page, result)
    if result.next_steps:
        page.heading("Look at next")
        page.bullets(result.next_steps)
    _mind(page, result)
    _foot(page, result, report)


def _label(finding: Any) -> str:
    return "" if finding.label == str(finding.level) else finding.label


def _short_ladder(page: Page, w: WindowResult) -> None:
    page.heading(f"Window of {w.electrolyte}: {views.limits(w)} ({w.convention})")
    down = [s for s in w.steps if s.side == "reduction"]
    up = [s for s in w.steps if s.side == "oxidation"][:1]
    shown = [views.ladder_row(s) for s in [*reversed(up), *down[:SHORT_LADDER]]]
    page.columns(
        [(r[0], r[1], r[4], r[5]) for r in shown], head=("", "V", "mAh/g", ""), right=(1, 2)
    )
    if (more := len(w.steps) - len(shown)) > 0:
        page.line(f"  and {more} more: anolyte window {w.electrolyte}", "dim")


def _remedies(page: Page, result: Assessment) -> None:
    """The best few remedies whole, the other measured or modelled ones in a line each."""
    best = views.usable(result)
    if not best:
        return
    wanted = dict.fromkeys(str(c) for r in best for c in r.wanted)
    page.heading(f"Remedies for {', '.join(wanted)}; tried on the models, measured ones first")
    for i, r in enumerate(best[:WHOLE_REMEDIES]):
        page.line(f"  {i + 1}. {r.title}: {r.interface} (for {', '.join(r.wanted)})")
        page.columns(views.remedy_lines(r), styles=("dim",), indent=5)
    rest = best[WHOLE_REMEDIES:]
    shown = [r for r in rest if views.is_backed(r)][:SHORT_REMEDIES]
    shown += [r for r in rest if r.cases and r not in shown][:SHORT_REMEDIES]
    page.bullets(f"{r.title}: {views.remedy_short(r)}" for r in shown)
    against = views.contraindicated(result)[:FORBIDDEN_REMEDIES]
    page.bullets((f"not here: {r.title}: {r.against[0]}" for r in against), "dim")
    count = len(result.remedies) - min(WHOLE_REMEDIES, len(best)) - len(shown) - len(against)
    if count > 0:
        page.line(
            f"  and {count} more (--report, --json; anolyte strategies NAME tells more)", "dim"
        )


def _mind(page: Page, result: Assessment) -> None:
    """What limits the answer."""
    texts = list(result.warnings)
    window = views.result_of(result, WindowResult)
    if window is not None:
        texts += _hangs_on(window)
        if window.recalled:
            texts.append(f"energies from memory, not read: {views.some(window.recalled)}")
    if result.missing:
        texts.append(
            f"known compounds of these elements without an energy here ({len(result.missing)}): "
            + views.some(result.missing)
        )
    if texts:
        page.heading("Keep in mind")
        page.bullets(dict.fromkeys(texts))


def _hangs_on(w: WindowResult) -> list[str]:
    """The limits without the phases on which they hang, in one sentence."""
    parts = [
        f"{a.case} {a.reduction_limit:.2f} to {a.oxidation_limit:.2f} V" for a in w.alternatives
    ]
    return [f"the window hangs on single phases: {views.some(parts, 3)}"] if parts else []


def _foot(page: Page, result: Assessment, report: str) -> None:
    count = len(views.source_keys(result))
    where = f"written to {report}" if report else "--report out.html writes the whole story"
    page.line()
    page.line(f"{count} sources (anolyte cite); {where}", "dim")


def window(
    w: WindowResult, sample: WindowUncertaintyResult | None = None, vapours: Sequence[str] = ()
) -> None:
    """Limits with and without what they hang on, their error bars, and the whole ladder."""
    page = Page()
    title = w.electrolyte if w.formula == w.electrolyte else f"{w.electrolyte} ({w.formula})"
    page.line(f"{title}: window {views.limits(w)}", "bold")
    page.line(f"Convention: {views.convention(w)}.")
    page.line(f"Energies: {w.energies}.")
    if w.at_rest and set(w.at_rest) != {w.formula}:
        rest = " + ".join(f"{n:.3g} {f}" for f, n in w.at_rest.items())
        page.line(f"At equilibrium without redox it consists of {rest}.")
    force = views.energy(w.driving_force)
    page.line(f"At {w.anode} ({w.anode_potential:.2f} V): {force} eV/atom, {w.products_at_anode}")
    if sample is not None:
        from anolyte.faces import uncertainties

        uncertainties.show(page, sample)
    elif w.alternatives:
        page.heading("Limits without the phases on which they hang (V vs Li/Li⁺)")
        page.columns(
            [(f"{a.reduction_limit:.2f}", f"{a.oxidation_limit:.2f}", a.case)
             for a in w.alternatives],
            head=("reduction", "oxidation", ""), right=(0, 1),
        )  # fmt: skip
    _ladder(page, w)
    if vapours:
        page.heading("Gas over it at the oxidation limit")
        page.bullets(vapours)
    _limits_of(page, (*w.warnings, *(sample.warnings if sample else ())), w.missing, w.recalled)
    _cited(page, w.sources)


def _ladder(page: Page, w: WindowResult) -> None:
    page.heading("Ladder, from the electrolyte to the end of each step")
    rows = [views.ladder_row(s) for s in w.steps]
    page.columns(
        rows, head=("", "V vs Li/Li⁺", "Li", "in all", "mAh/g", "reaction"), right=(1, 2, 3, 4)
    )
    if not rows:
        page.line("  no redox step: stable from lithium metal upwards", "dim")


def reactions(r: ReactionsResult) -> None:
    """Every junction, closed and open to lithium, kink by kink."""
    page = Page()
    page.line(r.interface, "bold")
    if r.energies:
        page.line(
            f"Energies: {r.energies}. x is the left neighbour's share of the atoms (of the atoms "
            "other than lithium where lithium may enter; energies are per such atom)."
        )
    for p in r.profiles:
        _profile(page, p)
    if r.molecular:
        page.heading("By declared molecular rule, without an energy")
        page.bullets(r.molecular)
    _limits_of(page, r.warnings, r.missing, ())
    _cited(page, r.sources)


def _profile(page: Page, p: Profile) -> None:
    is_open = p.potential is not None
    page.heading(views.profile_title(p))
    rows = [views.kink_row(k, is_open=is_open) for k in p.kinks]
    if all(abs(k.energy) < views.NEGLIGIBLE for k in p.kinks):
        page.line("  no reaction at any ratio", "dim")
    elif is_open:
        page.columns(rows, head=("x", "eV/atom", "of it by mixing", "reaction"), right=(0, 1, 2))
    else:
        page.columns(
            [(r[0], r[1], r[3]) for r in rows], head=("x", "eV/atom", "reaction"), right=(0, 1)
        )


def _limits_of(
    page: Page, warnings: tuple[str, ...], missing: tuple[str, ...], recalled: tuple[str, ...]
) -> None:
    texts = list(warnings)
    if recalled:
        texts.append(f"energies from memory, not read: {views.some(recalled)}")
    if missing:
        texts.append(f"known compounds without an energy here: {views.some(missing, 12)}")
    if texts:
        page.heading("Keep in mind")
        page.bullets(texts)


def _cited(page: Page, keys: tuple[str, ...]) -> None:
    if keys:
        page.heading("Sources")
        page.bullets(references.cite(k) for k in keys)
