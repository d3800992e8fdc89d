# man
dist_man_MANS += man/sftp-server.8 man/sshd.8
dist_man_MANS += man/sekisho.conf.5 man/sshd_config.5 man/sshdctl.8
