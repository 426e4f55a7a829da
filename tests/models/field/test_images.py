"""Segmented images: what a pixel is, how cells share pixels, and what is refused."""

import numpy as np
import pytest
from PIL import Image

from anolyte.core.errors import DataError
from anolyte.models.field import images
from anolyte.models.field.images import Labels, read
from anolyte.models.field.microstructure import Microstructure, Phase
from anolyte.numerics.grid import Grid

GREYS = {0: Phase.PORE, 128: Phase.ELECTROLYTE, 255: Phase.LITHIUM}


def picture(rows=24, columns=36, seed=0):
    """Blocks of three grey values, lithium at the foot."""
    blocks = np.random.default_rng(seed).choice([0, 128], (rows // 4, columns // 4))
    grey = np.kron(blocks, np.ones((4, 4))).astype(np.uint8)
    grey[-4:] = 255
    return grey


def saved(path, grey, **how):
    """As a file."""
    Image.fromarray(grey).save(path, **how)
    return path


# --- reading ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.tiff"])
def test_an_image_comes_back_as_it_was_written(tmp_path, name):
    """Phase by phase; its lowest row lies at the anode."""
    grey = picture()
    found = read(saved(tmp_path / name, grey), 0.5e-6, GREYS)
    assert found.label.shape == grey.shape
    assert found.lengths == pytest.approx((12e-6, 18e-6))
    for value, phase in GREYS.items():
        assert ((found.label == phase) == (grey[::-1] == value)).all()
    assert (found.label[:4] == Phase.LITHIUM).all()


@pytest.mark.parametrize("kind", [np.uint16, np.int32, bool])
def test_other_whole_numbers_are_read(tmp_path, kind):
    """Sixteen bits, thirty-two, and one."""
    grey = (picture() > 200).astype(kind)
    most = 1 if kind is bool else 40_000
    found = read(
        saved(tmp_path / "a.tif", grey if kind is bool else (grey * most).astype(kind)),
        1e-6,
        {0: Phase.ELECTROLYTE, most: Phase.LITHIUM},
    )
    assert ((found.label == Phase.LITHIUM) == (grey[::-1] > 0)).all()


def test_a_palette_is_read_by_its_numbers(tmp_path):
    """As tools for segmentation write it."""
    image = Image.fromarray((picture() > 200).astype(np.uint8)).convert("P")
    image.putpalette([0, 0, 255, 255, 0, 0])
    image.save(tmp_path / "a.png")
    found = read(tmp_path / "a.png", 1e-6, {0: Phase.ELECTROLYTE, 1: Phase.LITHIUM})
    assert (found.label[:4] == Phase.LITHIUM).all()


def test_slices_become_a_volume(tmp_path):
    """Of a folder, a list, and a TIFF of many; along y, in the order of their names."""
    greys = [picture(seed=k) for k in range(5)]
    files = [saved(tmp_path / f"slice{k}.png", grey) for k, grey in enumerate(greys)]
    stack = tmp_path / "other" / "stack.tif"
    stack.parent.mkdir()
    frames = [Image.fromarray(grey) for grey in greys]
    frames[0].save(stack, save_all=True, append_images=frames[1:])
    for source in (tmp_path, files, stack):
        found = read(source, 1e-6, GREYS, between=2e-6)
        assert found.label.shape == (24, 5, 36)
        assert found.spacing == (1e-6, 2e-6, 1e-6)
        for k, grey in enumerate(greys):
            assert ((found.label[:, k] == Phase.PORE) == (grey[::-1] == 0)).all()


# --- cells --------------------------------------------------------------------------------------


@pytest.mark.parametrize("cells", [6, 12, 24, 48, 7, 17, 31])
def test_cells_share_pixels_by_area(cells):
    """No area is lost, whatever the size of the cells; own cells show own pixels."""
    random = np.random.default_rng(0)
    labels = Labels(random.integers(0, 3, (24, 24)).astype(np.uint8), (1.0, 1.0))
    shares = labels.shares(labels.grid(cells))
    assert sum(shares.values()) == pytest.approx(1.0, abs=1e-12)
    for number, share in shares.items():
        assert share.mean() == pytest.approx((labels.label == number).mean(), rel=1e-12)
        if cells == 24:
            assert share == pytest.approx((labels.label == number).astype(float), abs=1e-12)


def test_a_cell_takes_the_phase_of_most_of_its_pixels():
    """Three of four; and in space with other edges."""
    label = np.zeros((4, 4), np.uint8)
    label[:2, :2] = [[1, 1], [1, 0]]
    shares = Labels(label, (1.0, 1.0)).shares(Grid.cubic((2, 2), 2.0))
    assert shares[1].tolist() == [[0.75, 0.0], [0.0, 0.0]]
    assert Microstructure.of(Grid.cubic((2, 2), 2.0), canvas=shares).phase[0, 0] == 1
    volume = Labels(np.arange(8, dtype=np.uint8).reshape(2, 2, 2) % 2, (1.0, 3.0, 1.0))
    assert volume.shares(Grid((2, 3, 2), (1.0, 2.0, 1.0), (False,) * 3))[1][0, 0, 1] == 1.0


def test_an_image_becomes_a_microstructure(tmp_path):
    """With the porosity of its pixels."""
    grey = picture(48, 48)
    found = read(saved(tmp_path / "a.png", grey), 1e-6, GREYS)
    cell = Microstructure.of(found.grid(20), canvas=found.shares(found.grid(20)))
    assert cell.report().shares[Phase.PORE] == pytest.approx((grey == 0).mean(), rel=1e-9)
    assert cell.report().shares[Phase.LITHIUM] == pytest.approx(1.0 / 12.0, rel=1e-9)


def test_a_grid_that_the_image_does_not_fill_is_refused():
    """Too large, or with another number of axes."""
    labels = Labels(np.zeros((8, 8), np.uint8), (1.0, 1.0))
    with pytest.raises(DataError, match="a field of 10 m is larger than the image, 8 m"):
        labels.shares(Grid.cubic((10, 8), 1.0))
    with pytest.raises(DataError, match="2 axes does not fit a grid of 3"):
        labels.shares(Grid.cubic((4, 4, 4), 1.0))


# --- what is refused ----------------------------------------------------------------------------


def message(path, scale: float | None = 1e-6, phases=GREYS, **more):
    """The one line that is said."""
    with pytest.raises(DataError) as found:
        read(path, scale, phases, **more)
    said = str(found.value)
    assert "\n" not in said and len(said) < 400
    return said


def test_broken_files_are_refused(tmp_path):
    """Cut off, of another kind, not there, empty."""
    whole = saved(tmp_path / "a.png", picture(400, 400)).read_bytes()
    tiff = saved(tmp_path / "a.tif", picture(400, 400)).read_bytes()
    for name, content in (
        ("cut.png", whole[: len(whole) // 2]),
        ("head.png", whole[:30]),
        ("cut.tif", tiff[: len(tiff) // 2]),
        ("text.png", b"no image at all"),
        ("empty.png", b""),
    ):
        (tmp_path / name).write_bytes(content)
        assert "no image that can be read" in message(tmp_path / name)
    assert "no such file" in message(tmp_path / "none.png")
    (tmp_path / "folder").mkdir()
    assert "no PNG or TIFF in it" in message(tmp_path / "folder")
    Image.fromarray(picture()).save(tmp_path / "a.jpg")
    assert "export PNG or TIFF" in message(tmp_path / "a.jpg")


def test_huge_images_are_refused_before_they_are_decoded(tmp_path, monkeypatch):
    """Alone, and as slices together."""
    Image.new("1", (20_000, 10_000)).save(tmp_path / "huge.png")
    assert "more than 1e+08 pixels" in message(tmp_path / "huge.png")
    Image.new("1", (12_000, 10_000)).save(tmp_path / "large.png")
    assert "more than 1e+08 pixels" in message(tmp_path / "large.png")
    monkeypatch.setattr(images, "LARGEST", 2000)
    files = [saved(tmp_path / f"{k}.png", picture()) for k in range(3)]
    assert read(files[:2], 1e-6, GREYS).label.shape == (24, 2, 36)
    assert "crop it" in message(files)


def test_colours_and_fractions_are_refused(tmp_path):
    """One whole number a pixel."""
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / "rgb.png")
    assert "mode RGB" in message(tmp_path / "rgb.png")
    Image.fromarray(np.zeros((8, 8), np.float32)).save(tmp_path / "f.tif")
    assert "mode F" in message(tmp_path / "f.tif")


def test_grey_values_without_a_phase_are_named(tmp_path):
    """With their share; a few of many."""
    grey = picture()
    grey[0, :9] = 17
    said = message(saved(tmp_path / "a.png", grey))
    assert "17 (1.0%)" in said
    noise = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert "and 248 more" in message(saved(tmp_path / "b.png", noise))


def test_scales_and_phases_must_be_given(tmp_path):
    """And be lengths; slices must match."""
    path = saved(tmp_path / "a.png", picture())
    for scale in (None, 0.0, -1e-6, float("nan")):
        assert "needs a scale" in message(path, scale)
    assert "slices" in message(path, between=-1.0)
    assert "phase for each" in message(path, phases={})
    assert "300 is no phase; there are ELECTROLYTE" in message(path, phases={0: 300})
    other = saved(tmp_path / "b.png", picture(24, 24))
    assert "among slices of" in message([path, other])
