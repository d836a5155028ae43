"""The shipped profiles, a user's own, and what tells two of them apart."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from commplan.errors import Fault
from commplan.policy.faults import FaultList, profile_error
from commplan.policy.profile import Profile, Rule
from commplan.policy.read import Sources, build_profile

DEFAULT_PROFILE = "zhejiang-2017"

#: In the order in which they are listed: the default first, then by how directly they bear on a plan.
_SHIPPED = (
    "zhejiang-2017",
    "national-2026",
    "anhui-city-2011",
    "panlong-2017",
    "sanming-2020",
    "zhoushan-2017",
    "mofcom-2021",
    "village-law",
)


def profile_names() -> tuple[str, ...]:
    """Return the names of the shipped profiles, the default first."""
    return _SHIPPED


def load_profile(name_or_path: str | Path, base: Path | None = None) -> Profile:
    """Load a shipped profile by name, or a user's own by path.

    Parameters
    ----------
    name_or_path : str or Path
        ``"zhejiang-2017"``; anything with a folder in it or ending in ``.toml`` is a path.
    base : Path or None
        The folder from which a relative path starts (that of the scenario file).

    Returns
    -------
    Profile

    Raises
    ------
    ProfileError
        With every fault of the file and of those that it extends.
    MissingFileError
        Where the path leads to no file.
    """
    if str(name_or_path) in _SHIPPED:
        return _shipped(str(name_or_path))
    loader = _Loader()
    profile = loader.load(str(name_or_path), base or Path(), "profile", ())
    if profile is None or loader.faults:
        raise profile_error(loader.faults)
    return profile


@dataclass(frozen=True)
class RuleDiff:
    """One rule id in two profiles; a side is None where that profile has no such rule."""

    rule_id: str
    a: Rule | None
    b: Rule | None

    @property
    def same(self) -> bool:
        """Whether both rule the same: value, unit and force."""
        if self.a is None or self.b is None:
            return False
        return (self.a.value, self.a.unit, self.a.force) == (
            self.b.value,
            self.b.unit,
            self.b.force,
        )


def diff_profiles(a: Profile, b: Profile) -> tuple[RuleDiff, ...]:
    """Set two profiles side by side: the rules of ``a`` in its order, then those of ``b`` alone."""
    ids = dict.fromkeys([*a.rules, *b.rules])
    return tuple(RuleDiff(rule_id, a.get(rule_id), b.get(rule_id)) for rule_id in ids)


@cache
def _shipped(name: str) -> Profile:
    loader = _Loader()
    profile = loader.load(name, Path(), "profile", ())
    if profile is None or loader.faults:
        raise profile_error(loader.faults)
    return profile


@cache
def shipped_rule(rule_id: str) -> Rule | None:
    """Return the first shipped rule of this id: its title and unit serve a user's own rule."""
    for name in _SHIPPED:
        rule = _shipped(name).get(rule_id)
        if rule is not None:
            return rule
    return None


@dataclass(frozen=True)
class _Loader:
    """Loads one profile and those that it builds on, collecting the faults of all."""

    faults: list[Fault] = field(default_factory=list)

    def load(
        self, name_or_path: str, base: Path, where: str, chain: tuple[str, ...]
    ) -> Profile | None:
        """Load a profile; ``chain`` is the files that led here, ``where`` the field that names it."""
        shipped = name_or_path in _SHIPPED
        if not shipped and not _looks_like_path(name_or_path):
            holder = FaultList(chain[-1] if chain else name_or_path, self.faults)
            holder.unknown(
                "policy.unknown_profile", where if chain else None, name_or_path, _SHIPPED
            )
            return None
        path = base / name_or_path
        key = name_or_path if shipped else str(path)
        if key in (seen := _resolved(chain)) or (not shipped and str(path.resolve()) in seen):
            FaultList(chain[-1], self.faults).add(
                "policy.circular", where, chain=" → ".join([*map(_short, chain), _short(key)])
            )
            return None
        faults = FaultList(key, self.faults)
        data = self._tables(name_or_path, path, faults)
        if data is None:
            return None
        return self._build(data, path, faults, (*chain, key))

    def _build(
        self, data: dict[str, Any], path: Path, faults: FaultList, chain: tuple[str, ...]
    ) -> Profile | None:
        take: Callable[[str, str], Profile | None] = lambda name, where: self.load(  # noqa: E731
            name, path.parent, where, chain
        )
        parent = None
        extends = data.get("extends")
        if isinstance(extends, str):
            parent = take(extends, "extends")
            if parent is None:
                # the file's own faults are told all the same, but nothing about what it removes
                data = {key: value for key, value in data.items() if key != "remove"}
        elif extends is not None:
            faults.add("policy.not_a_text", "extends", value=extends)
        shipped = chain[-1] in _SHIPPED
        known = (lambda _rule_id: None) if shipped else shipped_rule
        profile = build_profile(data, path.stem, Sources(parent, take, known), faults)
        if not shipped and profile.name in _SHIPPED:
            # its clauses would pass for those of the document
            faults.add("policy.name_taken", "name", name=profile.name)
        return profile

    def _tables(self, name: str, path: Path, faults: FaultList) -> dict[str, Any] | None:
        """Read the file; None where it cannot be read as TOML in UTF-8."""
        try:
            if name in _SHIPPED:
                source = files("commplan.policy") / "profiles" / f"{name}.toml"
                return tomllib.loads(source.read_text(encoding="utf-8"))
            return tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except (FileNotFoundError, IsADirectoryError):
            faults.add("fault.missing_file")
        except OSError as error:
            faults.add("policy.unreadable", reason=error.strerror or type(error).__name__)
        except UnicodeDecodeError:
            faults.add("policy.not_utf8")
        except tomllib.TOMLDecodeError as error:
            faults.add("policy.not_toml", reason=str(error))
        return None


def _looks_like_path(text: str) -> bool:
    return text.endswith(".toml") or "/" in text or "\\" in text


def _resolved(chain: tuple[str, ...]) -> set[str]:
    return {key if key in _SHIPPED else str(Path(key).resolve()) for key in chain}


def _short(key: str) -> str:
    return key if key in _SHIPPED else Path(key).name
