"""The device model's laws beside published results, and how well its predictors stand.

Each row takes its published number from the evidence base by name, so that no number is written
twice, and says whether the paper fed a number of the cell (calibration), fed another one (same
paper) or none (check).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from anolyte.core.errors import AnolyteError
from anolyte.core.provenance import Source
from anolyte.core.result import Number
from anolyte.core.units import show
from anolyte.laws.creep import PowerLawCreep
from anolyte.laws.diffusion import AlloySlab
from anolyte.laws.expansion import plated_thickness
from anolyte.laws.gas import Hydrolysis
from anolyte.materials import library
from anolyte.materials.evidence import evidence
from anolyte.materials.protocol import Protocol, Step
from anolyte.materials.records import Record
from anolyte.materials.stack import Surface
from anolyte.models.cell import build, engine
from anolyte.studies.validate import device
from anolyte.studies.validate.device_cells import (
    DRAWS,
    assembled,
    drawn,
    fed,
    leans,
    papers_in,
    setting,
)
from anolyte.studies.validate.predictions import Prediction

CALIBRATION, SAME_PAPER, CHECK = "calibration", "same paper", "check"
NEAR = {"number": 1.25, "fraction": 1.1, "swelling": 1.1}
"""Factor within which a value agrees, by its kind: exponents and shares closer than the rest."""
OTHERS_NEAR = 2.0
MORE = 1.5
"""A value is a miss beyond this multiple of the factor within which it agrees."""
WEEK = 168 * 3600.0


@dataclass(frozen=True)
class Row:
    """A published result beside the model.

    Args:
        about: Which law it speaks of.
        result: What was measured, on what.
        published: Its value; `bound` as in the evidence base.
        ours: The model's value; None: it cannot speak, and `note` says why.
        low, high: 80 % of the draws.
        role: calibration | same paper (it fed another number of the cell) | check.
        note: What the comparison leaves out, or why it misses.
    """

    about: str
    result: str
    published: Number
    bound: str
    ours: Number | None
    low: float
    high: float
    role: str
    source: Source
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours over the published value."""
        if self.ours is None or not self.published.si:
            return None
        return self.ours.si / self.published.si

    @property
    def verdict(self) -> str:
        """agrees | near | miss | bound kept | miss: bound | no answer."""
        ratio = self.ratio
        if ratio is None:
            return "no answer"
        if self.bound in ("at_least", "at_most"):
            kept = ratio >= 1.0 if self.bound == "at_least" else ratio <= 1.0
            return "bound kept" if kept else "miss: bound"
        far = math.exp(abs(math.log(ratio))) if ratio > 0.0 else math.inf
        near = NEAR.get(self.published.kind, OTHERS_NEAR)
        if far <= near:
            return "agrees"
        return "near" if far <= MORE * near else "miss"


# --- how a row is made --------------------------------------------------------------------------

Told = Callable[[Record], Prediction]


@lru_cache(maxsize=1)
def _records() -> dict[str, Record]:
    return {r.id: r for r in evidence()}


def _row(about: str, name: str, told: Told, note: str = "", papers: frozenset[str] | None = None,
         *, control: bool = False) -> Row:  # fmt: skip
    """A row of the evidence base, or of its untreated value."""
    record = _records()[name]
    result = _words(record, control)
    if control:
        assert record.before is not None
        record = replace(record, value=record.before, strategy="", layers=(), bound="exact")
    kind = record.value.kind
    try:
        found = told(record)
        behind = _behind(record) if papers is None else papers
        ours, low, high = Number(found.value, kind), found.low, found.high
    except AnolyteError as error:
        ours, low, high, note, behind = None, math.nan, math.nan, note or str(error), frozenset()
    role = CHECK
    if record.role == "calibration" and not control:
        role = CALIBRATION
    elif leans(record, behind):
        role = SAME_PAPER
    return Row(about, result, record.value, record.bound, ours, low, high, role, record.source,
               note)  # fmt: skip


def _behind(record: Record) -> frozenset[str]:
    """The papers behind a record's cell."""
    record = replace(record, anode=record.anode or "Li")
    try:
        where = setting(record)
    except AnolyteError:
        where = setting(replace(record, strategy="", layers=()))
    return fed(assembled(where.interface, where.temperature, where.pressure))


def _words(record: Record, control: bool) -> str:
    layers = () if control else record.layers
    parts = [" | ".join(x for x in (record.electrolyte, *layers, record.anode) if x)]
    if control:
        parts.append("untreated control")
    elif record.strategy and not record.strategy.startswith(("warm", "stack_pressure")):
        parts.append(record.strategy.replace("_", " "))
    for number in (record.temperature, record.stack_pressure, record.current, record.duration):
        if number is not None:
            parts.append(show(number.si, number.kind))
    return f"{record.quantity.replace('_', ' ')}: {', '.join(parts)}"


