"""Reads the reviewed words and phrases of this folder."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent


class MalformedWords(ValueError):
    """A file of words that cannot be read; the message names the file and the place in it."""


@dataclass(frozen=True)
class WordFile:
    """One file of words: tables by name, each of them texts by key. How a text is parted depends on the reader."""

    name: str
    tables: Mapping[str, Mapping[str, str]]

    def words(self, table: str) -> dict[str, tuple[str, ...]]:
        """Return the words of each key of a table; they are parted by spaces and new lines."""
        return {key: tuple(text.split()) for key, text in self.texts(table).items()}

    def meanings(self, table: str) -> dict[str, str]:
        """Return the key by the word: `today = "today hoy"` as {"today": "today", "hoy": "today"}."""
        return {word: key for key, words in self.words(table).items() for word in words}

    def phrase_meanings(self, table: str) -> dict[str, str]:
        """Return the key by the phrase; phrases are parted by "|" and new lines."""
        return {
            " ".join(phrase.split()): key
            for key, text in self.texts(table).items()
            for phrase in re.split(r"[|\n]", text.strip())
        }

    def patterns(self, gap: str = " ") -> dict[str, str]:
        """Return one regular expression for each key of the table [says]: an alternation of its lines.

        `{relative}` in a line stands for any of the words of that key in the table [words], a space for `gap`.
        """
        lists = {}
        if "words" in self.tables:
            lists = {key: f"(?:{'|'.join(words)})" for key, words in self.words("words").items()}
        return {key: self._alternation(key, text.replace(" ", gap), lists) for key, text in self.texts("says").items()}

    def texts(self, table: str) -> Mapping[str, str]:
        """Return the texts of a table by key. Raises MalformedWords if there is no such table."""
        if table not in self.tables:
            raise MalformedWords(f"{self.name}.toml: there is no table [{table}]")
        return self.tables[table]

    def _alternation(self, key: str, text: str, lists: Mapping[str, str]) -> str:
        def filled(slot: re.Match[str]) -> str:
            if slot[1] not in lists:
                raise MalformedWords(f"{self.name}.toml: [says] {key} names {{{slot[1]}}}, which [words] does not list")
            return lists[slot[1]]

        pattern = re.sub(r"\{([a-z_]+)\}", filled, "|".join(text.strip().split("\n")))
        try:
            re.compile(pattern)
        except re.error as problem:
            raise MalformedWords(f"{self.name}.toml: [says] {key} is no regular expression: {problem}") from problem
        return pattern


@cache
def word_file(name: str, folder: Path = HERE) -> WordFile:
    """Read `name`.toml. Raises MalformedWords if it is no TOML, or holds anything but tables of texts."""
    try:
        tables = tomllib.loads((folder / f"{name}.toml").read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise MalformedWords(f"{name}.toml: {problem}") from problem
    for table, texts in tables.items():
        if not isinstance(texts, dict):
            raise MalformedWords(f"{name}.toml: {table} stands outside any table")
        for key, text in texts.items():
            if not isinstance(text, str) or not text.strip():
                raise MalformedWords(f"{name}.toml: [{table}] {key} should be words")
    return WordFile(name, tables)


@cache
def listed(name: str) -> frozenset[str]:
    """Return the words of `name`.txt, whose lines that begin with "#" are comments."""
    lines = (HERE / f"{name}.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
