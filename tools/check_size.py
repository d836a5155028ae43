"""Fail where a module is longer than 300 lines or a function longer than 40 (docs/house.md)."""

import ast
import sys
from pathlib import Path

MODULE_LINES = 300
FUNCTION_LINES = 40


def function_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body without its docstring."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    if not body:
        return 0
    return (node.end_lineno or 0) - body[0].lineno + 1


def too_long(path: Path) -> list[str]:
    """One line for each thing in ``path`` that is too long."""
    source = path.read_text(encoding="utf-8")
    lines = source.count("\n")
    faults = [f"{path}: {lines} lines (limit {MODULE_LINES})"] if lines > MODULE_LINES else []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = function_lines(node)
            if length > FUNCTION_LINES:
                faults.append(
                    f"{path}:{node.lineno}: {node.name} has {length} lines (limit {FUNCTION_LINES})"
                )
    return faults


if __name__ == "__main__":
    found = [
        fault
        for root in sys.argv[1:]
        for path in sorted(Path(root).rglob("*.py"))
        for fault in too_long(path)
    ]
    print("\n".join(found))
    sys.exit(bool(found))
