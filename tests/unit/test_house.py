"""The house rules: paths that are named exist, rules stand where the table says, docstrings begin with a verb."""

import ast
import os
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = (
    "app.py", "clock.py", "web_worker.py", "gunicorn.conf.py",
    "commands", "triage", "webhooks", "staff", "phone", "bench",
)  # fmt: skip
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
)  # fmt: skip
NOT_OURS = {".venv", ".git", "instance", "node_modules", "__pycache__"}

# What a path may end with. `.jsonl` before `.json`: the first that fits is taken.
SUFFIXES = "py|toml|md|txt|jsonl|json|svg|png|html|css|js|yaml|npz|conf|in|xml"
FOLDER_PATH = re.compile(r"(?<![\w/.:@$-])(?:\.ci|[A-Za-z_]\w*)(?:/[\w.*{},<>-]+)+/?|(?<![\w/.:@$-])[a-z]\w*/(?![\w/])")
FILE_NAME = re.compile(rf"(?<![\w/.:@*{{}}<>-])[\w.-]+\.(?:{SUFFIXES})(?![\w/.]*\w)")
MODULE_RUN = re.compile(r"python -m ([a-z_]+(?:\.[a-z_]+)*)")

# What a docstring of a function may begin with. A reviewed list: add a verb, in the imperative.
VERBS = frozenset(
    """
    Acknowledge Act Add Allow Answer Apply Ask Begin Block Bring Build Call Cancel Carry Change Check Choose Claim Clear
    Close Collect Commit Compare Compile Complete Compose Compute Confirm Connect Continue Convert Copy Count Create Cut
    Decide Decrypt Delete Deliver Derive Do Draw Drop Encode Encrypt End Evaluate Fetch Fill Filter Find Finish Fit Fold
    Forget Forward Get Give Go Hand Hang Hash Have Hear Hold Insert Join Keep Learn Leave Let Limit Link List Listen
    Load Lock Log Look Lower Make Map Mark Mask Match Measure Merge Move Name Note Offer Open Order Parse Part Perform
    Pick Plan Play Post Prepare Press Print Promise Put Queue Quote Raise Read Record Redact Refuse Release Remember
    Remove Render Repeat Replace Report Reset Respond Return Ring Round Run Save Say Schedule Score Search Send Serve
    Set Settle Show Sign Skip Solve Sort Speak Spell Split Start Step Stop Store Strip Switch Take Tell Test Text
    Transcribe Translate Try Turn Undo Unlock Update Use Verify Wait Walk Warm Word Write Yield
    """.split()
)
LEAST_VERBS = 0.8


@cache
def _files() -> tuple[str, ...]:
    found = []
    for folder, inside, names in os.walk(ROOT):
        inside[:] = sorted(set(inside) - NOT_OURS)
        found += [(Path(folder) / name).relative_to(ROOT).as_posix() for name in names]
    return tuple(sorted(found))


@cache
def _folders() -> frozenset[str]:
    return frozenset(parent.as_posix() for name in _files() for parent in Path(name).parents)


@cache
def _tops() -> frozenset[str]:
    return frozenset(name.split("/")[0] for name in _files() if "/" in name)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _modules(*parts: str) -> Iterator[Path]:
    for part in parts:
        path = ROOT / part
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


# --- paths in the documents


def _as_glob(written: str) -> str:
    """Turn `{en,es}`, `<label>` and `NNNN` into wildcards."""
    return re.sub(r"\{[^}]*\}|<[^>]*>|NNNN", "*", written).rstrip("/")


def _exists(written: str, document: str) -> bool:
    """Tell whether a path names a file or folder: from the root, from the document's, or as the end of a path."""
    glob = _as_glob(written)
    beside = (Path(document).parent / glob).as_posix()
    if "/" not in glob:
        return any(fnmatchcase(Path(name).name, glob) for name in _files()) or glob in _folders()
    is_full = glob.split("/")[0] in _tops()
    globs = (glob, beside) if is_full else (glob, beside, f"*/{glob}")
    return any(fnmatchcase(name, one) for name in (*_files(), *_folders()) for one in globs)


