/* What the files of the pump share: a channel's descriptors and what is known of them. */
#pragma once

#include "privsep/net/net.h"

struct session;

/* One readable end: standard output (or the one descriptor of both directions) or standard error. */
struct stream {
	struct loop_source source;
	struct session *session;
	enum channel_stream which;
	bool is_paused; /* no window, or no room in the output */
	bool has_ended;
};

/* What the descriptors of a channel are. All but pipes are one descriptor, that of `out`. */
enum stream_kind {
	STREAM_PIPES,
	STREAM_TERMINAL,
	STREAM_SOCKET, /* a forward: each direction ends by itself */
	STREAM_TUN,    /* packets: what the device does not take at once is lost, as on any link */
};

/* A forward, as the monitor counts it. */
struct forward {
	bool is_counted; /* the monitor is told of its end */
	bool is_accepted;
	enum forward_kind kind;
	uint32_t number;
	uint64_t bytes_in, bytes_out; /* from the client, to the client */
};

struct session {
	struct net *net;
	struct channel *channel; /* NULL: gone, and freed at the end of the turn */
	struct session *next_gone;
	enum stream_kind kind;
	struct stream out, err;
	struct loop_source input; /* the program's standard input; pipes only */
	bool is_attached, is_started, has_exited;
	struct stream *held_end; /* ended, not told yet */
	struct loop_timer held_timer;
	bool input_ended; /* the peer has said all it will; perhaps before there was a program */
	/* What the sink learned while it could not call back: settled at the end of the turn. */
	bool input_broke, output_unwanted, is_confirmed;
	bool is_break_told;
	struct forward forward;
};

static inline struct session *session_of(const struct channel *channel)
{
	return channel_owner(channel);
}

/* The channel's session, made when there is none yet. NULL: no memory. */
struct session *session_for(struct net *net, struct channel *channel);

/* Watches for what a stream and the input wait for now. */
void stream_update(struct session *session, struct stream *stream);
void session_watch_input(struct session *session);
void session_end_input(struct session *session);

/* The end of a program's output, when its own end has come or is late. */
enum err session_tell_held_end(struct session *session);

/* Reads once what there is. */
void stream_read(struct session *session, struct stream *stream);

/* tun.c: a packet's first four bytes, as the kernel and as the peer has them. */
#define TUN_HEADER 4u
void tun_header_to_peer(struct span header);
bool tun_header_from_peer(struct slice header, uint8_t kernel[static TUN_HEADER]);
