"""Figures of results: `figure(result)`, one function a figure; nothing is computed here."""

from __future__ import annotations

from typing import Any

from anolyte.core.errors import DataError


def figure(result: Any) -> Any:
    """The headline figure of a result, as a `plotly.graph_objects.Figure`.

    Args:
        result: Any result of anolyte; an assessment gives the driving force against potential.

    Raises:
        DataError: A result that has no figure.

    >>> import anolyte
    >>> figure(anolyte.window("Li3YCl6")).layout.xaxis.title.text
    'potential (V vs Li/Li⁺)'
    """
    for part in (result, *getattr(result, "results", ()), getattr(result, "records", None)):
        for kind, draw in _known().items():
            if isinstance(part, kind):
                return draw(part)
    raise DataError(f"{type(result).__name__} has no figure")


def figures(result: Any) -> list[Any]:
    """Every figure of a result, the headline first: of a run also the spectra it took.

    Args:
        result: Any result of anolyte.
    """
    from anolyte.faces.figures.impedance import nyquist
    from anolyte.studies.spectra.result import SpectraResult

    if isinstance(result, SpectraResult):
        from anolyte.faces.figures.spectra import all_figures

        return list(all_figures(result).values())
    if type(result).__name__ == "Learned":
        from anolyte.faces.figures.learn import all_figures as of_learnt

        return of_learnt(result)
    spectra = getattr(result, "spectra", ())
    return [figure(result), *([nyquist(*spectra)] if spectra else [])]


def _known() -> dict[type, Any]:
    """Kind of result to the function that draws it."""
    from anolyte.faces.figures import (
        cell,
        compare,
        impedance,
        layers,
        learn,
        levers,
        polymer,
        products,
        reactions,
        resting,
        sensitivity,
        spectra,
        stability_map,
        temperature,
        traces,
        validation,
        window,
    )
    from anolyte.measure.series.polymer import PolymerResult
    from anolyte.models.cell.contact import AgeingResult, ContactResult
    from anolyte.models.cell.critical import CriticalCurrent
    from anolyte.models.cell.impedance import ImpedanceResult
    from anolyte.models.cell.run import Run
    from anolyte.models.passivation import PassivationResult
    from anolyte.models.reactions import ReactionsResult
    from anolyte.models.silicon import HostCyclingResult
    from anolyte.models.temperature import TemperatureResult
    from anolyte.models.volume import VolumeResult
    from anolyte.models.window import WindowResult
    from anolyte.studies.compare import ElectrolyteComparison
    from anolyte.studies.interlayers import InterlayerScreen
    from anolyte.studies.learn import Learned
    from anolyte.studies.levers import LeverCurve, LeverResult
    from anolyte.studies.levers.sweeps import FirstPlating, TemperatureSweep
    from anolyte.studies.maps import OperatingMap
    from anolyte.studies.query import EvidenceResult
    from anolyte.studies.sensitivity import QuickSensitivity, Sensitivity
    from anolyte.studies.silicon import SiliconComparison
    from anolyte.studies.spectra.result import SpectraResult
    from anolyte.studies.stability_map import StabilityMap
    from anolyte.studies.validate.scorecard import RowScorecard

    return {
        WindowResult: window.driving_force,
        Run: cell.run,
        SpectraResult: spectra.headline,
        PolymerResult: polymer.conductivity,
        LeverResult: levers.levers,
        Learned: learn.learned,
        LeverCurve: levers.curve,
        Sensitivity: sensitivity.sobol,
        QuickSensitivity: sensitivity.quick,
        TemperatureSweep: levers.temperature,
        FirstPlating: levers.first_plating,
        ImpedanceResult: impedance.nyquist,
        CriticalCurrent: cell.critical,
        ContactResult: resting.resistances,
        AgeingResult: resting.growth,
        HostCyclingResult: resting.host,
        OperatingMap: cell.operating_map,
        ReactionsResult: reactions.profile,
        PassivationResult: products.volume_fractions,
        VolumeResult: products.volume_change,
        TemperatureResult: temperature.limits,
        RowScorecard: validation.parity,
        EvidenceResult: compare.evidence,
        ElectrolyteComparison: compare.conductivities,
        SiliconComparison: compare.capacities,
        InterlayerScreen: layers.layers,
        StabilityMap: stability_map.phase_map,
    } | traces.drawn()
