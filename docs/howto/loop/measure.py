"""Made measurements: twelve spectra of a garnet pellet between lithium over 100 h, into data/."""

from anolyte.measure import synthetic

print(len(synthetic.write(synthetic.ageing(count=12), "data")), "files in data/")
