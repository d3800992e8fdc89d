# sshd/sftp
