# privsep/monitor
