"""The shipped profiles, and profiles that a user writes."""

from datetime import date
from pathlib import Path

import pytest

from commplan.errors import InputError, MissingFileError, ProfileError
from commplan.policy.clause import DocumentStatus, Force
from commplan.policy.kinds import RULE_KINDS
from commplan.policy.library import (
    DEFAULT_PROFILE,
    diff_profiles,
    load_profile,
    profile_names,
    shipped_rule,
)
from commplan.texts import LANGUAGES, load_texts, render_fault

#: Hand count of the norms of each document.
COUNTS = {
    "zhejiang-2017": 23,
    "national-2026": 2,
    "anhui-city-2011": 18,
    "panlong-2017": 13,
    "sanming-2020": 13,
    "zhoushan-2017": 16,
    "mofcom-2021": 2,
    "village-law": 1,
}


def write(folder: Path, text: str, name: str = "own.toml") -> str:
    """Write a profile and return its path."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def faults_of(path: str) -> list[tuple[str, str | None]]:
    """Codes and fields of the faults that loading a profile gives."""
    with pytest.raises(InputError) as caught:
        load_profile(path)
    for language in LANGUAGES:
        for fault in caught.value.faults:
            assert render_fault(fault, load_texts(language))
    return [(fault.code, fault.field_name) for fault in caught.value.faults]


def test_every_document_has_all_its_norms():
    """Each shipped profile holds as many rules as its document has norms, the default first."""
    assert {name: len(load_profile(name).rules) for name in profile_names()} == COUNTS
    assert profile_names()[0] == DEFAULT_PROFILE


def test_known_rules_are_the_shipped_ones():
    """The ids whose values are checked are exactly those that some document carries."""
    shipped = {rule_id for name in profile_names() for rule_id in load_profile(name).rules}
    assert shipped == set(RULE_KINDS)


@pytest.mark.parametrize("name", profile_names())
def test_rules_are_worded_in_both_languages(name):
    """Title and note of documents and rules stand in Chinese and in English."""
    profile = load_profile(name)
    assert profile.name == name
    for words in (profile.title, profile.note, *(r.title for r in profile.rules.values())):
        assert set(words) == set(LANGUAGES)
        assert all(words.values())
    for rule in profile.rules.values():
        assert rule.clause.profile == name
        assert rule.clause.number
        assert set(rule.note) in (set(), set(LANGUAGES))


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("zhejiang-2017", DocumentStatus.DRAFT),
        ("national-2026", DocumentStatus.LAW),
        ("village-law", DocumentStatus.LAW),
        ("anhui-city-2011", DocumentStatus.OPINION),
        ("panlong-2017", DocumentStatus.ISSUED),
        ("sanming-2020", DocumentStatus.ISSUED),
        ("zhoushan-2017", DocumentStatus.ISSUED),
        ("mofcom-2021", DocumentStatus.GUIDE),
    ],
)
def test_status_of_documents(name, status):
    """Each profile says what kind of document it is."""
    assert load_profile(name).status is status


@pytest.mark.parametrize(
    ("name", "rule_id", "value", "force", "clause"),
    [
        ("zhejiang-2017", "size.households", {"min": 1500, "max": 3000}, "should", "二(三)"),
        ("zhejiang-2017", "room.per_100_households", {"min": 30}, "must", "五(二)"),
        ("zhejiang-2017", "room.minimum", {"min": 350}, "must", "五(二)"),
        ("zhejiang-2017", "village.merge_first", {"max": 200}, "in principle", "二(三)"),
        ("zhejiang-2017", "room.commercial_uplift", None, "should", "五(二)"),
        ("anhui-city-2011", "room.per_100_people", 5, "should", "三(四)"),
        ("anhui-city-2011", "dev.threshold", {"min": 200000}, "should", "四(三)"),
        ("panlong-2017", "window.count", {"min": 2, "max": 3}, "must", "9"),
        ("sanming-2020", "room.minimum", {"min": 600}, "must", "六"),
        ("sanming-2020", "fund.working", {"min": 100000}, "must", "二"),
        (
            "zhoushan-2017",
            "score.bands",
            {"excellent": 95, "good": 85, "qualified": 80},
            None,
            None,
        ),
        ("national-2026", "size.households", {"min": 1000, "max": 3000}, "should", "art. 3"),
        ("mofcom-2021", "circle.radius", 15, None, "一(一)"),
    ],
)
def test_values_forces_and_clauses(name, rule_id, value, force, clause):
    """Norms stand as their documents give them."""
    rule = load_profile(name).rules[rule_id]
    assert rule.value == value
    assert rule.force == (None if force is None else Force(force))
    assert clause is None or rule.clause.number == clause


def test_zhoushan_weights_add_up():
    """Class one makes 60 points and both classes 100."""
    weights = load_profile("zhoushan-2017").rules["score.weights"].value
    assert sum(weights.values()) == 100
    assert sum(w for name, w in weights.items() if "+" not in name) == 60


def test_dates_of_documents():
    """A draft's comment period, a law's start and a plan's years are carried."""
    assert load_profile("zhejiang-2017").comments_until == date(2017, 11, 14)
    assert load_profile("national-2026").valid_from == date(2026, 1, 1)
    assert load_profile("panlong-2017").plan_years == (2017, 2020)
    assert load_profile("zhejiang-2017").rules["convert.jumin_qu"].deadline == date(2020, 12, 31)


