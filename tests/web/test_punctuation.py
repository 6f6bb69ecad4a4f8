"""What stands behind a Chinese text on a page is Chinese punctuation."""

import re
from importlib.resources import files
from pathlib import Path

#: A text of both languages with a mark behind it that is right in English alone.
SPOILT = re.compile(r"t\('[^']*[一-鿿]'(?:, *'[^']*')?\)(?: *%[^}]*)? *}}[:;,]")


def test_the_mark_behind_a_text_of_both_languages_is_part_of_it():
    templates = list(Path(str(files("feewatch.web") / "templates")).rglob("*.html"))
    assert len(templates) > 50
    assert SPOILT.search("{{ t('大意', 'In short') }}: {{ text }}")
    spoilt = {
        path.name: hits
        for path in templates
        if (hits := SPOILT.findall(path.read_text(encoding="utf-8")))
    }
    assert spoilt == {}
