#include "sshd/sftp/long_name.h"

#include <stdio.h>

#include "sshd/base/auto.h"

#define HALF_A_YEAR_S (365 * 24 * 60 * 60 / 2)

static char type_letter(mode_t mode)
{
	static const struct {
		mode_t type;
		char letter;
	} rows[] = {{S_IFREG, '-'}, {S_IFDIR, 'd'}, {S_IFLNK, 'l'}, {S_IFCHR, 'c'}, {S_IFBLK, 'b'},
	    {S_IFIFO, 'p'}, {S_IFSOCK, 's'}};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if ((mode & S_IFMT) == rows[i].type)
			return rows[i].letter;
	return '?';
}

/* The letter of an execute bit: with the special bit of its class it is another one. */
static char execute_letter(mode_t mode, mode_t execute, mode_t special, char both, char alone)
{
	if (mode & special)
		return mode & execute ? both : alone;
	return mode & execute ? 'x' : '-';
}

static void mode_text(mode_t mode, char text[11])
{
	text[0] = type_letter(mode);
	for (unsigned class = 0; class < 3; class ++) {
		text[1 + 3 * class] = mode & (S_IRUSR >> 3 * class) ? 'r' : '-';
		text[2 + 3 * class] = mode & (S_IWUSR >> 3 * class) ? 'w' : '-';
	}
	text[3] = execute_letter(mode, S_IXUSR, S_ISUID, 's', 'S');
	text[6] = execute_letter(mode, S_IXGRP, S_ISGID, 's', 'S');
	text[9] = execute_letter(mode, S_IXOTH, S_ISVTX, 't', 'T');
	text[10] = 0;
}

static void date_text(time_t date, time_t now, char text[32])
{
	bool is_recent = date <= now && now - date < HALF_A_YEAR_S;
	struct tm parts;

	text[0] = 0;
	if (localtime_r(&date, &parts) != NULL)
		strftime(text, 32, is_recent ? "%b %e %H:%M" : "%b %e  %Y", &parts);
}

static void owner_text(struct sftp_name_cache *names, enum sftp_name_kind kind, uint32_t id,
    char text[SFTP_NAME_LIMIT + 1])
{
	const char *name = sftp_name_find(names, kind, id);

	if (name != NULL)
		snprintf(text, SFTP_NAME_LIMIT + 1, "%s", name);
	else
		snprintf(text, SFTP_NAME_LIMIT + 1, "%u", id);
}

void long_name_write(struct writer *w, struct slice name, const struct stat *st,
    struct sftp_name_cache *names, time_t now)
{
	char line[LONG_NAME_ROOM + 2 * SFTP_NAME_LIMIT];
	char user[SFTP_NAME_LIMIT + 1], group[SFTP_NAME_LIMIT + 1];
	char mode[11], date[32];
	size_t position = write_string_begin(w);
	int len;

	mode_text(st->st_mode, mode);
	date_text(st->st_mtime, now, date);
	owner_text(names, SFTP_USER_NAME, st->st_uid, user);
	owner_text(names, SFTP_GROUP_NAME, st->st_gid, group);
	len = snprintf(line, sizeof(line), "%s  %3llu %-8s %-8s %8llu %s ", mode,
	    (unsigned long long)st->st_nlink, user, group, (unsigned long long)st->st_size, date);
	write_bytes(w, slice_over(line, len > 0 ? (size_t)len : 0));
	write_bytes(w, name);
	write_string_end(w, position);
}
