# %% [markdown]
# # Map where a cell is safe
#
# A critical current density is one number of one protocol. From that number for a sulfide to the
# map behind it: what ends the cell at each current and stack pressure.
#
# First the number, by a ramp of half cycles of an hour. The value comes from the best numbers of
# the cell; the interval from draws of all that are not well known.

# %%
import anolyte
from anolyte.core.units import show

cell = anolyte.Cell("Li6PS5Cl", "Li", thickness="0.5 mm", pressure="5 MPa", temperature="25 C")
ramp = anolyte.current_ramp("0.1 mA/cm2", "3 mA/cm2", "0.1 mA/cm2", time="1 h")
found = cell.critical_current(ramp, draws=32)
value, low, high = (
    show(x, "current_density") for x in (found.current_density, found.low, found.high)
)
print(f"{value} ({low} to {high}), ended by {found.mechanism}")
for mechanism, share in found.mechanisms.items():
    print(f"  {share:.0%} {mechanism}")

# %% [markdown]
# The interval is wide because these numbers were measured by nobody and are assumed:

# %%
print(", ".join(found.rests_on))

# %% [markdown]
# ## The map
#
# Ten cycles of 1 mA h/cm2 at each node of a grid of current and pressure, with 16 draws a node:
# small enough for a tutorial. In earnest take `n=100_000` and `draws=64`, well under a minute.

# %%
safe = cell.map(current=("0.1 mA/cm2", "5 mA/cm2"), pressure=("1 MPa", "20 MPa"), n=3200, draws=16)
anolyte.figure(safe)

# %% [markdown]
# What to look at: the border along which half of the draws survive, and the names of the ends
# beyond it. Pressure closes voids; how much current a pressure buys is what the map is for. The
# same numbers as a table with labelled axes, in SI:

# %%
share = safe.share()[:, :, 0]
for pressure, column in zip(safe.stack_pressure[::4], share.T[::4], strict=True):
    safest = [j for j, s in zip(safe.current_density, column, strict=True) if s >= 0.5]
    most = show(max(safest), "current_density") if safest else "no current of the map"
    print(f"{show(pressure, 'pressure'):>9}: half of the draws survive up to {most}")

assert found.low <= found.current_density <= found.high
assert share[0].max() > share[-1].max()
assert safe.unknown == 0
