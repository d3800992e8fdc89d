/* The account and the paths it needs, looked at as the daemon would. */
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <shadow.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "config/ctl/why.h"

#define STEP_LIMIT    2048u
#define DEFAULT_SHELL "/bin/sh"

void why_wipe(struct why *why)
{
	buf_wipe(&why->key_blob);
	conf_release(&why->resolved);
	arena_wipe(&why->arena);
}

void why_step(struct why *why, enum outcome outcome, const char *fix, const char *format, ...)
{
	struct step *step = arena_alloc(&why->arena, sizeof(*step));
	char text[STEP_LIMIT];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (step != NULL) {
		*step = (struct step){.outcome = outcome};
		step->text = arena_text(&why->arena, slice_text(text));
		step->fix = fix ? arena_text(&why->arena, slice_text(fix)) : NULL;
	}
	if (step == NULL || step->text == NULL) {
		why->is_out_of_memory = true;
		return;
	}
	if (why->last != NULL)
		why->last->next = step;
	else
		why->first = step;
	why->last = step;
}

static enum shell_state look_at_shell(const char *shell)
{
	struct stat st;

	if (stat(shell, &st) != 0)
		return SHELL_MISSING;
	return S_ISREG(st.st_mode) && (st.st_mode & 0111) != 0 ? SHELL_USABLE
	                                                       : SHELL_NOT_EXECUTABLE;
}

/* Only root can know; others are told so. */
static void look_at_shadow(struct why *why)
{
	const struct spwd *shadow = getspnam(why->account.name);

	if (shadow == NULL && geteuid() != 0)
		why_step(
		    why, STEP_INFO, NULL, "whether the password is locked is known to root only");
	if (shadow == NULL || shadow->sp_pwdp == NULL)
		return;
	why->account.is_locked = shadow->sp_pwdp[0] == '!';
	why->account.has_no_password = shadow->sp_pwdp[0] == '!' || shadow->sp_pwdp[0] == '*';
}

void why_look_up_account(struct why *why, const char *name)
{
	const struct passwd *entry = getpwnam(name);
	struct account *account = &why->account;

	account->name = name;
	if (entry == NULL) {
		why_step(why, STEP_FAILS, NULL, "there is no account %s", name);
		return;
	}
	account->exists = true;
	account->uid = entry->pw_uid;
	account->home = arena_text(&why->arena, slice_text(entry->pw_dir));
	account->shell = arena_text(
	    &why->arena, slice_text(entry->pw_shell[0] != 0 ? entry->pw_shell : DEFAULT_SHELL));
	if (account->home == NULL || account->shell == NULL) {
		why->is_out_of_memory = true;
		account->exists = false;
		return;
	}
	account->shell_state = look_at_shell(account->shell);
	look_at_shadow(why);
	why_step(why, STEP_OK, NULL, "account %s: uid %u, home %s, shell %s", name, account->uid,
	    account->home, account->shell);
}

static bool is_below(const char *path, const char *top)
{
	size_t len = strlen(top);

	return strncmp(path, top, len) == 0 && (path[len] == 0 || path[len] == '/' || len == 1);
}

/* One component: false when nothing further down can be used. */
static bool look_at_component(struct why *why, const char *path, bool is_checked)
{
	char fix[PATH_MAX + 64];
	struct stat st;

	if (stat(path, &st) != 0) {
		bool is_missing = errno == ENOENT || errno == ENOTDIR;

		why_step(why, is_missing ? STEP_FAILS : STEP_INFO, NULL, "%s: %s", path,
		    strerror(errno));
		return false;
	}
	if (!is_checked)
		return true;
	if (st.st_uid != 0 && st.st_uid != why->account.uid) {
		snprintf(fix, sizeof(fix), "chown %s %s", why->account.name, path);
		why_step(why, STEP_FAILS, fix, "%s: belongs to uid %u, neither root nor %s", path,
		    st.st_uid, why->account.name);
		return false;
	}
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		snprintf(fix, sizeof(fix), "chmod go-w %s", path);
		why_step(why, STEP_FAILS, fix, "%s: mode %04o, others than its owner can write",
		    path, st.st_mode & 07777);
		return false;
	}
	return true;
}

bool why_walk(struct why *why, const char *path, const char *checked_from, bool is_strict)
{
	char part[PATH_MAX];
	size_t len = strlen(path);

	if (path[0] != '/' || len >= sizeof(part)) {
		why_step(why, STEP_FAILS, NULL, "%s: not an absolute path", path);
		return false;
	}
	for (size_t end = 1; end <= len; end++) {
		if (path[end] != '/' && path[end] != 0 && end != 1)
			continue;
		memcpy(part, path, end);
		part[end] = 0;
		if (!look_at_component(why, part, is_strict && is_below(part, checked_from)))
			return false;
	}
	return true;
}
