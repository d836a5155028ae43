"""A tiny service area that the runners' tests share."""

from pathlib import Path

import pytest

HEAD = "OID\tpop\tPointX\tPointY\tfcadidature\tfcost\tfcapacity\n"
UNITS = ((1, 1, 0, 5, 4), (2, 2, 1000, 0, 0), (3, 2, 2000, 0, 0), (4, 1, 3000, 7, 4))


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    """Four units in a row, a kilometre apart; the first and the last are facilities."""
    rows = "".join(f"{i}\t{pop}\t{x}\t0\t0\t{f}\t{c}\n" for i, pop, x, f, c in UNITS)
    path = tmp_path / "zya9.txt"
    path.write_text(HEAD + rows, encoding="ascii")
    pairs = '"OID_","ID1","ID2","d"\n,1,2,0\n,2,1,0\n,2,3,0\n,3,4,0\n'
    (tmp_path / "zy_connectivity.txt").write_text(pairs, encoding="ascii")
    return path
