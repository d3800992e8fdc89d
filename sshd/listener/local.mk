# sshd/listener
