"""Receipts of texts in every order and repeated: what they tell together is what counts."""

from dataclasses import dataclass
from itertools import permutations
from urllib.parse import quote

from sqlalchemy import select

from tests.chaos.counted import Counted
from tests.chaos.crowd import at_once, plan_texts, sid, wait_for_the_end
from tests.chaos.ground import Ground
from triage.model.notice import NoticeState
from triage.store.tables import notices

# What a carrier tells of one text, in the order in which it happens, and the state that follows.
STORIES = (
    (("queued", "sending", "sent", "delivered"), NoticeState.FINAL_OK),
    (("queued", "sent", "undelivered"), NoticeState.FINAL_FAIL),
    (("accepted", "queued", "failed"), NoticeState.FINAL_FAIL),
    (("sending", "sent"), NoticeState.SENT),
)


@dataclass(frozen=True)
class Told(Counted):
    """What became of texts whose receipts came in some order; `wrong`: in another state than the receipts tell."""

    orders: int
    receipts: int
    refused: int
    wrong: int

    @property
    def holds(self) -> bool:
        return self.refused == self.wrong == 0 < self.orders


def every_order(ground: Ground) -> Told:
    """Post the receipts of each story in each order, each of them twice: at once, and again after all others."""
    orders = [(order, state) for story, state in STORIES for order in permutations(story)]
    with ground.running() as here:
        here.start_web()
        clock = here.start_clock()
        here.phone.post("/line/faults", {"drop_receipts": True})
        plan_texts(here, range(len(orders)))
        wait_for_the_end(here, 60.0)
        clock.terminate()

        def post(number: int) -> int:
            order, _ = orders[number]
            refused = 0
            for status in (*order, *order):
                form = {"MessageSid": sids[number], "MessageStatus": status, "ErrorCode": "30005"}
                if status not in ("undelivered", "failed"):
                    del form["ErrorCode"]
                refused += here.post_form(f"/webhooks/messages/status?ref={quote(refs[number])}", form)[0] != 204
            return refused

        with here.database.read() as db:
            rows = db.execute(select(notices.c.id, notices.c.attempt, notices.c.sid).order_by(notices.c.id)).all()
        refs, sids = [f"n{row.id}.{row.attempt}" for row in rows], [row.sid or sid(0) for row in rows]
        refused = sum(int(str(one)) for one in at_once(8, post, range(len(orders))))
        with here.database.read() as db:
            states = list(db.scalars(select(notices.c.state).order_by(notices.c.id)))
    wrong = sum(state != wanted for state, (_, wanted) in zip(states, orders, strict=True))
    return Told(len(orders), 2 * sum(len(order) for order, _ in orders), refused, wrong)
