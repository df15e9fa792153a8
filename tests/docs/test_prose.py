"""The documentation can be read once: sentences are short, and phrases that needed a second reading stay away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.pages import PAGES, name_of, texts

MOST_WORDS = 30

UNCLEAR = re.compile(
    r"\b(?:(?:is|are|was|were) to be|and its kin|to the letter|next to nothing|is no one|in the way of|as good as)\b"
)


def _sentences(page: Path) -> Iterator[str]:
    for text in texts(page):
        yield from re.split(r"(?<=[.!?:;])[\"”)]*\s+", text)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_sentences_are_short(page: Path) -> None:
    assert [sentence for sentence in _sentences(page) if len(sentence.split()) > MOST_WORDS] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_phrases_that_need_a_second_reading_stay_away(page: Path) -> None:
    assert [sentence for sentence in _sentences(page) if UNCLEAR.search(sentence)] == []
