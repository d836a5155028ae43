"""Whole proofs: those of the optimiser check, go through JSON unchanged, and fail when raised."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
from certify_towns import BORDER_WEIGHT, all_of, border_prices, strip
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.optimise.redraw_towns import best_by_enumeration, grid_town, random_town

from commplan.certify.answer import disagreements
from commplan.certify.check import check_proof
from commplan.certify.ground import survey_ground
from commplan.certify.parts import Verdict, proof_json, read_proof
from commplan.certify.plane import dual_of, rotation_of
from commplan.optimise.communities.params import RedrawParams
from commplan.optimise.communities.presolve import presolve
from commplan.optimise.communities.redraw import redraw
from commplan.problem.communities import TERMS, CommunityProblem, Weights
from commplan.problem.proof import Proof, ProofPart
from commplan.problem.terms import compute_terms, objective


def _again(proof: Proof, n: int) -> Proof:
    """Write a proof as JSON and read it."""
    return read_proof(json.loads(json.dumps(proof_json(proof, [str(i) for i in range(n)]))), n)


@given(seed=st.integers(0, 10**6), exact=st.booleans())
@settings(max_examples=8, deadline=None)
def test_what_the_optimiser_proves_checks(seed: int, exact: bool) -> None:
    """Every proof of a small random town holds, with groups, locks, rivers and any weights."""
    rng = np.random.default_rng(seed)
    town = random_town(rng, int(rng.integers(2, 4)), int(rng.integers(2, 5)))
    if seed % 5 == 0:
        town = town.replace(exempt=rng.random(town.n) < 0.15)
    result = redraw(town, RedrawParams(effort=0.01, exact=exact, explain=False))
    checked = check_proof(town, _again(result.proof, town.n))
    assert [c.derived for c in checked if c.verdict is Verdict.FAILS] == []


@given(seed=st.integers(0, 10**6))
@settings(max_examples=5, deadline=None)
def test_what_is_derived_is_below_the_best_plan(seed: int) -> None:
    """The values worked out anew add up to no more than the best of all valid plans costs."""
    rng = np.random.default_rng(seed)
    town = random_town(rng, 2, 3).replace(min_households=900, max_households=2600)
    result = redraw(town, RedrawParams(effort=0.01, exact=False, explain=False))
    checked = check_proof(town, result.proof)
    if checked:
        best = best_by_enumeration(town)
        assert best is not None
        assert sum(c.derived.value or 0.0 for c in checked) <= best * (1 + 1e-9) + 1e-6


def test_more_than_is_derived_fails() -> None:
    """Of each part of many proofs, what is claimed may not be raised by a thousandth."""
    raised = 0
    for seed in range(12):
        town = random_town(np.random.default_rng(seed), 3, 3)
        result = redraw(town, RedrawParams(effort=0.01, exact=False, explain=False))
        checked = check_proof(town, result.proof)
        for i, c in enumerate(checked):
            assert c.derived.value is not None
            more = list(result.proof)
            more[i] = replace(c.part, value=1.001 * c.derived.value + 0.001)
            assert check_proof(town, tuple(more))[i].verdict is Verdict.FAILS
            raised += 1
    assert raised > 4


def test_areas_and_nodes_agree_with_the_presolve() -> None:
    """Worked out twice, by different means, what belongs together is the same."""
    for seed in range(60):
        rng = np.random.default_rng(seed)
        town = random_town(rng, 3, 4).replace(exempt=rng.random(12) < 0.1)
        ground, reduced = survey_ground(town), presolve(town, np.ones(town.n, dtype=bool))
        for ours, theirs in ((ground.node, reduced.bundle), (ground.area, reduced.component)):
            pairs = {(int(a), int(b)) for a, b in zip(ours, theirs, strict=True)}
            assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


def test_a_part_goes_through_json_unchanged() -> None:
    """Lists stay lists of whole numbers, and a value keeps every digit."""
    town = strip()
    part = replace(border_prices(town), value=1 / 3, dropped=np.array([[0, 3]], dtype=np.int32))
    (again,) = _again((part,), town.n)
    for name, value in asdict(part).items():
        assert np.array_equal(np.asarray(getattr(again, name)), np.asarray(value)), name


def test_units_stand_as_runs() -> None:
    """Units 0 to 2 and 5 of six are two runs, and lists of 11,500 units stay short."""
    units = np.array([0, 1, 2, 5], dtype=np.int32)
    plain = proof_json((ProofPart("exact", TERMS, 1.0, units),), "abcdef")
    assert plain["parts"][0]["units"] == [[0, 2], [5, 5]]
    many = np.arange(11_500, dtype=np.int32)
    prices = np.full(11_500, 12_345_678)
    part = ProofPart("prices_border", TERMS, 1.0, many, many, prices=prices, load=prices // 9)
    assert len(json.dumps(proof_json((part,), [str(i) for i in many]))) < 500_000


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "magic"},
        {"units": [[0, 9]]},
        {"units": [[0, 10**15]]},
        {"units": [[3, 0]]},
        {"prices": [10**30] * 4},
        {"prices": [float("nan")] * 4},
        {"units": [[0, 2], [2, 3]]},
        {"prices": [1, 2]},
        {"node": [0, 1]},
        {"value": float("nan")},
        {"units": 7},
        {"nodes": 9},
    ],
)
def test_what_is_no_proof_is_refused(change: dict[str, object]) -> None:
    """Unknown kinds, units that do not exist and lists that do not fit are errors, not crashes."""
    document = proof_json((border_prices(strip()),), "abcd")
    document["parts"][0] |= change
    with pytest.raises(ValueError, match=r"."):
        read_proof(document, 4)


def _recorded(town: CommunityProblem, labels: np.ndarray, **changes: object) -> dict[str, object]:
    terms = compute_terms(town, labels)
    value = objective(town, terms)
    recorded: dict[str, object] = {
        "status": "optimal",
        "objective": value,
        "bound": value,
        "gap": 0.0,
        "terms": terms,
        "weights": asdict(town.weights),
        "min_households": town.min_households,
        "max_households": town.max_households,
    }
    return recorded | changes


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({}, []),
        ({"status": "feasible"}, []),
        ({"objective": 99.0}, ["figure"]),
        ({"gap": 0.1}, ["figure"]),
        ({"bound": 90.0, "gap": 0.1}, ["optimal"]),
        ({"bound": 90.0, "gap": 0.1, "status": "feasible"}, []),
        ({"bound": 101.0}, ["bound"]),
        ({"bound": "much"}, ["bound"]),
        ({"status": "splendid"}, ["status"]),
        ({"max_households": 3000}, ["figure"]),
        ({"weights": {}}, ["figure"]),
    ],
)
def test_what_is_said_about_the_plan(changes: dict[str, object], what: list[str]) -> None:
    """Objective, gap, bounds, weights and status have to go with plan and proof."""
    town = strip(weights=BORDER_WEIGHT)
    labels = np.array([0, 0, 1, 1], dtype=np.int32)
    checked = check_proof(town, (border_prices(town),))
    found = disagreements(town, labels, _recorded(town, labels, **changes), checked)
    assert sorted({d.what for d in found}) == what


def test_a_plan_that_breaks_a_rule_is_told() -> None:
    """A community of one block is too small."""
    town = strip(weights=BORDER_WEIGHT)
    labels = np.array([0, 0, 0, 1], dtype=np.int32)
    found = disagreements(town, labels, _recorded(town, labels, bound=0.0, gap=1.0), ())
    assert "invalid" in {d.what for d in found}


def test_a_graph_that_is_not_planar_has_no_rotation() -> None:
    """The complete graph of five nodes cannot be drawn; that of four has four faces."""
    five = np.array([(u, v) for u in range(5) for v in range(u + 1, 5)])
    assert rotation_of(5, five) is None
    four = five[(five < 4).all(axis=1)]
    rotation = rotation_of(4, four)
    assert rotation is not None
    plane = dual_of(four, rotation)
    assert plane is not None
    assert plane.is_sound()
    assert plane.faces == 6  # three inside, and three corners of the one outside
    flow = plane.flow(np.arange(1, 5))
    assert [int(flow[plane.left == v].sum()) for v in range(4)] == [1, 2, 3, 4]


def test_a_rotation_of_another_surface_is_refused() -> None:
    """Neighbours listed in another order make a torus: Euler's formula tells."""
    four = np.array([(u, v) for u in range(4) for v in range(u + 1, 4)])
    torus = [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]
    assert dual_of(four, torus) is None
    assert dual_of(four, [[1, 2], [0, 2, 3], [0, 1, 3], [1, 2]]) is None


