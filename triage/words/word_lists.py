"""Reads the reviewed lists of words and phrases in this folder."""

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
    """One file of words: named tables, each of keys with their text, or with a list of phrases."""

    name: str
    tables: Mapping[str, Mapping[str, str | list[str]]]

    def words(self, table: str) -> dict[str, tuple[str, ...]]:
        """Return the words of each key of a table, which are parted by spaces."""
        return {key: tuple(self._text(table, key).split()) for key in self._table(table)}

    def meanings(self, table: str, between: str | None = None) -> dict[str, str]:
        """Return {"today": "today", "hoy": "today"} from `today = "today hoy"`; of a word listed twice the last.

        between: what parts the entries of a key, such as "|" in a table of phrases; None for spaces.
        """
        return {
            " ".join(entry.split()): key
            for key in self._table(table)
            for entry in self._text(table, key).split(between)
        }

    def patterns(self, gap: str = " ") -> dict[str, str]:
        """Return one alternation for each table that lists what it `says`: regular expressions, any of which will do.

        `{relative}` stands for any of the words of that key in the table `words`, a space for `gap`.
        """
        lists = {key: "|".join(words) for key, words in self.words("words").items()} if "words" in self.tables else {}
        return {
            table: "|".join(self._filled(table, one, lists) for one in self._says(table)).replace(" ", gap)
            for table, keys in self.tables.items()
            if "says" in keys
        }

    def _filled(self, table: str, says: str, lists: Mapping[str, str]) -> str:
        try:
            return re.sub(r"\{([a-z_]+)\}", lambda slot: f"(?:{lists[slot[1]]})", says)
        except KeyError as unknown:
            raise MalformedWords(
                f"{self.name}.toml: [{table}] speaks of {unknown}, a list that [words] lacks"
            ) from None

    def _table(self, table: str) -> Mapping[str, str | list[str]]:
        if table not in self.tables:
            raise MalformedWords(f"{self.name}.toml: the table [{table}] is missing")
        return self.tables[table]

    def _text(self, table: str, key: str) -> str:
        text = self._table(table)[key]
        if not isinstance(text, str):
            raise MalformedWords(f"{self.name}.toml: [{table}] {key} should be one text, not a list")
        return text

    def _says(self, table: str) -> list[str]:
        says = self._table(table)["says"]
        if not isinstance(says, list):
            raise MalformedWords(f"{self.name}.toml: [{table}] says should be a list of phrases")
        return says


@cache
def word_file(name: str, folder: Path = HERE) -> WordFile:
    """Read `name`.toml. Raises MalformedWords if it is no TOML, or holds anything but tables of texts and lists."""
    try:
        tables = tomllib.loads((folder / f"{name}.toml").read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise MalformedWords(f"{name}.toml: {problem}") from problem
    for table, keys in tables.items():
        if not isinstance(keys, dict):
            raise MalformedWords(f"{name}.toml: {table} stands outside any table")
        for key, value in keys.items():
            texts = value if isinstance(value, list) else [value]
            if not all(isinstance(text, str) and text.strip() for text in texts):
                raise MalformedWords(f"{name}.toml: [{table}] {key} should be text, or a list of texts")
    return WordFile(name, tables)


@cache
def listed(name: str) -> frozenset[str]:
    """Return the words of `name`.txt, whose lines that begin with "#" are comments."""
    lines = (HERE / f"{name}.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
