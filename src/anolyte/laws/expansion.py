r"""Volume change of reactions and of anode hosts."""

from __future__ import annotations

from anolyte.core.units import FARADAY


def pilling_bedworth(products: float, consumed: float) -> float:
    r"""Volume of the products per volume of the solid that they replace.

    $$ \mathrm{PBR} = \frac{\sum_p \nu_p V_p}{V_\mathrm{SE}} $$

    Args:
        products: Sum of amounts times molar volumes of the products, m3.
        consumed: Volume of the consumed solid without the lithium taken up, m3.

    Source: Pilling and Bedworth, J. Inst. Met. 1923, 29, 529.
    """
    return products / consumed


def plated_thickness(areal_capacity: float, molar_volume: float) -> float:
    r"""Thickness of the lithium that a charge plates, dense and planar.

    $$ h = q V_\mathrm{Li} / F $$

    Args:
        areal_capacity: q, C/m2.
        molar_volume: m3/mol.

    >>> round(plated_thickness(3.6e4, 13.0e-6) * 1e6, 2)  # 1 mAh/cm2, um
    4.85
    """
    return areal_capacity * molar_volume / FARADAY
