/* The outer form of a daemon: log, detachment, process id file. */
#pragma once

#include "sshd/base/err.h"

struct listener;

/* The log as the command line and the settings in force want it. ERR_SYSTEM: -E's file. */
enum err daemonize_open_log(struct listener *listener);
void daemonize_log(struct listener *listener);

/*
 * Goes to the background: the parent stays until the service is up or has failed, and ends with
 * 0 or 255 accordingly; this call returns in the child. Nothing in the foreground or as init.
 */
enum err daemonize_fork(struct listener *listener);

/* The service is up: writes the process id file and lets the parent and the terminal go. */
void daemonize_done(struct listener *listener);

/* Removes the process id file if it is ours. */
void daemonize_end(const struct listener *listener);
