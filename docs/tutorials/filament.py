# %% [markdown]
# # Grow a filament
#
# Lithium that is plated into a flaw of a ceramic cannot get out; it presses, and cracks its way
# on. A garnet with one flaw on a small grid, to the short, and which of two changes helps.
#
# The field is a square of 30 µm: anode below, the other electrode above. A real question takes a
# thicker electrolyte and finer cells; `anolyte simulate filament --converge` says which.

# %%
from dataclasses import replace

import anolyte
from anolyte.core.units import show
from anolyte.faces.figures.field import film_figure
from anolyte.studies.filament_setup import FilamentSetup
from anolyte.studies.filaments import filament

setup = FilamentSetup(
    anolyte.Interface("LLZO", "Li"),
    anolyte.Conditions(current_density="10 mA/cm2"),
    thickness=30e-6,
    cells=26,
    flaw=10e-6,
    resistance=100e-4,  # ohm m2, of charge transfer
    until=200.0,
)
result, film = filament(setup, frames=6)
film_figure(film, result)

# %% [markdown]
# Colour is the potential; the lithium lies on top of it. Move the slider: the nearer the tip is to
# the other electrode, the larger is its share of the current. The width of the crack is that of
# four cells of the grid and says nothing; its tip and its pressure do.

# %%
print(f"{result.ended} after {result.time:.1f} s, {result.share:.0%} of the current at most")
print(f"greatest pressure of the lithium in it: {show(result.pressure, 'pressure')}")
print(f"the flaw runs by fracture mechanics at {result.critical_overpotential * 1e3:.0f} mV;")
print(f"the overpotential of the flat anode is {result.overpotential * 1e3:.0f} mV")

# %% [markdown]
# That last pair decides: 21 mV press lithium with 160 MPa, at which this flaw runs, and the flat
# anode offers more. Numbers that were assumed, and where the others come from:

# %%
print("assumed:", ", ".join(result.assumed) or "nothing")
print("from:", ", ".join(result.sources))

# %% [markdown]
# ## Two changes
#
# A third of the current, or a tenth of the resistance of charge transfer: both leave the flat
# anode with less overpotential.

# %%
slower, _ = filament(replace(setup, conditions=anolyte.Conditions(current_density="3 mA/cm2")))
easier, _ = filament(replace(setup, resistance=10e-4))
for name, run in {"as above": result, "3 mA/cm2": slower, "10 ohm cm2": easier}.items():
    charge = show(run.time * run.current_density, "areal_capacity")
    volts = f"{run.overpotential * 1e3:.0f} mV"
    print(f"{name:11} {volts:>7}, {run.ended} after {run.time:5.1f} s, {charge}")

# %% [markdown]
# Neither helps: as long as the overpotential is above what the flaw needs, the short comes after
# about the same charge. Below it the flaw would stay as it is.

# %%
ratios = [run.overpotential / run.critical_overpotential for run in (result, slower, easier)]
print(", ".join(f"{ratio:.1f}" for ratio in ratios), "times what the flaw needs")

assert result.ended == slower.ended == "short"
assert slower.time > 2.0 * result.time
assert result.overpotential > result.critical_overpotential
assert abs(result.balance) < 1e-9
