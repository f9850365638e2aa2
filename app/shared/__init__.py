"""Words every room uses: clock, ids, phones, money, states, CSV tables, pages of a list, queues, errors."""
