"""The exception tree: every error says what was asked, what is wrong and what to do.

`AnolyteError.exit_code` is what the command line returns: 2 for the user's mistakes, 3 for ours.
"""

from __future__ import annotations

from collections.abc import Iterable


class AnolyteError(Exception):
    """Base of every error that anolyte raises on purpose."""

    exit_code = 2


class UnknownMaterial(AnolyteError):
    """A name that is neither in the library nor a chemical formula."""


class FormulaError(UnknownMaterial):
    """A text that is not an acceptable chemical formula."""


class MissingProperty(AnolyteError):
    """A property that a model needs and the material does not have."""


class MissingPhases(AnolyteError):
    """A chemistry that the reference energies do not cover."""

    def __init__(self, message: str, phases: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.phases = tuple(phases)


class DataError(AnolyteError):
    """A data file that breaks the rules (no source, wrong unit, wrong field)."""


class UnitsError(AnolyteError):
    """A text whose unit is missing, unknown or of the wrong dimension."""


class MissingExtra(AnolyteError):
    """An optional dependency that is not installed."""


class RemoteError(AnolyteError):
    """A remote service that did not answer as documented."""


class NotConverged(AnolyteError):
    """A numerical method that did not reach its tolerance."""

    exit_code = 3
