# sshd/transport
