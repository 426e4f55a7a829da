r"""The bend of a half cycle from sums over its rows, however they were cut.

It is the least-squares parabola $V = a + b\,q + c\,q^2$ of `measure.traces.voids`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from anolyte.measure.traces.voids import BendTest


@dataclass
class BendSums:
    """What is kept of the rows of one half cycle to fit its parabola.

    Args:
        count: Rows.
        charge, voltage: Of the first row, C and V; what is summed is less these.
        reach: Charge of the last row less the first, C.
        least, most: Current, A.
        powers: Sums of the charge to the power 1 to 4.
        products: Sums of the voltage times the charge to the power 0 to 2.
        square: Sum of the squared voltage.
    """

    count: int = 0
    charge: float = 0.0
    voltage: float = 0.0
    reach: float = 0.0
    least: float = 0.0
    most: float = 0.0
    powers: list[float] = field(default_factory=lambda: [0.0] * 4)
    products: list[float] = field(default_factory=lambda: [0.0] * 3)
    square: float = 0.0

    def add(self, charge: float, voltage: float, current: float) -> None:
        """A row: C, V and A, all positive."""
        if self.count == 0:
            self.charge, self.voltage, self.least, self.most = charge, voltage, current, current
        q, v = charge - self.charge, voltage - self.voltage
        self.count, self.reach = self.count + 1, q
        self.least, self.most = min(self.least, current), max(self.most, current)
        power = 1.0
        for k in range(4):
            if k < 3:
                self.products[k] += v * power
            power *= q
            self.powers[k] += power
        self.square += v * v

    def bent(self, test: BendTest) -> tuple[float, float] | None:
        """Voltage at the end over that at the start, where the parabola says voids; else None."""
        steady = self.most - self.least <= test.steady * self.most
        if self.count < max(test.fewest, 4) or self.reach <= 0.0 or not steady:
            return None
        sums = [float(self.count), *(p / self.reach**k for k, p in enumerate(self.powers, 1))]
        normal = np.array([[sums[i + j] for j in range(3)] for i in range(3)])
        right = np.array([p / self.reach**k for k, p in enumerate(self.products)])
        if not np.linalg.cond(normal) < 1e12:  # fewer than three different charges
            return None
        inverse = np.linalg.inv(normal)
        values = inverse @ right
        rest = max(self.square - float(values @ right), 0.0) / (self.count - 3)
        rest = max(rest, (1e-9 * (abs(self.voltage) + np.abs(values).max())) ** 2)  # rounding
        t_value = float(values[2] / np.sqrt(rest * inverse[2, 2]))
        start = self.voltage + float(values[0])
        growth = (self.voltage + float(values.sum())) / start if start > 0.0 else float("inf")
        if values[2] > 0.0 and t_value > test.t_value and growth > test.growth:
            return growth, t_value
        return None
