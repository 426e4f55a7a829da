"""Pictures of a cross-section: how long a filament is, and how fast it grows."""
