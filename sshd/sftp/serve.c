#include "sshd/sftp/serve.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/sftp/confine.h"
#include "sshd/sftp/name_helper.h"
#include "sshd/sftp/session.h"

/* Bytes asked for in one read, while no large packet is awaited. */
#define READ_ROOM 65536u
/* A packet that lacks this much is read to its end exactly: nothing of the next is moved then. */
#define LARGE_REST 16384u
#define IN_LIMIT   (4 + SFTP_PACKET_LIMIT + READ_ROOM)
/* Replies are written when this many bytes wait. */
#define BATCH_BYTES 262144u

struct service {
	int in_fd, out_fd;
	int out_flags; /* of out_fd, before it was made non-blocking; -1: it is a socket */
	struct buf in, out;
	struct sftp_name_helper helper;
	struct sftp_session session;
	struct sftp_server server;
	bool is_over; /* the client sends no more */
};

/* How much to read at once, given what is there. */
static size_t read_length(const struct buf *in)
{
	size_t missing = sftp_packet_missing(buf_view(in));

	return missing >= LARGE_REST ? missing : READ_ROOM;
}

static enum err fill(struct service *service)
{
	size_t len = read_length(&service->in);
	struct span room;
	ssize_t n;

	TRY(buf_reserve(&service->in, len, &room));
	n = read(service->in_fd, room.ptr, len);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? ERR_OK : ERR_SYSTEM;
	buf_commit(&service->in, (size_t)n);
	service->is_over = n == 0;
	return ERR_OK;
}

/* As much as goes without waiting. ERR_AGAIN: some is left. ERR_CLOSED: the client is gone. */
static enum err flush(struct service *service)
{
	while (buf_len(&service->out) > 0) {
		struct slice bytes = buf_view(&service->out);
		ssize_t n = service->out_flags < 0 ? send(service->out_fd, bytes.ptr, bytes.len,
		                                         MSG_DONTWAIT | MSG_NOSIGNAL)
		                                   : write(service->out_fd, bytes.ptr, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return ERR_AGAIN;
		if (n < 0)
			return ERR_CLOSED;
		buf_consume(&service->out, (size_t)n);
	}
	TRY(relay_pass(&service->session.relay));
	service->server.has_tail = false;
	return ERR_OK;
}

/*
 * Until there is something to read or room to write, as far as either is wanted; when `is_looking`
 * without waiting. ERR_CLOSED: the client is gone.
 */
static enum err wait_for(const struct service *service, bool *input, bool output, bool is_looking)
{
	struct pollfd fds[2] = {
	    {.fd = *input ? service->in_fd : -1, .events = POLLIN},
	    {.fd = service->out_fd, .events = output ? POLLOUT : 0},
	};

	if (poll(fds, COUNT_OF(fds), is_looking ? 0 : -1) < 0 && errno != EINTR)
		return ERR_SYSTEM;
	if (fds[1].revents & (POLLERR | POLLHUP | POLLNVAL))
		return ERR_CLOSED;
	*input = fds[0].revents != 0;
	return ERR_OK;
}

/* A slice of what takes long, where its reply has room and does not split another one. */
static enum err work(struct service *service, bool *has_worked)
{
	*has_worked = service->session.jobs.count > 0 && !service->server.has_tail &&
	              service->out.limit - service->out.end >= REPLY_ROOM;
	return *has_worked ? sftp_jobs_work(&service->session, &service->out) : ERR_OK;
}

/*
 * One turn: perform what is there, write what came of it, read more. With nothing left to write
 * or to work on the read itself waits, so a request and its reply cost two system calls besides the
 * work.
 */
static enum err turn(struct service *service)
{
	enum err run = sftp_server_run(&service->server, &service->in, &service->out, BATCH_BYTES);
	bool input = run == ERR_AGAIN && !service->is_over;
	enum err flushed;
	bool has_worked;

	if (run != ERR_AGAIN && run != ERR_LIMIT)
		return run;
	flushed = flush(service);
	if (flushed != ERR_OK && flushed != ERR_AGAIN)
		return flushed;
	TRY(work(service, &has_worked));
	if (flushed == ERR_AGAIN || has_worked)
		TRY(wait_for(service, &input, flushed == ERR_AGAIN, has_worked));
	else if (service->is_over && run == ERR_AGAIN)
		return ERR_CLOSED;
	return input ? fill(service) : ERR_OK;
}

/* Writes must never wait while requests come in; a socket is told so call by call. */
static enum err prepare_output(struct service *service)
{
	struct stat st;

	service->out_flags = -1;
	if (fstat(service->out_fd, &st) != 0)
		return ERR_SYSTEM;
	if (S_ISSOCK(st.st_mode))
		return ERR_OK;
	if (S_ISFIFO(st.st_mode))
		service->session.relay = relay_to(service->out_fd);
	service->out_flags = fcntl(service->out_fd, F_GETFL);
	if (service->out_flags < 0)
		return ERR_SYSTEM;
	return fd_set_nonblocking(service->out_fd);
}

static void service_end(struct service *service)
{
	sftp_session_wipe(&service->session);
	sftp_name_helper_stop(&service->helper);
	buf_wipe(&service->in);
	buf_wipe(&service->out);
	/* Others may hold the same open file, such as the shell that started us. */
	if (service->out_flags >= 0)
		fcntl(service->out_fd, F_SETFL, service->out_flags);
}

static void log_who(const struct service *service, enum event event, const char *reason)
{
	const struct sftp_options *options = service->session.options;
	const struct log_field fields[] = {
	    T("USER", options->user), T("ADDRESS", options->client), T("REASON", reason)};

	sftp_log_event(&service->session, event, fields, COUNT_OF(fields));
}

/* Names that no helper can be had for are found as far as the sandbox lets the C library. */
static void start_helper(struct service *service, struct sftp_names *source)
{
	service->session.names.names = source;
	if (source != NULL && sftp_name_helper_start(&service->helper, source) == ERR_OK)
		service->session.names.names = &service->helper.names;
}

static enum err prepare(struct service *service, const struct sftp_options *options)
{
	TRY(sftp_session_init(&service->session, options));
	TRY(prepare_output(service));
	start_helper(service, options->names);
	return sftp_confine(service->session.paths.jail);
}

int sftp_serve(const struct sftp_options *options, int in_fd, int out_fd)
{
	AUTO(service_end)
	struct service service = {
	    .in_fd = in_fd,
	    .out_fd = out_fd,
	    .out_flags = -1,
	    .in = buf_empty(IN_LIMIT),
	    .out = buf_empty(SFTP_OUT_LIMIT),
	    .helper = {.fd = -1},
	};
	enum err err;

	signal(SIGPIPE, SIG_IGN);
	service.server = sftp_server_over(
	    &sftp_file_operations, &service.session, options->permitted, options->is_read_only);
	if (prepare(&service, options) != ERR_OK) {
		log_who(&service, EVENT_SFTP_UNPREPARED, strerror(errno));
		return EXIT_FAILURE;
	}
	log_who(&service, EVENT_SFTP_OPENED, "");
	do
		err = turn(&service);
	while (err == ERR_OK);
	if (err != ERR_CLOSED)
		log_who(&service, EVENT_SFTP_BREACH, err_text(err));
	sftp_session_wipe(&service.session);
	log_who(&service, EVENT_SFTP_CLOSED, "");
	return err == ERR_CLOSED ? EXIT_SUCCESS : EXIT_FAILURE;
}
