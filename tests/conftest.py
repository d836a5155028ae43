"""Makes modules beside this one importable from every test (``from towns import grid_town``)."""

from hypothesis import settings

# No test depends on how fast the machine is: an example that takes longer than usual is no failure.
settings.register_profile("house", deadline=None)
settings.load_profile("house")
