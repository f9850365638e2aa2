"""The doors that workers open: populate a campaign, send one. They commit, then ring."""
