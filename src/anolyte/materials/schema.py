"""What a material file may say: one YAML a material, every number with its source.

A property is a list of measurements; the first is the default, the spread of the others its sigma.
Numbers are written with their unit (`2.1 mS/cm`) and are SI once loaded.
"""

from __future__ import annotations

import statistics
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from anolyte.core.errors import AnolyteError, MissingProperty
from anolyte.core.memo import kept
from anolyte.core.provenance import Source, Value
from anolyte.core.units import si
from anolyte.materials import formula as formulas

# property name -> kind of quantity; a name outside this table does not load.
PROPERTIES: dict[str, str] = {
    "ionic_conductivity": "conductivity",
    "electronic_conductivity": "electronic_conductivity",
    "activation_energy": "energy",
    "vtf_prefactor": "conductivity",
    "vtf_activation_energy": "energy",
    "vtf_temperature": "temperature",
    "density": "density",
    "molar_volume": "molar_volume",
    "youngs_modulus": "modulus",
    "shear_modulus": "modulus",
    "poisson_ratio": "number",
    "hardness": "pressure",
    "yield_strength": "pressure",
    "fracture_toughness": "toughness",
    "band_gap": "energy",
    "reduction_limit": "electrode_potential",
    "oxidation_limit": "electrode_potential",
    "operating_potential": "electrode_potential",
    "specific_capacity": "specific_capacity",
    "volume_expansion": "fraction",
    "contact_angle": "angle",
    "temperature_limit": "temperature",
    "typical_thickness": "length",
    "creep_exponent": "number",
    "creep_rate": "rate",
    "creep_activation_energy": "energy",
    "surface_energy": "surface_energy",
    "diffusivity": "diffusivity",
    "diffusion_activation_energy": "energy",
    "lithium_concentration": "concentration",
    "least_lithium_concentration": "concentration",
    "relative_permittivity": "number",
    "flow_stress_lithiation": "pressure",
    "flow_stress_delithiation": "pressure",
    "stress_potential_coupling": "stress_coupling",
    "first_cycle_efficiency": "fraction",
}


