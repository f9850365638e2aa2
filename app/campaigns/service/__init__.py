"""The verbs of campaigns: audience, variables, lifecycle, dispatch. They flush and never commit."""
