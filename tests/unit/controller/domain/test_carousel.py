"""The carousel: merged requests, spared links, nothing sent that nobody wants."""

from dataclasses import dataclass, field
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from controller.domain.carousel import Carousel, Portion, bits, cover
from controller.domain.pace import Pace

A = "a" * 64
B = "b" * 64
PROVINCE = ("p",)
EAST = ("p", "c1", "h1")
WEST = ("p", "c1", "h2")
FAR = ("p", "c2", "h3")
BLOCK = 32_768


def name(number: int) -> UUID:
    return UUID(int=number)


def taken(carousel: Carousel, now: float, most: int = 1000) -> list[Portion]:
    """Take portions that are due at one instant, as if each were sent in no time."""
    found: list[Portion] = []
    while len(found) < most and isinstance(portion := carousel.next(now), Portion):
        carousel.sent(portion, BLOCK, now)
        found.append(portion)
    return found


def test_one_publication_serves_all_who_want_a_block() -> None:
    """Two terminals of one hamlet get each block once, on their hamlet's group."""
    carousel = Carousel(Pace(first_bytes_s=1e9))
    for number in (1, 2):
        carousel.ask(name(number), EAST, A, 0b111, 5, 0.0)
    portions = taken(carousel, 0.0)
    assert [portion.index for portion in portions] == [0, 1, 2]
    assert {portion.areas for portion in portions} == {("h1",)}
    assert all(set(portion.terminals) == {name(1), name(2)} for portion in portions)


def test_the_lowest_common_area_is_used() -> None:
    """Terminals of two hamlets share their commune's group, of two communes the province's."""
    assert list(cover((EAST, WEST), (EAST, WEST))) == ["c1"]
    assert list(cover((EAST, FAR), (EAST, FAR))) == ["p"]
    assert list(cover((EAST, PROVINCE), (EAST, PROVINCE))) == ["p"]


def test_links_of_those_who_want_something_else_are_spared() -> None:
    """Where most who listen want something else, smaller areas get their own publication."""
    others = tuple(("p", f"c{number}", "h") for number in range(3, 12))
    assert list(cover((EAST, WEST, FAR), (EAST, WEST, FAR, *others))) == ["c1", "h3"]


def test_a_single_terminal_gets_its_blocks_alone() -> None:
    """What one terminal wants goes to itself, not to a group."""
    carousel = Carousel(Pace())
    carousel.ask(name(1), EAST, A, 0b1, 5, 0.0)
    (portion,) = taken(carousel, 0.0)
    assert portion.areas == ()
    assert portion.terminals == (name(1),)


def test_what_is_needed_sooner_goes_first() -> None:
    """Urgent recordings overtake bulk ones."""
    carousel = Carousel(Pace())
    carousel.ask(name(1), EAST, A, 0b1, 900, 0.0)
    carousel.ask(name(2), WEST, B, 0b1, 100, 0.0)
    assert [portion.rendition for portion in taken(carousel, 0.0)] == [B, A]


def test_asking_again_for_what_is_on_its_way_sends_nothing() -> None:
    """A terminal that asks before a block can have arrived does not get it twice."""
    carousel = Carousel(Pace())
    carousel.ask(name(1), EAST, A, 0b11, 5, 0.0)
    assert len(taken(carousel, 0.0)) == 2
    carousel.ask(name(1), EAST, A, 0b11, 5, 0.5)
    assert taken(carousel, 0.5) == []
    carousel.ask(name(1), EAST, A, 0b10, 5, 60.0)
    assert [portion.index for portion in taken(carousel, 60.0)] == [1]


def test_a_terminal_that_says_nothing_gets_no_more_than_its_window() -> None:
    """Without a word from the terminal the sender stops, however long it waits."""
    carousel = Carousel(Pace(first_window=4 * BLOCK))
    carousel.ask(name(1), EAST, A, bits([(0, 100)], 100), 5, 0.0)
    sent = sum(len(taken(carousel, now / 10)) for now in range(1500))
    assert sent == 4


def test_a_silent_terminal_does_not_hold_up_the_others() -> None:
    """Two who have gone away cost the third no more than five seconds."""
    carousel = Carousel(Pace(first_window=4 * BLOCK))
    for number in (1, 2, 3):
        carousel.ask(name(number), EAST, A, bits([(0, 100)], 100), 5, 0.0)
    now, missing = 0.0, bits([(0, 100)], 100)
    while missing and now < 60:
        for portion in taken(carousel, now):
            missing &= ~(1 << portion.index)
        now += 0.1
        carousel.ask(name(3), EAST, A, missing, 5, now)
    assert not missing
    assert now < 15


def test_a_thin_link_is_learned() -> None:
    """What is on its way to a slow terminal shrinks to what its link takes in four seconds."""
    carousel, pace = Carousel(Pace()), Pace()
    link = _Link(rate=8_000.0)
    missing = bits([(0, 84)], 84)
    carousel.ask(name(1), EAST, A, missing, 5, 0.0)
    longest_queue = 0.0
    now = 0.0
    while missing and now < 1000:
        for portion in taken(carousel, now):
            link.send(portion.index, now)
        arrived = link.arrived(now)
        missing &= ~arrived
        if now > 120:
            longest_queue = max(longest_queue, link.queue_s(now))
        if arrived or int(now * 10) % 35 == 0:
            carousel.ask(name(1), EAST, A, missing, 5, now)
        now += 0.1
    assert not missing
    assert link.sent_twice == 0
    assert longest_queue <= pace.least_window / 8_000 + 6


