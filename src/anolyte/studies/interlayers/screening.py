r"""A screen of candidate layers: each between an electrolyte and an anode, two junctions.

Against the electrolyte the system is closed, against the anode it is open to lithium at the anode's
potentials. With $E$ the hull energy per atom of a mixture, $\Phi = E - \mu_\mathrm{Li} n_\mathrm{Li}$
per atom other than lithium, $x$ the share of the candidate and $b(x)$ the mixture,

$$ \Delta E_\mathrm{electrolyte} = \min_x \left[E(b) - (1 - x) E_\mathrm{electrolyte}
   - x E_\mathrm{candidate}\right], \qquad
   \Delta\Phi_\mathrm{anode} = \min_x \left[\Phi(b) - (1 - x)\Phi_\mathrm{anode}
   - x \Phi_\mathrm{candidate}\right] . $$

Sources: Richards et al. 2016, Zhu et al. 2016, who screened coatings this way.
"""  # noqa: E501

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from anolyte import __version__
from anolyte.core.errors import AnolyteError, DataError, FormulaError, MissingPhases, NotConverged
from anolyte.core.progress import Progress, silent
from anolyte.core.units import ELEMENTARY_CHARGE
from anolyte.laws import equilibrium
from anolyte.materials import charge, formula
from anolyte.materials.borders import named as as_named
from anolyte.materials.entries import as_phases
from anolyte.materials.library import Library, default
from anolyte.materials.phases import Phases, embedded
from anolyte.materials.schema import Anode, Electrolyte, Interlayer, Material
from anolyte.materials.stack import Conditions, Interface
from anolyte.models.reactions import Reactions, ReactionsResult
from anolyte.studies.interlayers.result import Candidate, InterlayerScreen, Part
from anolyte.studies.ledger import DONE, Ledger, key
from anolyte.studies.runner import Runner, Task, run

EV = ELEMENTARY_CHARGE
CHUNK = 50
"""Candidates a task: some tenths of a second, which is what a kill can cost."""
Named = tuple[str, str]  # name and formula; no formula: a mixture


