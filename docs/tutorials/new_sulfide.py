# %% [markdown]
# # Assess a new sulfide
#
# A glass of your own, described in one small file, against lithium: will it hold, with which
# numbers, and what would have to be measured to say more.
#
# Say that you have made a glass, Li3.2PS4.1, and measured its conductivity on one pellet. That is
# enough to begin with. A material is one YAML file in a folder of yours; every number carries its
# unit and where it comes from, and a number without a source is refused.

# %%
from pathlib import Path

import anolyte

folder = Path("mine")
(folder / "electrolytes").mkdir(parents=True)
(folder / "own.bib").write_text("@misc{own, title = {Our own measurements}, year = {2026}}")
GLASS = """
name: MyGlass
class: sulfide
formula: Li3.2PS4.1
properties:
  ionic_conductivity:
    - {value: 0.8 mS/cm, at: {temperature: 25 C}, source: own, how: measured, known: read}
  activation_energy: {value: 0.36 eV, source: own, how: measured, known: read}
"""
(folder / "electrolytes" / "MyGlass.yaml").write_text(GLASS)

library = anolyte.Library((folder,))
glass = library.electrolyte("MyGlass")
cell = anolyte.Interface(glass, "Li")
conditions = anolyte.Conditions(
    current_density="0.3 mA/cm2", stack_pressure="5 MPa", temperature="25 C"
)

# %% [markdown]
# ## Ask
#
# `assess` asks every model, one after the other, and keeps the concerns apart: a sulfide is
# reduced by lithium and may still live behind the film that this makes.

# %%
result = anolyte.assess(cell, conditions, lib=library)
print(result.verdict)
for finding in result.headlines:
    print(f"{finding.concern:12} {finding.level:8} {finding.reason}")

# %% [markdown]
# Read it from the top. The window says *whether* it reacts, the reaction *with what*, and whether
# the products block electrons. What no model can say without a number stands as unknown. Then what
# to keep in mind:

# %%
for warning in result.warnings:
    print("-", warning)

# %% [markdown]
# ## The window
#
# The driving force against the potential: zero within the window, and it grows on both sides. A
# glass is metastable, so the printed limits are those of the phases that it tends to form.

# %%
window = anolyte.window(glass)
print(f"{window.reduction_limit:.2f} to {window.oxidation_limit:.2f} V vs Li/Li+")
anolyte.figure(window)

# %% [markdown]
# ## How sure
#
# Reference energies have errors. A hundred draws of them give the window an interval; read the
# interval before you compare two materials whose limits differ by a tenth of a volt.

# %%
unsure = anolyte.window_uncertainty(glass, draws=100).reduction
print(f"reduced below {unsure.median:.2f} V ({unsure.low:.2f} to {unsure.high:.2f})")
for mode in unsure.modes[:3]:
    print(f"  {mode.probability:.0%} to {', '.join(mode.products)}")

# %% [markdown]
# ## Look at next
#
# The assessment names the measurement that would decide, here whether the film stops growing.

# %%
for step in result.next_steps:
    print(step)

assert 1.5 < window.reduction_limit < window.oxidation_limit < 3.0
assert str(result.verdict).startswith("metastable")
