"""Why a community is drawn so, in words and figures."""

from outputs_town import Made

from commplan.outputs.reasons import OtherPlan, community_reasons
from commplan.outputs.reasons_borders import border_shares
from commplan.outputs.reasons_words import Partner, Tried, Why
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
        tried=(Tried(2, 0.031, 300, 120, 2400, 2250),),
    )
    told = why.words(load_texts("en"))
    assert told[:4] == [
        "It has 1,800 households, within 1,500 to 3,000.",
        "Today's Elm has only 900 households, 600 below the minimum, so it has to be enlarged.",
        "It takes households from Oak (700), Ash (200).",
        "Its border with its neighbours follows: river (62%).",
    ]
    assert "alternative 2. This community would gain 300 households and lose 120;" in told[4]
    assert "in all 2,400 households would change community instead of 2,250" in told[4]
    assert "its cost by the chosen weights is 3.1% higher." in told[4]
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
    here = int(made.plan.moves["households"].sum())
    (less,), (more,) = whys[before].tried, whys[to].tried
    assert (less.more, less.fewer, more.more, more.fewer) == (0, households, households, 0)
    assert less.moved_here == more.moved_here == here
    old, successor = int(made.plan.today_of[7]), made.plan.successor_of
    stayed, would_stay = successor[before] == old, successor[to] == old
    assert less.moved - here == households * (int(stayed) - int(would_stay))
    same = community_reasons(made.plan, BOUNDS, [OtherPlan(0.0, made.plan.community_of)])
    assert all(why.tried == () for why in same)


def test_no_bounds_no_sentence_about_size() -> None:
    """Where neither scenario nor profile sets a size, nothing is said about it."""
    (only,) = Why(households=5, bounds=None).words(load_texts("en"))
    assert only.startswith("A new community")


def test_neighbours_out_of_bounds_are_the_reason() -> None:
    """A community within the bounds says for whom it gives and takes."""
    why = Why(
        households=2000,
        bounds=BOUNDS,
        old=("Elm", 2000),
        takes=(("Oak", 300), ("Ash", 100)),
        gives=(("Fir", 400),),
        partners=(
            Partner("large", "Oak", 3600),
            Partner("ends", "Ash", 100),
            Partner("small", "Fir", 1200),
        ),
        empty_out=(("Fir", 2),),
        from_nobody=50,
    )
    told = why.words(load_texts("en"))
    assert "It takes in 50 households that are in no community today." in told
    assert (
        "Neighbours have to change: Oak has 3,600 households today, above the maximum of 3,000; Ash "
        "has 100 households today, below the minimum of 1,500, and is not continued; Fir has 1,200 "
        "households today, below the minimum of 1,500."
    ) in told
    assert "Places where nobody lives go to Fir (2)." in told
    assert "相邻社区需要调整：Oak现有 3,600 户，超过上限 3,000 户" in "".join(
        why.words(load_texts("zh-CN"))
    )


def test_every_unit_that_changes_is_accounted_for(made: Made) -> None:
    """Households and empty units in the sentences are those of the list of moves."""
    moves = made.plan.moves
    whys = community_reasons(made.plan, BOUNDS)
    names = made.plan.communities["name"].tolist()
    for name, why in zip(names, whys, strict=True):
        mine = moves[moves["to_name"] == name]
        assert sum(count for _, count in why.takes) == mine["households"].sum()
        assert sum(count for _, count in why.empty_in) == (mine["households"] == 0).sum()
        sizes = {partner.kind: partner.households for partner in why.partners}
        assert sizes.get("large", BOUNDS[1] + 1) > BOUNDS[1]
        assert max(sizes.get("small", 0), sizes.get("ends", 0)) < BOUNDS[0]


def test_a_cost_that_rounds_to_nothing_is_the_same() -> None:
    """Nobody reads of 0.0 % less."""
    told = Why(households=5, bounds=None, tried=(Tried(2, -0.0004, 3, 0, 10, 9),))
    assert told.words(load_texts("en"))[-1].endswith("its cost by the chosen weights is the same.")
    assert told.words(load_texts("zh-CN"))[-1].endswith("总代价相当。")
