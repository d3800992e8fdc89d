# man
dist_man_MANS += man/sftp-server.8
