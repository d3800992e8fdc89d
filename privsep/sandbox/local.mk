# privsep/sandbox
