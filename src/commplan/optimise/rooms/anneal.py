"""The compiled search for sites that can be full: annealing of units and of sites.

A unit goes to one of the nearest open sites; where that is refused, a unit of that site is handed on
at the same time, as tight rooms ask for (an ejection chain of two, Yagiura, Ibaraki and Glover
2004). Now and then a site is closed for another, opened or closed, its units going where they cost
least. What does not fit is charged, so that the search may pass through it (Kirkpatrick, Gelatt and
Vecchi 1983).
"""

import numpy as np
from numba import njit

from commplan.optimise.joint.kernel import uniform

SIDES = 5  # nearest open sites that a unit may go to
VALUE, EXCESS, OPENED, BEST = range(4)  # of the tally
CLOSED, SAME, ANEW = -1, -2, -3  # what became of the set of open sites
NOTHING = 1e300  # no value yet: finite, so that shares of it can be told


@njit(cache=True, nogil=True)
def _over(load, room):  # type: ignore[no-untyped-def]
    return load - room if load > room else 0.0


@njit(cache=True, nogil=True)
def refresh(costs, forced, count, close, come) -> None:  # type: ignore[no-untyped-def]
    """List the nearest open sites of each unit; where there are fewer, the nearest again.

    ``come`` is the one site opened since, `CLOSED` where sites were closed only, `ANEW` for all.
    """
    opened = np.flatnonzero(forced | (count > 0))
    sides = close.shape[1]
    near = np.empty(sides)
    for i in range(len(close)):
        if come >= CLOSED and len(opened) > sides:
            stale = come >= 0 and costs[i, come] < costs[i, close[i, sides - 1]]
            for side in range(sides):
                j = close[i, side]
                stale = stale or (count[j] == 0 and not forced[j])
            if not stale:
                continue
        found = 0
        for j in opened:
            c = costs[i, j]
            if found == sides and c >= near[sides - 1]:
                continue
            at = found if found < sides else sides - 1
            found = min(found + 1, sides)
            while at > 0 and near[at - 1] > c:
                near[at], close[i, at] = near[at - 1], close[i, at - 1]
                at -= 1
            near[at], close[i, at] = c, j
        close[i, found:] = close[i, 0]


@njit(cache=True, nogil=True)
def _change(i, b, world, state):  # type: ignore[no-untyped-def]
    """Work out what giving a unit to another site changes: cost, load beyond the rooms."""
    costs, demand, room, fee, forced = world[0], world[1], world[2], world[3], world[4]
    place, load, count = state[0], state[1], state[2]
    a, d = place[i], demand[i]
    paid = costs[i, b] - costs[i, a]
    if count[b] == 0 and not forced[b]:
        paid += fee[b]
    if count[a] == 1 and not forced[a]:
        paid -= fee[a]
    over = _over(load[b] + d, room[b]) - _over(load[b], room[b])
    return paid, over + _over(load[a] - d, room[a]) - _over(load[a], room[a])


@njit(cache=True, nogil=True)
def _give(i, b, world, state, tally) -> None:  # type: ignore[no-untyped-def]
    demand, forced = world[1], world[4]
    place, load, count, slots, spot, _ = state
    a = place[i]
    count[a] -= 1
    last = slots[a, count[a]]
    slots[a, spot[i]] = last
    spot[last] = spot[i]
    slots[b, count[b]] = i
    spot[i] = count[b]
    count[b] += 1
    load[a] -= demand[i]
    load[b] += demand[i]
    place[i] = b
    if count[a] == 0 and not forced[a]:
        tally[OPENED] -= 1
    if count[b] == 1 and not forced[b]:
        tally[OPENED] += 1


@njit(cache=True, nogil=True)
def _unit_step(world, state, heat, tally, rng):  # type: ignore[no-untyped-def]
    """Give a unit to another site, and hand one on if need be; `CLOSED` or `SAME`."""
    place, count, slots, close = state[0], state[2], state[3], state[5]
    temperature, charge = heat
    sides = close.shape[1]
    limit = -temperature * np.log(1.0 - uniform(rng))
    i = int(uniform(rng) * len(place))
    a, b = place[i], close[i, int(uniform(rng) * sides)]
    if a == b:
        return SAME
    paid, over = _change(i, b, world, state)
    if paid + charge * over > limit:
        if over <= 0.0 or count[b] == 0:  # not for want of room
            return SAME
        k = slots[b, int(uniform(rng) * count[b])]
        c = a if uniform(rng) < 0.5 else close[k, int(uniform(rng) * sides)]
        if c == b:
            return SAME
        _give(i, b, world, state, tally)
        more, beyond = _change(k, c, world, state)
        paid, over = paid + more, over + beyond
        if paid + charge * over > limit:
            _give(i, a, world, state, tally)
            return SAME
        _give(k, c, world, state, tally)
    else:
        _give(i, b, world, state, tally)
    tally[VALUE] += paid
    tally[EXCESS] += over
    return CLOSED if count[a] == 0 and not world[4][a] else SAME


