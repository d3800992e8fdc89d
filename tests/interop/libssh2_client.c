/*
 * libssh2 against the server: a command with its exit status, a file by SFTP and by its own scp.
 * usage: libssh2_client PORT USER KEY FOLDER; says what failed and returns 1.
 */
#include <arpa/inet.h>
#include <libssh2.h>
#include <libssh2_sftp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define DATA_LEN (1u << 20)

static LIBSSH2_SESSION *session;

static void expect(int holds, const char *what)
{
	char *why = NULL;

	if (holds)
		return;
	if (session != NULL)
		libssh2_session_last_error(session, &why, NULL, 0);
	fprintf(stderr, "%s: %s\n", what, why ? why : "");
	exit(1);
}

static int log_in(int port, const char *user, const char *key)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	expect(libssh2_init(0) == 0, "init");
	expect(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "connect");
	session = libssh2_session_init();
	expect(libssh2_session_handshake(session, fd) == 0, "handshake");
	expect(libssh2_userauth_publickey_fromfile(session, user, NULL, key, NULL) == 0, "publickey");
	return fd;
}

static void run_command(void)
{
	LIBSSH2_CHANNEL *channel = libssh2_channel_open_session(session);
	char text[64] = "";

	expect(channel != NULL, "session");
	expect(libssh2_channel_exec(channel, "echo hello; exit 7") == 0, "exec");
	expect(libssh2_channel_read(channel, text, sizeof(text) - 1) == 6, "output");
	expect(strcmp(text, "hello\n") == 0, "output is what was printed");
	expect(libssh2_channel_read(channel, text, sizeof(text)) == 0, "end of output");
	expect(libssh2_channel_close(channel) == 0 && libssh2_channel_wait_closed(channel) == 0, "close");
	expect(libssh2_channel_get_exit_status(channel) == 7, "exit status");
	libssh2_channel_free(channel);
}

static void send_by_scp(const char *path, const char *data)
{
	LIBSSH2_CHANNEL *channel = libssh2_scp_send64(session, path, 0644, DATA_LEN, 0, 0);
	size_t sent = 0;

	expect(channel != NULL, "scp");
	while (sent < DATA_LEN) {
		ssize_t n = libssh2_channel_write(channel, data + sent, DATA_LEN - sent);

		expect(n > 0, "scp write");
		sent += (size_t)n;
	}
	expect(libssh2_channel_send_eof(channel) == 0 && libssh2_channel_wait_eof(channel) == 0 &&
	    libssh2_channel_wait_closed(channel) == 0, "scp end");
	libssh2_channel_free(channel);
}

static void read_by_sftp(const char *path, const char *data)
{
	LIBSSH2_SFTP *sftp = libssh2_sftp_init(session);
	LIBSSH2_SFTP_HANDLE *file;
	char *back = malloc(DATA_LEN + 1);
	size_t len = 0;
	ssize_t got;

	expect(sftp != NULL, "sftp");
	file = libssh2_sftp_open(sftp, path, LIBSSH2_FXF_READ, 0);
	expect(file != NULL, "sftp open");
	while ((got = libssh2_sftp_read(file, back + len, DATA_LEN + 1 - len)) > 0)
		len += (size_t)got;
	expect(got == 0 && len == DATA_LEN && memcmp(data, back, len) == 0, "sftp read");
	libssh2_sftp_close(file);
	expect(libssh2_sftp_unlink(sftp, path) == 0, "sftp remove");
	expect(libssh2_sftp_open(sftp, path, LIBSSH2_FXF_READ, 0) == NULL &&
	    libssh2_sftp_last_error(sftp) == LIBSSH2_FX_NO_SUCH_FILE, "sftp refuses what is gone");
	libssh2_sftp_shutdown(sftp);
	free(back);
}

int main(int argc, char **argv)
{
	char *data = malloc(DATA_LEN);
	char path[4096];
	int fd;

	if (argc != 5 || data == NULL)
		return 2;
	for (size_t i = 0; i < DATA_LEN; i++)
		data[i] = (char)(i * 31 + i / 251);
	fd = log_in(atoi(argv[1]), argv[2], argv[3]);
	run_command();
	snprintf(path, sizeof(path), "%s/from-libssh2", argv[4]);
	send_by_scp(path, data);
	read_by_sftp(path, data);
	libssh2_session_disconnect(session, "done");
	libssh2_session_free(session);
	close(fd);
	free(data);
	return 0;
}
