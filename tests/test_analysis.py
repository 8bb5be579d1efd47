"""The notebook in docs/ runs over what the program makes of its articles, and shows what comes out."""

import ast
import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

from pipelines.command import main

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "docs" / "analysis.ipynb"


def run_cell(source: str, namespace: dict[str, Any]) -> list[dict[str, Any]]:
    """Source of a cell → its outputs, as Jupyter would store them."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed, value = io.StringIO(), None
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "cell", "exec"), namespace)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), "cell", "eval"), namespace)
    outputs: list[dict[str, Any]] = []
    if text := printed.getvalue():
        outputs.append({"name": "stdout", "output_type": "stream", "text": text.splitlines(keepends=True)})
    if value is not None:
        picture = value._repr_svg_().splitlines(keepends=True)
        shown = {"image/svg+xml": picture, "text/plain": ["<Picture>"]}
        outputs.append({"data": shown, "metadata": {}, "output_type": "display_data"})
    return outputs


def test_the_notebook(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, file = str(tmp_path / "data"), tmp_path / "alliances.duckdb"
    monkeypatch.chdir(ROOT)
    assert main(["run", "seeds", "docs/news.jsonl", "--data", data, "--now", "2025-02-01"]) == 0
    assert main(["export", "--data", data, "--out", str(file), "--as", "duckdb"]) == 0
    monkeypatch.setenv("ALLIANCES", str(file))
    book = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    namespace: dict[str, Any] = {}
    cells = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    given = [run_cell("".join(cell["source"]), namespace) for cell in cells]
    namespace["db"].close()
    if request.config.getoption("--update-golden"):
        for number, (cell, outputs) in enumerate(zip(cells, given, strict=True), 1):
            cell.update(execution_count=number, outputs=outputs)
        NOTEBOOK.write_text(json.dumps(book, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for cell, outputs in zip(cells, given, strict=True):
        assert cell["outputs"] == outputs, "".join(cell["source"])
    assert "as soon as Kyiv can meet the prerequisites" in str(given), "the seed's own claim"
