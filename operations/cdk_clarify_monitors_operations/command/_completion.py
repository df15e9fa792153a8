"""The subcommand `completion`."""

from __future__ import annotations

from typing import Final

import click
from click.shell_completion import get_completion_class

_PROGRAM: Final = "clarify-monitors"


@click.command("completion", short_help="Print what makes a shell complete names.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what makes a shell complete this command, and names of monitors with it.

    For bash, put into ~/.bashrc: eval "$(clarify-monitors completion bash)"; for zsh likewise; for fish:
    clarify-monitors completion fish > ~/.config/fish/completions/clarify-monitors.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 click has all three
    click.echo(kind(context.find_root().command, {}, _PROGRAM, "_CLARIFY_MONITORS_COMPLETE").source())
