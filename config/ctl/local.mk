# config/ctl
