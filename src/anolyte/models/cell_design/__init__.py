r"""Energy, size and pressure of a full stack, by arithmetic that a designer can do by hand.

Every layer is per area of the cell: a mass, a thickness, and how often it occurs in the stack.

$$ \frac{E}{m} = \frac{q\,(\bar U_+ - \bar U_- - jR)\,n}{\sum_k N_k\,\rho_k t_k}, \qquad
   \frac{E}{V} = \frac{E/A}{\max(t_\mathrm{discharged}, t_\mathrm{charged})}, \qquad
   \Delta P = \frac{\Delta t}{1/K_\mathrm{frame} + t_\mathrm{pad}/E_\mathrm{pad}
   + 1/K_\mathrm{stack}} $$

Not in it: kinetics, transport in the electrodes, fade, heat; tabs and edges are the packaging's.
"""

from anolyte.models.cell_design.plan import Bipolar, CellPlan, Connection, Fixture, Foil, Parallel
from anolyte.models.cell_design.result import CellDesign, DesignLayer
from anolyte.models.cell_design.stack import density, design, electrode_layer, mixed_density

__all__ = [
    "Bipolar",
    "CellDesign",
    "CellPlan",
    "Connection",
    "DesignLayer",
    "Fixture",
    "Foil",
    "Parallel",
    "density",
    "design",
    "electrode_layer",
    "mixed_density",
]
