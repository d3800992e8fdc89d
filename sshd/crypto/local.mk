# sshd/crypto
