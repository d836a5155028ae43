"""The command line: arguments, messages, exit codes; the work is done by ``scenario``."""

import locale
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from commplan import __version__
from commplan.errors import CommplanError, InputError
from commplan.scenario.batch_options import batch_command
from commplan.scenario.developments_options import developments_command
from commplan.scenario.documents_options import document_commands
from commplan.scenario.pages_options import page_commands
from commplan.texts import LANGUAGES, Texts, fault_lines, load_texts

#: Table that only one kind of run leaves -> the topic whose command verifies it.
VERIFIED = {
    "village_groups.csv": "villages",
    "coverage.csv": "coverage",
    "grids.csv": "grids",
    "rollout.csv": "rollout",
    "siting.csv": "siting",
}
DONE, FAULT, USAGE, INFEASIBLE, NOT_FOUND, INTERRUPTED = 0, 1, 2, 3, 4, 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave the process with its exit code."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    texts = load_texts(language_of(arguments, os.environ.get("COMMPLAN_LANG", "")))
    code = run_command(arguments, texts)
    if code == INTERRUPTED:
        # Ctrl-C while a library was being imported leaves a mark with which Python would end the
        # process by the signal, whatever code it is asked to exit with.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def language_of(arguments: Sequence[str], wanted: str = "") -> str:
    """Return the language asked for by ``--lang``, else by the environment, else English."""
    for i, argument in enumerate(arguments):
        if argument == "--lang" and i + 1 < len(arguments):
            wanted = arguments[i + 1]
        elif argument.startswith("--lang="):
            wanted = argument.split("=", 1)[1]
    if wanted in LANGUAGES:
        return wanted
    wanted = wanted or locale.getlocale()[0] or os.environ.get("LANG", "")
    return "zh-CN" if wanted.lower().startswith(("zh", "chinese")) else "en"


def run_command(arguments: Sequence[str], texts: Texts) -> int:
    """Run one command; every error that was foreseen becomes lines and an exit code."""
    try:
        code = make_cli(texts).main(list(arguments), prog_name="commplan", standalone_mode=False)
        return int(code or DONE)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return USAGE
    except click.ClickException as error:
        _complain([error.format_message()])
        return USAGE
    except InputError as error:
        _complain(fault_lines(error.faults, texts) or [str(error)])
        return USAGE
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        _complain([texts("cli.os_error", place=place, reason=error.strerror or str(error))])
        return USAGE
    except CommplanError as error:
        _complain([str(error)])
        return FAULT
    except (KeyboardInterrupt, click.Abort):
        _complain([texts("cli.interrupted")])
        return INTERRUPTED


def _complain(lines: Sequence[str]) -> None:
    for line in lines:
        click.echo(line, err=True)


def make_cli(texts: Texts) -> click.Group:
    """Build the commands with their help in one language."""
    cli = click.Group("commplan", help=texts("cli.help"))
    cli.params.append(
        click.Option(
            ["--version"],
            is_flag=True,
            expose_value=False,
            is_eager=True,
            callback=_version,
            help=texts("cli.help_version"),
        )
    )
    cli.params.append(_language_option(texts))
    cli.add_command(_run(texts))
    cli.add_command(_check(texts))
    for name in ("villages", "coverage", "siting"):
        cli.add_command(_topic(name, texts))
    for name in ("grids", "rollout"):
        cli.add_command(_of_plan(name, texts))
    cli.add_command(developments_command(texts, _command))
    cli.add_command(_verify(texts))
    for command in page_commands(texts, _command):
        cli.add_command(command)
    cli.add_command(_certificate(texts))
    for command in document_commands(texts, _command):
        cli.add_command(command)
    cli.add_command(_profiles(texts))
    cli.add_command(batch_command(texts, _command))
    return cli


