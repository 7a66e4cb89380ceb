"""The words of a command line in the order that Hydra takes them."""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Sequence

from hydra._internal.utils import get_args_parser

from swarmhydra.config.ranges import ConfigError

_OPTIONS_WITH_A_VALUE = (
    *("--config-path", "-cp", "--config-name", "-cn", "--config-dir", "-cd"),
    *("--package", "-p", "--experimental-rerun", "--cfg", "-c"),
)
"""Options of Hydra that the next word belongs to."""


def options_first(words: Sequence[str]) -> list[str]:
    """The words with options before settings, in any order of which users may type them.

    Parameters
    ----------
    words : sequence of str
        What was typed after the name of the program.

    Raises
    ------
    ConfigError
        If there is no such option, or one lacks its value.
    """
    options: list[str] = []
    settings: list[str] = []
    remaining = iter(words)
    for word in remaining:
        if word in _OPTIONS_WITH_A_VALUE:
            value = list(itertools.islice(remaining, 1))
            # One that lacks its value stays last, so that no setting is taken for it.
            (options if value else settings).extend([word, *value])
        else:
            (options if word.startswith("-") else settings).append(word)
    _refuse_unknown(options + settings)
    return options + settings


def _refuse_unknown(words: list[str]) -> None:
    """Refuse options that Hydra does not have; it would answer with the whole of its usage."""
    parser = get_args_parser()
    parser.exit_on_error = False
    try:
        _, unknown = parser.parse_known_args(words)
        if unknown:
            raise ConfigError(
                f"{unknown[0]}: no such option; expected one of those that --hydra-help lists"
            )
    except argparse.ArgumentError as error:
        raise ConfigError(f"{error}; --hydra-help lists all options") from error