def test_a_users_profile_extends_overrides_takes_and_removes(tmp_path):
    """A rule that the user changes no longer passes for the document's; one taken whole still does."""
    path = write(
        tmp_path,
        """
        title = "本县规则"
        extends = "zhejiang-2017"
        remove = ["pay.ratio"]
        [rules."size.households"]
        value = { min = 1200, max = 3000 }
        [rules."staff.band1"]
        from = "sanming-2020"
        [rules.fund.population]
        value = 20
        [rules."own.parking"]
        value = 3
        unit = "places"
        force = "must"
        [choices]
        circle_min = 10
        """,
    )
    profile = load_profile(path)
    base = load_profile("zhejiang-2017")
    assert profile.name == "own"
    assert profile.status is DocumentStatus.USER
    assert profile.extends == "zhejiang-2017"
    assert "pay.ratio" not in profile.rules
    size = profile.rules["size.households"]
    assert size.value == {"min": 1200, "max": 3000}
    assert (size.unit, size.force) == ("households", Force.SHOULD)
    assert str(size.clause) == "own ← zhejiang-2017 二(三)"
    assert profile.rules["staff.band1"] == load_profile("sanming-2020").rules["staff.band1"]
    assert profile.rules["room.minimum"] == base.rules["room.minimum"]
    assert profile.rules["fund.population"].value == 20
    assert str(profile.rules["own.parking"].clause) == "own own.parking"
    assert profile.choices["circle_min"] == 10
    assert profile.choices["room_min"] == 15
    assert base.choices["circle_min"] == 15


def test_a_profile_extends_one_beside_it(tmp_path):
    """A path in ``extends`` starts at the file that names it, and the scenario's folder at ``base``."""
    write(tmp_path, 'extends = "sanming-2020"\n', "city.toml")
    write(tmp_path, 'extends = "city.toml"\nremove = ["room.site"]\n', "district.toml")
    profile = load_profile("district.toml", tmp_path)
    assert len(profile.rules) == COUNTS["sanming-2020"] - 1
    assert profile.title == {"zh-CN": "district", "en": "district"}


def test_a_rule_without_a_base_takes_title_and_unit_from_the_shipped_one(tmp_path):
    """A user's rule of a known id needs no more than its value."""
    path = write(tmp_path, '[rules."room.minimum"]\nvalue = { min = 500 }\n')
    rule = load_profile(path).rules["room.minimum"]
    assert rule.title == shipped_rule("room.minimum").title
    assert rule.unit == "m2"
    assert rule.force is None


