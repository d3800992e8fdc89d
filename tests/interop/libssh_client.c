/*
 * libssh against the server: a command with its exit status, data both ways, a file by SFTP.
 * usage: libssh_client PORT USER KEY FOLDER; says what failed and returns 1.
 */
#include <fcntl.h>
#include <libssh/libssh.h>
#include <libssh/sftp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DATA_LEN (1u << 20)

static ssh_session session;

static void expect(int holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "%s: %s\n", what, ssh_get_error(session));
	exit(1);
}

static void log_in(int port, const char *user, const char *key_path)
{
	ssh_key key = NULL;
	int is_strict = 0;

	session = ssh_new();
	ssh_options_set(session, SSH_OPTIONS_HOST, "127.0.0.1");
	ssh_options_set(session, SSH_OPTIONS_PORT, &port);
	ssh_options_set(session, SSH_OPTIONS_USER, user);
	ssh_options_set(session, SSH_OPTIONS_STRICTHOSTKEYCHECK, &is_strict);
	ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &is_strict);
	expect(ssh_connect(session) == SSH_OK, "connect");
	expect(ssh_pki_import_privkey_file(key_path, NULL, NULL, NULL, &key) == SSH_OK, "key");
	expect(ssh_userauth_publickey(session, NULL, key) == SSH_AUTH_SUCCESS, "publickey");
	ssh_key_free(key);
}

static void run_command(void)
{
	ssh_channel channel = ssh_channel_new(session);
	char text[64] = "";

	expect(ssh_channel_open_session(channel) == SSH_OK, "session");
	expect(ssh_channel_request_exec(channel, "echo hello; exit 7") == SSH_OK, "exec");
	expect(ssh_channel_read(channel, text, sizeof(text) - 1, 0) == 6, "output");
	expect(strcmp(text, "hello\n") == 0, "output is what was printed");
	expect(ssh_channel_read(channel, text, sizeof(text), 0) == 0, "end of output");
	expect(ssh_channel_get_exit_status(channel) == 7, "exit status");
	ssh_channel_free(channel);
}

static void exchange_files(const char *folder, const char *data)
{
	sftp_session sftp = sftp_new(session);
	char *back = malloc(DATA_LEN + 1);
	char path[4096];
	size_t len = 0;
	sftp_file file;
	ssize_t got;

	snprintf(path, sizeof(path), "%s/from-libssh", folder);
	expect(sftp != NULL && sftp_init(sftp) == SSH_OK, "sftp");
	file = sftp_open(sftp, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	expect(file != NULL, "sftp create");
	for (size_t sent = 0; sent < DATA_LEN; sent += 16384)
		expect(sftp_write(file, data + sent, 16384) == 16384, "sftp write");
	expect(sftp_close(file) == SSH_OK, "sftp close");
	file = sftp_open(sftp, path, O_RDONLY, 0);
	expect(file != NULL, "sftp open");
	while ((got = sftp_read(file, back + len, DATA_LEN + 1 - len)) > 0)
		len += (size_t)got;
	expect(got == 0 && len == DATA_LEN && memcmp(data, back, len) == 0, "sftp read");
	sftp_close(file);
	expect(sftp_unlink(sftp, path) == SSH_OK, "sftp remove");
	expect(sftp_open(sftp, path, O_RDONLY, 0) == NULL && sftp_get_error(sftp) == SSH_FX_NO_SUCH_FILE,
	    "sftp refuses what is gone");
	sftp_free(sftp);
	free(back);
}

int main(int argc, char **argv)
{
	char *data = malloc(DATA_LEN);

	if (argc != 5 || data == NULL)
		return 2;
	for (size_t i = 0; i < DATA_LEN; i++)
		data[i] = (char)(i * 31 + i / 251);
	log_in(atoi(argv[1]), argv[2], argv[3]);
	run_command();
	exchange_files(argv[4], data);
	printf("%s\n", ssh_get_kex_algo(session));
	ssh_disconnect(session);
	ssh_free(session);
	free(data);
	return 0;
}
