"""Bring locked units into the successors of their old communities.

Who succeeds whom is decided by the largest matching of old and new communities, so a lock is no
local rule. The households of old communities with locked units are made dearer and dearer to
move, with the pairs fixed by the locks, until the matching alone says the same.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.communities.instance import Instance
from commplan.optimise.communities.kernel import anneal
from commplan.optimise.communities.repair import Heat
from commplan.optimise.communities.state import State, locks_hold, make_state, rematch

MOST_PULL = 256.0
_TRIES_PER_NODE = 1_500
_SLICES = 12


def dearer(instance: Instance, factor: float) -> Instance:
    """Make it ``factor`` times as dear to move households of old communities with locks."""
    m = instance.members
    anchored = np.isin(m.today, instance.lock[instance.lock >= 0])
    cost = np.where(anchored, m.moved_cost * factor, m.moved_cost)
    return replace(instance, members=replace(m, moved_cost=cost))


def hold_locks(
    instance: Instance, state: State, heat: Heat, rng: NDArray[np.uint64]
) -> State | None:
    """Change ``state``, which is within the bounds, until all locks hold.

    Returns
    -------
    State or None
        None where the locks do not hold even at the highest price.
    """
    if locks_hold(instance, state):
        return state
    labels = state.labels
    factor = 1.0
    while factor < MOST_PULL:
        factor *= 4.0
        pulled = dearer(instance, factor)
        trial = make_state(pulled, np.unique(labels, return_inverse=True)[1].astype(np.int32))
        hot = heat.hot * factor**0.5
        temps = hot * 0.02 ** np.linspace(0, 1, _SLICES + 1)
        for i in range(_SLICES):
            strict = 1.0 if i >= 0.7 * _SLICES and trial.breach(instance) == 0 else 0.0
            tries = _TRIES_PER_NODE * instance.n / _SLICES
            control = (tries, temps[i], temps[i + 1], heat.price * factor, strict)
            anneal(pulled, trial, control, rng)
            rematch(pulled, trial)
        if trial.breach(instance) == 0:
            labels = trial.labels
            if locks_hold(instance, trial):
                return trial
    return None
