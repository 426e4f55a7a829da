"""What is said of candidates, one file a matter: an estimator is a line here and a file beside."""

from anolyte.studies.screen.estimators.migration import Migrating
from anolyte.studies.screen.estimators.reactions import Reacting

__all__ = ["Migrating", "Reacting"]
