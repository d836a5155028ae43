"""Scenario files: variables, extends, paths, and a line for every fault."""

from pathlib import Path

import pytest

from commplan.errors import InputError, MissingFileError
from commplan.scenario.file import read_scenario, with_redraw
from commplan.scenario.schema import Scenario

MINIMAL = """
[scenario]
name = "tiny"
[layers.units]
path = "units.gpkg"
"""


def write(folder: Path, text: str, name: str = "s.toml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def units_path(scenario: Scenario) -> Path:
    files = scenario.layers.units
    assert files is not None
    return Path(files[0].path)


def codes(path: Path) -> list[tuple[str, str | None]]:
    with pytest.raises(InputError) as caught:
        read_scenario(path)
    return [(fault.code, fault.field_name) for fault in caught.value.faults]


def test_minimal_scenario_has_the_defaults(tmp_path: Path) -> None:
    """A scenario with a name and units runs under the default profile and presets."""
    scenario = read_scenario(write(tmp_path, MINIMAL))
    assert scenario.scenario.profile == "zhejiang-2017"
    assert scenario.redraw.weights == "least-change"
    assert scenario.outputs.languages == ("zh-CN", "en")
    assert units_path(scenario) == tmp_path / "units.gpkg"


def test_variables_with_and_without_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`${NAME:-default}` takes the variable where it is set, else the default."""
    text = MINIMAL.replace("units.gpkg", "${PLACE:-here}/u.gpkg")
    monkeypatch.delenv("PLACE", raising=False)
    assert units_path(read_scenario(write(tmp_path, text))) == tmp_path / "here" / "u.gpkg"
    monkeypatch.setenv("PLACE", str(tmp_path / "there"))
    assert units_path(read_scenario(write(tmp_path, text))) == tmp_path / "there" / "u.gpkg"


def test_unset_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable without a value and without a default is a fault that names it."""
    monkeypatch.delenv("NOWHERE", raising=False)
    path = write(tmp_path, MINIMAL.replace("units.gpkg", "${NOWHERE}/u.gpkg"))
    with pytest.raises(InputError, match="NOWHERE"):
        read_scenario(path)


def test_extends_overrides_in_order_with_paths_of_their_own(tmp_path: Path) -> None:
    """Values of the extending file win; a path starts at the file in which it stands."""
    write(tmp_path, MINIMAL + "[redraw]\nmin_households = 10\nmax_households = 20\n", "base/a.toml")
    text = 'extends = "base/a.toml"\n[scenario]\nname = "child"\n[redraw]\nmax_households = 30\n'
    scenario = read_scenario(write(tmp_path, text))
    assert scenario.scenario.name == "child"
    assert (scenario.redraw.min_households, scenario.redraw.max_households) == (10, 30)
    assert units_path(scenario) == tmp_path / "base" / "units.gpkg"


def test_a_layer_may_come_from_several_files(tmp_path: Path) -> None:
    """An array of tables gives a layer several files, each with its own fields."""
    text = (
        MINIMAL
        + """
[[layers.amenities]]
path = "schools.gpkg"
constants = { kind = "school" }
[[layers.amenities]]
path = "stops.gpkg"
constants = { kind = "bus_stop" }
"""
    )
    files = read_scenario(write(tmp_path, text)).layers.amenities
    assert files is not None
    assert [file.constants["kind"] for file in files] == ["school", "bus_stop"]
    assert codes(write(tmp_path, text + "columms = {}\n")) == [
        ("scenario.unknown_key", "layers.amenities.2.columms")
    ]


def test_weights_are_replaced_whole(tmp_path: Path) -> None:
    """A child's weights are one choice; none of the parent's terms leaks into it."""
    write(tmp_path, MINIMAL + "[redraw]\nweights = { border_km = 5 }\n", "a.toml")
    text = 'extends = "a.toml"\n[redraw]\nweights = { moved_households = 1 }\n'
    assert read_scenario(write(tmp_path, text)).redraw.weights == {"moved_households": 1}


def test_circular_extends_is_a_fault(tmp_path: Path) -> None:
    """Two files that extend each other are refused."""
    write(tmp_path, 'extends = "s.toml"\n', "a.toml")
    assert codes(write(tmp_path, 'extends = "a.toml"\n')) == [("scenario.circular_extends", None)]


def test_missing_file_is_a_missing_file_error(tmp_path: Path) -> None:
    """A scenario that is not there is named."""
    with pytest.raises(MissingFileError, match=r"nowhere\.toml"):
        read_scenario(tmp_path / "nowhere.toml")


def test_unknown_key_names_the_nearest_known_one(tmp_path: Path) -> None:
    """A slip in a key is answered with the key that was meant."""
    path = write(tmp_path, MINIMAL + "[redraw]\nmin_housholds = 3\n")
    with pytest.raises(InputError, match="min_households"):
        read_scenario(path)


@pytest.mark.parametrize(
    ("section", "code", "place"),
    [
        ("[redraw]\nmin_households = 5\nmax_households = 4", "min_above_max", "redraw"),
        ("[redraw]\nmin_households = -1", "expect_greater_than_equal", "redraw.min_households"),
        ("[redraw]\nmin_households = 'x'", "expect_int_type", "redraw.min_households"),
        ("[redraw]\nweights = { border = 1 }", "unknown_term", "redraw.weights"),
        ("[redraw]\nweights = { border_km = -1 }", "bad_weight", "redraw.weights"),
        ("[redraw]\nweights = { far_households = 1 }", "only_walk_terms", "redraw.weights"),
        ("[redraw]\neffort = 'lots'", "bad_effort", "redraw.effort"),
        ("[redraw]\neffort = inf", "bad_effort", "redraw.effort"),
        ("[redraw]\nweights = { border_km = nan }", "bad_weight", "redraw.weights"),
        ("[redraw]\ntime_limit_s = inf", "expect_finite_number", "redraw.time_limit_s"),
        ("[rooms]\nbudget_yuan = nan", "expect_finite_number", "rooms.budget_yuan"),
        ("[redraw]\ncommunities = [9, 4]", "communities_order", "redraw.communities"),
        ("[redraw]\ncommunities = [20]", "not_a_pair", "redraw.communities"),
        ("[redraw]\ncommunities = 0", "expect_greater_than_equal", "redraw.communities"),
        (
            "[redraw]\nmax_moved_households = -1",
            "expect_greater_than_equal",
            "redraw.max_moved_households",
        ),
        ("[redraw]\nbounds = { people = [1, 2] }", "unknown_bounded", "redraw.bounds"),
        ("[redraw]\nbounds = { population = [2, 1] }", "bounds_order", "redraw.bounds"),
        ("[redraw]\nbounds = { households = [1, 2] }", "bounds_households", "redraw.bounds"),
        ("[redraw]\nbounds = { elderly = 5 }", "expect_tuple_type", "redraw.bounds.elderly"),
        ("[grids]\ntarget_households = 550", "target_outside", "grids.target_households"),
        (
            "[grids]\nmin_households = 100\nmax_households = 200\ntarget_households = 99.5",
            "target_outside",
            "grids.target_households",
        ),
        ("[grids]\nmin_households = 600\ntarget_households = 550", "min_above_max", "grids"),
        ("[outputs]\nlanguages = ['fr']", "expect_literal_error", "outputs.languages.1"),
        ("[nonsense]\na = 1", "unknown_key", "nonsense"),
    ],
)
def test_each_fault_has_its_code_and_place(
    tmp_path: Path, section: str, code: str, place: str
) -> None:
    """Every fault in a scenario names its key and is worded by us, not by the library."""
    assert codes(write(tmp_path, MINIMAL + section)) == [(f"scenario.{code}", place)]


def test_a_target_of_grids_may_be_an_end_of_the_range(tmp_path: Path) -> None:
    """Both ends are within; and what is allowed is said with file and key, in one line."""
    for target in (300, 500):
        text = f"{MINIMAL}[grids]\ntarget_households = {target}"
        assert read_scenario(write(tmp_path, text)).grids.target_households == target
    path = write(tmp_path, f"{MINIMAL}[grids]\ntarget_households = 550")
    with pytest.raises(InputError) as caught:
        read_scenario(path)
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"{path}, field grids.target_households: ")
    assert "300 to 500" in line