def _predicted(record: Record) -> Prediction:
    """What the predictor says, whatever the paper fed."""
    where = setting(record)
    cell = assembled(where.interface, where.temperature, where.pressure)
    return ANSWERS[record.quantity](record, where, cell)


ANSWERS: dict[str, device.Answer] = {
    "critical_current_density": device.critical_current,
    "interfacial_resistance": device.face_resistance,
    "cell_resistance": device.cell_resistance,
    "critical_stack_pressure": device.stack_pressure,
    "symmetric_cell_life": device.life,
    "interphase_charge": device.interphase,
    "interphase_thickness": device.interphase,
    "overpotential": device.overpotential,
}


def _spread(values: Any) -> Prediction:
    values = np.broadcast_to(np.asarray(values, dtype=float), DRAWS)
    low, high = np.quantile(values, [device.LOW, device.HIGH])
    return Prediction(float(values[0]), float(low), float(high))


# --- the rows -----------------------------------------------------------------------------------


def device_table() -> tuple[Row, ...]:
    """Every published result that a law of the device model speaks to."""
    return (*_creep(), *_stripping(), *_plating(), *_resistances(), *_interphases(),
            *_pressure(), *_others())  # fmt: skip


def _creep() -> Iterable[Row]:
    metal = library.default().anode("Li")
    p = build.Parameters(library.default().electrolyte("LLZO"), metal, pick=build.Draws(DRAWS))
    law: PowerLawCreep = build.metal_creep(p)
    papers = frozenset(papers_in(metal.need("creep_rate").source.key))

    def rate(record: Record) -> Prediction:
        assert record.stack_pressure is not None and record.temperature is not None
        return _spread(law(record.stack_pressure.si, record.temperature.si))

    for kilopascal in (200, 301, 400, 600):
        yield _row("creep of lithium", f"lithium_creep_{kilopascal}kpa_masias2019", rate,
                   papers=papers)  # fmt: skip
    for end in ("exponent_narayan2018", "low_wang2020na"):
        note = "a range that holds our own source" if "wang" in end else ""
        yield _row("creep of lithium", f"lithium_creep_{end}", lambda _: _spread(law.exponent),
                   note, papers)  # fmt: skip


def _stripping() -> Iterable[Row]:
    about, onset = "voids on stripping", "lpscl_void_{}_spencerjolly2021"
    for name in ("lpscl_strip3_kasemchainan2019_review", "lpscl_strip7_kasemchainan2019_review",
                 "llzo_strip2mpa_wang2019stack", onset.format("25c_1mpa")):  # fmt: skip
        yield _row(about, name, _predicted)
    hot = "the limit rises too fast with temperature; its 0.57 eV is self-diffusion, second-hand"
    for celsius in (60, 80):
        yield _row(about, onset.format(f"{celsius}c_1mpa"), _predicted, hot)
    yield _row(about, onset.format("80c_5mpa"), _predicted)
    yield _row(
        about,
        "llzo_pressure74_chang2021",
        _predicted,
        "contact is lost at 7.4 MPa where the fit to another laboratory holds 1.75 mA/cm2",
    )
    yield _row(about, "lpscl_strip_rint_schlenker2020", _stripped,
               "sixfold after 0.6 µm of stripping; at 6 MPa the fit to another laboratory lets "
               "nothing open at this current")  # fmt: skip


def _stripped(record: Record) -> Prediction:
    """Resistance of a face after the record's charge was stripped from it."""
    assert record.current is not None and record.areal_capacity is not None
    where = setting(record)
    cell = assembled(where.interface, where.temperature, where.pressure)
    cells = engine.start(cell.device, drawn(where.pressure), where.temperature, 1.0, DRAWS)
    step = Step(record.current.si, charge=record.areal_capacity.si)
    last = engine.simulate(cell.device, Protocol((step,)), cells, nodes=4).pieces[-1]
    return _spread(last.faces[0].overpotential[:, -1] / record.current.si)


