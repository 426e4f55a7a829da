"""Fields on a grid as a file that ParaView opens and xarray reads (VTKHDF, image data)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np

from anolyte.core.errors import AnolyteError
from anolyte.numerics.grid import Field, Grid


def write_image(path: Path, grid: Grid, cells: Mapping[str, Field], time: float = 0.0) -> Path:
    """Scalars in the cells of a grid; a series of files is a film.

    `xarray.open_dataset(path, group="VTKHDF/CellData", engine="h5netcdf", phony_dims="sort")`
    reads them back as arrays (z, y, x).

    Args:
        path: Written whole or not at all; ParaView wants the ending `.vtkhdf`.
        grid: In m.
        cells: Of the grid's shape.
        time: s.

    Raises:
        AnolyteError: It cannot be written.
    """
    import h5py

    shape = grid.shape if grid.dimensions == 3 else (grid.shape[0], 1, grid.shape[1])
    edges = grid.spacing
    if grid.dimensions == 2:
        edges = (edges[0], min(edges), edges[1])
    draft = path.with_name(path.name + ".writing")
    try:
        with h5py.File(draft, "w") as file:
            root = file.create_group("VTKHDF")
            root.attrs["Version"] = np.array([1, 0])
            root.attrs.create("Type", b"ImageData", dtype=h5py.string_dtype("ascii", 9))
            # VTK counts x first and points, not cells.
            extent = [number for count in shape[::-1] for number in (0, count)]
            root.attrs["WholeExtent"] = np.array(extent)
            root.attrs["Origin"] = np.zeros(3)
            root.attrs["Spacing"] = np.array(edges[::-1])
            root.attrs["Direction"] = np.eye(3).ravel()
            data = root.create_group("CellData")
            for name, values in cells.items():
                data.create_dataset(name, data=values.reshape(shape), compression="gzip")
            fields = root.create_group("FieldData")
            fields.create_dataset("time", data=np.array([time]))
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise AnolyteError(f"{path} cannot be written ({error.strerror or error})") from None
    return path