def test_held_back_areas_get_only_what_is_needed_at_once() -> None:
    """During an emergency bulk waits in its area, and nowhere else."""
    carousel = Carousel(Pace())
    carousel.hold_back(("c1",), 30.0)
    carousel.ask(name(1), EAST, A, 0b1, 5, 0.0)
    carousel.ask(name(2), FAR, A, 0b1, 5, 0.0)
    carousel.ask(name(3), EAST, B, 0b1, 0, 0.0)
    first = taken(carousel, 0.0)
    assert {portion.rendition for portion in first} >= {B}
    held = [portion for portion in first if portion.terminals == (name(1),)]
    assert not held
    assert taken(carousel, 31.0) or carousel.idle or carousel.missing(name(1), A) == 0


def test_everything_together_is_paced() -> None:
    """All terminals together get no more bytes in a second than is allowed."""
    pace = Pace(all_bytes_s=10 * BLOCK, most_window=1000 * BLOCK, first_window=1000 * BLOCK)
    carousel = Carousel(pace)
    for number in range(5):
        carousel.ask(name(number), EAST, A, bits([(0, 100)], 100), 5, 0.0)
    deliveries = 0
    for step in range(101):
        deliveries += sum(len(portion.terminals) for portion in taken(carousel, step / 10))
    assert deliveries <= 10 * 10 + 10


def test_forgetting_a_terminal_ends_what_it_wanted() -> None:
    """Nothing more is sent to a terminal that moved or left."""
    carousel = Carousel(Pace())
    carousel.ask(name(1), EAST, A, 0b111, 5, 0.0)
    carousel.forget(name(1))
    assert carousel.idle
    assert carousel.next(0.0) is None


def test_a_request_that_is_not_repeated_is_forgotten() -> None:
    """A terminal that has gone for good leaves nothing behind."""
    carousel = Carousel(Pace(first_window=BLOCK))
    carousel.ask(name(1), EAST, A, 0b111, 5, 0.0)
    taken(carousel, 0.0)
    assert isinstance(carousel.next(100.0), float)
    assert carousel.next(200.0) is None


@given(st.lists(st.tuples(st.integers(0, 2**40), st.integers(0, 2**40)), max_size=8))
def test_ranges_name_only_blocks_that_exist(ranges: list[tuple[int, int]]) -> None:
    """Whatever a terminal asks for, only blocks of the recording are meant."""
    found = bits(ranges, 90)
    for index in range(100):
        wanted = index < 90 and any(first <= index < end for first, end in ranges)
        assert bool(found >> index & 1) == wanted


@dataclass
class _Link:
    """A queue that drains at so many bytes a second."""

    rate: float
    done_at: float = 0.0
    coming: list[tuple[float, int]] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    sent_twice: int = 0

    def send(self, index: int, now: float) -> None:
        self.sent_twice += index in self.seen
        self.seen.add(index)
        self.done_at = max(self.done_at, now) + BLOCK / self.rate
        self.coming.append((self.done_at, index))

    def arrived(self, now: float) -> int:
        found = sum(1 << index for at, index in self.coming if at <= now)
        self.coming = [one for one in self.coming if one[0] > now]
        return found

    def queue_s(self, now: float) -> float:
        return max(0.0, self.done_at - now)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([EAST, WEST, FAR]),
            st.sampled_from([A, B]),
            st.integers(1, 2**24 - 1),
            st.floats(8_000, 4_000_000),
        ),
        min_size=1,
        max_size=6,
    ),
    st.floats(0, 0.3),
    st.randoms(use_true_random=False),
)
def test_everybody_gets_everything_and_nothing_else(
    wanted: list[tuple[tuple[str, ...], str, int, float]], loss: float, random: object
) -> None:
    """Whatever is wanted on whatever links, with losses: all of it arrives, none unasked.

    A block goes to a terminal at most once between two words of it.
    """
    carousel = Carousel(Pace())
    draw = getattr(random, "random")  # noqa: B009 - hypothesis gives an untyped Random
    missing = {name(n): mask for n, (_, _, mask, _) in enumerate(wanted)}
    links = {name(n): _Link(rate) for n, (_, _, _, rate) in enumerate(wanted)}
    spoke = dict.fromkeys(missing, -100.0)
    open_blocks = dict.fromkeys(missing, 0)
    now = 0.0
    while any(missing.values()):
        assert now < 3600, "it never ends"
        for n, (chain, rendition, _, _) in enumerate(wanted):
            terminal = name(n)
            arrived = links[terminal].arrived(now)
            missing[terminal] &= ~arrived
            if not missing[terminal]:
                if spoke[terminal] < 1e9:
                    carousel.finished(terminal, rendition, now)
                    spoke[terminal] = 1e9
                    open_blocks[terminal] = 0
            elif now - spoke[terminal] >= 3.0 or arrived.bit_count() >= 4:
                carousel.ask(terminal, chain, rendition, missing[terminal], n, now)
                open_blocks[terminal] = missing[terminal]
                spoke[terminal] = now
        for portion in taken(carousel, now):
            assert portion.terminals
            for terminal in portion.terminals:
                assert wanted[terminal.int][1] == portion.rendition
                assert open_blocks[terminal] >> portion.index & 1, "not asked for, or sent since"
                open_blocks[terminal] &= ~(1 << portion.index)
                if draw() >= loss:
                    links[terminal].send(portion.index, now)
        now += 0.25
    assert carousel.idle
