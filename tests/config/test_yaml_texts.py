"""YAML in C is that of OmegaConf."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from swarmhydra.config.yaml_texts import read_yaml, written_yaml

texts = st.one_of(
    st.text(max_size=120),
    st.text(alphabet="aé– ,.:'\"#-19e+[{&*!|>%@`~", max_size=150),
    st.sampled_from(["1e5", "yes", "null", "~", "1_0", "0x1f", "12:30", "2026-01-31", ".5", "-"]),
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text("abcé ", min_size=1), inner, max_size=4),
    ),
    max_leaves=12,
)


def interpolates(value: object) -> bool:
    return "${" in repr(value) or "???" in repr(value)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.dictionaries(st.text("abc", min_size=1), values, max_size=4))
def test_texts_are_written_to_the_byte_and_read_exactly(plain: dict[str, object]) -> None:
    if interpolates(plain):
        return
    text = written_yaml(plain)
    assert text == OmegaConf.to_yaml(OmegaConf.create(plain))
    assert written_yaml(plain, sort_keys=True) == OmegaConf.to_yaml(
        OmegaConf.create(plain), sort_keys=True
    )
    try:
        expected = OmegaConf.to_container(OmegaConf.create(text))
    except yaml.YAMLError:
        with pytest.raises(yaml.YAMLError):
            read_yaml(text)
    else:
        assert read_yaml(text) == expected


@pytest.mark.parametrize("text", ["1e5", "1e-3", "yes", "0x1f", "2026-01-31", "12:30", "~", "1_0"])
def test_scalars_are_what_omegaconf_takes_them_for(text: str) -> None:
    assert read_yaml(f"a: {text}") == OmegaConf.to_container(OmegaConf.create(f"a: {text}"))


def test_a_key_that_stands_twice_is_refused() -> None:
    with pytest.raises(yaml.YAMLError, match="duplicate key b"):
        read_yaml("a: 1\nb: 2\nb: 3\n")


BOMB = "a0: &a0 [x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30)
)
"""Of 2 kB, and 1e29 values."""


@pytest.mark.parametrize(
    "text", [BOMB, "a: &a [*a]", "a: &a {b: *a}", "[" * 400 + "]" * 400, "[" * 100_000]
)
def test_what_a_few_letters_make_endless_is_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        read_yaml(text)


def test_aliases_of_a_reasonable_size_are_read() -> None:
    assert read_yaml("a: &a [1, 2]\nb: [*a, *a]\n") == {"a": [1, 2], "b": [[1, 2], [1, 2]]}
