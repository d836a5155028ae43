"""The troubles of a real county, planted one by one, and the names of units."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sample_county import layout, names
from sample_county.cells import Town
from sample_county.communities import PREFIX, Neighbours

KEEP_WITH = ("滨河花园", "东方新城", "听澜华庭")


def keep_together(units: pd.DataFrame, label: NDArray[np.object_], graph: Neighbours) -> None:
    """Give three estates built in phases one property management each (``keep_with``, ``name``)."""
    units["keep_with"] = None
    homes, kind = units["households"].to_numpy(), units["kind"].to_numpy()
    spots = ((300.0, -700.0), (2700.0, -250.0), (-1300.0, 850.0))
    for name, spot in zip(KEEP_WITH, spots, strict=True):
        away = np.hypot(units["u"] - spot[0], units["v"] - spot[1]).to_numpy()
        for start in np.argsort(away, kind="stable"):
            near = sorted(graph.of[start], key=lambda k: graph.of[start][k])
            alike = [
                k
                for k in near
                if kind[k] == "compound" and label[k] == label[start] and homes[k] < 600
            ]
            if kind[start] == "compound" and len(alike) >= 2 and homes[start] < 600:
                break
        for phase, unit in zip("一二三", (int(start), *alike[:2]), strict=True):
            units.loc[unit, "keep_with"] = f"{name}物业片区"
            units.loc[unit, "name"] = f"{name}{phase}期"


def lock(units: pd.DataFrame, label: NDArray[np.object_]) -> None:
    """Lock the unit in the middle of two communities that are of a fit size today."""
    units["locked"] = False
    sums = pd.Series(units["households"].to_numpy()).groupby(label).sum()
    for prefix in ("LC", "WJ"):
        fit = sums[(sums > 1800) & (sums < 2500) & sums.index.str.startswith(prefix)]
        members = np.flatnonzero((label == fit.index[0]) & (units["kind"] == "compound"))
        uv = units.loc[label == fit.index[0], ["u", "v"]].mean().to_numpy()
        away = np.hypot(*(units.loc[members, ["u", "v"]].to_numpy() - uv).T)
        units.loc[members[int(np.argmin(away))], "locked"] = True


def _slice(cell: shapely.Polygon, unit: shapely.Polygon, towards: shapely.Point) -> shapely.Polygon:
    """Cut off the end of a cell that faces a place, with an eighth of its unit in it."""
    centre, far = np.array(cell.centroid.coords[0]), np.array(towards.coords[0])
    along = (far - centre) / np.hypot(*(far - centre))
    across = np.array([-along[1], along[0]])
    for step in np.arange(0.0, 400.0, 1.0):
        start = centre + along * step
        wide = [start - 900 * across, start + 900 * across]
        wide += [point + 900 * along for point in wide[::-1]]
        end = cell.intersection(shapely.Polygon(wide))
        if unit.intersection(end).area < unit.area / 8:
            break
    return shapely.set_precision(end, 0.01)


def straddle(
    town: Town,
    units: pd.DataFrame,
    label: NDArray[np.object_],
    graph: Neighbours,
    areas: dict[str, shapely.Geometry],
) -> int:
    """Let a border of today cut through one compound, which then names no community itself."""
    cells = layout.on_map(town.cells[units["cell"].to_numpy()])
    for unit in np.flatnonzero((units["kind"] == "compound") & (units["zone"] == "middle")):
        own = label[unit]
        others = [k for k in graph.of[unit] if label[k] != own]
        names_beside = {label[k] for k in others}
        plain = pd.isna(units["keep_with"][unit]) and not units["locked"][unit]
        if len(names_beside) != 1 or None in names_beside or len(others) > 2 or not plain:
            continue
        other = label[others[0]]
        end = _slice(cells[unit], units["geometry"][unit], cells[others[0]].centroid)
        grown = shapely.union_all([areas[other], end], grid_size=0.01)
        shrunk = shapely.difference(areas[own], grown, grid_size=0.01)
        if grown.geom_type == areas[other].geom_type and shrunk.geom_type == areas[own].geom_type:
            areas[other], areas[own], label[unit] = grown, shrunk, None
            return int(unit)
    raise RuntimeError("no compound astride a border")


def _two_apart(
    units: pd.DataFrame, label: NDArray[np.object_], graph: Neighbours
) -> tuple[int, int]:
    """Find two small yards of one community with another unit between them."""
    homes = units["households"].to_numpy()
    plain = units["keep_with"].isna().to_numpy() & ~units["locked"].to_numpy() & (homes > 0)
    fit = plain & (units["zone"] == "middle").to_numpy() & (units["kind"] == "block").to_numpy()
    for one in np.flatnonzero(fit):
        beyond = {far for near in graph.of[one] for far in graph.of[near]}
        for other in sorted(beyond - set(graph.of[one])):
            alike = fit[other] and other > one and label[one] == label[other]
            if alike and homes[one] + homes[other] < 150:
                return int(one), int(other)
    raise RuntimeError("no two yards for a unit of two parts")


def two_parts(units: pd.DataFrame, label: NDArray[np.object_], graph: Neighbours) -> pd.DataFrame:
    """Make one unit of two that do not touch: an old yard with a second plot a block away."""
    one, other = _two_apart(units, label, graph)
    both = units.loc[[one, other]]
    for column in ("households", "population", "elderly", "floating_population"):
        units.loc[one, column] = both[column].sum()
    units.loc[one, "geometry"] = shapely.union_all(both["geometry"].to_numpy())
    units.loc[one, "name"] = "农机厂东西宿舍"
    units["community_id"] = label
    return units.drop(index=other).reset_index(drop=True)


def _street_beside(town: Town, units: pd.DataFrame) -> list[str]:
    """Name of a street beside each unit, the smallest that has one."""
    named = np.flatnonzero(
        [bool(town.roads[k].name) and town.roads[k].kind != "bridge" for k in town.edge_road]
    )
    width = np.array([town.roads[k].width_m for k in town.edge_road])
    tree = shapely.STRtree(town.edges[named])
    cells = town.cells[units["cell"].to_numpy()]
    unit, edge = tree.query(cells, predicate="dwithin", distance=1.0)
    nearest = tree.query_nearest(cells, all_matches=False)[1]
    best = named[nearest]
    for k, e in zip(unit, named[edge], strict=True):
        if width[e] < width[best[k]]:
            best[k] = e
    return [town.roads[town.edge_road[e]].name for e in best]


def _open_names(
    units: pd.DataFrame, streets: list[str], rng: np.random.Generator
) -> dict[int, str]:
    """Names of units in which nobody is registered: known places first, where they belong."""
    left = list(np.flatnonzero(units["kind"] == "open"))
    rng.shuffle(left)
    left.sort(key=lambda k: -units["geometry"][k].area)  # parks and schools before car parks
    found: dict[int, str] = {}
    for name in names.OPEN:
        hint = next((s for word, s in names.PLACED.items() if word in name), None)
        fit = [k for k in left if hint in (None, units["subdistrict_id"][k])]
        if fit:
            left.remove(fit[0])
            found[int(fit[0])] = name
    used: set[str] = set()
    for k in left:
        kinds = [streets[k] + kind for kind in names.OPEN_KINDS]
        plots = [f"{streets[k]}{number}号地块" for number in range(1, 100)]
        wanted = [*(kinds[j] for j in rng.permutation(len(kinds))), *plots]
        name = next(name for name in wanted if name not in used)
        used.add(name)
        found[int(k)] = name
    return found


def name_units(town: Town, units: pd.DataFrame, rng: np.random.Generator) -> None:
    """Give every unit a name of its own kind, each name once."""
    supply: dict[str, Iterator[str]] = {
        "compound": names.compounds(rng),
        "urban_village": names.urban_villages(rng),
    }
    yards, beside = names.yards(rng), _street_beside(town, units)
    open_places = _open_names(units, beside, rng)
    special = {kind: list(known) for kind, known in names.SPECIAL.items()}
    number: dict[str, int] = {}
    found = []
    for k, (kind, street) in enumerate(zip(units["kind"], beside, strict=True)):
        if kind == "open":
            found.append(open_places[k])
        elif kind in special:
            found.append(special[kind].pop(0))
        elif kind in supply:
            found.append(next(supply[kind]))
        else:
            yard = next(yards, "") if rng.random() < 0.2 else ""
            number[street] = number.get(street, -1) + int(rng.integers(2, 6))
            found.append(yard or f"{street}{number[street]}号院")
    found[int(units["households"].to_numpy().argmax())] = names.GIANT
    units["name"] = found


def name_streets(town: Town, rng: np.random.Generator) -> Town:
    """Give the streets that cut the blocks a name: roads and streets 路 and 街, old lanes 巷."""
    streets, lanes = names.streets(rng), names.lanes(rng)
    named = []
    for road in town.roads:
        if road.name:
            named.append(road)
            continue
        name = next(streets if road.width_m >= 18 else lanes, "")
        named.append(layout.Road(name, road.kind, road.width_m, road.line))
    return Town(
        town.cells, town.zone, town.edges, town.edge_road, tuple(named), town.left, town.right
    )


def unit_ids(units: pd.DataFrame) -> list[str]:
    """Ids by subdistrict, numbered from the north-west: ``LC0001``."""
    order = np.lexsort((units["u"], -(units["v"] // 250), units["subdistrict_id"]))
    ids, last = [""] * len(units), dict.fromkeys(names.SUBDISTRICTS, 0)
    for k in order:
        subdistrict = units["subdistrict_id"][k]
        last[subdistrict] += 1
        ids[k] = f"{PREFIX[subdistrict]}{last[subdistrict]:04d}"
    return ids
