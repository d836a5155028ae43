"""Command-line options of the commands that write pages of finished runs."""

from collections.abc import Callable, Iterator
from pathlib import Path

import click

from commplan.texts import Texts

Make = Callable[..., click.Command]


def page_commands(texts: Texts, make: Make) -> Iterator[click.Command]:
    """Give ``commplan page`` and ``commplan compare``; ``make`` adds what all commands have."""
    yield make("page", texts, _call_page(texts), *_page_options(texts))
    path = click.Path(path_type=Path)
    runs = click.Argument(["runs"], type=path, nargs=-1, required=True)
    said = texts("cli.help_compare_out")
    out = click.Option(["-o", "--out"], type=path, default=Path("compare.html"), help=said)
    yield make("compare", texts, _call_compare(texts), runs, out)


def _page_options(texts: Texts) -> tuple[click.Parameter, ...]:
    path = click.Path(path_type=Path)
    return (
        click.Argument(["target"], type=path),
        click.Option(["-o", "--out"], type=path, help=texts("cli.help_page_out")),
        click.Option(["--edit"], is_flag=True, help=texts("cli.help_edit")),
        click.Option(["--quiet"], is_flag=True, help=texts("cli.help_quiet")),
    )


def _call_page(texts: Texts) -> Callable[..., int]:
    def call(target: Path, out: Path | None, edit: bool, quiet: bool) -> int:
        from commplan.scenario.pages import page

        return page(target, out, texts, edit=edit, quiet=quiet)

    return call


def _call_compare(texts: Texts) -> Callable[..., int]:
    def call(runs: tuple[Path, ...], out: Path) -> int:
        from commplan.scenario.pages import compare

        return compare(runs, out, texts)

    return call
