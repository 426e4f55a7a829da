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
    """
    from anolyte.faces.figures import products, reactions, window
    from anolyte.models.passivation import PassivationResult
    from anolyte.models.reactions import ReactionsResult
    from anolyte.models.volume import VolumeResult
    from anolyte.models.window import WindowResult

    for kind, draw in (
        (WindowResult, window.driving_force),
        (ReactionsResult, reactions.profile),
        (PassivationResult, products.volume_fractions),
        (VolumeResult, products.volume_change),
    ):
        if isinstance(result, kind):
            return draw(result)
    for part in getattr(result, "results", ()):  # an assessment: its first result with a figure
        if isinstance(part, WindowResult | ReactionsResult | PassivationResult | VolumeResult):
            return figure(part)
    raise DataError(f"{type(result).__name__} has no figure")
