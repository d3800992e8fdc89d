# privsep/net
