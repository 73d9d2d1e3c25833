"""CBP nationwide drug seizures: fentanyl by month, component and area."""

from __future__ import annotations

import calendar
import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pandas as pd

from ...errors import DataError
from .sheet import Sheet, read

_MONTHS = {name.lower(): f"{n:02d}" for n, name in enumerate(calendar.month_abbr) if name}
_COMPONENTS = {"office of field operations": "ofo", "u.s. border patrol": "usbp", "us border patrol": "usbp"}
_REGIONS = {
    "southwest border": "southwest-border",
    "northern border": "northern-border",
    "coastal/interior": "coastal-interior",
}
_FILTERS = {"land only": "land-only", "other": "other"}
_KEY = ("fy", "month_abbv", "component", "region", "land_filter", "area_of_responsibility")


def normalise(content: bytes) -> tuple[Sheet, pd.DataFrame]:
    """The figure table `cbp-seizures`; fiscal months become calendar months.

    Raises
    ------
    DataError
        Naming line and column of the first cell that cannot be.
    """
    sheet = read(content)
    sheet.require(*_KEY, "drug_type", "count_of_event", "sum_qty_lbs")
    drugs = sheet.column("drug_type")
    fentanyl = drugs.str.lower() == "fentanyl"
    sheet.left_out = sorted(drugs[~fentanyl].unique())
    sheet.keep(fentanyl)
    label = sheet.column("fy").str.extract(r"^(20[0-9][0-9])\s*(\(FYTD\))?$")
    sheet.fail("fy", label[0].isna(), "it must be a fiscal year, as 2025 or 2026 (FYTD)")
    year, running = label[0].astype("int64"), label[1].notna()
    month = sheet.mapped("month_abbv", _MONTHS, "it must be a month, as JAN")
    area = sheet.column("area_of_responsibility").str.title()
    sheet.fail("area_of_responsibility", area == "", "it must name a field office or sector")
    frame = pd.DataFrame(
        {
            "fiscal_year": year,
            "month": (year - (month >= "10")).astype(str) + "-" + month,
            "component": sheet.mapped(
                "component", _COMPONENTS, "it must be Office of Field Operations or Border Patrol"
            ),
            "region": sheet.mapped("region", _REGIONS, "it must be one of the three regions"),
            "land_filter": sheet.mapped("land_filter", _FILTERS, "it must be Land Only or Other"),
            "area_of_responsibility": area,
            "events": sheet.whole("count_of_event", ()),
            "pounds": sheet.decimal("sum_qty_lbs", ()).round(6),
            "source_file_vintage": "",
            "status": running.map({True: "open", False: "closed"}),
        }
    )
    sheet.text = sheet.text.assign(fy=year.astype(str), area_of_responsibility=area)
    sheet.unique(*_KEY)
    frame["source_file_vintage"] = sheet.stamp = _file(frame)
    key = ["fiscal_year", "month", "component", "region", "land_filter", "area_of_responsibility"]
    return sheet, frame.sort_values(key).reset_index(drop=True)


def link(page: str, url: str) -> str:
    """The address of the newest nationwide file that the publisher's page links to.

    Raises
    ------
    DataError
        If it links to none.

    Examples
    --------
    >>> page = '<a href="/a/nationwide-drugs-fy23-fy26-apr.csv">CSV</a> <a href="/a/nationwide-drugs-fy20-fy23.csv">CSV</a>'
    >>> link(page, "https://www.cbp.gov/document/stats")
    'https://www.cbp.gov/a/nationwide-drugs-fy23-fy26-apr.csv'
    """
    found = _Links(url)
    found.feed(page)
    if not found.files:
        raise DataError("the page links to no nationwide-drugs CSV; download it by hand and use --from")
    return max(found.files)[-1]


class _Links(HTMLParser):
    """The nationwide files of a page, each as its last fiscal year, its month within that year, and its address."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.files: list[tuple[int, int, str]] = []
        self._url = url

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href") if tag == "a" else None
        name = r"nationwide-drugs?-fy\d\d-fy(\d\d)(?:-([a-z]{3}))?[\w-]*\.csv"
        if href and (match := re.search(name, href.rpartition("/")[2], re.IGNORECASE)):
            months = [month.lower() for month in calendar.month_abbr]
            month = (
                months.index(match[2].lower()) if (match[2] or "").lower() in months[1:] else 9
            )  # a whole year ends there
            address = urljoin(self._url, href)
            if urlsplit(address).hostname == urlsplit(self._url).hostname:
                self.files.append((int(match[1]), (month - 10) % 12, address))


def _file(frame: pd.DataFrame) -> str:
    """The file as CBP names it, from what it holds: fy23-fy26-apr."""
    name = f"fy{frame['fiscal_year'].min() % 100:02d}-fy{frame['fiscal_year'].max() % 100:02d}"
    if (frame["status"] == "open").any():
        name += f"-{calendar.month_abbr[int(frame['month'].max()[5:])].lower()}"
    return name
