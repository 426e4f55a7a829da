r"""Ohmic resistance of the electrolyte and its layers at temperature.

$$ R = L / \sigma(T), \qquad \eta = j R $$

The conductivity at temperature follows Arrhenius' law for crystals and glasses and the VTF law for
polymers, anchored to a measured value; a composite without a measured value of its own is an
effective medium of its constituents between its bounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from anolyte.core.result import Concern, Finding, Level, Number, Result, quantity
from anolyte.laws.conduction import Conductivity, conductivity, films, layer_resistance
from anolyte.materials.stack import Conditions, Interface


@dataclass(frozen=True)
class TransportResult(Result):
    """Resistance and voltage drop of the electrolyte and of each layer.

    Args:
        conductivity: Of the electrolyte.
        resistance: Area resistance of the electrolyte, ohm m2.
        layer_resistances: The same of each layer whose conductivity is known.
        unknown_layers: Layers that are not counted, for the reason given in the warnings.
        drop: Ohmic voltage drop at the current density, V.
    """

    interface: str
    conductivity: Conductivity
    resistance: float = quantity("area_resistance")
    drop: float = quantity("potential")
    temperature: float = quantity("temperature", default=298.15)
    current_density: float = quantity("current_density", default=1.0)
    layer_resistances: tuple[float, ...] = quantity("area_resistance", default=())
    unknown_layers: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    concern: ClassVar[Concern] = Concern.TRANSPORT

    def findings(self, criteria: Any) -> tuple[Finding, ...]:
        """Whether the ohmic drop is small beside the cell's voltage."""
        numbers = {
            "conductivity": Number(self.conductivity.value, "conductivity"),
            "temperature": Number(self.temperature, "temperature"),
            "resistance": Number(self.resistance + sum(self.layer_resistances), "area_resistance"),
            "drop": Number(self.drop, "potential"),
            "current": Number(self.current_density, "current_density"),
        }
        size = abs(self.drop)
        if size > criteria["ohmic_drop_bad"]:
            level, label = Level.BAD, "resistive"
        elif size > criteria["ohmic_drop_caution"] or self.conductivity.extrapolated:
            far = size <= criteria["ohmic_drop_caution"]
            level, label = Level.CAUTION, "outside its range" if far else "resistive"
        elif self.unknown_layers:
            level, label = Level.UNKNOWN, "layer not counted"
        else:
            level, label = Level.GOOD, "conductive"
        tail = ", outside the range of its law" if self.conductivity.extrapolated else ""
        tail += f" (without {', '.join(self.unknown_layers)})" if self.unknown_layers else ""
        because = (
            "{conductivity} at {temperature}" + tail + ": {resistance} and {drop} at {current}"
        )
        return (Finding(self.concern, level, because, numbers, self.sources, label, "measured"),)


@dataclass(frozen=True)
class Transport:
    """Ohmic resistance of an interface's electrolyte and layers."""

    concern: ClassVar[Concern] = Concern.TRANSPORT
    reads: ClassVar[tuple[str, ...]] = (
        "electrolyte", "layers", "anode", "surface", "sample",
        "conditions.temperature", "conditions.current_density",
    )  # fmt: skip
    references: ClassVar[tuple[str, ...]] = ("hashin1962variational", "bruggeman1935berechnung")

    def __call__(self, interface: Interface, conditions: Conditions) -> TransportResult:
        """Resistance at the temperature and drop at the current density."""
        temperature = conditions.temperature
        bulk = conductivity(interface.electrolyte, temperature)
        resistance = interface.sample.thickness / bulk.value
        layers, warnings = [], []
        crossed = films(interface)
        for layer in crossed:
            found = layer_resistance(layer, temperature)
            if isinstance(found, str):
                warnings.append(found)
                continue
            layers.append(found)
            if layer.coverage < 1.0:
                name = layer.material.name
                warnings.append(f"layer {name}: counted as if it covered the whole face")
        total = resistance + sum(layers)
        if bulk.extrapolated:
            warnings.append(f"{bulk.material}: temperature outside the range of its law")
        return TransportResult(
            interface=str(interface),
            conductivity=bulk,
            resistance=resistance,
            drop=conditions.current_density * total,
            temperature=temperature,
            current_density=conditions.current_density,
            layer_resistances=tuple(layers),
            unknown_layers=tuple(
                x.material.name
                for x in crossed
                if isinstance(layer_resistance(x, temperature), str)
            ),
            warnings=tuple(warnings),
            sources=bulk.sources,
        )
