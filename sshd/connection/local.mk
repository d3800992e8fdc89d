# sshd/connection
