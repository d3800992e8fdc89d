# sshd/auth/evidence
