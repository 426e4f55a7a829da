"""`simulate filament`: from names to an answer, a film and a checkpoint."""

import json

import numpy as np
import pytest

from anolyte.faces.cli import main


@pytest.fixture
def run(capsys):
    """Run one command in this process; what it printed on both streams."""

    def call(*arguments, code=0):
        assert main([str(a) for a in arguments]) == code
        return capsys.readouterr()

    return call


SMALL = ("simulate", "filament", "LLZO", "Li", "--current", "100 mA/cm2", "--resistance",
         "10 ohm*cm2", "--thickness", "20 um", "--cells", "20", "--flaw", "8 um",
         "--grain-size", "6 um")  # fmt: skip


def test_a_filament_shorts_a_thin_garnet(run, tmp_path):
    film = tmp_path / "film.html"
    checkpoint = tmp_path / "run.h5"
    out = run(*SMALL, "--plot", film, "--checkpoint", checkpoint).out
    assert "short after" in out
    assert "calibrated" in out and "assumed, not measured" in out and "grains" in out
    assert "Plotly" in film.read_text() and film.stat().st_size < 6e6
    again = json.loads(run(*SMALL, "--checkpoint", checkpoint, "--resume", "--json").out)
    assert again["ended"] == "short"
    assert abs(again["balance"]["value"]) < 1e-10
    assert again["time_to_short"]["value"] == again["time"]["value"]
    assert "is there already" in run(*SMALL, "--checkpoint", checkpoint, code=2).err


def test_one_number_at_a_time():
    from anolyte.materials.stack import Conditions, Interface
    from anolyte.studies.filament_effects import one_at_a_time
    from anolyte.studies.filament_setup import FilamentSetup

    setup = FilamentSetup(
        Interface("LLZO", "Li"), Conditions(current_density=1e3), 20e-6, 20, flaw=8.5e-6,
        resistance=1e-3, until=20.0,
    )  # fmt: skip
    found = one_at_a_time(setup, ("toughness", "current", "flaw"))
    tough, current, flaw = found.effects
    assert flaw.less is None and "cannot be seen" in flaw.refused
    assert tough.less is not None and tough.as_is is not None
    assert tough.less < tough.as_is  # what is less tough is sooner short
    assert tough.more is None or tough.more > tough.as_is
    assert current.more is not None and current.more < tough.as_is


def test_a_warmer_cell_is_short_later():
    """Conductivity and charge transfer both rise: less overpotential, less pressure."""
    from anolyte.materials.stack import Conditions, Interface
    from anolyte.studies.filament_effects import one_at_a_time
    from anolyte.studies.filament_setup import FilamentSetup

    setup = FilamentSetup(
        Interface("LLZO", "Li"), Conditions(current_density=3e3), 14e-6, 28, flaw=4.5e-6,
        until=20.0,
    )  # fmt: skip
    [warm] = one_at_a_time(setup, ("temperature",)).effects
    assert warm.as_is is not None and warm.more is not None and warm.more > warm.as_is
    assert warm.less is None and "evens the current out" in warm.refused  # too cold for its cells
    hot = FilamentSetup(
        Interface("LLZO", "Li"), Conditions(current_density=1e3, temperature=338.15)
    )
    assert hot.number("ionic_conductivity") > 3.0 * setup.number("ionic_conductivity")
    assert hot.number("exchange_current_density") > setup.number("exchange_current_density")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--flaw", "2 um"), "at least 80 cells"),
        (("--grain-size", "1 um"), "grains of 1e-06 m need cells"),
        (("--cells", "4"), "between 16 and 1024"),
        (("--flaw", "19.9 um"), "as deep as the electrolyte"),
        (("--current", "-1 mA/cm2"), "positive current"),
        (("--current", "1 mA h/cm2"), "current density"),
    ],
)
def test_what_cannot_be_is_one_clear_line(run, more, said):
    err = run(*SMALL, *more, code=2).err
    assert said in err and len(err.strip().splitlines()) == 1


def test_a_material_without_toughness_says_what_is_missing(run):
    err = run("simulate", "filament", "PEO", "Li", code=2).err
    assert "fracture toughness" in err.replace("_", " ")