def test_limits_of_the_scenario(tmp_path: Path) -> None:
    """One number of communities is a range from it to itself; bounds come as pairs."""
    text = "[redraw]\ncommunities = 24\nmax_moved_households = 500\n"
    scenario = read_scenario(write(tmp_path, MINIMAL + text + "bounds = { elderly = [0, 200] }"))
    assert scenario.redraw.communities == (24, 24)
    assert scenario.redraw.max_moved_households == 500
    assert scenario.redraw.bounds == {"elderly": (0, 200)}
    again = with_redraw(scenario, {"communities": [20, 26]})
    assert again.redraw.communities == (20, 26)
    assert again.redraw.bounds == scenario.redraw.bounds


def test_all_faults_are_shown_at_once(tmp_path: Path) -> None:
    """Three faults in three sections come in one answer."""
    text = MINIMAL + "[redraw]\nseeds = 1\n[rooms]\ninside = 1\n[circles]\nminutes = 'x'\n"
    assert len(codes(write(tmp_path, text))) == 3


def test_syntax_error_names_the_line(tmp_path: Path) -> None:
    """Broken TOML is answered with the line."""
    with pytest.raises(InputError) as caught:
        read_scenario(write(tmp_path, "[scenario]\nname = \n"))
    assert caught.value.faults[0].code == "scenario.toml_syntax"
    assert caught.value.faults[0].row == 2


def test_scenario_without_units_or_villages(tmp_path: Path) -> None:
    """A scenario with neither units nor villages has nothing to draw."""
    path = write(tmp_path, '[scenario]\nname = "x"\n[layers.barriers]\npath = "b.gpkg"\n')
    assert codes(path) == [("scenario.no_units", None)]


def test_windows_byte_order_mark_is_read(tmp_path: Path) -> None:
    """A file saved by Windows Notepad begins with a byte order mark; that is no fault."""
    path = tmp_path / "s.toml"
    path.write_text(MINIMAL, encoding="utf-8-sig")
    assert read_scenario(path).scenario.name == "tiny"


def test_gbk_file_is_a_fault(tmp_path: Path) -> None:
    """A file in another encoding is refused with the advice to save it as UTF-8."""
    path = tmp_path / "s.toml"
    path.write_bytes((MINIMAL + "# 社区").encode("gbk"))
    assert codes(path) == [("scenario.not_utf8", None)]


def test_other_values_are_checked_like_a_file(tmp_path: Path) -> None:
    """A notebook's other weights are taken, and a slip in them is a fault."""
    scenario = read_scenario(write(tmp_path, MINIMAL))
    other = with_redraw(scenario, {"weights": {"border_km": 5.0}, "effort": "quick"})
    assert other.redraw.weights == {"border_km": 5.0}
    assert scenario.redraw.weights == "least-change"
    with pytest.raises(InputError, match="min_households"):
        with_redraw(scenario, {"min_housholds": 3})
