"""Every sentence that the code asks for exists."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import commplan
from commplan.texts import load_texts

SOURCE = Path(commplan.__file__).parent
TOPICS = {path.stem for path in (SOURCE / "texts" / "locale" / "en").glob("*.po")}
KEY = re.compile(r"([a-z]+)\.[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")


def keys_in(path: Path) -> Iterator[str]:
    """Text constants that look like a key of a topic and stand where a code or key is given."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args:
            first = node.args[0]
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            codes = name in {"Finding", "Fault", "Cause", "Remedy", "texts", "t"}
            if codes and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def test_every_code_has_its_sentence() -> None:
    """Codes of findings, faults, causes and ways out, and keys asked for, are in the catalogues."""
    found = {key for path in SOURCE.rglob("*.py") for key in keys_in(path)}
    keys = {key for key in found if KEY.fullmatch(key)}
    assert len(keys) > 100
    assert {key.split(".")[0] for key in keys} <= TOPICS
    texts = load_texts("en")
    assert [key for key in sorted(keys) if not texts.has(key)] == []
