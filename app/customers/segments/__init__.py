"""This room owns segments: questions about customers, kept as JSON and asked as one query.

`reading.parse` takes the JSON, `compiling.where` makes it a condition, `people` counts, `sentences` says it in words.
"""
