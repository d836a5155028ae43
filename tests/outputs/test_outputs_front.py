"""The picture of a front: the same table gives the same picture, with or without a Chinese font."""

from pathlib import Path

import pandas as pd
import pytest

from commplan.outputs import front_picture

AIMS = ("moved_households", "soft_border_km")


def front() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "point": [1, 2, 3],
            "moved_households": [100.0, 250.0, 900.0],
            "soft_border_km": [5.0, 2.5, 1.0],
            "communities": [4, 4, 3],
            "cost": [600.0, 500.0, 1000.0],
            "weight_moved_households": [1.0, None, 1.0],
            "weight_soft_border_km": [0.1, None, 900.0],
            "proven": [True, False, False],
        }
    )


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_same_picture_again(tmp_path: Path, language: str) -> None:
    """Two pictures of one table are the same bytes, and of another table other ones."""
    one, two, other = (tmp_path / f"{name}.png" for name in ("one", "two", "other"))
    front_picture.write_front_picture(one, front(), AIMS, language)
    front_picture.write_front_picture(two, front(), AIMS, language)
    front_picture.write_front_picture(other, front().iloc[:2], AIMS, language)
    assert one.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert one.read_bytes() == two.read_bytes()
    assert one.read_bytes() != other.read_bytes()


def test_english_where_no_font_has_chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a Chinese font the picture is worded in English rather than in empty boxes."""
    monkeypatch.setattr(front_picture, "cjk_font", lambda: None)
    chinese, english = tmp_path / "zh.png", tmp_path / "en.png"
    front_picture.write_front_picture(chinese, front(), AIMS, "zh-CN")
    front_picture.write_front_picture(english, front(), AIMS, "en")
    assert chinese.read_bytes() == english.read_bytes()
