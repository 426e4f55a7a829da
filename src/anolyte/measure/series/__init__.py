"""Laws of a series: over temperature, over time, over the salt content of a polymer."""
