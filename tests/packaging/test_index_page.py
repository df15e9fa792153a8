"""The page of the package index: with the repository's address filled in, its links lead into the repository."""

from __future__ import annotations

import email.parser
import re
import shutil
from email.message import Message
from pathlib import Path

import pytest
from hatchling.build import prepare_metadata_for_build_wheel

from hatch_build import with_absolute_links
from tests.support.pages import links
from tests.support.repository import ROOT

REPOSITORY = "https://github.com/owner/name"
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAINTAINERS = '[{ name = "The Maintainers", email = "maintainers@example.com" }]'


def built(folder: Path, monkeypatch: pytest.MonkeyPatch, *, repository: str, maintainers: str = "[]") -> Message:
    """The metadata that the build backend makes of what the project says about its publisher."""
    for name in ("README.md", "LICENSE", "hatch_build.py", "constructs/cdk_clarify_monitors/_version.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for name, value in {"repository": f'"{repository}"', "maintainers": maintainers}.items():
        settings, replaced = re.subn(rf"(?m)^{name} = .*$", f"{name} = {value}", settings)
        assert replaced == 1
    (folder / "pyproject.toml").write_text(settings, encoding="utf-8")
    monkeypatch.chdir(folder)
    metadata = folder / prepare_metadata_for_build_wheel(str(folder)) / "METADATA"
    return email.parser.Parser().parsestr(metadata.read_text(encoding="utf-8"))


@pytest.mark.parametrize("repository", [REPOSITORY, f"{REPOSITORY}/"])
def test_links_lead_to_the_files_of_the_release(
    repository: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    metadata = built(tmp_path, monkeypatch, repository=repository)
    page = tmp_path / "page.md"
    page.write_text(str(metadata.get_payload()), encoding="utf-8")
    found = links(page)
    assert [link for link in found if not link.startswith("https://")] == []
    of_the_release = rf"{REPOSITORY}/(blob|raw)/v{metadata['Version']}/(.+)"
    targets = {match.groups() for link in found if (match := re.fullmatch(of_the_release, link))}
    assert {path for view, path in targets if view == "raw"} == {"docs/images/demo.png"}
    assert {path for _, path in targets} == {link for link in links(ROOT / "README.md") if "://" not in link}
    assert len(targets) > 10


def test_the_index_is_told_who_publishes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    metadata = built(tmp_path, monkeypatch, repository=REPOSITORY, maintainers=MAINTAINERS)
    assert metadata["Maintainer-email"] == "The Maintainers <maintainers@example.com>"
    assert sorted(metadata.get_all("Project-URL", [])) == [
        f"Changelog, {REPOSITORY}/blob/main/CHANGELOG.md",
        f"Issues, {REPOSITORY}/issues",
        f"Source, {REPOSITORY}",
    ]


def test_without_a_repository_the_text_is_the_readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    metadata = built(tmp_path, monkeypatch, repository="")
    assert metadata.get_payload() == README
    assert metadata["Project-URL"] is metadata["Maintainer-email"] is None


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("[a](b.md)", "[a](R/blob/v1/b.md)"),
        ("[a](docs/b.md#c)", "[a](R/blob/v1/docs/b.md#c)"),
        ("[a\nb](c.md)", "[a\nb](R/blob/v1/c.md)"),
        ("![a](b.png)", "![a](R/raw/v1/b.png)"),
        ("[![a](b.png)](c.md)", "[![a](R/raw/v1/b.png)](R/blob/v1/c.md)"),
        ("[`a[0]`](b.md)", "[`a[0]`](R/blob/v1/b.md)"),
        ("[a](#b)", "[a](#b)"),
        ("[a](https://b.example/c)", "[a](https://b.example/c)"),
        ("[a](mailto:b@c.example)", "[a](mailto:b@c.example)"),
    ],
)
def test_only_links_to_files_are_made_absolute(markdown: str, expected: str) -> None:
    assert with_absolute_links(markdown, "R", "v1") == expected


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 110