def _plating() -> Iterable[Row]:
    about = "critical current of a ramp"
    yield _row("plating limit", "lpscl_plate_kasemchainan2019_review", plating_limit,
               "one hot-pressed pellet set the overpotential, another paper the small resistance "
               "of a face; together they allow far too much")  # fmt: skip
    yield _row(about, "lpscl_finegrain_ccd_singh2022", _pressed_hard, control=True,
               note="attached at 265 MPa, then no pressure")  # fmt: skip
    unstated = "pressure not stated, 2 MPa taken; more allows more"
    for name in ("lpscl_al2o3fibre_ccd_duan2023", "lpscl_bh4_ccd_bh4role2025",
                 "lpscl_sinter_lif_ccd_mildsinter2026", "lpsc_sbo_ccd_lpscsbo",
                 "li3ps4_libr_ccd_libr2023", "li7p3s11_zrcl4_ccd_saud2025",
                 "llzto_li5alo4_ccd_li5alo42024", "llzto_lbhi_ccd_lbhi2025"):  # fmt: skip
        yield _row(about, name, _predicted, unstated, control=True)
    steep = ("the overpotential at which filaments start does not change with temperature here; "
             "measured currents rise more steeply")  # fmt: skip
    for celsius in (30, 70, 100, 130, 160):
        yield _row(about, f"llzo_ccd_{celsius}c_sharafi2016", _predicted,
                   f"{steep}, from a tenth of what later garnets carry")  # fmt: skip
    for celsius in (25, 40, 60):
        yield _row(about, f"llzo_ccd_{celsius}c_taylor2018", _predicted, steep)
    for name in ("llzo_single_ccd_flatscher2020", "llzto_short_ccd_reuse2022",
                 "llzto_plss_ccd", "lpscl_cu_ag_short_2025"):  # fmt: skip
        yield _row(about, name, _predicted)
    more = "more pressure made it worse there; in the model it helps"
    for pressure in ("12p5mpa", "25mpa"):
        yield _row(about, f"llzo_ccd_{pressure}_layeredhybrid", _predicted, more)
    yield _row(about, "llzo_molten_ccd_kinzer2021", _predicted)


def plating_limit(record: Record) -> Prediction:
    """Current at which a full contact reaches its critical overpotential, an hour after pressing.

    The interphase of a day at rest stands in its way.
    """
    where = setting(record)
    cell = assembled(where.interface, where.temperature, where.pressure)
    face = cell.device.faces[0]
    film = face.growth(86400.0, where.temperature) / face.interphase_conductivity
    low, high = np.full(DRAWS, 1e-3), np.full(DRAWS, 1e6)
    for _ in range(80):
        middle = np.sqrt(low * high)
        over = face.transfer(middle, 1.0, where.temperature) + middle * film
        opens = face.flaw.load(over, 1.0) > 1.0
        low, high = np.where(opens, low, middle), np.where(opens, middle, high)
    return _spread(low)


def _pressed_hard(record: Record) -> Prediction:
    """A ramp after attaching in full contact."""
    where = setting(record)
    attached = replace(where.interface, surface=Surface(contact=1.0))
    charge = None if record.areal_capacity is None else record.areal_capacity.si
    return _spread(device.carried(replace(where, interface=attached), charge=charge))


def _resistances() -> Iterable[Row]:
    untreated, treated = "untreated face", "treated face"
    scatter = "untreated faces differ by a factor of a hundred; one number stands for all"
    yield _row(untreated, "llzto_bare_rint", _predicted)
    for name in ("llzto_al2o3aid_rint_alumina2020", "llzo_ag_rint_feng2019",
                 "llzto_li3ocl_rint_tian2018", "llzo_heat175_rint_sharafi2016",
                 "llzto_zno_rint_zhou2018"):  # fmt: skip
        yield _row(untreated, name, _predicted, scatter, control=True)
    yield _row(untreated, "llzo_heat175_rint_sharafi2016", _predicted, scatter)
    clean = "cleaning leaves more than charge transfer in full contact"
    for name in ("llzo_clean_rint_sharafi2017", "llzo_carbon700_rint_li2018"):
        yield _row(treated, name, _predicted, clean)
    hot = "the model keeps the contamination of an untreated face; the treatment took it off"
    for name in ("llzto_380c_rint_bonding2022", "llzo_cleanli_rint_zheng2020",
                 "llzo_wellcontacted_rint_sharafi2017grain",
                 "llzo_etherdrop_rint_nasir2025"):  # fmt: skip
        yield _row(treated, name, _predicted, hot)
    film = "charge transfer to a layer is a guess, the same for every crystalline layer"
    for name in ("llzto_mgf2_rint", "llzo_sb_rint", "llzto_plss_rint", "llzo_al2o3_rint_han2017",
                 "llzo_ge_rint_luo2017", "llzo_ag_rint_feng2019", "llzo_te_au_rint_tellz2019",
                 "llzto_lbhi_rint_lbhi2025"):  # fmt: skip
        yield _row(treated, name, _predicted, film)
    yield from _contact()


