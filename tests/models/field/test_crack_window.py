"""Windows around crack tips: the same equations, the same answer, fewer turns of the whole."""

import numpy as np
import pytest

from anolyte.models.field import crack_window, fracture
from anolyte.models.field.crack_span import Span
from anolyte.models.field.crack_surface import Surface
from anolyte.models.field.crack_window import Fields
from anolyte.models.field.drives import Filled
from anolyte.models.field.fracture import Fracture
from anolyte.numerics.elasticity import Solid, lame
from anolyte.numerics.elasticity_sides import Roller
from anolyte.numerics.grid import Grid

CELLS = 96
EDGE = 0.25e-6
TOUGH = 6.0


def body(cells=(CELLS, CELLS), *, periodic=(False, True)) -> Fracture:
    """Ceramic of two layers, rollers below and above."""
    grid = Grid.cubic(cells, EDGE, periodic=periodic)
    stiffer = 1.0 + 0.5 * (grid.mesh()[0] > 0.5 * grid.lengths[0]) * np.ones(cells)
    first, shear = (stiffer * part for part in lame(150e9, 0.25))
    sides = [None if wraps else (Roller(), Roller()) for wraps in periodic]
    tough = TOUGH * np.ones(cells)
    return Fracture(Solid(grid, first, shear, sides), Surface(grid, tough, 4.0 * EDGE))


def flaw(solid: Fracture, place: int, cells: int = 30):
    """A crack from the lower side up."""
    seed = np.zeros(solid.solid.grid.shape)
    seed[:cells, place] = 1.0
    return solid.surface.least(seed)


@pytest.mark.parametrize("place", [40, 2])
def test_a_window_has_the_stiffness_of_the_whole(place):
    """Also across a periodic side, and where the crack has taken most of it away."""
    whole = body()
    crack = flaw(whole, place)
    moved = np.zeros(crack.shape, bool)
    moved[29, place] = True
    span = Span.around(moved, whole.solid.grid)
    assert span is not None and np.prod(span.cells) < 0.3 * CELLS**2
    draws = np.random.default_rng(3)
    frame = whole.solid.frame
    values = [draws.normal(size=part.shape) * 1e-9 for part in frame.held_values]
    window = crack_window._window(whole, {}, span, Fields(crack, crack, values))
    softened = whole.softened(crack, np.ones_like(crack))
    forces = softened.pull(values)
    own = window._softened().pull(window.fields.values)
    scale = max(np.abs(part).max() for part in forces)
    for axis, mask in enumerate(window.pane.masks):
        there = forces[axis][span.faces(whole.solid.grid, axis)]
        assert np.abs(there - own[axis])[mask].max() < 1e-12 * scale
        assert mask.sum() > 0.8 * np.prod(span.cells)


def test_the_answer_is_that_of_the_whole_and_comes_in_fewer_turns(monkeypatch):
    whole = body()
    seed = flaw(whole, CELLS // 2)
    opened = whole.opened(seed, whole.deformed(seed, 4e8))
    grown = whole.grown(seed, Filled(1.1 * opened))
    monkeypatch.setattr(fracture, "settled", lambda *_: None)
    plain = whole.grown(seed, Filled(1.1 * opened))
    assert grown.crack[32, CELLS // 2] > 0.95 > seed[32, CELLS // 2]  # it has run
    assert grown.turns < 0.5 * plain.turns
    assert np.abs(grown.crack - plain.crack).max() < 0.02
    assert grown.pressure == pytest.approx(plain.pressure, rel=2e-3)
    assert np.diff(grown.descent).max() < 0.0
    assert grown.opened == pytest.approx(1.1 * opened, rel=1e-6)


def test_windows_lie_where_something_moves():
    grid = Grid.cubic((200, 200), 1.0, periodic=(False, True))
    moved = np.zeros(grid.shape, bool)
    assert Span.around(moved, grid) is None
    moved[100, [1, 198]] = True  # beside each other, across the seam
    span = Span.around(moved, grid)
    assert span is not None
    columns = span.places(grid, 1)
    assert {1, 198} <= set(columns.tolist()) and columns.size < 120
    moved[0, 0] = True
    span = Span.around(moved, grid)
    assert span is None or span.first[0] >= 1
    moved[:, 50] = True
    assert Span.around(moved, grid) is None