def _paths_in(text: str) -> Iterator[str]:
    """Find what looks like a path of ours: it begins with one of the top folders, or ends as our files do."""
    text = re.sub(r"\w+://\S+", " ", text)
    for match in FOLDER_PATH.finditer(text):
        written = match[0].rstrip(".,-")
        if written.split("/")[0] in _tops() or re.search(rf"\.(?:{SUFFIXES})$", written):
            yield written
    yield from (match[0] for match in FILE_NAME.finditer(text))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_document_names_a_path_that_is_gone(document):
    gone = []
    for number, line in enumerate((ROOT / document).read_text("utf-8").splitlines(), 1):
        named = [one for one in _paths_in(line) if not one.startswith("instance")]
        gone += [f"line {number}: {one}" for one in named if not _exists(one, document)]
        for module in MODULE_RUN.findall(line):
            path = ROOT / module.replace(".", "/")
            if module not in ("pytest", "venv", "pip") and not (path.with_suffix(".py").is_file() or path.is_dir()):
                gone.append(f"line {number}: python -m {module}")
    assert not gone, f"{document} names paths that are gone:\n" + "\n".join(gone)


def test_no_module_names_a_module_that_is_gone():
    gone = []
    for path in _modules(*PRODUCT):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            named = re.findall(r"(?<![\w/.])(?:\w+/)*\w+\.py\b", line)
            gone += [f"{path.relative_to(ROOT)}:{number}: {one}" for one in named if not _exists(one, "app.py")]
    assert gone == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("see `triage/gone.py` (fill)", ["triage/gone.py"]),
        ("every text is in templates/ or `gone.toml`.", ["templates/", "gone.toml"]),
        ("`templates/sms/{en,es}/answers/<label>.txt`", ["templates/sms/{en,es}/answers/<label>.txt"]),
        ("POST /webhooks/sms, https://example.org/staff/x.py, 12/1/2026, and/or", []),
        ("[the queue](pictures/queue.png)", ["pictures/queue.png"]),
    ],
)
def test_paths_are_seen_in_a_line(line, found):
    assert list(_paths_in(line)) == found


def test_every_page_of_docs_is_linked_from_the_readme_or_the_architecture():
    linked = (ROOT / "README.md").read_text("utf-8") + (ROOT / "docs/architecture.md").read_text("utf-8")
    pages = [path.name for path in (ROOT / "docs").glob("*.md") if path.name != "architecture.md"]
    assert [page for page in pages if f"{page})" not in linked] == []
    assert "docs/architecture.md)" in linked


def test_every_decision_is_linked_from_the_list_of_decisions():
    listed = (ROOT / "docs/decisions/README.md").read_text("utf-8")
    names = [path.name for path in (ROOT / "docs/decisions").glob("[0-9]*.md")]
    assert len(names) >= 12
    assert [name for name in names if f"]({name})" not in listed] == []


# --- rule -> file


def _rules() -> list[tuple[str, str, str]]:
    text = (ROOT / "docs/architecture.md").read_text("utf-8")
    rows = re.findall(r"^\| (.+?) \| `([^`|]+)` \| `([^`|]+)` \|$", text.partition("## Rules")[2], re.MULTILINE)
    return [(rule.strip(), path, name) for rule, path, name in rows]


def _names_in(body: list[ast.stmt]) -> dict[str, list[ast.stmt]]:
    """Return what statements define: each name, with the body that is inside it."""
    found: dict[str, list[ast.stmt]] = {}
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = node.body
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [one for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)]
            found |= {one.id: [] for one in names}
        elif isinstance(node, ast.If | ast.With | ast.Try):
            found |= _names_in(node.body)
    return found


