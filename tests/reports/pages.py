"""Pages as a browser reads them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

LOADS = {"script", "iframe", "object", "embed", "link", "base", "form", "audio", "video"}


@dataclass
class Page(HTMLParser):
    """What a page shows, links to and loads."""

    path: Path
    text: str = ""
    links: list[str] = field(default_factory=list)
    images: list[tuple[str, str]] = field(default_factory=list)
    narrow: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    jsonld: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    _inside: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.source = self.path.read_text("utf-8")
        self.feed(self.source)
        self.close()
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note links and pictures; anything that runs or loads is a fault."""
        values = {name: value or "" for name, value in attrs}
        self._inside = tag
        self.ids += [values["id"]] if "id" in values else []
        if tag == "script" and values == {"type": "application/ld+json"}:  # data, which no browser runs
            self._inside = "data"
        elif tag in LOADS:
            self.faults.append(f"<{tag}>")
        self.faults += [f"<{tag} {name}>" for name in values if name.startswith("on")]
        if tag == "a":
            self.links.append(values["href"])
        elif tag == "img":
            self.images.append((values["src"], values.get("alt", "")))
        elif tag == "source" and set(values) == {"media", "srcset"}:  # the same picture for a narrow screen
            self.narrow.append(values["srcset"])
        elif tag == "source" or "src" in values or "srcset" in values:
            self.faults.append(f"<{tag} {' '.join(values)}>")

    def handle_data(self, data: str) -> None:
        """Collect what a reader sees; style sheets are looked at for what they load."""
        if self._inside == "data":
            self.jsonld.append(data)
        elif self._inside == "style":
            self.faults += [word for word in ("@import", "url(", "http:", "https:") if word in data]
        else:
            self.text += data + " "

    def handle_endtag(self, tag: str) -> None:
        """What follows a style sheet is seen again."""
        self._inside = ""

    @property
    def broken(self) -> list[str]:
        """Links and pictures beside the page that are not there; web addresses may only be linked to."""
        bad = [link for link in self.links if urlsplit(link).scheme not in ("", "http", "https")]
        local = [link for link in self.links if urlsplit(link).scheme == ""] + self.narrow
        local += [src for src, _ in self.images]
        bad += [link for link in local if link.startswith("#") and link[1:] not in self.ids]
        return bad + [link for link in local if not (self.path.parent / link.partition("#")[0]).exists()]


def pages(folder: Path) -> dict[str, Page]:
    """Every page of a report by its address."""
    return {path.relative_to(folder).as_posix(): Page(path) for path in sorted(folder.rglob("*.html"))}


def sound(folder: Path) -> dict[str, Page]:
    """The pages of a report, each of which loads nothing, leads nowhere wrong and describes its pictures."""
    found = pages(folder)
    for name, page in found.items():
        assert page.faults == [], name
        assert page.broken == [], name
        assert all(len(alt) > 30 for _, alt in page.images), name
        assert all(urlsplit(src).scheme == "" for src in [*page.narrow, *(src for src, _ in page.images)]), name
        assert 'lang="en"' in page.source, name
        assert len(page.ids) == len(set(page.ids)), name
        assert len(page.source.encode()) < (500_000 if name == "index.html" else 1_500_000), name
    return found


def digests(folder: Path) -> dict[str, str]:
    """The hash of every file."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
