# %% [markdown]
# # A pellet over temperature
#
# A folder of impedance spectra of a pellet between lithium, -10 to 50 °C, to the activation
# energies of bulk, grain boundary and charge transfer; the spectra are made, so that the truth is
# known.
#
# The files are written first, as an instrument would. 0.30, 0.45 and 0.55 eV are put in, with
# noise of 0.3 %.

# %%
import anolyte
from anolyte.measure import synthetic

files = synthetic.write(synthetic.temperatures(count=5, low=263.0, high=323.0), "made")
print(len(files), "files, the first:", files[0].name)

# %% [markdown]
# ## Fit
#
# One call: each spectrum is tested for whether it can be one at all (Kramers-Kronig), taken apart
# into relaxation times, and fitted with the circuit; arcs become processes by their capacitances
# and how they move with temperature. The area is never assumed.

# %%
circuit = "p(R1,CPE1)-p(R2,CPE2)-p(R3,CPE3)-Ws1"
found = anolyte.fit_spectra("made", circuit, area="0.7854 cm2", electrodes="Li|Li")
anolyte.figure(found)

# %% [markdown]
# What to look at: straight lines. A line that bends has two processes in it, or one that was given
# the wrong arc at one temperature.

# %%
energies = {}
for trend in found.temperatures:
    energies[trend.process] = trend.law.energy / 1.602176634e-19
    print(f"{trend.process:24} {energies[trend.process]:.3f} eV")

# %% [markdown]
# ## Spectrum by spectrum
#
# The verdict of the gate and whether the fit reaches down to the noise stand beside every number;
# a fit above the noise is never called good.

# %%
found.to_frame()[["temperature [°C]", "verdict", "good fit", "process", "resistance [Ω]"]]

# %%
assert abs(energies["bulk"] - 0.30) < 0.01
assert abs(energies["grain boundary"] - 0.45) < 0.01
assert abs(energies["charge transfer"] - 0.55) < 0.01
