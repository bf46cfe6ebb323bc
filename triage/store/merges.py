"""Who turned out to be one person under two phones: links that are made and undone, and change nothing of either."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, or_, select, update

from triage.store.tables import merges, staff

columns = merges.c


@dataclass(frozen=True)
class Merge:
    """`other_id` goes on as `kept_id`. closed_other: whether it was open until then. `by` is a login."""

    id: int
    kept_id: int
    other_id: int
    kept_person_id: int
    other_person_id: int
    closed_other: bool
    made_at: datetime
    by: str


def make(
    db: Connection, kept: tuple[int, int], other: tuple[int, int], closed_other: bool, staff_id: int, now: datetime
) -> None:
    """Insert a link between two requests, each given as (id, person_id)."""
    db.execute(
        insert(merges).values(
            kept_id=kept[0], other_id=other[0], kept_person_id=kept[1], other_person_id=other[1],
            closed_other=closed_other, made_by=staff_id, made_at=now,
        )
    )  # fmt: skip


def of_person(db: Connection, person_id: int) -> list[Merge]:
    """Return the links of a person that stand, oldest first."""
    rows = db.execute(
        select(
            *(columns[name] for name in list(Merge.__dataclass_fields__)[:-1]),
            staff.c.login.label("by"),
        )
        .join(staff, staff.c.id == columns.made_by)
        .where(or_(columns.kept_person_id == person_id, columns.other_person_id == person_id))
        .where(columns.undone_at.is_(None))
        .order_by(columns.id)
    )
    return [Merge(**row._mapping) for row in rows]


def undo(db: Connection, merge_id: int, now: datetime) -> bool:
    """End a link; False if somebody else was first."""
    ended = update(merges).where(columns.id == merge_id, columns.undone_at.is_(None)).values(undone_at=now)
    return bool(db.execute(ended).rowcount)
