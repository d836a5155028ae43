"""Why a community is drawn so, in words and figures."""

from outputs_town import Made

from commplan.outputs.reasons import OtherPlan, Tried, Why, border_shares, community_reasons
from commplan.texts import load_texts

BOUNDS = (1500, 3000)


def test_small_community_is_enlarged_in_plain_words() -> None:
    """Size, yesterday's size, what comes from whom and what the border follows are said in turn."""
    why = Why(
        households=1800,
        bounds=BOUNDS,
        old=("Elm", 900),
        takes=(("Oak", 700), ("Ash", 200)),
        borders=(("river", 0.62), ("road", 0.04)),
        tried=(Tried(2, 0.031, 300, 120),),
    )
    told = why.words(load_texts("en"))
    assert told[:4] == [
        "It has 1,800 households, within 1,500 to 3,000.",
        "Today's Elm has only 900 households, 600 below the minimum, so it has to be enlarged.",
        "It takes households from Oak (700), Ash (200).",
        "Its border with its neighbours follows: River (62%).",
    ]
    assert "alternative 2, which costs 3.1% more in all" in told[4]
    assert "gain 300 households and lose 120" in told[4]
    assert "现在的Elm只有 900 户" in "".join(why.words(load_texts("zh-CN")))


def test_exception_and_new_community_say_so() -> None:
    """A community out of bounds carries its reason; one that carries on none is called new."""
    words = Why(households=3410, bounds=BOUNDS, exception="one compound").words(load_texts("en"))
    assert "as an exception: one compound" in words[0]
    assert words[1].startswith("A new community")


def test_flows_add_up_to_the_moves(made: Made) -> None:
    """What communities take in all is what the plan moves."""
    whys = community_reasons(made.plan, BOUNDS)
    assert len(whys) == len(made.plan.communities)
    taken = sum(households for why in whys for _, households in why.takes)
    assert taken == int(made.plan.moves["households"].sum())
    assert [why.households for why in whys] == made.plan.communities["households"].tolist()
    assert next(why.exception for why in whys if why.exception) in made.plan.exceptions.values()


def test_border_shares_are_shares(made: Made) -> None:
    """No stretch of border counts twice, and the river's banks are found."""
    shares = border_shares(made.plan)
    assert all(0 <= share <= 1 for row in shares for _, share in row)
    assert all(sum(share for _, share in row) <= 1 + 1e-9 for row in shares)
    assert "river" in {kind for row in shares for kind, share in row if share > 0}


def test_alternatives_are_set_beside_each_community(made: Made) -> None:
    """A plan in which one unit lies elsewhere shows in the two communities that it concerns."""
    other = made.plan.community_of.copy()
    to = int((other[7] + 1) % len(made.plan.communities))
    households = int(made.plan.territory.units["households"].iloc[7])
    before = int(other[7])
    other[7] = to
    whys = community_reasons(made.plan, BOUNDS, [OtherPlan(0.02, other)])
    assert [i for i, why in enumerate(whys) if why.tried] == sorted([before, to])
    assert whys[before].tried == (Tried(2, 0.02, 0, households),)
    assert whys[to].tried == (Tried(2, 0.02, households, 0),)
    same = community_reasons(made.plan, BOUNDS, [OtherPlan(0.0, made.plan.community_of)])
    assert all(why.tried == () for why in same)


def test_no_bounds_no_sentence_about_size() -> None:
    """Where neither scenario nor profile sets a size, nothing is said about it."""
    (only,) = Why(households=5, bounds=None).words(load_texts("en"))
    assert only.startswith("A new community")