def test_everything_is_proven_of_a_town_without_weights() -> None:
    """Where nothing costs anything the bound is 0 and the proof empty."""
    assert check_proof(strip(weights=Weights()), ()) == ()
    assert survey_ground(strip()).areas[0].units.tolist() == all_of(strip()).tolist()


def test_no_prices_prove_more_than_the_best_plan() -> None:
    """Whatever prices are claimed: if the check says that they hold, they are below the optimum."""
    held = failed = 0
    for seed in range(6):
        rng = np.random.default_rng(seed)
        households = np.rint(rng.lognormal(5.8, 0.8, 8)).astype(np.int64)
        low = int(max(0.8 * households.max(), households.sum() / 3))
        town = grid_town(
            2, 4, households, min_households=low, max_households=2 * low, weights=BORDER_WEIGHT
        )
        result = redraw(town, RedrawParams(effort=0.01, exact=False, explain=False))
        best = redraw(town, RedrawParams(explain=False)).objective
        for part in (p for p in result.proof if p.kind == "prices_border"):
            for _ in range(6):
                raised = rng.random(len(part.prices)) < 0.4
                more = rng.uniform(0, 0.5, len(part.prices)) * part.prices.mean()
                prices = part.prices + np.where(raised, more, -0.3 * more).astype(np.int64)
                value = (int(prices.sum()) + part.fewest * part.extra) / part.per_cost
                bold = replace(part, prices=prices, value=value * (1 - 1e-8))
                (checked,) = check_proof(town, (bold,))
                held += checked.verdict is Verdict.HOLDS
                failed += checked.verdict is Verdict.FAILS
                if checked.verdict is Verdict.HOLDS:
                    assert best is not None
                    assert bold.value <= best * (1 + 1e-9)
    assert held > 0
    assert failed > 0
