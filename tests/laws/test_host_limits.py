"""Limits of a host in its electrode: sizes, shells, interphase, each against a sum by hand."""

from __future__ import annotations

import math

import pytest

from anolyte.core.errors import MissingProperty
from anolyte.core.provenance import Source, Value
from anolyte.laws import host_limits as limits
from anolyte.laws.growth import InterphaseGrowth
from anolyte.laws.host_data import Make, Window, poisson_ratio, read_host
from anolyte.laws.host_fracture import ROD, Shell, ToughnessLimit
from anolyte.materials.library import default
from anolyte.materials.schema import Interlayer
from anolyte.materials.stack import Conditions, Form, Interface, Layer, Shape

SILICON = read_host(default().anode("Si"))
LOOSE = Make(active=0.5, free=0.3, electrolyte=0.2, adherent=False)
FULL = float(SILICON.content)
WINDOW = Window(made=0.0, low=0.0, high=FULL, dense=1e-6, thickness=2e-6)


def coating(modulus: str = "100 GPa", toughness: str = "1 MPa*m^0.5") -> Layer:
    def said(value: str) -> list[dict[str, str]]:
        return [{"value": value, "source": "anolyte", "known": "recalled", "how": "assumed"}]

    material = Interlayer.model_validate({
        "name": "shell", "class": "coating",
        "properties": {"youngs_modulus": said(modulus), "fracture_toughness": said(toughness)},
    })  # fmt: skip
    return Layer(material, 5e-9)


# --- cracks -------------------------------------------------------------------------------------


def test_a_size_goes_with_the_square_of_the_toughness_and_so_does_its_interval() -> None:
    toughness, stress = SILICON.need("fracture_toughness"), SILICON.need("flow_stress_lithiation")
    found = limits.critical_size(SILICON, LOOSE, Shape.RODS, None, 0.0)
    assert found is not None
    assert found.size == pytest.approx(
        float(ToughnessLimit(toughness.si, ROD).critical_size(abs(stress.si)))
    )
    sigma = (toughness.sigma or limits.TOUGHNESS_SIGMA * toughness.si) / toughness.si
    assert found.low / found.size == pytest.approx((1.0 - sigma) ** 2)
    assert found.high / found.size == pytest.approx((1.0 + sigma) ** 2)


def test_a_film_cracks_at_its_tension_and_a_pressure_keeps_cracks_shut() -> None:
    film = Make()
    weak, strong = (limits.critical_size(SILICON, film, None, s, 0.0) for s in (0.5e9, 1e9))
    assert weak is not None and strong is not None
    assert weak.size == pytest.approx(4.0 * strong.size)
    assert limits.critical_size(SILICON, film, None, 0.5e9, 0.6e9) is None


# --- shells -------------------------------------------------------------------------------------


def test_a_shell_is_read_with_the_radius_and_the_bulk_modulus_of_its_particle() -> None:
    form = Form(shape="particles", size="100 nm", coating=coating())
    shell = limits.read_shell(SILICON, LOOSE, form)
    assert shell is not None
    young, ratio = SILICON.need("youngs_modulus").si, poisson_ratio(SILICON.material)
    # one over the bulk modulus: the strain of three directions under a pressure
    assert 1.0 / shell.bulk_modulus == pytest.approx(3.0 * (1.0 - ratio - ratio) / young)
    assert (shell.radius, shell.thickness) == pytest.approx((50e-9, 5e-9))
    outer = poisson_ratio(form.coating.material)
    assert shell.modulus == pytest.approx(100e9 / (1.0 - outer))
    assert limits.read_shell(SILICON, Make(), form) is None
    assert limits.read_shell(SILICON, LOOSE, Form(size="100 nm")) is None


def test_a_shell_ends_where_the_volume_has_grown_by_three_strains() -> None:
    shell = Shell(100e9, 5e-9, 50e-9, 60e9, 1e6)
    share = limits.shell_end(shell, SILICON, WINDOW)
    volume = float(SILICON.expansion(share * FULL))
    assert math.log(volume) == pytest.approx(3.0 * float(shell.cracking_strain))
    assert 0.0 < share < 1.0
    assert limits.shell_pressure(shell, SILICON, WINDOW) == 0.0  # it has cracked before
    tough = Shell(1e9, 5e-9, 50e-9, 60e9, 1e9)
    assert limits.shell_end(tough, SILICON, WINDOW) == 1.0
    assert limits.shell_pressure(tough, SILICON, WINDOW) > 0.0


# --- interphase ---------------------------------------------------------------------------------


def test_the_interphase_grows_on_planes_tops_and_particles() -> None:
    """1 um of host: 6 over the diameter of spheres, 4 of rods, times the swollen surface."""
    swollen = float(SILICON.expansion(FULL)) ** (2.0 / 3.0)
    spheres = limits.interphase_area(SILICON, LOOSE, Form(Shape.PARTICLES, 1e-6), WINDOW)
    rods = limits.interphase_area(SILICON, LOOSE, Form(Shape.RODS, 1e-6), WINDOW)
    assert spheres == pytest.approx(6.0 * swollen)
    assert rods == pytest.approx(4.0 * swollen)
    columns = Make(active=0.7, free=0.3)
    assert limits.interphase_area(SILICON, columns, Form(Shape.COLUMNS), WINDOW) == 0.7
    assert limits.interphase_area(SILICON, Make(), Form(Shape.FILM), WINDOW) == 1.0


def test_the_first_cycle_lasts_a_charge_and_a_discharge(monkeypatch) -> None:
    numbers = {"growth_constant": 2e-22, "interphase_volume_per_charge": 2.5e-10}

    class Known:
        def has(self, name: str) -> bool:
            return name in numbers

        def need(self, name: str) -> Value:
            return Value(numbers[name], Source("anolyte", known="recalled"))

    monkeypatch.setattr(limits.pairs, "contact", lambda *_: Known())
    interface, conditions = Interface("Li6PS5Cl", "Si"), Conditions()
    found = limits.interphase_charge(interface, SILICON, conditions)
    hours = 2.0 * conditions.areal_capacity / conditions.current_density
    thick = float(InterphaseGrowth(2e-22)(hours, conditions.temperature))
    assert found == pytest.approx(thick / 2.5e-10)
    with pytest.raises(MissingProperty, match="no current"):
        limits.interphase_charge(interface, SILICON, Conditions(current_density=0.0))


def test_a_shell_ends_within_the_window_that_is_cycled() -> None:
    """Three quarters of the window when the content at which it cracks lies so far up."""
    shell = Shell(100e9, 5e-9, 50e-9, 60e9, 1e6)
    cracks = limits.shell_end(shell, SILICON, WINDOW) * FULL
    part = Window(made=0.0, low=0.25 * cracks, high=1.25 * cracks, dense=1e-6, thickness=2e-6)
    assert limits.shell_end(shell, SILICON, part) == pytest.approx(0.75)


def test_a_thick_layer_without_a_modulus_stops_the_stack_and_a_thin_one_does_not() -> None:
    bare = Interlayer.model_validate({"name": "bare", "class": "coating"})
    stiff = limits.read_stack(Interface("Li6PS5Cl", "Si"))
    thin = Interface("Li6PS5Cl", "Si", layers=(Layer(bare, 10e-9),))
    assert limits.read_stack(thin) == stiff
    with pytest.raises(MissingProperty):
        limits.read_stack(Interface("Li6PS5Cl", "Si", layers=(Layer(bare, 10e-6),)))
