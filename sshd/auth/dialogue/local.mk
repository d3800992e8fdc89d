# sshd/auth/dialogue
