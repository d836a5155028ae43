"""Towns of square blocks, small enough to work out by hand."""

import numpy as np

from commplan.problem.communities import CommunityProblem, Edges, Weights


def grid_town(rows: int, columns: int, households: object, **changes: object) -> CommunityProblem:
    """Square units of 100 m side in a grid; ``households`` per unit, row by row."""
    n = rows * columns
    pairs = []
    for r in range(rows):
        for c in range(columns):
            u = r * columns + c
            if c + 1 < columns:
                pairs.append((u, u + 1))
            if r + 1 < rows:
                pairs.append((u, u + columns))
    pairs.sort()
    tail, head = (np.array(x, dtype=np.int32) for x in zip(*pairs, strict=True))
    y, x = np.divmod(np.arange(n), columns)
    values: dict[str, object] = {
        "households": np.broadcast_to(np.asarray(households, dtype=np.int64), (n,)).copy(),
        "area_km2": np.full(n, 0.01),
        "xy_km": np.column_stack([x, y]) / 10.0,
        "edges": Edges(
            tail, head, np.full(len(tail), 0.1), np.full(len(tail), 0.1), np.ones(len(tail), bool)
        ),
        "part": np.zeros(n, dtype=np.int32),
        "group": np.full(n, -1, dtype=np.int32),
        "today": np.full(n, -1, dtype=np.int32),
        "locked": np.zeros(n, dtype=bool),
        "exempt": np.zeros(n, dtype=bool),
        "min_households": 1500,
        "max_households": 3000,
        "target_households": 2250.0,
        "weights": Weights(border_km=1000.0),
    }
    values.update(changes)
    return CommunityProblem(**values)  # type: ignore[arg-type]
