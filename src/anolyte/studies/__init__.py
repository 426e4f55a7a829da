"""Studies: questions asked of models, many times if need be."""
