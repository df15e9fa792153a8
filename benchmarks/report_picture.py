"""Draws docs/images/report.png: the upper part of the report of a monitor that is made up."""

from __future__ import annotations

import tempfile
from pathlib import Path

from cdk_clarify_monitors_operations import ClarifyModelMonitor
from tests.support.browser import Browser

from .made_up_monitor import MadeUpMonitor
from .processes import ROOT

IMAGE = ROOT / "docs" / "images" / "report.png"


def main() -> None:
    """Draw it."""
    monitor = MadeUpMonitor("ModelBias", 44)
    with tempfile.TemporaryDirectory() as folder, Browser() as browser:
        attached = ClarifyModelMonitor.attach(monitor.name, monitor.session)
        page, _ = attached.report(cache_directory=Path(folder) / "cache").save(Path(folder) / "report.html")
        browser.open(Path(page), width=1200)
        IMAGE.write_bytes(browser.picture(height=1730))


if __name__ == "__main__":
    main()
