"""Whose data it is: OpenStreetMap is named wherever an extract of theirs is read."""

import pytest

from commplan.scenario.file import parse_scenario
from commplan.scenario.inputs import OSM_ATTRIBUTION, attribution


def said(streets, text=""):
    """Return the attribution of a scenario with these streets."""
    values = {
        "scenario": {"name": "town"},
        "layers": {"units": {"path": "units.gpkg"}, "streets": {"path": streets}},
        "outputs": {"attribution": text},
    }
    return attribution(parse_scenario(values, "town.toml"))


@pytest.mark.parametrize("path", ["town.osm.pbf", "town.osm", "town.pbf"])
def test_an_extract_is_attributed(path):
    """Pages and documents carry the line without the user's doing, once."""
    assert said(path) == OSM_ATTRIBUTION
    assert said(path, "© 某市测绘院") == f"© 某市测绘院 {OSM_ATTRIBUTION}"
    assert said(path, OSM_ATTRIBUTION) == OSM_ATTRIBUTION


def test_others_data_are_the_users_to_attribute():
    """Nothing is added for other files."""
    assert said("streets.gpkg") == ""
    assert said("streets.gpkg", "© 某市测绘院") == "© 某市测绘院"
