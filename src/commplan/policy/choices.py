"""House choices: figures that no document gives, named as ours wherever they show."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from commplan.policy.faults import FaultList
from commplan.policy.kinds import Number, check_kind
from commplan.policy.profile import Profile

HOUSE_CHOICE = "house choice"  #: stands where a clause would


@dataclass(frozen=True)
class Choice:
    """One house choice: its figure, unit and words.

    ``most`` is given where more would make no sense; ``fixed`` says that no profile may set it,
    because every plan is judged by it.
    """

    name: str
    value: float
    unit: str
    title: Mapping[str, str]
    most: float | None = None
    fixed: bool = False


@cache
def house_choices() -> Mapping[str, Choice]:
    """Return every house choice by name, as ``profiles/house.toml`` holds them."""
    path = files("commplan.policy") / "profiles" / "house.toml"
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        name: Choice(
            name,
            table["value"],
            table["unit"],
            table["title"],
            table.get("max"),
            bool(table.get("fixed")),
        )
        for name, table in tables.items()
    }


def read_choices(table: Any, base: Profile | None, faults: FaultList) -> dict[str, Any]:
    """Read a profile's ``[choices]`` on top of the base's, or of the house's own.

    Parameters
    ----------
    table : object
        As the TOML reader returned it; None where the profile has no such table.
    base : Profile or None
    faults : FaultList
        What is wrong is added here.
    """
    house = house_choices()
    found = dict(base.choices) if base else {name: choice.value for name, choice in house.items()}
    if table is None:
        return found
    if not isinstance(table, Mapping):
        faults.add("policy.not_a_table", "choices", keys=", ".join(house))
        return found
    for name, value in table.items():
        where = f"choices.{name}"
        if name not in house:
            faults.unknown("policy.unknown_choice", where, name, tuple(house))
        elif house[name].fixed:
            faults.add("policy.fixed_choice", where, name=name)
        elif check_kind(value, Number(positive=True), where, faults):
            most = house[name].most
            if most is not None and value > most:
                faults.add("policy.too_large", where, value=value, most=most)
            found[name] = value
    return found
