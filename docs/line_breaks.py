"""A hook of MkDocs: long code and long addresses may break between their parts, not in the middle of a word.

The search has the text without it: its index is made before.
"""

from __future__ import annotations

import re

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.pages import Page

_CONTENT = re.compile(r"<article.*?</article>", re.DOTALL)
# Blocks are left alone: they scroll.
_CODE = re.compile(r"<pre.*?</pre>|<code[^>]*>.*?</code>|(?<=>)https://[^<]+(?=</a>)", re.DOTALL)
_EXTENSION = r"\.(?:csv|html|ipynb|joblib|js|json|jsonl|lock|md|parquet|pdf|png|py|svg|toml|txt|ya?ml)\b"
# Behind a slash or an equals sign, before a dot or a parenthesis.
_PLACE = re.compile(rf"(?<=\w[/=])(?=[\w$])|(?<=\w)(?!{_EXTENSION})(?=[.(]\w)")


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Mark the places."""
    return _CONTENT.sub(lambda content: _CODE.sub(_broken, content[0]), output)


def _broken(code: re.Match[str]) -> str:
    return code[0] if code[0].startswith("<pre") else re.sub(r"(?<=>)[^<]+|^[^<]+", _mark, code[0])


def _mark(text: re.Match[str]) -> str:
    return _PLACE.sub("<wbr>", text[0])