def test_current_beside_a_void_is_told_with_its_length_and_its_grids(run):
    asked = ("simulate", "pore", "LLZO", "Li", "--width", "10 um", "--over", "2 um",
             "--resistance", "1 ohm*cm2")  # fmt: skip
    out = run(*asked).out
    assert "times the mean current, over 2 µm beyond the rim" in out and out.count("cells of") == 3
    data = json.loads(run(*asked, "--json").out)
    assert 1.0 < data["factor"]["value"] < 2.0
    assert "averaged over" in run(*asked[:6], "--over", "0.01 um", code=2).err


def test_pores_and_inclusions_are_drawn_and_told(run, tmp_path):
    film = tmp_path / "film.html"
    out = run(*SMALL, "--cells", "32", "--pores", "4 %", "--inclusions", "3 %", "--until", "0.3 s",
              "--plot", film, "--frames", tmp_path / "frames").out  # fmt: skip
    image = pytest.importorskip("PIL.Image", reason="frames need the [images] extra")
    pictures = sorted((tmp_path / "frames").iterdir())
    assert len(pictures) > 3 and pictures[-1].name == "sheet.png"
    one, sheet = image.open(pictures[0]), image.open(pictures[-1])
    assert sheet.width == 4 * one.width
    colours = {pixel for _, pixel in image.open(pictures[-2]).getcolors(100_000)}
    assert (213, 94, 0) in colours and (140, 107, 177) in colours  # lithium, an inclusion
    assert "pores, of the volume" in out
    assert "pore radius, inclusion radius, inclusion conductivity" in " ".join(out.split())
    assert "inclusion" in film.read_text()
    said = run(*SMALL, "--cells", "16", "--flaw", "10 um", "--pores", "4 %", code=2).err
    assert "radii of 1.5e-06 m need cells of at most 7.5e-07 m" in said


def test_what_finer_cells_change_is_told(run, tmp_path):
    kept = tmp_path / "c.json"
    out = run(*SMALL[:-2], "--until", "0.1 s", "--converge", "--save", kept).out
    assert "finer cells" in out and "converged" in out and "cracks 4 µm wide, then 2.67 µm" in out
    found = json.loads(kept.read_text())
    spacings, widths = found["spacings"]["value"], found["widths"]["value"]
    assert spacings[1] == spacings[2] == pytest.approx(spacings[0] / 1.5)
    assert widths[0] == pytest.approx(widths[1]) and widths[2] == pytest.approx(widths[0] / 1.5)
    rows = {row["name"]: row for row in found["numbers"]}
    assert rows["time to a short"]["as_is"] is None  # it has not come to it in any of them
    assert rows["greatest pressure"]["width"] != rows["greatest pressure"]["as_is"]


def test_a_filament_in_space_is_driven_by_half_a_disc(run):
    from anolyte.materials.stack import Conditions, Interface
    from anolyte.studies.filament_setup import FilamentSetup
    from anolyte.studies.filaments import _film

    setup = FilamentSetup(
        Interface("LLZO", "Li"), Conditions(current_density=1e3), 18e-6, 16, flaw=9e-6,
        resistance=1e-3, until=10.0, dimensions=3,
    )  # fmt: skip
    process = setup.process()
    states = [process.begin()]
    for _ in range(2):
        states.append(process.step(states[-1]))
    last = states[-1]
    assert last.pressure > states[1].pressure > 1e7 and last.share > 0.0
    deposit = last.plated + last.volume - states[0].volume
    assert deposit == pytest.approx(process.lithium.per_charge * last.charge, rel=1e-12)
    film = _film(setup, process, states)
    assert film.lithium[0].shape == film.potential[0].shape == film.grid.shape == (16, 16)
    assert film.lithium[-1].max() > 0.9  # the plane of the flaw
    asked = ("simulate", "filament", "LLZO", "Li", "--3d", "--cells", "200")
    assert "between 16 and 128" in run(*asked, code=2).err


