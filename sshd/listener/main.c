/* sshd: what the command line asks for, a configuration, a daemon's outer form, then the loop. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/log.h"
#include "sshd/base/title.h"
#include "sshd/listener/daemonize.h"
#include "sshd/listener/dump.h"
#include "sshd/listener/inetd.h"
#include "sshd/listener/listener.h"
#include "sshd/listener/ready.h"
#include "sshd/listener/reload.h"
#include "sshd/listener/rollback.h"

#define STATUS_USAGE  1
#define STATUS_FAILED 255

static void arguments_release(char ***arguments)
{
	for (char **at = *arguments; at != NULL && *at != NULL; at++)
		free(*at);
	free(*arguments);
	*arguments = NULL;
}

/* Titles overwrite the arguments, and a reload reads them again: they move first. */
static enum err arguments_copy(int argc, char **argv, char ***out, struct buf *title)
{
	AUTO(arguments_release) char **copy = calloc((size_t)argc + 1, sizeof(*copy));

	if (copy == NULL)
		return ERR_NO_MEMORY;
	for (int i = 0; i < argc; i++) {
		copy[i] = strdup(argv[i]);
		if (copy[i] == NULL)
			return ERR_NO_MEMORY;
		TRY(buf_append_format(title, "%s%s", i > 0 ? " " : "", argv[i]));
	}
	*out = TAKE(copy);
	return ERR_OK;
}

/* Whoever starts us without 0, 1 or 2 would find a socket there later. */
static enum err fill_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		return ERR_SYSTEM;
	close(fd);
	return ERR_OK;
}

static int print_version(void)
{
	fprintf(stderr, "OpenSSH_10.5p1 Sekisho-%s\n", PACKAGE_VERSION);
#ifdef SEKISHO_SANITIZERS
	fprintf(stderr, "built with sanitizers and a wider sandbox: for tests only\n");
#endif
	return EXIT_SUCCESS;
}

static int print_usage(const struct buf *complaint)
{
	fprintf(stderr, "%.*s\n%s\n%s", (int)buf_len(complaint), (const char *)buf_view(complaint).ptr,
	    "OpenSSH_10.5p1 Sekisho-" PACKAGE_VERSION, options_usage);
	return STATUS_USAGE;
}

static enum err read_settings(struct listener *listener)
{
	AUTO(diagnostics_wipe) struct diagnostics diagnostics = {0};
	AUTO(buf_wipe) struct buf text = buf_empty(1u << 20);
	enum err err = settings_read(listener->options, &listener->candidate, &diagnostics);

	if (err == ERR_OK) {
		reload_log_diagnostics(&diagnostics);
		return ERR_OK;
	}
	/* Nobody may be reading a log yet: a configuration that keeps us from starting is shown. */
	if (diagnostics_render(&diagnostics, &text) == ERR_OK && log_in_use()->kind != LOG_TO_STDERR)
		IGNORE(fd_write_all(STDERR_FILENO, buf_view(&text)));
	reload_log_diagnostics(&diagnostics);
	return err;
}

static enum err start(struct listener *listener)
{
	struct inherited_sockets inherited;

	ready_inherited_sockets(&inherited);
	TRY(fd_close_from(inherited.first + inherited.count));
	TRY(daemonize_open_log(listener));
	if (listener->options->mode == MODE_INETD)
		TRY(inetd_take(listener));
	daemonize_log(listener);
	if (listener->options->uses_deprecated)
		LOG(NOTICE, T("TEXT", "the -r option is deprecated and has no effect"));
	if (!listener->is_single)
		rollback_overdue(listener->options);
	TRY(read_settings(listener));
	TRY(daemonize_fork(listener));
	if (listener->options->mode != MODE_INETD)
		sockets_adopt(listener, &inherited);
	return listener_start(listener);
}

static int serve(const struct options *options, const char *title)
{
	static struct listener listener;

	listener = (struct listener){.options = options, .title = title, .filter_fd = -1, .log_fd = -1,
	    .detach_fd = -1, .exit_status = STATUS_FAILED, .host = {.network_fd = -1},
	    .is_single = options->mode == MODE_INETD || options->debug > 0};
	if (inheritance_save(&listener.inheritance) != ERR_OK || start(&listener) != ERR_OK)
		return STATUS_FAILED;
	return listener_run(&listener);
}

int main(int argc, char **argv)
{
	static struct options options;
	AUTO(buf_wipe) struct buf complaint = buf_empty(4096), title = buf_empty(1u << 20);
	AUTO(arguments_release) char **arguments = NULL;
	const char *title_text = NULL;

	if (arguments_copy(argc, argv, &arguments, &title) != ERR_OK ||
	    buf_c_string(&title, &title_text) != ERR_OK)
		return STATUS_FAILED;
	if (options_parse(argc, arguments, &options, &complaint) != ERR_OK)
		return print_usage(&complaint);
	if (fill_standard_descriptors() != ERR_OK)
		return STATUS_FAILED;
	switch (options.mode) {
	case MODE_VERSION:
		return print_version();
	case MODE_TEST:
	case MODE_DUMP:
	case MODE_PARSE:
		return dump_run(&options);
	case MODE_SERVE:
	case MODE_INETD:
		break;
	}
	title_init(argc, argv);
	return serve(&options, title_text);
}
