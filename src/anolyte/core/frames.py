"""Series of a result as labelled arrays."""

from __future__ import annotations

import dataclasses
from typing import Any

from anolyte.core import units
from anolyte.core.errors import DataError


def dataset(result: Any) -> Any:
    """An `xarray.Dataset` of a result's series; see `Result.to_xarray`.

    Raises:
        DataError: It has no series.
    """
    import xarray as xr

    axis, size = "", 0
    series: dict[str, Any] = {}
    single: dict[str, Any] = {"type": type(result).__name__}
    for field in dataclasses.fields(result):
        value, kind = getattr(result, field.name), field.metadata.get("kind")
        about = {"units": units.KINDS[kind].si} if kind else {}
        if isinstance(value, tuple) and kind and not axis and len(value) > 1:
            axis, size = field.name, len(value)
        if isinstance(value, tuple) and axis and len(value) == size and _plain(value):
            series[field.name] = (axis, list(value), about)
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            single[field.name + (f" [{about['units']}]" if about else "")] = value
    if not axis:
        raise DataError(f"{type(result).__name__} has no series to put on an axis: use to_frame()")
    return xr.Dataset(
        {name: found for name, found in series.items() if name != axis},
        {axis: series[axis]},
        single,
    )


def _plain(values: tuple[Any, ...]) -> bool:
    """Whether an array can hold them as they are."""
    return all(isinstance(v, int | float) for v in values) or all(
        isinstance(v, str) for v in values
    )
