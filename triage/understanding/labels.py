"""The labels that are answered by a script."""

SCRIPTED = frozenset(
    "tms.what tms.how tms.approval tms.safety tms.effectiveness tms.first_line "
    "both.benefit both.together both.neuroplasticity "
    "ketamine.after_tms ketamine.tms_failed ketamine.difference ketamine.right_for_me".split()
)
