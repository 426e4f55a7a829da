"""Random cells through random protocols: no traceback, no NaN, and nothing lost or made."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from anolyte.core.errors import AnolyteError
from anolyte.core.result import decode, encode
from anolyte.laws.creep import PowerLawCreep
from anolyte.laws.fracture import FilledFlaw
from anolyte.laws.voids import (
    CONTACT_RIVALS,
    CreepClosing,
    Together,
    VacancyDiffusion,
)
from anolyte.materials.library import default
from anolyte.materials.protocol import Protocol, Step
from anolyte.materials.schema import Anode, Electrolyte, Interlayer
from anolyte.materials.stack import Conditions, Form, Interface, Layer, Sample, Shape, Surface
from anolyte.models.cell import build, engine
from anolyte.models.cell.assembly import assemble
from anolyte.models.cell.run import Run, run

VOLUME = 13.0e-6
HOUR = 3600.0


def spread(rng: np.random.Generator, low: float, high: float) -> float:
    """A number between two ends, evenly over the decades."""
    return float(math.exp(rng.uniform(math.log(low), math.log(high))))


def sentence(rng: np.random.Generator) -> str:
    """A step as a person might write it."""
    time = f"{spread(rng, 0.01, 50.0):.3g} h"
    extra = ""
    if rng.random() < 0.2:
        extra += f" at {rng.uniform(0.0, 30.0):.3g} MPa"
    if rng.random() < 0.2:
        extra += f" at {rng.uniform(-30.0, 90.0):.3g} C"
    kind = rng.random()
    if kind < 0.12:
        return f"Rest for {time}{extra}"
    if kind < 0.14:
        volts = rng.normal(0.0, 0.05) if rng.random() < 0.7 else rng.normal(0.1, 0.5)
        return f"Hold at {volts:.3g} V for {spread(rng, 0.01, 1.0):.3g} h"
    verb = str(rng.choice(["Strip", "Plate", "charge", "discharge", "Lithiate", "Delithiate"]))
    amount = f"{spread(rng, 1e-3, 2.0):.3g} mAh/cm2" if rng.random() < 0.3 else time
    volts = spread(rng, 0.01, 5.0) * (-1.0 if rng.random() < 0.1 else 1.0)
    stop = f" or until {volts:.3g} V" if rng.random() < 0.3 else ""
    return f"{verb} at {spread(rng, 1e-3, 20.0):.3g} mA/cm2 for {amount}{extra}{stop}"


def protocol(rng: np.random.Generator) -> Protocol:
    """Some steps, perhaps again and again."""
    steps = [sentence(rng) for _ in range(int(rng.integers(1, 6)))]
    return Protocol.parse(*steps) * int(rng.integers(1, 4))


def rivals(rng: np.random.Generator) -> dict[str, object]:
    """Other laws for some of a cell's."""
    found: dict[str, object] = {}
    if rng.random() < 0.3:
        kind = CONTACT_RIVALS[int(rng.integers(len(CONTACT_RIVALS)))]
        found["loss"] = kind(spread(rng, 1e-8, 1e-5))
    if rng.random() < 0.3:
        creep = CreepClosing(
            PowerLawCreep(spread(rng, 1e-5, 1.0), float(rng.uniform(1.0, 8.0)), 6e-20),
            spread(rng, 1e-7, 1e-4) * float(rng.random() < 0.7),
        )
        diffusion = VacancyDiffusion(spread(rng, 1e-2, 10.0), VOLUME, 8e-20)
        found["voids"] = Together((creep, diffusion), spread(rng, 1e-8, 1e-3))
    if rng.random() < 0.3:
        found["flaw"] = FilledFlaw(spread(rng, 1e5, 2e6), spread(rng, 1e-8, 1e-4), VOLUME)
    if rng.random() < 0.2:
        found["isolated"] = float(rng.uniform(0.0, 0.3))
    if rng.random() < 0.2:
        found["refill"] = float(rng.uniform(0.0, 1.0))
    return found