class Strict(BaseModel):
    """Frozen, and no field that is not declared."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Measurement(Strict):
    """One reported number: text with unit, source, and the conditions it holds at."""

    value: float | str
    source: str
    where: str = ""
    how: Literal["measured", "computed", "estimated", "assumed"] = "measured"
    known: Literal["read", "second_hand", "recalled"]
    sigma: float | str | None = None
    at: dict[Literal["temperature", "pressure"], float | str] = Field(default_factory=dict)
    doubt: str = ""
    note: str = ""

    def to_value(self, kind: str) -> Value:
        """The number in SI; a sigma in per cent is relative."""
        number = si(self.value, kind)
        sigma = None
        if isinstance(self.sigma, str) and self.sigma.rstrip().endswith("%"):
            sigma = abs(number) * si(self.sigma, "fraction")
        elif self.sigma is not None:
            sigma = si(self.sigma, "temperature_difference" if kind == "temperature" else kind)
        temperature = self.at.get("temperature")
        return Value(
            si=number,
            source=Source(self.source, self.where, self.how, self.known),
            sigma=sigma,
            temperature=None if temperature is None else si(temperature, "temperature"),
            note="; ".join(t for t in (self.doubt, self.note) if t),
        )


class Component(Strict):
    """A constituent of a composite: a material of the library and its volume fraction."""

    material: str
    volume_fraction: Annotated[float, Field(gt=0.0, lt=1.0)]
    source: str
    where: str = ""
    known: Literal["read", "second_hand", "recalled"]
    how: Literal["measured", "computed", "estimated", "assumed"] = "measured"


class Material(Strict):
    """What every material file says; `class` is one of the field's words for its family."""

    name: str
    title: str = ""
    aliases: tuple[str, ...] = ()
    family: str = Field(alias="class")
    formula: str | None = None
    as_printed: str = ""
    repeat_unit: bool = False
    families: ClassVar[tuple[str, ...]] = ()
    properties: dict[str, tuple[Measurement, ...]] = Field(default_factory=dict)
    components: tuple[Component, ...] = ()
    charges: dict[str, float] = Field(default_factory=dict)
    advantages: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    origin: str = "library"
    digest: str = ""

    def __repr__(self) -> str:
        about = f"{self.family}, {len(self.properties)} properties"
        return f"{type(self).__name__}({self.name!r}, {about}, from {self.origin!r})"

    @field_validator("family")
    @classmethod
    def _known_family(cls, value: str) -> str:
        if value not in cls.families:
            raise ValueError(f"class '{value}' is not one of {', '.join(cls.families)}")
        return value

    @field_validator("properties", mode="before")
    @classmethod
    def _lists(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        unknown = sorted(set(value) - set(PROPERTIES))
        if unknown:
            raise ValueError(
                f"unknown property {', '.join(unknown)}; known: {', '.join(PROPERTIES)}"
            )
        return {k: v if isinstance(v, list | tuple) else [v] for k, v in value.items()}

    @model_validator(mode="after")
    def _numbers_parse(self) -> Material:
        for name, measurements in self.properties.items():
            for m in measurements:
                try:
                    m.to_value(PROPERTIES[name])
                except AnolyteError as error:
                    raise ValueError(f"{name}: {error}") from None
        if self.formula is not None:
            try:
                formulas.parse(self.formula)
            except AnolyteError as error:
                raise ValueError(str(error)) from None
        return self

    @property
    def composition(self) -> dict[str, float]:
        """Element amounts of the formula.

        Raises:
            MissingProperty: The material has no formula (a class, a blend).
        """
        if self.formula is None:
            parts = " or ".join(c.material for c in self.components)
            raise MissingProperty(
                f"{self.name} has no chemical formula, so no thermodynamics; give "
                + (parts or "a formula of the phase that touches the anode")
            )
        return formulas.parse(self.formula)

    def values(self, name: str) -> tuple[Value, ...]:
        """All reported values of a property, the default first."""
        measured = self.properties.get(name, ())
        if not measured:
            return ()
        # A copy with other properties shares what is kept: the key is the tuple itself, which the
        # answer keeps alive.
        return kept(
            self, "values", (name, id(measured)),
            lambda: (measured, tuple(m.to_value(PROPERTIES[name]) for m in measured)),
        )[1]  # fmt: skip

    def need(self, name: str) -> Value:
        """The default value of a property; the spread of the others is its sigma if it has none.

        Raises:
            MissingProperty: Nothing is known; the message says where to add it.
        """
        values = self.values(name)
        if not values:
            raise MissingProperty(
                f"{self.name} has no {name.replace('_', ' ')}; add it to its YAML file with a "
                "source (--materials DIR reads your own)"
            )
        first = values[0]
        if first.sigma is None and len(values) > 1:
            sigma = statistics.stdev(v.si for v in values)
            return Value(first.si, first.source, sigma, first.temperature, first.note)
        return first

    def has(self, name: str) -> bool:
        """Whether any value of the property is known."""
        return bool(self.properties.get(name))


class Electrolyte(Material):
    """A solid electrolyte."""

    families: ClassVar[tuple[str, ...]] = (
        "oxide", "sulfide", "halide", "hydride", "nitride", "polymer", "composite", "unknown",
    )  # fmt: skip


class Anode(Material):
    """A negative electrode; `formula` is the host as made, `states` its lithiated phases."""

    families: ClassVar[tuple[str, ...]] = (
        "metal", "alloy", "intercalation", "current collector", "composite", "unknown",
    )  # fmt: skip
    plated: bool = False
    states: tuple[str, ...] = ()


class Interlayer(Material):
    """A layer between electrolyte and anode: coating, alloy former, artificial interphase."""

    families: ClassVar[tuple[str, ...]] = (
        "coating", "metal", "alloy", "carbon", "polymer", "composite", "salt", "unknown",
    )  # fmt: skip