@dataclass(frozen=True)
class Screening:
    """The question of a screen: a function over parts of the candidates.

    Args:
        electrolyte: With a formula.
        anode: Whose potentials are known.
        candidates: Names and formulas.
        phases: Reference energies.
        as_printed: Take formulas whose charges do not balance.
    """

    electrolyte: Electrolyte
    anode: Anode
    candidates: tuple[Named, ...]
    phases: Phases
    as_printed: bool = False

    @cached_property
    def bare(self) -> ReactionsResult:
        """What the electrolyte and the anode do to each other without a layer.

        Raises:
            MissingPhases: The energies do not cover the pair.
            DataError: The electrolyte is organic.
        """
        if {"C", "H"} <= set(self.electrolyte.composition):
            raise DataError(
                f"{self.electrolyte.name} is organic: phase equilibria do not describe what layers "
                "do to its molecules"
            )
        return Reactions(self.phases)(Interface(self.electrolyte, self.anode), Conditions())

    @cached_property
    def potentials(self) -> tuple[float, ...]:
        """At which lithium enters from the anode, V vs Li/Li+."""
        held = (p.potential for p in self.bare.profiles)
        return tuple(dict.fromkeys(v for v in held if v is not None))

    @cached_property
    def _host(self) -> tuple[str, Mapping[str, float]] | None:
        """What touches the layer on the anode's side; None: lithium itself."""
        anode = self.anode
        if anode.plated or anode.formula is None or set(anode.composition) == {"Li"}:
            return None
        return anode.formula, anode.composition

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        """Parts of the candidates under keys of all that their answers depend on."""
        asked = {
            "electrolyte": self.electrolyte.formula, "anode": self._host or "Li",
            "potentials": self.potentials, "as_printed": self.as_printed,
        }  # fmt: skip
        parts = [self.candidates[i : i + CHUNK] for i in range(0, len(self.candidates), CHUNK)]
        digest = self.phases.digest
        return tuple(
            (key("interlayers", __version__, asked | {"candidates": part}, digest, 0), part)
            for part in parts
        )

    def __call__(self, part: Sequence[Named], _: Any) -> Part:
        """The answers to some of the candidates."""
        return Part(tuple(self.judge(*named) for named in part))

    def run(
        self, ledger: Ledger, *, progress: Progress = silent, runner: Runner | None = None
    ) -> InterlayerScreen:
        """Answer what the ledger does not hold or holds as a failure, and collect.

        Raises:
            KeyboardInterrupt: Ctrl-C; what is done is kept and `collect` gives it.
        """
        run(self, self.tasks, ledger=ledger, runner=runner, progress=progress, chunk=1,
            retry=True, inputs={"electrolyte": self.electrolyte.name, "anode": self.anode.name,
                    "candidates": len(self.candidates)},
            hashes={"phases": self.phases.digest})  # fmt: skip
        return self.collect(ledger)

    def collect(self, ledger: Ledger) -> InterlayerScreen:
        """What is done so far, sorted."""
        parts = [ledger.get(k) for k, _ in self.tasks if ledger.state(k) == DONE]
        found = [c for part in parts for c in part.candidates]
        worst = min(p.worst.energy for p in self.bare.profiles if p.potential is not None)
        return InterlayerScreen(
            electrolyte=self.electrolyte.name,
            anode=self.anode.name,
            potentials=self.potentials,
            bare=worst,
            candidates=tuple(sorted(found, key=_rank)),
            asked=len(self.candidates),
            warnings=(
                *self._failures(ledger),
                *(w for w in self.bare.warnings if "layer" not in w),
            ),
            sources=tuple(dict.fromkeys((*self.bare.sources, *self._sources(found)))),
            energies=self.bare.energies,
            energies_digest=self.phases.digest,
        )

    def _failures(self, ledger: Ledger) -> tuple[str, ...]:
        """What went wrong in parts that have no answer."""
        parts = dict(self.tasks)
        failed: Counter[str] = Counter()
        for f in ledger.failed():
            failed[f.text] += len(parts.get(f.key, ()))
        return tuple(f"no answer to {n} candidates: {text}" for text, n in failed.items() if n)

    def _sources(self, found: Iterable[Candidate]) -> list[str]:
        """Citation keys of the energies of all products."""
        made = dict.fromkeys(f for c in found for f in (*c.electrolyte_products, *c.anode_products))
        rows = (self.phases.find(formula.parse(f)) for f in made)
        return [p.source.key for p in rows if p is not None]

    def judge(self, name: str, text: str) -> Candidate:
        """The answer to one candidate; what cannot be answered says why."""
        try:
            composition = self._composition(text)
        except AnolyteError as error:
            return Candidate(name, text, refused=str(error))
        try:
            missing = self._missing(composition)
        except MissingPhases as error:
            return Candidate(name, text, unknown=", ".join(error.phases))
        try:
            return self._answer(name, text, composition, missing)
        except NotConverged as error:
            return Candidate(name, text, refused=f"no equilibrium found: {error}")

    def _composition(self, text: str) -> dict[str, float]:
        """The elements of a candidate for which phase equilibria can speak.

        Raises:
            AnolyteError: Why they cannot.
        """
        if not text:
            raise DataError("a mixture without one formula: phases of a candidate are not known")
        composition = formula.parse(text)
        if {"C", "H"} <= set(composition):
            raise DataError("organic: phase equilibria do not describe its molecules")
        if set(composition) == {"Li"}:
            raise DataError("lithium itself is no layer")
        if not self.as_printed and charge.imbalance(composition):
            raise FormulaError("its charges do not balance with usual oxidation states")
        return composition

    def _missing(self, composition: Mapping[str, float]) -> tuple[str, ...]:
        """Known compounds that the energies lack for both junctions.

        Raises:
            MissingPhases: Elements or pairs of cation and anion without any phase.
        """
        host = self._host[1] if self._host else {}
        sides = ({**self.electrolyte.composition, **composition, "Li": 1.0},
                 {**host, **composition, "Li": 1.0})  # fmt: skip
        return tuple(dict.fromkeys(f for c in sides for f in self.phases.require(c).missing))

    def _answer(
        self, name: str, text: str, composition: Mapping[str, float], missing: tuple[str, ...]
    ) -> Candidate:
        reactant = (text, composition)
        electrolyte = (self.electrolyte.formula or "", self.electrolyte.composition)
        inner = min(
            equilibrium.closed_profile(self.phases, electrolyte, reactant), key=lambda k: k.energy
        )
        ladder = equilibrium.lithium_ladder(self.phases, composition, text)
        outer, potential = self._at_anode(reactant, ladder)
        listed = self.phases.find(composition)
        return Candidate(
            name=name,
            formula=text,
            to_electrolyte=min(inner.energy, 0.0) * EV,
            electrolyte_reaction=str(inner.reaction) if inner.energy < -NOTHING else "",
            electrolyte_products=tuple(inner.reaction.products) if inner.energy < -NOTHING else (),
            to_anode=min(outer.energy, 0.0) * EV,
            anode_mutual=min(outer.mutual, 0.0) * EV,
            anode_at=potential,
            anode_reaction=str(outer.reaction) if outer.energy < -NOTHING else "",
            anode_products=tuple(outer.reaction.products) if outer.energy < -NOTHING else (),
            reduction_limit=ladder.reduction_limit,
            oxidation_limit=ladder.oxidation_limit,
            above_hull=None if listed is None else (listed.energy - ladder.hull_energy) * EV,
            at_rest=tuple(ladder.mixture),
            missing=missing,
        )

    def _at_anode(
        self, reactant: tuple[str, Mapping[str, float]], ladder: equilibrium.Ladder
    ) -> tuple[equilibrium.Kink, float]:
        """The worst reaction over the anode's potentials, and its potential.

        Of a host only mixtures count: what it takes up alone is its work.
        """
        closed = sum(n for e, n in reactant[1].items() if e != "Li") / ladder.atoms
        found: list[tuple[equilibrium.Kink, float]] = []
        for v in self.potentials:
            if self._host is None:
                energy = ladder.driving_force(v) / closed
                found.append((equilibrium.Kink(1.0, energy, 0.0, ladder.reaction_at(v)), v))
                continue
            kinks = equilibrium.open_profile(self.phases, reactant, self._host, v)
            found += [(k, v) for k in kinks if k.x > 0.0]
        return min(found, key=lambda pair: pair[0].energy)


