/*
 * sshd-monitor. The order: descriptors, handover, what no connection changes, then serving. No
 * byte of a peer is read here: net reads them, in its sandbox, and what net says goes through
 * the message table.
 */
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "privsep/monitor/template.h"
#include "privsep/sandbox/process.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/log.h"
#include "sshd/base/title.h"
#include "sshd/crypto/hash.h"

static enum err keep_descriptors(void)
{
	for (int fd = TEMPLATE_FD_CONTROL; fd <= TEMPLATE_FD_USER; fd++)
		TRY(fd_set_cloexec(fd, true));
	return fd_close_from(TEMPLATE_FD_USER + 1);
}

/* Sealed by the listener: it stays mapped, and is nobody's private memory. */
static enum err map_handover(struct slice *bytes)
{
	struct stat facts;
	void *mapped;

	if (fstat(TEMPLATE_FD_HANDOVER, &facts) != 0)
		return ERR_SYSTEM;
	if (facts.st_size <= 0 || facts.st_size > HANDOVER_LIMIT)
		return ERR_RANGE;
	mapped = mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_PRIVATE, TEMPLATE_FD_HANDOVER, 0);
	if (mapped == MAP_FAILED)
		return ERR_SYSTEM;
	fd_close(TEMPLATE_FD_HANDOVER);
	*bytes = slice_over(mapped, (size_t)facts.st_size);
	return ERR_OK;
}

static void open_log(const struct prepared *prepared)
{
	struct log_sink sink = {.kind = LOG_TO_STDERR, .fd = STDERR_FILENO};

	if (prepared->handover.log == HANDOVER_LOG_SYSTEM)
		log_open_system(&sink, prepared->conf->log_level, prepared->conf->syslog_facility);
	else if (prepared->handover.log == HANDOVER_LOG_FILE)
		sink.kind = LOG_TO_FILE;
	log_use(&sink);
	prepared_use_log_level(prepared, prepared->conf);
}

static struct prepared prepared_once;

/* What modules of PAM start by themselves gets the signals that this process keeps to itself. */
static void in_child_of_module(void)
{
	inheritance_restore_mask(&prepared_once.handover.inheritance);
}

static enum err run(struct prepared *prepared, bool is_fresh)
{
	struct slice handover;

	TRY(keep_descriptors());
	TRY(process_refuse_dumps());
	TRY(map_handover(&handover));
	TRY(prepared_init(prepared, handover));
	prepared->user_program = TEMPLATE_FD_USER;
	open_log(prepared);
	TRY(crypto_prepare());
	account_warm_up();
	if (pthread_atfork(NULL, NULL, in_child_of_module) != 0)
		return ERR_NO_MEMORY;
	return template_serve(prepared, is_fresh);
}

int main(int argc, char **argv)
{
	bool is_fresh = argc > 1 && strcmp(argv[1], "--fresh") == 0;
	enum err err;

	title_init(argc, argv);
	title_set("[monitor]");
	err = run(&prepared_once, is_fresh);
	if (err != ERR_OK)
		LOG(FATAL, T("TEXT", "sshd-monitor: "), T("REASON", err_text(err)));
	return err == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