def interface(rng: np.random.Generator, pools) -> Interface:
    """A cell of the library with a random surface, thickness and layer."""
    electrolytes, anodes, layers = pools
    names = [electrolytes[int(rng.integers(len(electrolytes)))]]
    names.append(anodes[int(rng.integers(len(anodes)))] if rng.random() < 0.3 else "Li")
    stack = ()
    if rng.random() < 0.2:
        stack = (Layer(layers[int(rng.integers(len(layers)))], spread(rng, 1e-9, 1e-5)),)
    surface = Surface(
        roughness=spread(rng, 1e-9, 1e-5) if rng.random() < 0.3 else None,
        contact=float(rng.random()) if rng.random() < 0.3 else None,
        liquid=float(rng.random()) if rng.random() < 0.2 else 0.0,
    )
    form = Form(size=spread(rng, 1e-7, 1e-3) if rng.random() < 0.4 else None)
    if rng.random() < 0.3:
        form = replace(
            form, shape=list(Shape)[int(rng.integers(len(Shape)))],
            free_volume=float(rng.uniform(0.0, 0.5)) if rng.random() < 0.5 else None,
            electrolyte=float(rng.uniform(0.0, 0.6)) if rng.random() < 0.5 else None,
            prelithiation=float(rng.random()) if rng.random() < 0.3 else None,
        )  # fmt: skip
    return Interface(
        *names, layers=stack, surface=surface, form=form,
        sample=Sample(thickness=spread(rng, 1e-6, 2e-3)),
    )  # fmt: skip


def sound(found: Run) -> None:
    """What must be true of every run."""
    for name, f in Run.__dataclass_fields__.items():
        values = getattr(found, name)
        if f.metadata.get("kind") and isinstance(values, tuple):
            assert all(math.isfinite(v) for v in values), name
    assert found.balance is not None
    assert max(found.balance.charge, found.balance.lithium) < 1e-9
    assert list(found.time) == sorted(found.time)
    for name in ("contact", "counter_contact"):
        assert all(0.0 <= a <= 1.0 for a in getattr(found, name)), name
    for name in ("void", "counter_void", "interphase", "counter_interphase", "load"):
        assert all(x >= 0.0 for x in getattr(found, name)), name
    parts = np.array([found.bulk, found.charge_transfer, found.ohmic]).sum(axis=0)
    rest = np.array(found.voltage) - parts - np.array(found.potential)
    # nothing is left but the counter electrode's potential
    assert np.ptp(rest) <= 1e-9 * max(1.0, np.abs(found.voltage).max())
    assert math.isfinite(found.lithium_lost) and found.lithium_lost >= 0.0
    assert len([e for e in found.events if e.kind in engine.ENDS_CELL]) <= 1
    assert decode(Run, encode(found)) == found


def conserved(found: Run) -> None:
    """Charge by the series alone: between two times of a step the current is constant."""
    time, current = np.array(found.time), np.array(found.current_density)
    moved = np.diff(time) * current[1:]
    plated = -moved[moved < 0.0].sum()
    clock = 1e-15 * time[-1] * np.abs(current).sum()  # what the clock itself can tell
    assert plated == pytest.approx(found.plated, rel=1e-9, abs=clock)


