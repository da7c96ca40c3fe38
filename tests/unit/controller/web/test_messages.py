"""Every code has its sentence in both languages."""

import re
from pathlib import Path

import pytest

from controller.domain.errors import ErrorCode
from controller.services.objections import Caution
from controller.web.call import Language
from controller.web.messages import MESSAGES, sentence
from controller.web.messages_airing import REASONS, reason_text
from edge_agent.core.airing import Reason
from media.errors import Code

WEB = Path(__file__).parents[4] / "controller" / "web"
CODES = [code.value for kind in (ErrorCode, Code, Caution) for code in kind]


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_sentence(code: str) -> None:
    """What the controller or the media library refuses is said in words."""
    assert code in MESSAGES


def test_codes_written_in_the_web_layer_have_sentences() -> None:
    """So have the codes that only the web layer gives."""
    texts = [file.read_text(encoding="utf-8") for file in WEB.rglob("*.py")]
    written = {code for text in texts for code in re.findall(r'BodyError\("(\w+)"', text)}
    written |= {code for text in texts for code in re.findall(r'refuse\(\w+, \d+, "(\w+)"', text)}
    written |= {"bad_request", "not_found", "method_not_allowed", "too_large"}
    assert written - MESSAGES.keys() == set()
    assert {"not_json", "unknown_host", "internal"} <= written


@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_sentences_are_whole(code: str) -> None:
    """Two different sentences, each ended, with the same places; no word of the machine room."""
    vietnamese, english = MESSAGES[code]
    assert vietnamese != english
    assert vietnamese.endswith(".")
    assert english.endswith(".")
    assert set(re.findall(r"{\w+}", vietnamese)) == set(re.findall(r"{\w+}", english))
    assert not re.search(r"terminal|mqtt|rundown|payload|json", vietnamese, re.IGNORECASE)


def test_places_are_filled_or_left_out() -> None:
    """A place gets its value; without one it goes, brackets and all."""
    assert "xyz" in sentence("internal", Language.VIETNAMESE, {"incident": "xyz"})
    full = {"title": "Tin", "time": "05:30", "day": "24/11/2026"}
    assert "(Tin, 05:30 24/11/2026)" in sentence("overlap", Language.ENGLISH, full)
    for known in ({}, {"title": "Tin"}):
        bare = sentence("overlap", Language.ENGLISH, known)
        assert bare == "Another announcement sounds at that time. Choose another time."


def test_an_unknown_code_is_still_answered() -> None:
    """A code that nobody foresaw gives a sentence that names it."""
    assert "brand_new" in sentence("brand_new", Language.ENGLISH, {})


@pytest.mark.parametrize("reason", [one.value for one in Reason if one])
def test_every_reason_of_a_terminal_has_words(reason: str) -> None:
    """The diary says in words why a loudspeaker sounded less than was asked."""
    assert reason in REASONS
    assert reason_text(reason, vietnamese=True) != reason


def test_no_reason_has_no_words() -> None:
    """What sounded in full has no reason; what a newer terminal says is shown as it is."""
    assert reason_text(None, vietnamese=True) is None
    assert reason_text("", vietnamese=True) is None
    assert reason_text("too_windy", vietnamese=False) == "too_windy"
