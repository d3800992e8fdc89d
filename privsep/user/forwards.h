/*
 * Forwards in the user's name: connecting, listening, accepting. Nothing here blocks: names are
 * resolved in a child, connections are attempted side by side.
 */
#pragma once

#include "privsep/user/user.h"

struct dial;
struct listener;

struct forwards {
	struct user *user;
	struct loop *loop;
	struct dial *dials;
	struct listener *listeners;
	unsigned accepted; /* that the client has not answered: at most ACCEPTS_LIMIT */
	struct loop_timer breath; /* accepting failed for want of something: later again */
	enum err *ended;   /* why the loop was stopped */
};

void forwards_init(struct forwards *forwards, struct user *user, struct loop *loop, enum err *ended);

/* Removes the sockets that have a path. What is connected belongs to others by now. */
void forwards_close_all(struct forwards *forwards);

/* Messages of the monitor. */
enum err forwards_connect(struct forwards *forwards, struct slice body);
enum err forwards_listen(struct forwards *forwards, struct slice body);
enum err forwards_unlisten(struct forwards *forwards, struct slice body);
enum err forwards_accept_more(struct forwards *forwards, struct slice body);

/* The channel to the monitor failed within an event: the process ends. */
void forwards_stop(struct forwards *forwards, enum err err);

/* ------------------------------------------------------------------ places */

/* A socket's path as an address; false: it is too long for one. */
struct sockaddr_un;
bool socket_path_address(const char *path, struct sockaddr_un *address);

/* agent_socket.c: a private folder and a socket in it that only the user reaches. ERR_SYSTEM. */
#define AGENT_PATH_SIZE 256u
enum err agent_socket_open(const char *home, char path[static AGENT_PATH_SIZE], int *fd);
void agent_socket_remove(const char *path);

/* tun.c: the device of that unit, or any. ERR_SYSTEM, errno says why. */
enum err tun_open(int dev, bool is_ethernet, uint32_t unit, int *fd);
