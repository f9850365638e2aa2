"""This room owns what the law lets a person ask for: their data (`export`), to be forgotten (`erasure`), and for how
long anything is kept (`retention`). Rooms above say in the `register` what they know of people."""
