"""Makes modules beside this one importable from every test (``from towns import grid_town``)."""
