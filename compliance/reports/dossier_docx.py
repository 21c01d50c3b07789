"""The dossier as an editable Word document: what the PDF says, the same bytes for the same document."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from compliance.reports import canonical
from compliance.reports.dossier_view import view
from compliance.reports.printable import BREAK
from compliance.reports.word_template import LANGUAGE, template

# Everything that XML, or the template language after it, could read as a mark; then what XML cannot hold at all.
_MARKS = str.maketrans({mark: f"&#{ord(mark)};" for mark in "&<>\"'{}%#"})
_NOT_XML = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def build(doc: Mapping[str, Any]) -> bytes:
    """The Word document (.docx) of a canonical document. Everything in ``doc`` is text, never a mark nor a template."""
    read = canonical.plain(doc)
    shown = view(read)
    lines = shown["matrix"]["lines"]
    columns = shown["matrix"]["columns"]
    shown["cells"] = [(line, *pair) for line in lines for pair in zip(columns, line["cells"], strict=True)]
    shown["perimeters"] = [{**group, "items_": group["items"]} for group in shown["perimeters"]]
    word = DocxTemplate(io.BytesIO(template()))
    word.render({"d": _text(shown)}, _environment())
    day = date.fromisoformat(read["on"])
    _properties(word.docx.core_properties, f"{shown['title']}, {shown['candidate']}", day)
    stream = io.BytesIO()
    word.save(stream)
    return _dated(stream, day)


def _environment() -> SandboxedEnvironment:
    environment = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    environment.filters["lines"] = lambda items: Markup("\n").join(items)  # a line break in a cell
    return environment


def _text(value: Any) -> Any:
    """Every text of ``value``, written so that nothing after the template can take it for anything but text."""
    if isinstance(value, str):
        plain = _NOT_XML.sub("\ufffd", value.replace(BREAK, "")).replace("\n", " ").replace("\t", " ")
        return Markup(plain.translate(_MARKS))  # noqa: S704  # escaped on this line
    if isinstance(value, Mapping):
        return {key: _text(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_text(item) for item in value]
    return value


def _properties(properties: Any, title: str, day: date) -> None:
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    properties.title = _NOT_XML.sub("\ufffd", title.replace(BREAK, ""))[:255]
    properties.author = properties.last_modified_by = "Vigie"
    properties.comments = properties.keywords = properties.subject = ""
    properties.language, properties.revision = LANGUAGE, 1
    properties.created = properties.modified = moment


def _dated(stream: io.BytesIO, day: date) -> bytes:
    """The same package, its members dated at the day of the dossier and in the order of their writing."""
    out = io.BytesIO()
    with zipfile.ZipFile(stream) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            info = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
            info.create_system, info.external_attr = 3, 0o100644 << 16
            target.writestr(info, source.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()
