# privsep/signer
