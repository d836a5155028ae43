"""Options of ``commplan documents`` and ``commplan templates``; no heavy import, for a quick help."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from commplan.texts import LANGUAGES, Texts


def document_commands(
    texts: Texts, make: Callable[..., click.Command]
) -> tuple[click.Command, ...]:
    """Build both commands; ``make`` takes name, texts, function and options, as any command does."""
    path = click.Path(path_type=Path)

    def option(name: str, kind: click.ParamType[Any], **more: Any) -> click.Option:
        names = ["-o", "--out"] if name == "out" else [f"--{name}"]
        return click.Option(names, type=kind, help=texts(f"documents.help_{name}"), **more)

    def write(run: Path, out: Path | None, quiet: bool, **more: Any) -> int:
        from commplan.scenario.documents import documents, papers_of

        return documents(run, out, papers_of(**more), texts, quiet=quiet)

    def copy(folder: Path) -> int:
        from commplan.scenario.documents import templates

        return templates(folder, texts)

    options = (
        click.Argument(["run"], type=path),
        option("out", path),
        option("maps", click.Choice(("A3", "A4", "both"))),
        option("community", click.STRING, multiple=True),
        option("language", click.Choice(LANGUAGES), multiple=True),
        option("comments", path),
        option("templates", path),
        click.Option(["--quiet"], is_flag=True, help=texts("cli.help_quiet")),
    )
    return (
        make("documents", texts, write, *options),
        make("templates", texts, copy, click.Argument(["folder"], type=path)),
    )
