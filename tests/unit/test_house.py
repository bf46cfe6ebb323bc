"""The house itself: paths that pages name exist, rules stand where the table says, names and docstrings are plain."""

import ast
import re
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("triage", "webhooks", "staff", "phone", "commands", "bench")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
ROW = re.compile(r"^\| (?P<asked>[^|]+) \| `(?P<file>[^`]+)` \| `(?P<name>[^`]+)` \|$", re.MULTILINE)
# What looks like a path of this repository: with a folder and an ending, or a folder that ends in a slash.
PATH = re.compile(r"`((?:[\w.-]+/)+[\w*<>-]+\.(?:py|toml|md|txt|jsonl?|svg|html|npz|css|js)|(?:[\w-]+/)+)`")
VERBS = frozenset((ROOT / "tests/data/docstring_verbs.txt").read_text("utf-8").split())
VERB_FIRST = 0.95


def modules(*folders):
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*.py")):
            if "versions" not in file.parts:
                yield file, ast.parse(file.read_text("utf-8"))


def names_in(file):
    """Every function, class, method and assigned name of a module."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def holds(file, name):
    """Whether the file has the name: in Python by its syntax, in TOML as section.key."""
    if not file.is_file():
        return False
    if file.suffix == ".toml":
        found = tomllib.loads(file.read_text("utf-8"))
        for key in name.split("."):
            found = found.get(key, {}) if isinstance(found, dict) else {}
        return found != {}
    return name in names_in(file)


def test_each_rule_stands_where_the_table_says():
    rows = list(ROW.finditer((ROOT / "docs/architecture.md").read_text("utf-8")))
    assert len(rows) >= 60
    assert [row["file"] + ": " + row["name"] for row in rows if not holds(ROOT / row["file"], row["name"])] == []


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_no_page_names_a_path_that_is_gone(page):
    named = set(PATH.findall(page.read_text("utf-8")))
    starts = {path.split("/")[0] for path in map(str, ROOT.iterdir())} | {one.name for one in ROOT.iterdir()}
    ours = [path for path in named if path.split("/")[0] in starts]
    assert [path for path in ours if not path.startswith("instance/") and not list(ROOT.glob(path.strip("/")))] == []


def test_every_page_can_be_reached_from_the_readme_or_the_architecture():
    linked = "".join(
        (ROOT / page).read_text("utf-8") for page in ("README.md", "docs/architecture.md", "CONTRIBUTING.md")
    )
    pages = [page for page in (ROOT / "docs").glob("*.md") if page.name != "architecture.md"]
    assert [page.name for page in pages if page.name not in linked] == []


def test_no_file_name_stands_twice_in_the_rules_and_the_edges():
    files = [file.name for file, _ in modules("triage", "webhooks", "staff") if file.name != "__init__.py"]
    assert [name for name, count in Counter(files).items() if count > 1] == []


def test_no_name_with_an_underscore_is_used_across_files():
    across = [
        f"{file.relative_to(ROOT)}: {alias.name}"
        for file, tree in modules(*PACKAGES)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name.startswith("_") and not alias.name.startswith("__")
    ]
    assert across == []


def test_a_module_has_one_alias_everywhere():
    aliases = defaultdict(set)
    for _file, tree in modules(*PACKAGES):
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in PACKAGES:
                for alias in node.names:
                    if (ROOT / node.module.replace(".", "/") / f"{alias.name}.py").exists():
                        aliases[f"{node.module}.{alias.name}"].add(alias.asname or alias.name)
    assert {module: names for module, names in aliases.items() if len(names) > 1} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_docstrings_of_functions_begin_with_a_verb(package):
    first = [
        (f"{file.relative_to(ROOT)}:{node.lineno} {docstring.splitlines()[0]}", docstring.split()[0].strip(".,:;"))
        for file, tree in modules(package)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and (docstring := ast.get_docstring(node))
    ]
    others = [line for line, word in first if word not in VERBS]
    assert len(others) <= (1 - VERB_FIRST) * len(first), "\n".join(others)
