"""This room owns Razorpay's payment links; ask `links` to make, pay or cancel one."""