def test_all_faults_of_a_file_are_told_at_once(tmp_path):
    """One bad profile gives one fault for each thing to mend, each with its field."""
    path = write(
        tmp_path,
        """
        titel = "x"
        status = "lawful"
        extends = "zhejiang-2017"
        remove = ["room.minimun"]
        valid_from = 2026-02-01
        valid_until = 2026-01-01
        [rules."size.houshold"]
        value = { min = 1, max = 2 }
        [rules."size.households"]
        value = { min = 3000, max = 1500 }
        [rules."room.minimum"]
        value = 350
        force = "shall"
        [rules."village.merge_first"]
        value = { max = 200.5 }
        [rules."room.ways"]
        value = ["swap", "swap"]
        [rules."circle.urban"]
        value = { minutes = 15 }
        [rules."staff.floor"]
        value = { least = 5 }
        [rules."room.one_place"]
        value = true
        [choices]
        circle_minute = 10
        gap_m = 10
        circle_share = 1.5
        """,
    )
    assert faults_of(path) == [
        ("policy.unknown_key_near", None),
        ("policy.unknown_word_near", "status"),
        ("policy.unknown_choice_near", "choices.circle_minute"),
        ("policy.fixed_choice", "choices.gap_m"),
        ("policy.too_large", "choices.circle_share"),
        ("policy.from_after_until", "valid_until"),
        ("policy.nothing_to_remove_near", "remove"),
        ("policy.unknown_rule_near", 'rules."size.houshold"'),
        ("policy.min_above_max", 'rules."size.households".value'),
        ("policy.not_a_span", 'rules."room.minimum".value'),
        ("policy.unknown_word", 'rules."room.minimum".force'),
        ("policy.not_whole", 'rules."village.merge_first".value.max'),
        ("policy.twice", 'rules."room.ways".value'),
        ("policy.missing_key", 'rules."circle.urban".value'),
        ("policy.unknown_key", 'rules."staff.floor".value'),
        ("policy.not_a_span", 'rules."staff.floor".value'),
        ("policy.no_value_wanted", 'rules."room.one_place".value'),
    ]


TWO_STEPS = """[rules."room.minimum".value]
min = 1
steps = [{ households = 9, m2 = 5 }, { households = 9, m2 = 6 }]
"""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[rules", "policy.not_toml"),
        ('extends = "zhejang-2017"', "policy.unknown_profile_near"),
        ('extends = "没有"', "policy.unknown_profile"),
        ("extends = 3", "policy.not_a_text"),
        ('extends = "none.toml"', "fault.missing_file"),
        ('name = "zhejiang-2017"', "policy.name_taken"),
        ("title = 3", "policy.not_words"),
        ('title = { fr = "x" }', "policy.unknown_key"),
        ("published = 2017", "policy.not_a_date"),
        ("valid_from = 2026-01-01T00:00:00", "policy.not_a_date"),
        ("plan_years = { from = 2030 }", "policy.not_plan_years"),
        ("plan_years = { from = 2030, to = 2020 }", "policy.min_above_max"),
        ("remove = 3", "policy.not_a_list"),
        ("rules = 3", "policy.not_a_table"),
        ("choices = 3", "policy.not_a_table"),
        ("[choices]\nroom_min = 0", "policy.too_small"),
        ("[choices]\nroom_min = nan", "policy.not_a_number"),
        ('[rules]\n"room.minimum" = 3', "policy.not_a_table"),
        ('[rules."room.minimum"]\nvalue = { min = true }', "policy.not_a_number"),
        ('[rules."room.minimum"]\nvalue = { min = -1 }', "policy.too_small"),
        ('[rules."room.minimum"]\nvalue = { min = 1, steps = 3 }', "policy.not_steps"),
        (
            '[rules."room.minimum"]\nvalue = { min = 1, steps = [{ households = 9 }] }',
            "policy.missing_key",
        ),
        (TWO_STEPS, "policy.not_rising"),
        ('[rules."size.households"]\nvalue = { min = 1500 }', "policy.span_open"),
        ('[rules."size.households"]\nvalue = { min = 0, max = 10 }', "policy.too_small"),
        ('[rules."room.ways"]\nvalue = "swap"', "policy.not_a_list"),
        ('[rules."dev.in_lieu"]\nvalue = 3', "policy.not_a_table"),
        ('[rules."room.site"]\nfrom = "zhejiang-2017"', "policy.not_in_profile"),
    ],
)
def test_faults_of_single_lines(tmp_path, text, code):
    """Each kind of slip is named for what it is."""
    assert [found for found, _ in faults_of(write(tmp_path, text))] == [code]


