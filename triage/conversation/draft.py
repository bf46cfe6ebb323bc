"""The draft of a call-back request: its four fields, how each stands, and what one message adds to them. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from triage.hours.window import Window
from triage.model.request import Flag


class Field(StrEnum):
    """What a call-back request needs to be known, in the order in which it is asked."""

    NAME = "name"
    NUMBER = "number"
    TIME = "time"
    TOPIC = "topic"


class FieldState(StrEnum):
    """How a field stands. Only an unknown one is asked for."""

    UNKNOWN = "unknown"
    GIVEN = "given"
    OFFERED = "offered"  # of a time: the nearest one was offered, since the wish lies outside opening hours
    CONFIRMED = "confirmed"  # read back and right, or the time that was offered was taken
    GIVEN_UP = "given_up"  # asked in vain, or not needed here


# Filling a field takes back what staff were told to ask.
ASK_LATER = {Field.NAME: Flag.ASK_NAME, Field.NUMBER: Flag.ASK_NUMBER, Field.TIME: Flag.ASK_TIME}


@dataclass(frozen=True)
class Found:
    """What one message tells of the fields; None where it says nothing.

    agreed: a time that was offered and taken. other_phone: the second of two numbers that were given. number_tried: a
    number was meant that could not be read; False where one was. number_doubted: the number as it stands is wrong.
    number_piece: digits of one that is not whole.
    """

    name: str | None = None
    phone: str | None = None
    window: Window | None = None
    said: str | None = None
    topic: str | None = None
    agreed: Window | None = None
    other_phone: str | None = None
    number_tried: bool | None = None
    number_doubted: bool | None = None
    number_piece: str | None = None

    @property
    def fields(self) -> frozenset[Field]:
        """Return the fields that it fills."""
        values = {
            Field.NAME: self.name, Field.NUMBER: self.phone, Field.TIME: self.window, Field.TOPIC: self.topic
        }  # fmt: skip
        return frozenset(one for one, value in values.items() if value is not None)

    def without(self, one: Field) -> "Found":
        gone = {Field.NAME: "name", Field.TOPIC: "topic"}[one]
        return replace(self, **{gone: None})

    def over(self, before: "Found") -> "Found":
        """Return both together; where both tell of a field, this one counts."""
        return replace(before, **{name: value for name, value in vars(self).items() if value is not None})


@dataclass(frozen=True)
class Draft:
    """A call-back request as far as it is known. Windows are in the clinic's zone, `phone` is E.164.

    wish: a call was asked for. said: the words that `window` was read from. agreed: the time that was offered instead
    of a wish that does not fit, and taken. asks: flags for staff, what the person must still be asked.
    number_doubted: the number that stood was wrong. number_tried: the last number that was meant could not
    be read; the sender's is not taken for it. number_piece: digits of one that comes over several turns of a call.
    lapsed: queued half-finished when its time was up. other_phone: a second number that they gave.
    """

    wish: bool = False
    name: str | None = None
    phone: str | None = None
    window: Window | None = None
    agreed: Window | None = None
    said: str | None = None
    topic: str | None = None
    states: Mapping[Field, FieldState] = field(default_factory=lambda: MappingProxyType({}))
    asks: frozenset[Flag] = frozenset()
    number_doubted: bool = False
    number_tried: bool = False
    lapsed: bool = False
    other_phone: str | None = None
    number_piece: str = ""

    def state(self, one: Field) -> FieldState:
        return self.states.get(one, FieldState.UNKNOWN)

    def asks_for(self, one: Field) -> bool:
        """Tell whether the field is still to be asked for."""
        return self.state(one) is FieldState.UNKNOWN

    def standing(self, *fields: Field, at: FieldState) -> "Draft":
        """Return the draft with these fields in that state; their values stay."""
        return replace(self, states=MappingProxyType(dict(self.states) | dict.fromkeys(fields, at)))

    def not_asking(self, *fields: Field) -> "Draft":
        """Return the draft in which these are asked for no more, though they may be unknown."""
        return self.standing(*(one for one in fields if self.asks_for(one)), at=FieldState.GIVEN_UP)

    def forgetting(self, *fields: Field) -> "Draft":
        """Return the draft in which these are asked for again."""
        return self.standing(*fields, at=FieldState.UNKNOWN)

    def asking_later(self, flags: Iterable[Flag]) -> "Draft":
        """Return the draft that has staff ask this."""
        return replace(self, asks=self.asks | frozenset(flags))

    def filled(self, found: Found) -> "Draft":
        """Return the draft with what was found; what is given need not be asked."""
        values = {name: value for name, value in vars(found).items() if value is not None}
        if found.window is not None:
            values["agreed"] = found.agreed
        if found.phone is not None:
            values["number_piece"] = ""
            if found.phone != self.phone:
                values["other_phone"] = found.other_phone
        if self.other_phone and self.said and found.said and found.said != self.said:
            # Which number is which stands in the words that came first.
            values["said"] = f"{self.said} / {found.said}"
        states = dict(self.states) | {one: self._given(one, found) for one in found.fields}
        if found.number_tried:
            states[Field.NUMBER] = FieldState.UNKNOWN
        asks = self.asks - {ASK_LATER[one] for one in found.fields if one in ASK_LATER}
        return replace(self, **values, states=MappingProxyType(states), asks=asks)

    def _given(self, one: Field, found: Found) -> FieldState:
        same_number = one is Field.NUMBER and found.phone == self.phone and not self.asks_for(one)
        return self.state(one) if same_number else FieldState.GIVEN

    def without_wish(self) -> "Draft":
        """Return what is known of a person whose wish for a call is gone, should it come back."""
        values = {Field.NAME: self.name, Field.TOPIC: self.topic}
        kept = {one: self.state(one) for one, value in values.items() if value}
        return Draft(name=self.name, phone=self.phone, topic=self.topic, states=MappingProxyType(kept))

    def is_changed_by(self, found: Found) -> bool:
        """Tell whether something in it is new; a time that is said again in other words is not."""
        told = {name: value for name, value in vars(found).items() if value is not None and name != "said"}
        return any(getattr(self, name) != value for name, value in told.items())
