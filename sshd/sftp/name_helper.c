#include "sshd/sftp/name_helper.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "privsep/sandbox/process.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/wire/reader.h"
#include "sshd/wire/writer.h"

/*
 * One datagram asks and one answers: a kind, then an id or a name; the answer is the text, empty
 * where there is none.
 */
#define ASK_HOME      SFTP_NAME_KIND_COUNT
#define QUESTION_ROOM (1 + 4 + SFTP_NAME_LIMIT)
#define ANSWER_LIMIT  4096u

static enum err answer(struct sftp_names *source, struct slice question, struct buf *text)
{
	struct reader r = reader_over(question);
	uint8_t kind = read_byte(&r);
	struct slice user = {0};
	uint32_t id = 0;

	if (kind == ASK_HOME)
		user = read_string(&r, SFTP_NAME_LIMIT);
	else
		id = read_u32(&r);
	TRY(reader_finish(&r));
	if (kind > ASK_HOME)
		return ERR_RANGE;
	return kind == ASK_HOME ? source->find_home(source, user, text)
	                        : source->find(source, (enum sftp_name_kind)kind, id, text);
}

/* The helper's whole life. */
__attribute__((noreturn)) static void serve(int fd, struct sftp_names *source)
{
	uint8_t question[QUESTION_ROOM];
	ssize_t len;

	/* A kept end of the client's pipes would keep the session from ending. */
	if (dup2(fd, 0) != 0 || fd_close_from(1) != ERR_OK ||
	    process_refuse_new_privileges() != ERR_OK)
		_exit(1);
	while ((len = read(0, question, sizeof(question))) > 0) {
		AUTO(buf_wipe) struct buf text = buf_empty(ANSWER_LIMIT);
		struct slice found = {0};

		if (answer(source, slice_over(question, (size_t)len), &text) == ERR_OK)
			found = buf_view(&text);
		if (send(0, found.ptr, found.len, MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(0);
}

static enum err ask(struct sftp_names *names, const struct writer *question, struct buf *text)
{
	struct sftp_name_helper *helper = CONTAINER_OF(names, struct sftp_name_helper, names);
	struct slice bytes;
	struct span room;
	ssize_t len;

	TRY(writer_finish(question, &bytes));
	TRY(buf_reserve(text, text->limit - buf_len(text), &room));
	if (write(helper->fd, bytes.ptr, bytes.len) != (ssize_t)bytes.len)
		return ERR_NOT_FOUND;
	do
		len = read(helper->fd, room.ptr, room.len);
	while (len < 0 && errno == EINTR);
	/* Nothing, or something that may have been cut off. */
	if (len <= 0 || (size_t)len >= room.len)
		return ERR_NOT_FOUND;
	buf_commit(text, (size_t)len);
	return ERR_OK;
}

static enum err ask_name(
    struct sftp_names *names, enum sftp_name_kind kind, uint32_t id, struct buf *name)
{
	uint8_t bytes[QUESTION_ROOM];
	struct writer w = writer_into((struct span){bytes, sizeof(bytes)});

	write_byte(&w, (uint8_t)kind);
	write_u32(&w, id);
	return ask(names, &w, name);
}

static enum err ask_home(struct sftp_names *names, struct slice user, struct buf *home)
{
	uint8_t bytes[QUESTION_ROOM];
	struct writer w = writer_into((struct span){bytes, sizeof(bytes)});

	write_byte(&w, ASK_HOME);
	write_string(&w, user);
	return ask(names, &w, home);
}

enum err sftp_name_helper_start(struct sftp_name_helper *helper, struct sftp_names *source)
{
	int ends[2];
	pid_t pid;

	*helper = (struct sftp_name_helper){.names = {ask_name, ask_home}, .fd = -1};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return ERR_SYSTEM;
	pid = fork();
	if (pid == 0)
		serve(ends[1], source);
	fd_close(ends[1]);
	if (pid < 0) {
		fd_close(ends[0]);
		return ERR_SYSTEM;
	}
	helper->fd = ends[0];
	return ERR_OK;
}

void sftp_name_helper_stop(struct sftp_name_helper *helper)
{
	fd_release(&helper->fd);
}