def test_a_base_that_fails_does_not_hide_the_files_own_faults(tmp_path):
    """Faults of the base and of the file that extends it are told together, each with its file."""
    write(tmp_path, "title = 3", "base.toml")
    text = 'extends = "base.toml"\nremove = ["pay.ratio"]\n[rules."room.minimum"]\nvalue = 3\n'
    path = write(tmp_path, text)
    with pytest.raises(ProfileError) as caught:
        load_profile(path)
    found = [(Path(f.file).name, f.code) for f in caught.value.faults]
    assert found[0] == ("base.toml", "policy.not_words")
    assert ("own.toml", "policy.not_a_span") in found
    gone = write(tmp_path, text.replace("base", "gone"), "other.toml")
    assert [code for code, _ in faults_of(gone)] == ["fault.missing_file", "policy.not_a_span"]


def test_profiles_that_extend_each_other_are_refused(tmp_path):
    """A circle of profiles is named, not followed."""
    write(tmp_path, 'extends = "b.toml"', "a.toml")
    write(tmp_path, 'extends = "a.toml"', "b.toml")
    with pytest.raises(ProfileError) as caught:
        load_profile("a.toml", tmp_path)
    (fault,) = caught.value.faults
    assert fault.code == "policy.circular"
    assert fault.params["chain"] == "a.toml → b.toml → a.toml"


def test_a_profile_that_takes_a_rule_from_itself_is_refused(tmp_path):
    """``from`` cannot lead back to the file it stands in."""
    path = write(tmp_path, '[rules."room.site"]\nfrom = "own.toml"')
    assert faults_of(path) == [("policy.circular", 'rules."room.site".from')]


def test_unknown_names_and_missing_files():
    """A wrong name names the nearest profile; a path to nothing is a missing file."""
    with pytest.raises(ProfileError, match="zhejiang-2017") as caught:
        load_profile("zhejiang2017")
    assert caught.value.faults[0].params["nearest"] == "zhejiang-2017"
    with pytest.raises(MissingFileError):
        load_profile("nowhere/own.toml")


def test_encodings(tmp_path):
    """A byte-order mark is read over; another encoding is named."""
    path = tmp_path / "bom.toml"
    path.write_bytes('\ufefftitle = "本县"'.encode())
    assert load_profile(str(path)).title["zh-CN"] == "本县"
    path.write_bytes('title = "本县"'.encode("gbk"))
    assert faults_of(str(path)) == [("policy.not_utf8", None)]


def test_diff_of_profiles():
    """A profile differs from itself in nothing; the law and Zhejiang differ in size."""
    zhejiang, law = load_profile("zhejiang-2017"), load_profile("national-2026")
    assert all(diff.same for diff in diff_profiles(zhejiang, zhejiang))
    diffs = {diff.rule_id: diff for diff in diff_profiles(zhejiang, law)}
    assert not diffs["size.households"].same
    assert diffs["pay.ratio"].b is None
    assert diffs["procedure.change"].a is None
    assert len(diffs) == 24