def _holds(path: Path, name: str) -> bool:
    """Tell whether a module defines, or a TOML file has, this name; `Class.method` and `table.key` are followed."""
    if path.suffix == ".toml":
        table = tomllib.loads(path.read_text("utf-8"))
        for part in [name] if name in table else name.split("."):
            table = table[0] if isinstance(table, list) and table else table
            if not isinstance(table, dict) or part not in table:
                return False
            table = table[part]
        return True
    body = _tree(path).body
    for part in name.split("."):
        inside = _names_in(body)
        if part not in inside:
            return False
        body = inside[part]
    return True


def test_each_rule_stands_in_the_file_that_the_table_names():
    rules, wrong = _rules(), []
    for rule, path, name in rules:
        if not (ROOT / path).is_file():
            wrong.append(f"{rule}: there is no {path}")
        elif not _holds(ROOT / path, name):
            wrong.append(f"{rule}: {path} has no {name}")
    assert not wrong, "docs/architecture.md, rows that no longer hold:\n" + "\n".join(wrong)
    assert len(rules) >= 60
    assert [rule for rule, times in Counter(rule for rule, _, _ in rules).items() if times > 1] == []


def test_the_architecture_has_a_line_for_each_file_of_the_rooms():
    text = (ROOT / "docs/architecture.md").read_text("utf-8").partition("## Rules")[0]
    missing = []
    for path in _modules("triage", "webhooks", "staff", "commands"):
        if path.name == "__init__.py" or "versions" in path.parts or path.name == "env.py":
            continue
        if not re.search(rf"`(?:[\w/]+/)?{re.escape(path.name)}`", text):
            missing.append(path.relative_to(ROOT).as_posix())
    assert missing == []


# --- names and docstrings


def test_no_file_name_stands_twice_in_the_rules_and_edges():
    names = Counter(
        path.name
        for path in _modules("triage", "webhooks", "staff")
        if path.name != "__init__.py" and "migrations" not in path.parts
    )
    assert [name for name, times in names.items() if times > 1] == []


def test_no_underscore_name_is_used_across_files():
    used = []
    for path in _modules(*PRODUCT):
        tree = _tree(path)
        imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom | ast.Import)]
        own = [node for node in imports if not (isinstance(node, ast.ImportFrom) and node.module == "__future__")]
        aliases = {(one.asname or one.name).split(".")[0] for node in own for one in node.names}
        where = path.relative_to(ROOT).as_posix()
        used += [f"{where}: {one.name}" for node in own for one in node.names if re.match(r"_(?!_)", one.name)]
        used += [
            f"{where}:{node.lineno}: {node.value.id}.{node.attr}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
            if node.value.id in aliases and node.value.id != "os" and re.match(r"_(?!_)", node.attr)
        ]
    assert used == []


def _packages() -> list[str]:
    rooms = sorted(path.name for path in (ROOT / "triage").iterdir() if (path / "__init__.py").is_file())
    return [*(f"triage/{room}" for room in rooms), "webhooks", "staff", "commands", "phone", "bench"]


@pytest.mark.parametrize("package", [*_packages(), "."])
def test_docstrings_of_functions_begin_with_a_verb(package):
    paths = [*ROOT.glob("*.py"), *(ROOT / "triage").glob("*.py")] if package == "." else _modules(package)
    told, offenders = 0, []
    for path in paths:
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.FunctionDef) and (says := ast.get_docstring(node)):
                told += 1
                if re.match(r"\w*", says)[0] not in VERBS:
                    offenders.append(f"{path.relative_to(ROOT)}:{node.lineno}: {says.splitlines()[0]}")
    assert len(offenders) <= (1 - LEAST_VERBS) * told, (
        f"{len(offenders)} of {told} docstrings begin with no verb of the list:\n" + "\n".join(offenders)
    )


def test_a_module_has_one_alias_everywhere():
    aliases: dict[str, set[str]] = {}
    for path in _modules(*PRODUCT):
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.ImportFrom) and node.module:
                for one in node.names:
                    if (ROOT / node.module.replace(".", "/") / f"{one.name}.py").is_file():
                        aliases.setdefault(f"{node.module}.{one.name}", set()).add(one.asname or one.name)
    assert {module: names for module, names in aliases.items() if len(names) > 1} == {}
