"""Draws the upper parts of two reports: what the demo has found, and the long life of a monitor that is made up."""

from __future__ import annotations

import tempfile
from pathlib import Path

from cdk_clarify_monitors_operations import ClarifyModelMonitor
from tests.support.browser import Browser

from .made_up_monitor import MadeUpMonitor
from .processes import ROOT

IMAGES = ROOT / "docs" / "images"
DEMO = ROOT / "build" / "demo" / "ModelBias.html"  # `make demo` writes it


def main() -> None:
    """Draw them."""
    monitor = MadeUpMonitor("ModelBias", 44)
    with tempfile.TemporaryDirectory() as folder, Browser() as browser:
        browser.open(DEMO, width=1100)
        (IMAGES / "demo.png").write_bytes(browser.picture(height=730))
        attached = ClarifyModelMonitor.attach(monitor.name, monitor.session)
        page, _ = attached.report(cache_directory=Path(folder) / "cache").save(Path(folder) / "report.html")
        browser.open(Path(page), width=1200)
        (IMAGES / "report.png").write_bytes(browser.picture(height=1730))


if __name__ == "__main__":
    main()
