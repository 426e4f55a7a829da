"""The cell behind each folder that is watched: its own `cell.yaml`, else the one that was given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from anolyte.core.errors import AnolyteError
from anolyte.measure.setup import Setup, read_setup

CELL = "cell.yaml"
"""What a folder's own file is called."""


@dataclass
class Setups:
    """Folder below the watched one to setup; call it with the name of a cell.

    Args:
        root: The folder that is watched.
        given: What holds where a folder says nothing; what it says goes before.
        say: Told of a file that cannot be read, once.
    """

    root: Path
    given: Setup
    say: Callable[[str], None] = lambda text: None
    _known: dict[str, tuple[int, Setup]] = field(default_factory=dict)

    def __call__(self, cell: str) -> Setup:
        """The setup of a cell; read again when its file has changed."""
        path = self.root / cell / CELL
        try:
            stamp = path.stat().st_mtime_ns
        except OSError:
            return self.given
        old = self._known.get(cell)
        if old is not None and old[0] == stamp:
            return old[1]
        try:
            found = read_setup(path).over(self.given)
        except AnolyteError as error:
            self.say(f"{error}; its folder is judged with what was given")
            found = self.given
        self._known[cell] = (stamp, found)
        return found
