"""What is cut off: islands, subdistricts in pieces, and today's communities with exclaves."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commplan.findings import Finding, Severity
from commplan.graph.adjacency import UnitGraph
from commplan.graph.components import components


def piece_findings(graph: UnitGraph, units: pd.DataFrame) -> tuple[Finding, ...]:
    """Report every piece of ground that open edges do not connect to the rest.

    Parameters
    ----------
    graph : UnitGraph
    units : DataFrame, n rows
        ``unit_id``, ``households``; ``subdistrict_id`` and ``community_id`` where known.

    Returns
    -------
    tuple of Finding
        ``graph.island`` for each piece of the study area besides the largest, ``graph.pocket``
        for each piece of a subdistrict besides its largest (unless it is an island already), and
        ``graph.exclave`` for each of today's communities in several pieces.
    """
    ids = units["unit_id"].to_numpy(dtype=str)
    households = _households(units)
    whole = np.zeros(graph.n, dtype=np.intp)
    islands = _lesser_pieces(graph, whole, households)
    seen = {tuple(rows) for _, rows in islands}
    findings = [
        _piece("graph.island", ids[rows], households[rows], {}, Severity.WARNING)
        for _, rows in islands
    ]
    codes, names = labels_of(units, "subdistrict_id")
    findings += [
        _piece("graph.pocket", ids[rows], households[rows], {"subdistrict": names[label]})
        for label, rows in _lesser_pieces(graph, codes, households)
        if tuple(rows) not in seen
    ]
    return (*findings, *_exclaves(graph, units, ids, households))


def labels_of(units: pd.DataFrame, column: str) -> tuple[NDArray[np.intp], list[str]]:
    """Return a number per row by the sorted values of a column, -1 for null or no column."""
    if column not in units:
        return np.full(len(units), -1), []
    values = units[column]
    text = values.astype(object).where(values.notna() & (values.astype(str) != ""), None)
    codes, names = pd.factorize(text, sort=True)
    return np.asarray(codes, dtype=np.intp), [str(name) for name in names]


def _households(units: pd.DataFrame) -> NDArray[np.int64]:
    if "households" not in units:
        return np.zeros(len(units), dtype=np.int64)
    return units["households"].fillna(0).to_numpy(dtype=np.int64)


def _lesser_pieces(
    graph: UnitGraph, labels: NDArray[np.intp], households: NDArray[np.int64]
) -> list[tuple[int, NDArray[np.intp]]]:
    """(label, rows) of each piece that is not the largest of its label, in order of label."""
    piece = components(graph, labels)
    order = np.argsort(piece, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(piece[order])) + 1) if len(order) else []
    by_label: dict[int, list[NDArray[np.intp]]] = {}
    for rows in groups:
        by_label.setdefault(int(labels[rows[0]]), []).append(rows)
    lesser = []
    for label in sorted(set(by_label) - {-1}):
        # the largest by households, then by units; of equals the one that begins first
        ranked = sorted(by_label[label], key=lambda r: (-households[r].sum(), -len(r), r[0]))
        lesser += [(label, rows) for rows in sorted(ranked[1:], key=lambda r: int(r[0]))]
    return lesser


def _piece(
    code: str,
    ids: NDArray[np.str_],
    households: NDArray[np.int64],
    params: dict[str, object],
    severity: Severity = Severity.WARNING,
) -> Finding:
    params = {**params, "households": int(households.sum())}
    return Finding(code, severity, params, tuple(str(i) for i in ids), layer="units")


def _exclaves(
    graph: UnitGraph,
    units: pd.DataFrame,
    ids: NDArray[np.str_],
    households: NDArray[np.int64],
) -> list[Finding]:
    """One finding per community of today that is in several pieces; its ids are the lesser pieces."""
    codes, names = labels_of(units, "community_id")
    by_label: dict[int, list[NDArray[np.intp]]] = {}
    for label, rows in _lesser_pieces(graph, codes, households):
        by_label.setdefault(label, []).append(rows)
    findings = []
    for label, pieces in by_label.items():
        rows = np.concatenate(pieces)
        params: dict[str, object] = {"community": names[label], "pieces": len(pieces) + 1}
        findings.append(_piece("graph.exclave", ids[rows], households[rows], params, Severity.NOTE))
    return findings
