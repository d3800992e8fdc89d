# privsep/user