def _version(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        click.echo(f"commplan {__version__}")
        context.exit(DONE)


def _language_option(texts: Texts) -> click.Option:
    # The value itself is read by `language_of`, before the help is built.
    return click.Option(
        ["--lang"], type=click.Choice(LANGUAGES), expose_value=False, help=texts("cli.help_lang")
    )


def _command(
    name: str, texts: Texts, call: Callable[..., int], *params: click.Parameter
) -> click.Command:
    help_text = texts(f"cli.help_{name}")
    return click.Command(
        name, callback=call, help=help_text, params=[*params, _language_option(texts)]
    )


def _path(name: str) -> click.Argument:
    return click.Argument([name], type=click.Path(path_type=Path))


def _out(texts: Texts, suffix: str = "") -> click.Option:
    return click.Option(
        ["-o", "--out"], type=click.Path(path_type=Path), help=texts("cli.help_out", suffix=suffix)
    )


def _flag(name: str, texts: Texts) -> click.Option:
    return click.Option([f"--{name}"], is_flag=True, help=texts(f"cli.help_{name}"))


def _run(texts: Texts) -> click.Command:
    def call(scenario: Path, out: Path | None, strict: bool, quiet: bool, **more: Any) -> int:
        from commplan.scenario.asked import asked_of, wishes_of
        from commplan.scenario.commands import run

        edited = {name: more.pop(name) for name in ("edit", "start", "base")}
        asked = asked_of(wishes_of(**more), **edited)
        return run(scenario, out, texts, strict=strict, quiet=quiet, asked=asked)

    share = click.FloatRange(0, 1)
    return _command(
        "run",
        texts,
        call,
        _path("scenario"),
        _out(texts),
        _flag("strict", texts),
        _flag("quiet", texts),
        _option("alternatives", click.IntRange(min=2), texts),
        _option("difference", share, texts),
        _option("within", click.FloatRange(min=0), texts),
        _option("front", click.STRING, texts),
        _option("points", click.IntRange(min=3), texts),
        _flag("edit", texts),
        _option("start", click.Path(path_type=Path), texts),
        _option("base", click.Path(path_type=Path), texts),
    )


def _option(name: str, kind: click.ParamType[Any], texts: Texts) -> click.Option:
    return click.Option([f"--{name}"], type=kind, help=texts(f"cli.help_{name}"))


def _check(texts: Texts) -> click.Command:
    def call(scenario: Path, quiet: bool) -> int:
        from commplan.scenario.commands import check

        return check(scenario, texts, quiet=quiet)

    return _command("check", texts, call, _path("scenario"), _flag("quiet", texts))


def _topic(name: str, texts: Texts) -> click.Command:
    """Make a command whose module and function are called like it."""

    def call(scenario: Path, out: Path | None, quiet: bool) -> int:
        module = import_module(f"commplan.scenario.{name}_command")
        return int(getattr(module, name)(scenario, out, texts, quiet=quiet))

    own = (_path("scenario"), _out(texts, f"-{name}"), _flag("quiet", texts))
    return _command(name, texts, call, *own)


def _of_plan(name: str, texts: Texts) -> click.Command:
    """Make a command like `_topic` that works on a plan."""
    path = click.Path(path_type=Path)
    plan_option = click.Option(["--plan"], type=path, help=texts(f"cli.help_{name}_plan"))

    def call(scenario: Path, out: Path | None, plan: Path | None, quiet: bool) -> int:
        module = import_module(f"commplan.scenario.{name}_command")
        return int(getattr(module, name)(scenario, out, plan, texts, quiet=quiet))

    own = (_path("scenario"), _out(texts, f"-{name}"), plan_option, _flag("quiet", texts))
    return _command(name, texts, call, *own)


def _verify(texts: Texts) -> click.Command:
    path = click.Path(path_type=Path)
    assignment = click.Option(["--assignment"], type=path, help=texts("cli.help_assignment"))
    out_option = click.Option(["-o", "--out"], type=path, help=texts("cli.help_verify_out"))

    def call(target: Path, assignment: Path | None, out: Path | None, quiet: bool) -> int:
        for table, topic in VERIFIED.items():
            if assignment is None and out is None and (target / table).is_file():
                module = import_module(f"commplan.scenario.{topic}_command")
                return int(getattr(module, f"verify_{topic}")(target, texts, quiet=quiet))
        from commplan.scenario.commands import verify

        return verify(target, assignment, out, texts, quiet=quiet)

    own = (_path("target"), assignment, out_option, _flag("quiet", texts))
    return _command("verify", texts, call, *own)


def _certificate(texts: Texts) -> click.Command:
    def call(target: Path, quiet: bool) -> int:
        from commplan.scenario.certificate import certificate

        return certificate(target, texts, quiet=quiet)

    return _command("certificate", texts, call, _path("target"), _flag("quiet", texts))


def _profiles(texts: Texts) -> click.Group:
    group = click.Group("profiles", help=texts("cli.help_profiles"), no_args_is_help=True)

    def call_list() -> int:
        from commplan.scenario.commands import profiles_list

        return profiles_list(texts)

    def call_show(name: str) -> int:
        from commplan.scenario.commands import profiles_show

        return profiles_show(name, texts)

    def call_diff(a: str, b: str) -> int:
        from commplan.scenario.commands import profiles_diff

        return profiles_diff(a, b, texts)

    group.add_command(_command("list", texts, call_list))
    group.add_command(_command("show", texts, call_show, click.Argument(["name"])))
    group.add_command(
        _command("diff", texts, call_diff, click.Argument(["a"]), click.Argument(["b"]))
    )
    return group
