# %% [markdown]
# # Screen layers
#
# Which solid could stand between a garnet and lithium, or between a sulfide and lithium? The cheap
# tiers of a screen: tables of the elements, then phase equilibria with both sides.
#
# A quick look first, at a few: what each does with the sulfide, and with lithium at 0 V. The best
# come first; `at rest` is what becomes of the layer in the end.

# %%
from pathlib import Path

import anolyte
from anolyte.materials.library import default
from anolyte.materials.phases import embedded
from anolyte.studies.ledger import Ledger
from anolyte.studies.screen import study, targets
from anolyte.studies.screen.sources import Wanted

quick = anolyte.screen("Li6PS5Cl", "Li", ["LiF", "LiCl", "Li3N", "Al2O3", "Sb", "Li3PO4", "MgF2"])
shown = ["candidate", "with electrolyte [eV/atom]", "with anode [eV/atom other than Li]"]
quick.to_frame()[[*shown, "at rest"]]

# %% [markdown]
# ## A funnel
#
# The screen proper asks more, in tiers, the cheap ones first, and drops a candidate only when it
# misses a target beyond the error of the number. Here a list of formulas in a file and twenty made
# formulas whose charges balance.

# %%
salts = "LiF LiCl LiBr LiI Li2O Li2S Li3N Li3P Li3PO4 Li2CO3 LiAlO2"
others = "Al2O3 MgO MgF2 AlF3 ZnO SnO2 TiO2"
Path("mine.txt").write_text("\n".join(f"{salts} {others}".split()))
phases, library = embedded(), default()
wanted = Wanted(("mine.txt",), count=20, elements="Li,Al,Mg,O,F,N")
asked = study.screen(
    "Li6PS5Cl",
    "Li",
    wanted.sources("Li6PS5Cl", library, phases),
    lambda known: targets.usual(targets.STANDARD, known),
    phases=phases,
    lib=library,
    short=8,
    through="reactions",
)
with Ledger(None) as ledger:  # a file here, Ledger("screen.db"), and the screen can be interrupted
    failed = asked.run(ledger)
    result = asked.collect(ledger)
for step in result.steps:
    print(f"{step.tier:10} {step.came} came, {step.kept} kept, {step.undecided} of them undecided")

# %% [markdown]
# Undecided is not bad: the number was not known, or its error reaches across the target. The short
# list, each with the probability that it meets every target:

# %%
for finalist in result.shortlist:
    print(f"{finalist.candidate.name:14} {finalist.probability:.0%}")

# %% [markdown]
# What to look at: lithium's halides and its sulfide come first, with a gap behind them. What these
# tiers cannot see is whether ions pass; `through="migration"` and dearer tiers ask that, see
# [screen thousands of candidates](../howto/screen.md).

# %%
best = [finalist.candidate.name for finalist in result.shortlist]
assert failed == 0
assert {"LiF", "LiCl"} <= set(best)
