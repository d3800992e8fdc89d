#include "sshd/base/title.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define ROOM_NAME "SEKISHO_TITLE="
#define PREFIX    "sshd: "
#define DOTS_16   "................"
#define DOTS_64   DOTS_16 DOTS_16 DOTS_16 DOTS_16

const char title_room[] = ROOM_NAME DOTS_64 DOTS_64 DOTS_64;

/* The kernel shows the bytes between two addresses fixed at exec. One per process. */
static char *area;
static size_t area_len;

static char *end_of_run(char *end, char **strings, int count)
{
	for (int i = 0; i < count && strings[i] == end + 1; i++)
		end += strlen(strings[i]) + 1;
	return end;
}

/* Copies every string, for the area is about to be overwritten. False: out of memory. */
static int environment_move(int count)
{
	char **moved = calloc((size_t)count + 1, sizeof(*moved));
	int kept = 0;

	if (moved == NULL)
		return 0;
	for (int i = 0; i < count; i++) {
		if (strncmp(environ[i], ROOM_NAME, strlen(ROOM_NAME)) == 0)
			continue;
		moved[kept] = strdup(environ[i]);
		if (moved[kept++] == NULL)
			return 0; /* the old one still stands */
	}
	environ = moved;
	return 1;
}

void title_init(int argc, char **argv)
{
	char *end;
	int variables = 0;

	(void)prctl(PR_SET_NAME, "sshd");
	if (argc < 1)
		return;
	end = argv[0] + strlen(argv[0]);
	end = end_of_run(end, argv + 1, argc - 1);
	while (environ != NULL && environ[variables] != NULL)
		variables++;
	end = end_of_run(end, environ, variables);
	if (!environment_move(variables))
		return;
	area = argv[0];
	area_len = (size_t)(end - argv[0]) + 1;
}

void title_set(const char *format, ...)
{
	size_t prefix = strlen(PREFIX);
	va_list arguments;
	int written;

	if (area_len <= prefix)
		return;
	memcpy(area, PREFIX, prefix);
	va_start(arguments, format);
	written = vsnprintf(area + prefix, area_len - prefix, format, arguments);
	va_end(arguments);
	if (written >= 0 && (size_t)written < area_len - prefix)
		memset(area + prefix + written, 0, area_len - prefix - (size_t)written);
}