@pytest.mark.campaign
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_random_cells_through_random_protocols(campaign) -> None:
    rng = np.random.default_rng(campaign.seed)
    lib = default()
    pools = tuple([m.name for m in lib.all(kind)] for kind in (Electrolyte, Anode, Interlayer))
    ran = refused = died = 0
    for _ in range(campaign.size(reduced=80, full=2000)):
        conditions = Conditions(
            stack_pressure=0.0 if rng.random() < 0.03 else spread(rng, 1e4, 1e8),
            temperature=float(rng.uniform(230.0, 400.0)),
        )
        steps, laws = protocol(rng), rivals(rng)
        try:
            cell = interface(rng, pools)
            counter = lib.anode("LiIn") if rng.random() < 0.1 else None
            assembly = assemble(cell, conditions, laws=laws, conducts=bool(rng.random() < 0.2),
                                counter=counter, attach_pressure=spread(rng, 1e5, 4e8))  # fmt: skip
            found = run(cell, conditions, steps, assembly=assembly)
        except AnolyteError as error:
            refused += 1
            assert "\n" not in str(error) and str(error)
            continue
        sound(found)
        conserved(found)
        ran += 1
        died += found.end is not None
    assert ran > refused / 2 and 0 < died < ran
    campaign.record(ran=ran, refused=refused, died=died, tracebacks=0)


@pytest.mark.campaign
def test_random_draws_of_one_cell_stay_numbers_and_alone(campaign) -> None:
    """A batch of draws: no NaN in any of them, and a few are what they would be alone."""
    rng = np.random.default_rng(campaign.seed)
    cells = campaign.size(reduced=200, full=20_000)
    cell = Interface("Li6PS5Cl", "Li")
    pressure, kelvin = rng.uniform(0.1e6, 20e6, cells), rng.uniform(263.0, 353.0, cells)
    scale = np.exp(rng.normal(0.0, 1.0, cells))
    steps = [Step(s * 3.0, duration=HOUR, cycle=k) for k in range(4) for s in (1.0, -1.0)]
    draws = build.Draws(cells, campaign.seed)
    conditions = Conditions()

    def carry(index):
        def pick(name, value):
            return np.asarray(draws(name, value))[index]

        device = assemble(cell, conditions, pick=pick, attach_pressure=pressure[index]).device
        made = engine.start(device, pressure[index], kelvin[index], scale[index], len(index))
        engine.simulate(device, Protocol(tuple(steps)), made, keep=False, nodes=10)
        return made

    many = carry(np.arange(cells))
    for name in ("time", "least_contact", "most_voltage", "most_load", "plated", "passed"):
        assert np.isfinite(getattr(many, name)).all(), name
    assert (many.least_contact > 0.0).all() and (many.ended[~many.alive] >= 0).all()
    for i in rng.integers(0, cells, 20):
        alone = carry(np.array([int(i)]))
        assert alone.ended[0] == many.ended[i] and alone.end_cycle[0] == many.end_cycle[i]
        assert alone.end_time[0] == pytest.approx(many.end_time[i], rel=1e-9, nan_ok=True)
        assert alone.least_contact[0] == pytest.approx(many.least_contact[i], rel=1e-9)
    campaign.record(cells=cells, ended=int((many.ended >= 0).sum()))


@pytest.mark.campaign
def test_random_sentences_are_read_or_refused(campaign) -> None:
    """Mutated sentences: a step that can be carried out, or one line that says what is wrong."""
    rng = np.random.default_rng(campaign.seed)
    odd = ["nan", "1e999", "-", "", "mA", "until", "for", "at", "٣", "\x00", "°C", "9" * 30, "**"]
    read = refused = 0
    for _ in range(campaign.size(reduced=1500, full=100_000)):
        words = sentence(rng).split()
        for _ in range(int(rng.integers(0, 4))):
            k = int(rng.integers(len(words)))
            words[k] = str(rng.choice(odd)) if rng.random() < 0.5 else words[k][::-1]
            words.insert(int(rng.integers(len(words))), words[int(rng.integers(len(words)))])
        try:
            (step,) = Protocol.parse(" ".join(words)).steps
        except AnolyteError as error:
            refused += 1
            assert "\n" not in str(error) and len(str(error)) < 1000
            continue
        read += 1
        assert 0.0 < step.lasts < math.inf and replace(step, cycle=1).cycle == 1
    assert read and refused
    campaign.record(read=read, refused=refused, tracebacks=0)
