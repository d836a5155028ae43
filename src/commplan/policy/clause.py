"""Where a norm stands, and what kind of document it stands in."""

from dataclasses import dataclass
from enum import StrEnum


class Force(StrEnum):
    """How strongly a document asks for something (its own words behind it)."""

    MUST = "must"  #: 不低于, 必须, 不得, 要
    IN_PRINCIPLE = "in principle"  #: 原则上 with a limit or a deadline
    SHOULD = "should"  #: 一般, 提倡, 鼓励, 原则上 otherwise
    TARGET = "target"  #: 加快, 全面推行, 到…年底, for a whole area
    MAY = "may"  #: allowed


class DocumentStatus(StrEnum):
    """What kind of document a profile carries."""

    LAW = "law"
    ISSUED = "issued"
    DRAFT = "draft"  #: for comment; never shown as law in force
    OPINION = "opinion"
    GUIDE = "guide"
    USER = "user"  #: written by the user


@dataclass(frozen=True)
class Clause:
    """One place in one document.

    Parameters
    ----------
    profile : str
        Name of the profile (``"zhejiang-2017"``).
    number : str
        The clause as the document numbers it (``"五(二)"``, ``"art. 3"``).
    """

    profile: str
    number: str

    def __str__(self) -> str:
        return f"{self.profile} {self.number}"
