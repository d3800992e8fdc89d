# privsep/ipc
