"""Options of ``commplan developments``; no heavy import, for a quick help."""

from collections.abc import Callable
from pathlib import Path

import click

from commplan.texts import Texts


def developments_command(texts: Texts, make: Callable[..., click.Command]) -> click.Command:
    """Build the command; ``make`` takes name, texts, function and options, as any command does."""
    path = click.Path(path_type=Path)

    def call(
        file: Path, scenario: Path, out: Path | None, workers: int, resume: bool, quiet: bool
    ) -> int:
        from commplan.scenario.developments import Wanted, developments

        target = out or Path("runs") / f"{scenario.stem}-developments"
        return developments(Wanted(file, scenario, target, workers, resume), texts, quiet=quiet)

    options = (
        click.Argument(["file"], type=path),
        click.Option(
            ["--in", "scenario"], type=path, required=True, help=texts("developments.help_in")
        ),
        click.Option(
            ["-o", "--out"], type=path, help=texts("cli.help_out", suffix="-developments")
        ),
        click.Option(
            ["--workers"],
            type=click.IntRange(1, 256),
            default=1,
            help=texts("developments.help_workers"),
        ),
        click.Option(["--resume"], is_flag=True, help=texts("developments.help_resume")),
        click.Option(["--quiet"], is_flag=True, help=texts("cli.help_quiet")),
    )
    return make("developments", texts, call, *options)
