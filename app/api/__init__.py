"""This room owns the JSON API: thin calls over the other rooms' services; `/api/openapi.json` describes them."""
