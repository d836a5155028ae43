"""The proof as the certificate holds it, and what a check of one part finds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from commplan.problem.proof import KINDS, Proof, ProofPart

_WHOLE = ("fewest", "most", "extra", "rate", "low_load", "high_load")
_REAL = ("value", "low", "high", "per_cost")
_DEFAULT = {f.name: f.default for f in fields(ProofPart)}


class Verdict(StrEnum):
    """What the check of a part says."""

    HOLDS = "holds"  #: worked out anew, and at least as much as claimed
    FAILS = "fails"  #: not proven by what the certificate holds
    TRUST = "trust"  #: not worked out anew: the solver's word


@dataclass(frozen=True)
class Derived:
    """What a part proves by itself.

    Parameters
    ----------
    value : float or None
        Households; None where nothing could be worked out.
    reason : str
        Key of ``texts`` (``certificate.why_<reason>``), "" where all is well.
    params : mapping
        Numbers for the sentence.
    units : tuple of int
        Positions of units that show the fault.
    trusted : bool
        The value is taken over from the certificate.
    """

    value: float | None
    reason: str = ""
    params: Mapping[str, object] | None = None
    units: tuple[int, ...] = ()
    trusted: bool = False


@dataclass(frozen=True)
class Checked:
    """One part and what came of it; ``seconds`` the check took."""

    part: ProofPart
    derived: Derived
    verdict: Verdict
    seconds: float


def proof_json(proof: Proof, unit_ids: Sequence[str]) -> dict[str, Any]:
    """Put a proof in plain lists; fields that say nothing are left out.

    Units stand by their number in the order of their ids, in runs ``[first, last]``. Whole numbers
    stay whole and others keep every digit, so that what is read is what was proven.

    Parameters
    ----------
    proof : tuple of ProofPart
    unit_ids : sequence of str
        Of the units, sorted.
    """
    return {
        "units": len(unit_ids),
        "unit_ids_sha256": ids_hash(unit_ids),
        "parts": [_part_json(part) for part in proof],
    }


def ids_hash(unit_ids: Sequence[str]) -> str:
    """SHA-256 of the ids in their order, a line each."""
    return sha256("\n".join(unit_ids).encode()).hexdigest()


def _part_json(part: ProofPart) -> dict[str, Any]:
    order = np.argsort(part.units, kind="stable")
    plain: dict[str, Any] = {"kind": part.kind, "terms": list(part.terms)}
    plain |= {name: float(getattr(part, name)) for name in _REAL}
    plain |= {name: int(getattr(part, name)) for name in _WHOLE}
    plain = {k: v for k, v in plain.items() if k == "value" or v != _DEFAULT.get(k)}
    plain["units"] = _runs(part.units[order])
    node = part.node[order].tolist() if len(part.node) else []
    if node and node != list(range(len(part.units))):
        plain["node"] = node
    for name in ("prices", "load", "dropped"):
        if len(getattr(part, name)):
            plain[name] = getattr(part, name).tolist()
    if node:
        plain["nodes"] = int(part.node.max()) + 1
    return plain


def _runs(units: NDArray[np.int32]) -> list[list[int]]:
    """Find the runs of numbers that follow one another: [first, last] of each."""
    if len(units) == 0:
        return []
    cuts = np.flatnonzero(np.diff(units) != 1)
    first, last = units[np.r_[0, cuts + 1]], units[np.r_[cuts, len(units) - 1]]
    return np.column_stack([first, last]).tolist()  # type: ignore[no-any-return]


def read_proof(document: Mapping[str, Any], n: int) -> Proof:
    """Read what `proof_json` wrote.

    Parameters
    ----------
    document : mapping
    n : int
        Number of units.

    Raises
    ------
    ValueError
        Where it is no such thing; the message is for logs.
    """
    try:
        return tuple(_part(plain, n) for plain in document["parts"])
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"a part cannot be read: {error!r}") from error


def _part(plain: Mapping[str, Any], n: int) -> ProofPart:
    given = dict(plain)
    kind = given.pop("kind")
    if kind not in KINDS:
        raise ValueError(f"unknown kind of part: {kind}")
    ends = [(int(first), int(last)) for first, last in given.pop("units")]
    if any(not 0 <= first <= last < n for first, last in ends):
        raise ValueError("units of a part do not exist")
    runs = [np.arange(first, last + 1) for first, last in ends]
    units = np.concatenate([np.zeros(0, dtype=np.int64), *runs]).astype(np.int32)
    if len(np.unique(units)) != len(units):
        raise ValueError("units of a part are named twice")
    nodes = int(given.pop("nodes", 0))
    node = np.array(given.pop("node", range(len(units) if nodes else 0)), dtype=np.int32)
    lengths = {"node": (len(node), len(units)), "nodes": (len(np.unique(node)), nodes)}
    prices = given.pop("prices", [])
    load = given.pop("load", [])
    lengths |= {"prices": (len(prices), nodes), "load": (len(load), nodes)}
    wrong = [k for k, (is_, should) in lengths.items() if is_ and is_ != should]
    if wrong or (nodes and (node.min() < 0 or node.max() >= nodes)):
        raise ValueError(f"{kind}: lengths do not fit: {wrong}")
    numbers = {name: float(given.pop(name)) for name in _REAL if name in given}
    numbers |= {name: int(given.pop(name)) for name in _WHOLE if name in given}
    if not all(np.isfinite(x) for x in numbers.values()):
        raise ValueError(f"{kind}: a number is not finite")
    dropped = np.array(given.pop("dropped", []), dtype=np.int32).reshape(-1, 2)
    whole = kind == "prices_border"
    return ProofPart(
        kind=kind,
        terms=tuple(map(str, given.pop("terms"))),
        units=units,
        node=node,
        prices=np.array(prices, dtype=np.int64) if whole else np.array(prices, dtype=np.float64),
        load=np.array(load, dtype=np.int64),
        dropped=dropped,
        **numbers,  # type: ignore[arg-type]
    )
