"""What admins and auditors see: who is on the staff, and the audit trail."""