NOTHING = 1e-6
"""eV per atom below which nothing reacts."""


def _rank(c: Candidate) -> tuple[int, float, bool, float, str]:
    """Answered first, the least reactive first; of equals listed phases, then wider windows."""
    mean = c.mean
    if mean is None:
        return (2 if c.refused else 1, 0.0, False, 0.0, c.name)
    unlisted = c.above_hull is None
    return (0, -round(mean / EV, 6), unlisted, -(c.oxidation_limit or 0.0), c.name)


def screen(
    electrolyte: Any,
    anode: Any = "Li",
    candidates: Iterable[Any] | None = None,
    *,
    phases: Any = None,
    ledger: Ledger | None = None,
    runner: Runner | None = None,
    progress: Progress = silent,
    as_printed: bool = False,
) -> InterlayerScreen:
    """Candidate layers between an electrolyte and an anode by their reactions with both.

    Args:
        electrolyte: A name, a formula, a material, or an object with a composition.
        anode: The same.
        candidates: The same, several; None: the library's interlayers.
        phases: Reference energies; None: the embedded table; also what `read_entries` takes.
        ledger: Where parts are kept and looked for; None: in memory.
        runner: The engine; None: this process.
        progress: Told as parts end.
        as_printed: Take formulas whose charges do not balance.

    Raises:
        MissingPhases: The energies do not cover the electrolyte and the anode themselves.
        DataError: No candidate, or an electrolyte that phase equilibria do not describe.

    Range: competing phases are those of the table; a compound that nobody listed is not missed,
    so energies are lower bounds of reactivity. Neither transport nor kinetics is judged.

    >>> found = screen("LLZO", "Li", ["LiF", "Li3PO4", "PEO"])
    >>> [c.name for c in found.candidates]
    ['LiF', 'Li3PO4', 'PEO']
    >>> found.candidates[0].to_anode, sorted(found.candidates[1].anode_products)
    (0.0, ['Li2O', 'Li3P'])
    """
    question = ask(electrolyte, anode, candidates, phases=as_phases(phases), as_printed=as_printed)
    return question.run(ledger or Ledger(), progress=progress, runner=runner)


def ask(
    electrolyte: Any,
    anode: Any = "Li",
    candidates: Iterable[Any] | None = None,
    *,
    phases: Phases | None = None,
    lib: Library | None = None,
    as_printed: bool = False,
) -> Screening:
    """The question of `screen`, not yet answered; `lib` is where names are looked up."""
    lib = lib or default()
    electrolyte, anode = as_named(electrolyte), as_named(anode)
    if isinstance(electrolyte, str):
        electrolyte = lib.electrolyte(electrolyte, as_printed=as_printed)
    if isinstance(anode, str):
        anode = lib.anode(anode)
    known = lib.all(Interlayer)
    given: Iterable[str | Material] = known if candidates is None else map(as_named, candidates)
    names = {n.casefold(): m for m in reversed(known) for n in (*m.aliases, m.name)}
    named = tuple(dict.fromkeys(_named(c, names) for c in given))
    if not named:
        raise DataError("no candidate to screen: give formulas, or names of the library")
    if not electrolyte.formula:
        raise DataError(f"{electrolyte.name} has no chemical formula to react with a layer")
    question = Screening(electrolyte, anode, named, phases or embedded(), as_printed)
    _ = question.bare  # refuse a pair that the energies do not cover before anything is run
    return question


def _named(candidate: str | Material, names: Mapping[str, Material]) -> Named:
    if isinstance(candidate, str):
        text = candidate.strip()
        if (found := names.get(text.casefold())) is None:
            return text, text
        candidate = found
    return candidate.name, candidate.formula or ""
