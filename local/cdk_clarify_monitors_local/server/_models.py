"""The files of the models that are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


class ModelFiles(Mapping[str, str]):
    """The joblib file of each model, by the model's name. It may grow at any time.

    Args:
        files: The files that are known from the start.
    """

    def __init__(self, files: Mapping[str, str] | None = None) -> None:
        self._files = dict(files or {})
        self._logical_ids: dict[str, str] = {}

    def add(self, files: Mapping[str, str]) -> None:
        """Make more files known."""
        self._files = {**self._files, **files}

    def also_called(self, name: str, logical_id: str) -> None:
        """Let the file of a model be found by its logical id in a template, too: its name may be a generated one."""
        self._logical_ids = {**self._logical_ids, name: logical_id}

    def how_to_name(self, name: str) -> str:
        """Return what to say of a model that has no file."""
        called = self._logical_ids.get(name, name)
        return (
            f"The model '{name}' has no file in the embedded AWS: name one with `clarify-local … --model "
            f"{called}=FILE` or `aws.add_model('{called}', FILE)`."
        )

    def __getitem__(self, name: str) -> str:
        """Return a model's file."""
        if name in self._files:
            return self._files[name]
        return self._files[self._logical_ids[name]]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the models that have a file."""
        yield from self._files
        yield from (
            name
            for name, logical_id in self._logical_ids.items()
            if logical_id in self._files and name not in self._files
        )

    def __len__(self) -> int:
        """Return how many models have a file."""
        return sum(1 for _ in self)