def _contact() -> Iterable[Row]:
    about = "contact against pressure"
    yield _row(about, "lpscl_contact_exponent_2501", _exponent,
               "just pressed on, charge transfer as 1/contact outweighs constriction; after an "
               "hour contact is complete and nothing depends on pressure")  # fmt: skip
    soft = "a hardness of 2.3 MPa flattens everything at 10 MPa; the measured face does not"
    for name, pressure, control in (
        ("llzo_pressing41_rint_krauskopf2019acsami", 10e6, True),
        ("llzo_pressing41_rint_krauskopf2019acsami", 41e6, False),
    ):
        row = _row(about, name, lambda r, p=pressure: _just_pressed(r, p), soft, control=control)
        if control:  # the record's pressure is that of the treated value
            row = replace(row, result=row.result.replace("41 MPa", show(pressure, "pressure")))
        yield row
    same = "the model's faces are good at every pressure; here they need 15 MPa"
    for megapascal in (15, 20, 25):
        yield _row(about, f"lpscl_{megapascal}mpa_rcell_doux2020", _predicted, same)


def _exponent(record: Record) -> Prediction:
    found = device.pressure_exponent(record)
    assert found is not None
    return found


def _just_pressed(record: Record, pressure: float) -> Prediction:
    where = setting(replace(record, strategy=""))
    clean = replace(where.interface, surface=Surface(cleaned=True))
    cell = assembled(clean, where.temperature, (pressure, pressure, pressure))
    return _spread(device.pressed_on(cell, where.temperature))


def _interphases() -> Iterable[Row]:
    about = "interphase"
    for name in ("lpscl_ss_charge25_aktekin2023", "lpscl_ss_charge40_aktekin2023",
                 "lpscl_ss_thickness168_aktekin2023", "lpscl_ss_thickness400_aktekin2023",
                 "llzo_ss_charge200_aktekin2023", "llzo_ss_charge400_aktekin2023",
                 "lgps_ss_charge_aktekin2023", "lpscl_year_charge_aktekin2023"):  # fmt: skip
        yield _row(about, name, _predicted)

    def week(record: Record) -> Prediction:
        return _predicted(replace(record, duration=Number(WEEK, "time")))

    yield _row(about, "lpscl_interphase_otto2022", week, "after a week")


def _pressure() -> Iterable[Row]:
    about = "lithium pressed through pores"
    for megapascal in (10, 15, 20, 25, 5):
        row = _row(about, f"lpscl_life{megapascal}mpa_doux2020", _until_pressed)
        yield row if megapascal == 5 else replace(row, role=CALIBRATION)
    yield _row(
        about,
        "lpscl_75mpa_short_duan2023",
        _until_pressed,
        "three times beyond the pressures of the fit",
    )
    yield _row("life", "lpscl_al2o3fibre_life_duan2023", _predicted,
               "pores of another laboratory's pellet", control=True)  # fmt: skip
    yield _row("life", "ecl_exsitu_cycle", _predicted, "a polymer has no limit of filaments here")


def _until_pressed(record: Record) -> Prediction:
    assert record.stack_pressure is not None
    where = setting(replace(record, strategy=""))
    law = assembled(where.interface, where.temperature, where.pressure).device.faces[0].penetration
    return _spread(law.time_to_short(record.stack_pressure.si, where.temperature))


def _others() -> Iterable[Row]:
    def swelling(_: Record) -> Prediction:
        return _spread(plated_thickness(1.0, library.default().anode("Li").need("molar_volume").si))

    yield _row("anode-free", "anodefree_swelling_deysher2022", swelling, papers=frozenset())
    slab = AlloySlab.of(library.default().anode("Li0.9Mg0.1"), 25e-6)
    source = Source("krauskopf2019", "share of the body-centred phase", known="second_hand")
    for current, share in ((0.1, 0.93), (1.0, 0.41), (10.0, 0.09)):
        ours = float(slab.utilisation(current, 298.15))
        note = "" if current < 10.0 else "no single diffusivity gives all three (see alloys)"
        yield Row("alloy", f"use of Li0.9Mg0.1, 25 µm, {show(current, 'current_density')}, 25 °C",
                  Number(share, "fraction"), "exact", Number(ours, "fraction"), ours, ours,
                  SAME_PAPER, source, note)  # fmt: skip
    yield _row("gas", "powder_h2s_gm2022", device.gas, _complete())
    yield Row("critical current of a ramp", "critical current density: Li6PS5Cl, 99 % dense | Li",
              Number(90.0, "current_density"), "at_least", None, math.nan, math.nan, CHECK,
              Source("densargyrodite2025", "abstract"),
              "no law of the cell reads the density of the electrolyte")  # fmt: skip


def _complete() -> str:
    """What stoichiometry says of the gas of 77.5 Li2S and 22.5 P2S5."""
    mass = 0.775 * 45.95e-3 + 0.225 * 222.27e-3  # kg/mol
    law = Hydrolysis(0.775 + 5 * 0.225, mass)
    most = float(law.volume(1.0, 298.15, 101325.0))
    gas = show(most, "specific_volume")
    return f"complete hydrolysis would give {gas}; how far it goes has no law"
