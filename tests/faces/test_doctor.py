"""What `anolyte doctor` says of plug-ins that read instrument files."""

from anolyte.faces import doctor
from anolyte.measure import readers


class Broken:
    """An entry point whose package is damaged."""

    name, value = "bench", "my_package.bench:Bench"

    def load(self):
        raise ImportError("no module named my_package")


def test_a_reader_that_does_not_load_is_listed_with_its_reason(monkeypatch, capsys):
    monkeypatch.setattr(readers, "_entries", lambda: [Broken()])
    readers.plug_ins.cache_clear()
    try:
        found = doctor.examine()
        doctor._show(found)
    finally:
        monkeypatch.undo()
        readers.plug_ins.cache_clear()
    line = "bench (my_package.bench:Bench): no module named my_package"
    assert line in found["broken_plug_ins"]
    assert "Plug-ins that do not load" in capsys.readouterr().out
