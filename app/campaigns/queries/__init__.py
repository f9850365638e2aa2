"""Reads of campaigns: what is due, figures, the people behind them, what a launch would do. They write nothing."""
