"""This room owns users, roles, device sessions, API tokens, the audit log and the workspace; ask it who may do what."""