@njit(cache=True, nogil=True)
def _tell(i, b, world, state, notes):  # type: ignore[no-untyped-def]
    """Give a unit and write down where it was; what that changes."""
    tally, journal = notes
    paid, over = _change(i, b, world, state)
    journal[0, 0] += 1
    journal[journal[0, 0], 0] = i
    journal[journal[0, 0], 1] = state[0][i]
    _give(i, b, world, state, tally)
    return paid, over


@njit(cache=True, nogil=True)
def _draw(i, f, charge, world, state, notes):  # type: ignore[no-untyped-def]
    """Open a site for a unit and every other near it that gains."""
    place, (start, unit) = state[0], world[7]
    paid, over = _tell(i, f, world, state, notes)
    for at in range(start[f], start[f + 1]):
        u = unit[at]
        if place[u] == f:
            continue
        more, beyond = _change(u, f, world, state)
        if more + charge * beyond < 0.0:
            _tell(u, f, world, state, notes)
            paid += more
            over += beyond
    return paid, over


@njit(cache=True, nogil=True)
def _empty(j, f, charge, world, state, notes):  # type: ignore[no-untyped-def]
    """Close a site: its units go to the open site, or to ``f``, that is best for them."""
    count, slots, close = state[2], state[3], state[5]
    paid, over = 0.0, 0.0
    while count[j] > 0:
        u = slots[j, count[j] - 1]
        least, to = np.inf, -1
        for side in range(-1, close.shape[1]):
            b = f if side < 0 else close[u, side]
            if b < 0 or b == j:
                continue
            more, beyond = _change(u, b, world, state)
            if more + charge * beyond < least:
                least, to = more + charge * beyond, b
        if to < 0:
            return np.inf, over
        more, beyond = _tell(u, to, world, state, notes)
        paid += more
        over += beyond
    return paid, over


@njit(cache=True, nogil=True)
def _site_step(world, state, heat, tally, rng, journal):  # type: ignore[no-untyped-def]
    """Put a site in another's place, open one or close one: the site opened, `CLOSED`, `SAME`."""
    forced, near, most = world[4], world[5], world[6]
    place, count = state[0], state[2]
    temperature, charge = heat
    limit = -temperature * np.log(1.0 - uniform(rng))
    i = int(uniform(rng) * len(place))
    f = near[i, int(uniform(rng) * near.shape[1])]
    j = place[i] if uniform(rng) < 0.7 else place[int(uniform(rng) * len(place))]
    way = uniform(rng)
    opens, closes = way < 0.85, way < 0.7 or way >= 0.85
    if (opens and (count[f] > 0 or forced[f])) or (closes and forced[j]):
        return SAME
    notes = (tally, journal)
    journal[0, 0] = 0
    paid, over = 0.0, 0.0
    if way < 0.4:
        while count[j] > 0:
            more, beyond = _tell(state[3][j, count[j] - 1], f, world, state, notes)
            paid, over = paid + more, over + beyond
    else:
        if opens:
            paid, over = _draw(i, f, charge, world, state, notes)
        if closes:
            more, beyond = _empty(j, f if opens else -1, charge, world, state, notes)
            paid, over = paid + more, over + beyond
    if paid + charge * over <= limit and tally[OPENED] <= most:
        tally[VALUE] += paid
        tally[EXCESS] += over
        return f if opens else CLOSED
    for k in range(journal[0, 0], 0, -1):
        _give(journal[k, 0], journal[k, 1], world, state, tally)
    return SAME


@njit(cache=True, nogil=True)
def anneal(world, state, heat, tally, rng, work) -> None:  # type: ignore[no-untyped-def]
    """Take steps at one temperature; ``best`` holds the cheapest answer in which all fits.

    Parameters
    ----------
    world : (costs (n, m), demand (n,), room (m,), fee (m,), forced (m,), near (n, k), most, units)
        ``units`` near each site: where those of site j begin, shape (m + 1,), and their positions.
    state : (place (n,), load (m,), count (m,), slots (m, n), spot (n,), close (n, sides))
    heat : (temperature, charge for load beyond a room)
    tally : float64 array: value, excess, sites open, best value (`NOTHING` at first)
    rng : uint64 array, shape (1,)
    work : (steps, steps from one of a site to the next, best (n,), journal (3 n + 1, 2))
    """
    steps, every, best, journal = work
    place, count, close = state[0], state[2], state[5]
    for step in range(steps):
        if step % every == 0:
            changed = _site_step(world, state, heat, tally, rng, journal)
        else:
            changed = _unit_step(world, state, heat, tally, rng)
        if changed != SAME:
            refresh(world[0], world[4], count, close, changed)
        if tally[EXCESS] < 1e-6 and tally[VALUE] < tally[BEST] - 1e-9 * abs(tally[BEST]):
            tally[BEST] = tally[VALUE]
            best[:] = place
