"""A description of every route for scanners, made from the program's own map; nothing of it is served."""

import re
from pathlib import Path
from typing import Any

from flask import Flask

from tests.security.hostile import FIELDS

FORMS = Path(__file__).parents[2] / "templates" / "staff"


def _fields() -> tuple[str, ...]:
    """Return what forms of the console carry, beside the session's token, as their pages have it."""
    pages = (page.read_text("utf-8") for page in FORMS.glob("*.html"))
    return tuple(sorted({name for page in pages for name in re.findall(r'\bname="([a-z_]+)"', page)} - {"csrf"}))


STAFF_FIELDS = _fields()
ARGUMENT = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")


def openapi(app: Flask, base: str) -> dict[str, Any]:
    """Return an OpenAPI document of all routes."""
    paths: dict[str, Any] = {}
    for rule in app.url_map.iter_rules():
        path = ARGUMENT.sub(r"{\2}", rule.rule)
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            paths.setdefault(path, {})[method.lower()] = _operation(rule.rule, method)
    return {
        "openapi": "3.0.3",
        "info": {"title": "The clinic line", "version": "1"},
        "servers": [{"url": base}],
        "paths": paths,
    }


def _operation(rule: str, method: str) -> dict[str, Any]:
    # So few that what is there is met, too; whatever lies beyond is tried all the same.
    known = {"int": {"type": "integer", "minimum": 0, "maximum": 4}}
    arguments = [
        {"name": name, "in": "path", "required": True, "schema": known.get(kind, {"type": "string", "minLength": 1})}
        for kind, name in ARGUMENT.findall(rule)
    ]
    operation: dict[str, Any] = {"parameters": arguments, "responses": {"default": {"description": "any"}}}
    if method == "POST":
        names = FIELDS if rule.startswith("/webhooks") else STAFF_FIELDS
        form = {"type": "object", "properties": {name: {"type": "string"} for name in names}}
        operation["requestBody"] = {"content": {"application/x-www-form-urlencoded": {"schema": form}}}
    else:
        operation["parameters"] += [
            {"name": name, "in": "query", "schema": {"type": "string"}} for name in ("show", "who", "request", "before")
        ]
    return operation