def test_cells_coarser_than_charge_transfer_sees_are_refused_or_not_chosen(run):
    from anolyte.faces.field_filament import _celled
    from anolyte.materials.stack import Conditions, Interface
    from anolyte.studies.filament_setup import FilamentSetup

    said = run(*SMALL[:6], "--thickness", "20 um", "--cells", "20", "--flaw", "9 um", code=2).err
    assert "evens the current out over 0.511 um" in said
    assert "take at least 40 cells" in said
    setup = FilamentSetup(Interface("LLZO", "Li"), Conditions(), grain_size=5e-6, pores=0.02)
    chosen = _celled(setup, None)
    assert chosen.cells == 98
    assert chosen.grid.spacing[0] <= chosen.wagner_length


IMAGED = ("simulate", "filament", "LLZO", "Li", "--current", "100 mA/cm2", "--resistance",
          "10 ohm*cm2", "--cells", "20", "--flaw", "8 um")  # fmt: skip


@pytest.fixture
def image(tmp_path):
    """40 by 40 pixels of 0.5 um with a round pore in the middle."""
    pictures = pytest.importorskip("PIL.Image", reason="needs the extra `images`")
    z, x = np.mgrid[:40, :40] - 19.5
    path = tmp_path / "slice.png"
    pictures.fromarray(np.where(np.hypot(z, x) < 5.0, 0, 255).astype(np.uint8)).save(path)
    return path


def test_a_filament_grows_through_a_segmented_image(run, image, tmp_path):
    more = ("--image", image, "--scale", "0.5 um")
    page = tmp_path / "page.html"
    out = run(*IMAGED, *more, "--until", "30 s", "--plot", page).out
    assert "pores, of the volume" in out and "dead if stripped now" in out
    assert "How to read this" in page.read_text() and page.stat().st_size < 6e6
    found = json.loads(run(*IMAGED, *more, "--until", "2 s", "--json").out)
    assert found["porosity"]["value"] == pytest.approx(np.pi * 25.0 / 1600.0, rel=0.02)
    assert found["thickness"]["value"] == pytest.approx(20e-6)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--image", "IMAGE"), "needs a scale"),
        (("--scale", "1 um"), "give both"),
        (("--image", "IMAGE", "--scale", "1 um", "--pores", "2 %"), "leave out --pores"),
        (("--image", "IMAGE", "--scale", "1 um", "--phases", "0=hole"), "each grey value one of"),
        (("--image", "IMAGE", "--scale", "1 um", "--phases", "0=pore"), "without a phase"),
        (("--image", "none.png", "--scale", "1 um"), "no such file"),
        (("--thickness", "20 um", "--interlayer", "LiF:50 nm"), "hardly conducts"),
        (("--thickness", "20 um", "--interlayer", "Li3N:50 nm:50 %"), "cover the whole face"),
    ],
)
def test_an_image_or_a_layer_that_cannot_be_is_one_clear_line(run, image, more, said):
    told = run(*IMAGED, *(image if m == "IMAGE" else m for m in more), code=2).err
    assert said in told and "Traceback" not in told


def test_work_of_the_lithium_is_found_again_and_the_filament_takes_no_more_than_the_current(run):
    """Before the flaw runs all is stored; when it leaps energy is lost and none is gained."""
    still = json.loads(run(*SMALL, "--until", "0.1 s", "--json").out)
    assert still["stored"]["value"] > 0.98
    assert abs(still["dissipated"]["value"]) < 1e-3  # elastic and surface energy account for all
    moved = json.loads(run(*SMALL, "--json").out)
    parts = [moved[name]["value"] for name in ("stored", "cracked", "dissipated")]
    assert sum(parts) == pytest.approx(1.0) and min(parts) > 0.0
    assert 0.0 < moved["share"]["value"] <= 1.0
    assert moved["toughness_ratio"]["value"] > 1.0  # a blunt flaw, two cells wide, holds on


def test_a_film_on_the_face_drives_more_of_the_current_into_the_bare_flaw(run):
    bare, filmed = (
        json.loads(run(*SMALL, *more, "--until", "0.05 s", "--json").out)
        for more in ((), ("--interlayer", "Li3N:1 um"))
    )
    assert filmed["pressure"]["value"] > 1.02 * bare["pressure"]["value"]
