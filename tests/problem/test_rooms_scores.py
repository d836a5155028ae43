"""What each option of a siting means, worked out by hand."""

import numpy as np
from scipy import sparse

from commplan.problem.rooms import RoomProblem, Sites, score_options


def problem(**changes):
    """Make two units of 100 and 50 households in one community that may use three sites."""
    nan = np.nan
    made = RoomProblem(
        households=np.array([100, 50]),
        community_of=np.zeros(2, np.int32),
        need_m2=np.array([400.0]),
        sites=Sites(
            floor_m2=np.array([500.0, 300.0, nan]),
            existing=np.array([True, False, False]),
            shared=np.zeros(3, bool),
            cost_yuan=np.array([9e5, nan, nan]),
            yuan_per_m2=np.array([nan, 5000.0, 5000.0]),
        ),
        option_community=np.zeros(3, np.int32),
        option_site=np.arange(3, dtype=np.int32),
        option_inside=np.ones(3, bool),
        minutes=sparse.csr_array(
            (np.array([15.0, 15.1, 1.0, 3.0]), ([0, 0, 1, 2], [0, 1, 0, 1])), shape=(3, 2)
        ),
        limit_min=15.0,
    )
    return made.replace(**changes)


def test_near_is_within_the_limit_inclusive():
    """Fifteen minutes sharp are near, a little more is far, no way at all is not even reached."""
    scores = score_options(problem())
    assert scores.near_households.tolist() == [100, 100, 50]
    assert scores.reached_households.tolist() == [150, 100, 50]
    np.testing.assert_allclose(scores.walk_household_min, [1500 + 755, 100, 150])


def test_short_is_what_the_site_cannot_hold():
    """A site of 300 m² leaves 100 of 400 short; one of unknown area leaves nothing said."""
    scores = score_options(problem())
    assert scores.short_m2.tolist() == [0.0, 100.0, 0.0]
    assert scores.fits.tolist() == [True, False, False]


def test_cost_of_a_site():
    """What stands is free; a price per m² is paid for what is taken: the need, or all there is."""
    scores = score_options(problem())
    assert scores.cost_yuan.tolist() == [0.0, 300 * 5000.0, 400 * 5000.0]


def test_a_site_without_a_price_has_no_known_cost():
    """A candidate with neither a price nor a price per m² costs an unknown amount, not nothing."""
    sites = problem().sites
    blank = Sites(sites.floor_m2, ~sites.existing, sites.shared, *(np.full(3, np.nan),) * 2)
    assert np.isnan(score_options(problem(sites=blank)).cost_yuan[0])


def test_without_a_rule_nothing_is_short():
    """Where the need is not known no site is short and none is known to fit."""
    scores = score_options(problem(need_m2=np.array([np.nan])))
    assert scores.short_m2.tolist() == [0.0, 0.0, 0.0]
    assert not scores.fits.any()
