"""This room owns the running of the house: dashboard, jobs page, health, doctor and the scheduler's tick."""
