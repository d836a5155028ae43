"""What every section of a scenario file has in common."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A section of the file: cannot be changed, knows its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
