"""What the documentation shows, runs: Python blocks of a page in one namespace, `ranvier` lines by the command line."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ranvier.cli.main import cli
from tests.project.source_tree import ROOT

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
# What a page may show in a shell without this test running it: set-up, and lines with a name to fill in.
NOT_RUN = re.compile(
    r"^(make|git|cd|#|\.venv/bin/)|\bruns/NAME\b|^ranvier (train (digits|NAME)|run script\.py)\s*(#.*)?$"
)
KINDS = {"python", "sh", "text", "json", "html", ""}


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, its text, and its line on the page."""

    kind: str
    text: str
    line: int


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page in their order."""
    text = page.read_text(encoding="utf-8")
    return [Block(found[1], found[2], text[: found.start()].count("\n") + 2) for found in BLOCK.finditer(text)]


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def runnable(page: Path) -> bool:
    return any(block.kind in ("python", "sh") for block in blocks(page))


@pytest.mark.parametrize("page", filter(runnable, PAGES), ids=name)
def test_the_blocks_of_a_page_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    space: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(page):
        if block.kind == "python":
            # Empty lines before it make a traceback name the page's own line.
            exec(compile("\n" * (block.line - 1) + block.text, str(page), "exec"), space)  # noqa: S102  our own pages
        elif block.kind == "sh":
            for line in filter(None, map(str.strip, block.text.splitlines())):
                run_line(line, f"{name(page)}: {line}")


def run_line(line: str, place: str) -> None:
    """Run one line of a shell block, if it is one that can be run here."""
    if NOT_RUN.search(line):
        return
    program, *arguments = shlex.split(line, comments=True)
    assert program == "ranvier", f"{place}: neither run nor known as one that is not"
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, f"{place}\n{result.output}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_block_says_what_it_is(page: Path) -> None:
    assert {block.kind for block in blocks(page)} <= KINDS
    assert page.read_text(encoding="utf-8").count("```") == 2 * len(blocks(page))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)\s#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    local = [target for target in targets if "://" not in target]
    assert not [target for target in local if not (page.parent / target).exists()]


def test_a_line_that_fails_is_noticed() -> None:
    with pytest.raises(AssertionError, match="neither run"):
        run_line("rm -r results", "page")
    with pytest.raises(AssertionError, match="no data set named"):
        run_line("ranvier train nothing", "page")
