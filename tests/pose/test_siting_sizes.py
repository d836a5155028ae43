"""Rules of size by units: what they say of a room is what the profile says of those who go there."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commplan.errors import InputError
from commplan.policy.library import load_profile
from commplan.policy.norms import room_need_m2
from commplan.pose.siting_sites import size_rules
from commplan.problem.floors import needed_m2

OWN = """
extends = "zhejiang-2017"
[rules."room.minimum"]
value = { min = 350, steps = [{ households = 2000, m2 = 900 }, { households = 3000, m2 = 1200 }] }
[rules."room.per_100_people"]
from = "anhui-city-2011"
[rules."room.commercial_uplift"]
value = { percent = 10, from_m2 = 20000 }
"""
COUNTS = st.lists(
    st.tuples(
        st.integers(0, 2), st.integers(1, 2500), st.integers(0, 9000), st.integers(0, 15_000)
    ),
    min_size=1,
    max_size=8,
)


@pytest.fixture(scope="module")
def profiles(tmp_path_factory):
    """Return the shipped profiles with a rule of size, and one with every kind of rule."""
    path = tmp_path_factory.mktemp("profile") / "own.toml"
    path.write_text(OWN, encoding="utf-8")
    return [load_profile(name) for name in ("zhejiang-2017", "anhui-city-2011", "sanming-2020")] + [
        load_profile(str(path))
    ]


@settings(max_examples=30, deadline=None)
@given(COUNTS)
def test_rules_of_units_and_of_rooms_agree(profiles, counts):
    """The need of a room by its units is what `room_need_m2` says of their sums."""
    site_of, households, people, commerce = np.array(counts, dtype=float).T
    site_of = site_of.astype(np.int32)
    sums = [np.bincount(site_of, v, 3) for v in (households, people, commerce)]
    for profile in profiles:
        need = needed_m2(size_rules(profile, households, people, commerce), site_of, 3)
        asked = np.where(sums[0] > 0, room_need_m2(profile, *sums), 0.0)
        np.testing.assert_allclose(need, asked, rtol=1e-9, atol=1e-6)


def test_without_a_rule_or_without_people(profiles):
    """A profile without a rule of size cannot size rooms, nor one by people who are not known."""
    two, nobody = np.array([10.0, 20.0]), np.array([30.0, np.nan])
    for profile, code in (
        (load_profile("national-2026"), "siting.no_size_rule"),
        (profiles[1], "siting.no_people_known"),
    ):
        with pytest.raises(InputError) as caught:
            size_rules(profile, two, nobody, None)
        assert [fault.code for fault in caught.value.faults] == [code]
