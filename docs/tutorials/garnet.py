# %% [markdown]
# # Remedy a garnet
#
# Garnet against lithium hardly reacts, and still fails: an untreated face touches lithium badly.
# What is wrong, what can be done, what it costs, and who has measured it.
#
# First the interface as it is, at a modest current and stack pressure.

# %%
import anolyte
from anolyte.core.units import show

bare = anolyte.Interface("LLZO", "Li")
conditions = anolyte.Conditions(current_density="0.3 mA/cm2", stack_pressure="2 MPa")
result = anolyte.assess(bare, conditions)
for finding in result.headlines:
    print(f"{finding.concern:12} {finding.level:8} {finding.reason}")

# %% [markdown]
# Window and reaction are little trouble. Wetting is, and most of that resistance is what others
# measured on untreated faces: carbonate and hydroxide from air.
#
# ## What can be done
#
# Every strategy of the catalogue that fits was applied to the interface and put on the models
# again. Those that somebody measured on something alike stand first.

# %%
for remedy in result.remedies[:6]:
    print(f"{remedy.title}: {remedy.interface}; papers: {remedy.papers}")

# %% [markdown]
# Behind each stand its nearest cases: the treated value beside the untreated one, with the paper.

# %%
for case in result.remedies[0].cases:
    print(f"{case.quantity} on {case.where}: {case.before} -> {case.after} ({case.id})")

# %% [markdown]
# ## Try them by hand
#
# A remedy is nothing but another interface, so the same question can be asked of each. The
# resistance is that of the whole cell after an hour at rest: two faces and the electrolyte.

# %%
remedies = {
    "as it is": bare,
    "cleaned": anolyte.Interface("LLZO", "Li", surface=anolyte.Surface(cleaned=True)),
    "20 nm of Sb": bare.with_layers("Sb:20 nm"),
    "10 nm of Li3N": bare.with_layers("Li3N:10 nm"),
}
found = {}
for name, interface in remedies.items():
    run = anolyte.Cell(interface, conditions).run("Rest for 1 h")
    found[name] = run.resistance[-1]
    print(f"{name:14} {show(run.resistance[-1], 'area_resistance')}")

# %% [markdown]
# Look at the decades, not at the digits: the treated faces differ by less than the model knows.
# And a layer brings questions that the models cannot answer without its numbers. They say so, and
# a level falls to unknown rather than to a guess:

# %%
layered = anolyte.assess(remedies["20 nm of Sb"], conditions)
for before, after in zip(result.headlines, layered.headlines, strict=True):
    if before.level != after.level:
        print(f"{after.concern}: {before.level} to {after.level}: {after.reason}")

assert found["cleaned"] < 0.1 * found["as it is"]
assert any(remedy.papers > 1 for remedy in result.remedies[:3])
