"""Reference energies from databases: the Materials Project, with a key, and OPTIMADE providers.

keys: where the key is found; transport: asking over HTTP; cache: answers kept on disk; database:
from an answer to a table; materials_project, optimade: the two interfaces; sources: which one a
text names. Nothing here is imported, and no host asked, unless a database is named.
"""

from anolyte.materials.remote.materials_project import MaterialsProject, ThermoType
from anolyte.materials.remote.optimade import EnergyField, Optimade
from anolyte.materials.remote.sources import EntryFile, EntrySource, entry_source

__all__ = [
    "EnergyField", "EntryFile", "EntrySource", "MaterialsProject", "Optimade", "ThermoType",
    "entry_source",
]  # fmt: skip
