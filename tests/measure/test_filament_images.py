"""Filaments in made images: the length that was drawn is found."""

import math

import numpy as np
import pytest

pytest.importorskip("skimage")

from anolyte.core.errors import DataError
from anolyte.measure.images import filaments as fi

SCALE = 0.5e-6
TIMES = (200.0, 400.0, 730.0)


def picture(length, angle=0.0, noise=0.08, seed=0, branch=0.0, size=(400, 400), slope=0.0):
    """A bright branch from the bottom edge, its length in pixels along it."""
    rows, columns = np.indices(size)
    x, y = columns - 0.5 * size[1], size[0] - rows.astype(float)
    image = np.full(size, 0.25) + slope * columns / size[1]

    def add(x0, y0, turn, reach):
        along = (x - x0) * math.sin(turn) + (y - y0) * math.cos(turn)
        aside = (x - x0) * math.cos(turn) - (y - y0) * math.sin(turn)
        image[(np.abs(aside) < 4) & (along >= -4 / max(math.cos(turn), 0.1)) & (along <= reach)] = (
            0.75
        )

    add(0.0, 0.0, angle, length)
    if branch:
        add(0.5 * length * math.sin(angle), 0.5 * length * math.cos(angle), angle + 0.9, branch)
    return np.clip(image + noise * np.random.default_rng(seed).standard_normal(size), 0.0, 1.0)


@pytest.mark.parametrize("angle", [0.0, 0.3, -0.7])
@pytest.mark.parametrize("noise", [0.02, 0.08, 0.15])
def test_the_length_that_was_drawn_is_found(angle, noise):
    drawn = [0.4 * t for t in TIMES]
    images = [picture(d, angle, noise, k) for k, d in enumerate(drawn)]
    found = fi.filament_growth(images, SCALE, TIMES)
    for image, length in zip(found.images, drawn, strict=True):
        assert image.length == pytest.approx(length * SCALE, rel=0.05)
        assert abs(image.length - length * SCALE) < 4 * image.error + 4 * SCALE
    assert found.rate == pytest.approx(0.4 * SCALE, rel=0.05)
    assert found.rate_low < found.rate < found.rate_high


def test_a_branch_does_not_count_as_length_but_is_told():
    one = fi.filament(picture(200, branch=80), SCALE)
    assert one.length == pytest.approx(200 * SCALE, rel=0.05) and one.branches >= 1
    assert fi.filament(picture(200), SCALE).branches == 0


@pytest.mark.parametrize("side", list(fi.SIDES.values()), ids=list(fi.SIDES))
def test_any_edge_and_dark_filaments(side):
    turned = np.rot90(picture(150), fi.BOTTOM.turns - side.turns)
    for image, dark in ((turned, False), (1.0 - turned, True)):
        one = fi.filament(image, SCALE, settings=fi.FilamentSettings(base=side, dark=dark))
        assert one.length == pytest.approx(150 * SCALE, rel=0.05)
        near = {"left": one.tip[1], "right": 399 - one.tip[1], "top": one.tip[0],
                "bottom": 399 - one.tip[0]}  # fmt: skip
        assert near[side.name] == pytest.approx(150, abs=5)


def test_nothing_is_found_where_there_is_nothing():
    empty = fi.filament(picture(0, noise=0.1), SCALE)
    assert not empty.found and empty.length == 0.0
    flat = fi.filament(np.full((50, 50), 0.3), SCALE)
    assert not flat.found
    told = fi.filament_growth([np.full((50, 50), 0.3)], SCALE).warnings
    assert "no filament at the bottom edge" in told[0]


def test_the_area_is_that_of_the_branch():
    one = fi.filament(picture(200, noise=0.02), SCALE)
    assert one.area_fraction == pytest.approx(200 * 8 / 400**2, rel=0.15)


def test_a_gradient_is_taken_off_with_the_first_image():
    images = [picture(d, slope=0.5, seed=k, noise=0.03) for k, d in enumerate((0.0, 80, 160))]
    found = fi.filament_growth(images, SCALE, None, fi.FilamentSettings(background=True))
    assert [i.length for i in found.images[1:]] == pytest.approx(
        [80 * SCALE, 160 * SCALE], rel=0.05
    )


def test_files_and_bad_ones(tmp_path):
    from skimage import io

    paths = [
        tmp_path / f"{int(t)}.{end}" for t, end in zip(TIMES, ("png", "tif", "png"), strict=True)
    ]
    for k, (path, t) in enumerate(zip(paths, TIMES, strict=True)):
        image = picture(0.4 * t, seed=k)
        data = (image * 255).astype(np.uint8) if path.suffix == ".png" else (image * 65535)
        io.imsave(path, data if path.suffix == ".png" else data.astype(np.uint16),
                  check_contrast=False)  # fmt: skip
    found = fi.read_filaments(paths, SCALE, TIMES)
    assert [r["length [µm]"] for r in found.rows()] == pytest.approx([40, 80, 146], rel=0.05)
    assert fi.FilamentGrowth.from_dict(found.to_dict()) == found
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"\x89PNG\r\n\x1a\n what")
    for path, why in ((bad, "no image that can be read"), (tmp_path / "none.png", "no such file")):
        with pytest.raises(DataError, match=why) as told:
            fi.read_filaments([path], SCALE)
        assert "\n" not in str(told.value)
    with pytest.raises(DataError, match="2 times beside 3 images"):
        fi.read_filaments(paths, SCALE, TIMES[:2])
    with pytest.raises(DataError, match="do not rise"):
        fi.read_filaments(paths, SCALE, TIMES[::-1])
    with pytest.raises(DataError, match="must be positive"):
        fi.read_filaments(paths, 0.0, TIMES)


def test_the_interval_of_a_rate_holds_the_scatter_about_the_line():
    def at(time: float, length: float) -> fi.FilamentImage:
        return fi.FilamentImage("x", True, None, 0.5, 9.0, 0.0, 0, time, length, 1e-7)

    uneven = [at(200.0, 10e-6), at(400.0, 29e-6), at(730.0, 51e-6), at(900.0, 82e-6)]
    rate, low, high, _ = fi._rate(uneven)
    assert low < 0.9 * rate and high > 1.1 * rate  # slopes of neighbours run from 67 to 182 nm/s
    assert any("evenly" in w for w in fi._warnings(uneven, fi.FilamentSettings(), 1e-7))
    even = [at(t, 1e-7 * t) for t in (100.0, 200.0, 300.0, 400.0)]
    assert not any("evenly" in w for w in fi._warnings(even, fi.FilamentSettings(), 1e-7))
