"""What the build writes into the package's metadata: who publishes it, and a README whose links work elsewhere."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

# From `[` on, or where that text is a picture, from `]` on.
_LINK = re.compile(r"(?P<text>!?\[(?:`[^`]*`|[^\[\]`])*)?\]\((?!\w+:|#)(?P<path>[^()\s]+)\)")


class PublisherMetadata(MetadataHookInterface):
    """Derives the metadata from `[tool.cdk-clarify-monitors.publisher]`, which is empty until there is a repository."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the fields that pyproject.toml calls dynamic."""
        root = Path(self.root)
        settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
        publisher = settings["cdk-clarify-monitors"]["publisher"]
        repository = publisher["repository"].rstrip("/")
        readme = (root / "README.md").read_text(encoding="utf-8")
        if repository:
            readme = with_absolute_links(readme, repository, f"v{metadata['version']}")
        metadata["readme"] = {"content-type": "text/markdown", "text": readme}
        metadata["maintainers"] = publisher["maintainers"]
        metadata["urls"] = urls(repository) if repository else {}


def with_absolute_links(markdown: str, repository: str, tag: str) -> str:
    """Return the text with links to the repository's files of a tag; links within the text stay.

    Args:
        markdown: The text of a page at the repository's root.
        repository: The address of the repository on GitHub, without a slash at the end.
        tag: The tag whose files are linked, so that the page of a release shows the files of that release.
    """

    def absolute(link: re.Match[str]) -> str:
        text = link["text"] or ""
        view = "raw" if text.startswith("!") else "blob"
        return f"{text}]({repository}/{view}/{tag}/{link['path']})"

    return _LINK.sub(absolute, markdown)


def urls(repository: str) -> dict[str, str]:
    """Return the addresses that the package index shows beside the text."""
    return {
        "Source": repository,
        "Changelog": f"{repository}/blob/main/CHANGELOG.md",
        "Issues": f"{repository}/issues",
    }
