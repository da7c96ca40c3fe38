"""Topics and filters: what is accepted, what matches, what overlaps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.link import LinkSettingsError
from edge_agent.link.topic_filter import check_filter, check_topic, matches, overlap

levels = st.sampled_from(["a", "b", "$x", ""])
topics = st.lists(levels, min_size=1, max_size=4).map("/".join).filter(bool)
filters = st.builds(
    lambda parts, tail: "/".join([*parts, *tail]),
    st.lists(st.sampled_from(["a", "b", "+", "$x"]), min_size=1, max_size=3),
    st.sampled_from([[], ["#"]]),
)


@pytest.mark.parametrize(
    ("topic_filter", "topic", "expected"),
    [
        ("t/1/down", "t/1/down", True),
        ("t/1/down", "t/1/down/x", False),
        ("t/+/up/+", "t/1/up/hello", True),
        ("t/+/up/+", "t/1/up", False),
        ("t/#", "t", True),
        ("t/#", "t/1/down", True),
        ("#", "$SYS/broker", False),
        ("+/broker", "$SYS/broker", False),
        ("$SYS/#", "$SYS/broker", True),
        ("g/+", "g/", True),
        ("a/+/c", "a//c", True),
    ],
)
def test_matching_follows_the_standard(topic_filter: str, topic: str, *, expected: bool) -> None:
    """Examples of MQTT 3.1.1, section 4.7."""
    assert matches(topic_filter, topic) is expected


@given(one=filters, other=filters, topic=topics)
def test_filters_that_match_one_topic_overlap(one: str, other: str, topic: str) -> None:
    """Two filters that both match some topic are recognised as overlapping."""
    if matches(one, topic) and matches(other, topic):
        assert overlap(one, other)


@given(one=filters, other=filters)
def test_overlap_has_no_direction(one: str, other: str) -> None:
    """The order of the two filters does not matter, and each overlaps itself."""
    assert overlap(one, other) is overlap(other, one)
    assert overlap(one, one)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("t/1/down", "t/2/down", False),
        ("g/1/live", "g/1/order", False),
        ("t/+/up/+", "t/1/up/hello", True),
        ("g/1/#", "g/1", True),
        ("a/b", "a", False),
        ("a/+", "+/b", True),
    ],
)
def test_overlap_of_known_pairs(one: str, other: str, *, expected: bool) -> None:
    """Pairs that the product uses, and corner cases."""
    assert overlap(one, other) is expected


@pytest.mark.parametrize("bad", ["", "a/#", "a/+/b", "a\nb", "x" * 201, "a\x00"])
def test_topics_that_nobody_can_publish_to_are_refused(bad: str) -> None:
    """Wildcards, control characters, empty and overlong names are caught before the broker."""
    with pytest.raises(LinkSettingsError):
        check_topic(bad)


@pytest.mark.parametrize("bad", ["", "a/#/b", "a/b#", "a/b+", "a+/b", "a\x7f"])
def test_filters_that_no_broker_accepts_are_refused(bad: str) -> None:
    """A filter is checked where it is declared, not at each reconnect."""
    with pytest.raises(LinkSettingsError):
        check_filter(bad)
