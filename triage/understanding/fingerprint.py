"""What the heads depend on, as hashes that a comment, a docstring, an import or a line break does not change."""

import ast
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from triage.understanding.branch import WEIGHTS
from triage.understanding.encoder import MADE_FROM, PACKAGES
from triage.understanding.phrase_files import ANSWERS, DANGERS, TOPICS, Phrase, read_phrases

HERE = Path(__file__).parent
REQUIREMENTS = HERE.parents[1] / "requirements.txt"
# The modules that decide the numbers. Folding is not among them: the phrases are hashed as it leaves them.
ENCODING = ("encoder", "branch", "word_pieces", "ngrams")
CODE = (*ENCODING, "heads", "quantise", "training")


def inputs() -> dict[str, str]:
    """Return a hash for each thing that the heads are fitted from."""
    return {
        "phrases": phrases_hash(*map(read_phrases, (TOPICS, DANGERS, ANSWERS))),
        "code": code_of(CODE),
        "encoder": _hash(pinned(PACKAGES, REQUIREMENTS.read_text(encoding="utf-8"))),
        "weights": weights_hash(),
    }


def code_of(modules: Iterable[str]) -> str:
    """Hash the code of modules of this folder, by their names."""
    return code_hash((HERE / f"{name}.py").read_text(encoding="utf-8") for name in modules)


def weights_hash() -> str:
    """Hash what tells of the encoder's weights: where they come from, and the hash of each file."""
    return _hash((WEIGHTS / MADE_FROM).read_text(encoding="utf-8"))


def other_weights() -> list[str]:
    """Return the files of the encoder's weights that are not those that were made, by name."""
    lines = (WEIGHTS / MADE_FROM).read_text(encoding="utf-8").splitlines()
    told = {name: digest for digest, name in (line.split("  ", 1) for line in lines) if " " not in name}
    files = {name: WEIGHTS / name for name in told}
    return [
        name
        for name, file in files.items()
        if not file.exists() or hashlib.sha256(file.read_bytes()).hexdigest() != told[name]
    ]


def phrases_hash(*sets: Sequence[Phrase]) -> str:
    """Hash what a fit reads of the phrases: their folded texts and labels, in order."""
    return _hash([[(phrase.folded, phrase.label) for phrase in phrases] for phrases in sets])


def code_hash(sources: Iterable[str]) -> str:
    """Hash the syntax trees of Python modules, without docstrings and imports."""
    return _hash([_shape(ast.parse(source)) for source in sources])


def pinned(packages: Iterable[str], requirements: str) -> dict[str, str]:
    """Return the versions of these packages in the text of a requirements file."""
    pins: Mapping[str, str] = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", requirements, re.MULTILINE))
    return {name: pins[name] for name in packages}


def _shape(node: Any) -> Any:
    """Return a syntax tree as lists and strings, without what is empty: that differs between versions of Python."""
    if isinstance(node, list):
        return [_shape(part) for part in node if not _is_silent(part)]
    if isinstance(node, ast.AST):
        fields = {name: _shape(value) for name, value in ast.iter_fields(node) if value is not None and value != []}
        return [type(node).__name__, fields]
    return repr(node)


def _is_silent(node: Any) -> bool:
    """Tell whether a statement computes nothing: a docstring or an import."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Import | ast.ImportFrom)


def _hash(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
