"""This room owns the doctor's questions; ask `table` for the whole diagnosis or for the readiness of this house."""
