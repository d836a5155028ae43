"""Options of ``commplan batch``; no heavy import, for a quick help."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from commplan.texts import Texts


def batch_command(texts: Texts, make: Callable[..., click.Command]) -> click.Command:
    """Build the command; ``make`` takes name, texts, function and options, as any command does."""
    path = click.Path(path_type=Path)

    def option(name: str, kind: click.ParamType[Any]) -> click.Option:
        return click.Option([f"--{name}"], type=kind, help=texts(f"batch.help_{name}"))

    def call(scenarios: tuple[Path, ...], out: Path | None, **options: Any) -> int:
        from commplan.scenario.batch import batch, options_of

        return batch(scenarios, out, options_of(**options), texts)

    return make(
        "batch",
        texts,
        call,
        click.Argument(["scenarios"], nargs=-1, required=True, type=path),
        click.Option(["-o", "--out"], type=path, help=texts("cli.help_out", suffix="")),
        option("workers", click.IntRange(min=0)),
        option("scheduler", click.STRING),
        option("memory", click.STRING),
        option("split", click.IntRange(min=1)),
        click.Option(["--resume"], is_flag=True, help=texts("batch.help_resume")),
        click.Option(["--quiet"], is_flag=True, help=texts("cli.help_quiet")),
    )
