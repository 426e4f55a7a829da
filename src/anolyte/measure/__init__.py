"""Reading the laboratory: from a measured file to numbers that a model can be held against.

`records` are what instruments wrote, `setup` is the cell they were connected to, `readers` turn
files into records; every other module turns records into a `Result`.
"""
