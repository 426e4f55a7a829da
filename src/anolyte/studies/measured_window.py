"""A measured voltammogram beside the computed window of its electrolyte, and why they differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from anolyte.core.errors import DataError
from anolyte.core.result import Result, quantity
from anolyte.materials.evidence import evidence
from anolyte.materials.records import Record
from anolyte.materials.references import cite
from anolyte.measure.traces.voltammetry import ElectrodeKind, Onset, Voltammogram
from anolyte.models.window import WindowResult, window

AGREES = 0.1
"""Volts within which a measured onset and a computed limit say the same: the error of the energies
and of an onset together."""


@dataclass(frozen=True, kw_only=True)
class MeasuredWindow(Result):
    """Onsets beside computed limits; potentials against Li/Li+.

    Args:
        electrolyte: Name.
        reduction_limit, oxidation_limit: Computed, V.
        reduction_onset, oxidation_onset: Measured by threshold in the first sweep that shows one,
            V; None: none was seen.
        reduction_tangent, oxidation_tangent: The same by tangent, V.
        reduction_gap, oxidation_gap: How far the measured onset lies outside the computed window,
            V; negative: inside it.
        reasons: What such gaps usually come from, a sentence each.
        reported: What others measured on this electrolyte, with their sources.
        computed: The window behind it.
        measured: The voltammogram behind it.
        warnings: A sentence each.
        sources: Citation keys.
    """

    electrolyte: str
    reduction_limit: float = quantity("electrode_potential")
    oxidation_limit: float = quantity("electrode_potential")
    reduction_onset: float | None = quantity("electrode_potential")
    oxidation_onset: float | None = quantity("electrode_potential")
    reduction_tangent: float | None = quantity("electrode_potential")
    oxidation_tangent: float | None = quantity("electrode_potential")
    reduction_gap: float | None = quantity("electrode_potential")
    oxidation_gap: float | None = quantity("electrode_potential")
    reasons: tuple[str, ...] = ()
    reported: tuple[str, ...] = ()
    computed: WindowResult
    measured: Voltammogram
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    # what a page of a voltammogram reads
    @property
    def file(self) -> str:
        """Where the trace was read."""
        return self.measured.file

    @property
    def onsets(self) -> tuple[Onset, ...]:
        """Of every sweep."""
        return self.measured.onsets

    @property
    def scan_rate(self) -> float:
        """Median, V/s."""
        return self.measured.scan_rate

    @property
    def electrode(self) -> str:
        """Kind of the working electrode."""
        return self.measured.electrode

    @property
    def area(self) -> float | None:
        """m2; None: not given."""
        return self.measured.area

    @property
    def against_lithium(self) -> bool:
        """Whether voltages are against Li/Li+."""
        return self.measured.against_lithium

    def rows(self) -> list[dict[str, Any]]:
        """One row a side."""
        return [
            {
                "electrolyte": self.electrolyte, "side": side,
                "computed limit [V vs Li/Li⁺]": limit, "onset by tangent [V vs Li/Li⁺]": tangent,
                "onset by threshold [V vs Li/Li⁺]": onset, "beyond the window by [V]": gap,
                "scan rate [mV s⁻¹]": 1e3 * self.scan_rate, "electrode": self.electrode,
            }
            for side, limit, tangent, onset, gap in (
                ("reduction", self.reduction_limit, self.reduction_tangent, self.reduction_onset,
                 self.reduction_gap),
                ("oxidation", self.oxidation_limit, self.oxidation_tangent, self.oxidation_onset,
                 self.oxidation_gap),
            )
        ]  # fmt: skip


def beside_computed(
    measured: Voltammogram, electrolyte: Any, computed: WindowResult | None = None,
    records: Iterable[Record] | None = None,
) -> MeasuredWindow:  # fmt: skip
    """Measured onsets beside the computed window.

    Args:
        measured: A voltammogram against lithium.
        electrolyte: Name, formula or object.
        computed: Its window, where it is known already.
        records: Measurements of others; None: the evidence.

    Raises:
        DataError: The voltages are not against lithium.
        MissingPhases: The energies do not cover the electrolyte.
    """
    if not measured.against_lithium:
        raise DataError(
            f"{measured.file or 'voltammogram'}: its voltages are not known to be against Li/Li+, "
            "as those of a computed window are; give --electrodes 'C|Li', the working one first"
        )
    found = computed or window(electrolyte)
    down, up = measured.reduction, measured.oxidation
    below = None if down is None or down.threshold is None else (
        found.reduction_limit - down.threshold)  # fmt: skip
    above = None if up is None or up.threshold is None else up.threshold - found.oxidation_limit
    known = evidence() if records is None else tuple(records)
    return MeasuredWindow(
        electrolyte=found.electrolyte, reduction_limit=found.reduction_limit,
        oxidation_limit=found.oxidation_limit,
        reduction_onset=None if down is None else down.threshold,
        oxidation_onset=None if up is None else up.threshold,
        reduction_tangent=None if down is None else down.tangent,
        oxidation_tangent=None if up is None else up.tangent, reduction_gap=below,
        oxidation_gap=above, reasons=_reasons(measured, below, above),
        reported=_reported(known, found.electrolyte), computed=found, measured=measured,
        warnings=tuple(dict.fromkeys((*measured.warnings, *found.warnings))),
        sources=tuple(dict.fromkeys((*measured.references, *found.sources))),
    )  # fmt: skip


def _reasons(measured: Voltammogram, below: float | None, above: float | None) -> tuple[str, ...]:
    """What gaps of this sign usually come from."""
    told = []
    gaps = [g for g in (below, above) if g is not None]
    unseen = [o for o in measured.onsets if o.threshold is None]
    if any(g > AGREES for g in gaps) or (unseen and not gaps):
        told.append(
            "wider than computed: the first reaction makes a layer that carries no electrons and "
            "stops it (passivation), or it is too slow for this scan rate"
        )
        if measured.electrode != ElectrodeKind.CARBON_COMPOSITE:
            told.append(
                "a flat electrode has so little area that the current of decomposition stays under "
                "the threshold; carbon in the electrolyte shows it"
            )
    if any(g < -AGREES for g in gaps):
        told.append(
            "narrower than computed: carbon, binder, collector, moisture or a second phase reacts "
            "first, or lithium alloys with the electrode"
        )
    if gaps and not told:
        told.append(f"both agree within {AGREES:g} V, the error of the energies")
    return tuple(told)


def _reported(records: Iterable[Record], electrolyte: str) -> tuple[str, ...]:
    """Measured windows of this electrolyte in the evidence."""
    return tuple(
        f"{r.as_printed or r.value} ({r.method or 'experiment'}; {cite(r.source.key)}"
        + (f"; {r.doubt}" if r.doubt else "") + ")"
        for r in records
        if r.quantity == "measured_window" and r.electrolyte == electrolyte
    )  # fmt: skip
