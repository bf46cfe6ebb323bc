"""Understanding messages: `understand(text)` returns what one says, `decide(understanding, subject)` what may be done.

Importing this loads no model; `warm()` does, and so does the first `understand`.
"""

from triage.understanding.decide import Decision, decide
from triage.understanding.labels import SCRIPTED
from triage.understanding.reading import Understanding, screen, understand, warm
from triage.understanding.safety import Danger, Tier

__all__ = ["SCRIPTED", "Danger", "Decision", "Tier", "Understanding", "decide", "screen", "understand", "warm"]
