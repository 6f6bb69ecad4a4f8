"""The configuration: the example is complete and true, what is unknown is refused."""

import re
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from feewatch.config import Config, key_of, load_config
from feewatch.kernel.errors import InvalidInputError

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "config.example.toml"


def test_the_example_says_exactly_the_defaults():
    assert load_config(EXAMPLE) == Config(folder=ROOT)


def test_the_example_names_every_key():
    text = EXAMPLE.read_text(encoding="utf-8")
    named = dict(re.findall(r"^\[(\w+)\][^\n]*\n(.*?)(?=^\[|\Z)", text, re.MULTILINE | re.DOTALL))
    missing = [
        f"{section.name}.{each.name}"
        for section in fields(Config)
        if is_dataclass(section.type)
        for each in fields(section.type)
        if f"{key_of(each.name)} = " not in named.get(section.name, "")
        and f"[{section.name}.{each.name}]" not in text
    ]
    assert missing == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[office]\nnmae = 'x'\n", "office.nmae: unknown key nmae; allowed: name, district"),
        ("[web]\nport = '80'\n", "web.port: must be a whole number, not '80'"),
        (
            "[[publication.subscribers]]\nname = 'x'\n",
            "subscribers[1].url: url is missing",
        ),
        ("[check]\nengine = 'spark'\n", "check.engine: spark: database or duckdb"),
        ("[check]\nthreads = 0\n", "check.threads: 0: 1 at least"),
        ("office = 3\n", "office: must be a table, not 3"),
        ("[places]\n370702 = 1\n", "places.370702: must be text, not 1"),
        ("[office\n", "feewatch.toml: cannot be read"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, words):
    path = tmp_path / "feewatch.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInputError, match=words.replace("[", r"\[").replace("]", r"\]")):
        load_config(path)


def test_two_faults_are_both_named(tmp_path):
    path = tmp_path / "feewatch.toml"
    path.write_text("[office]\na = 1\n[web]\nport = true\n", encoding="utf-8")
    with pytest.raises(InvalidInputError) as refused:
        load_config(path)
    assert "office.a" in refused.value.text.en
    assert "web.port" in refused.value.text.en
