#include "sshd/base/err.h"

struct err_row {
	const char *name;
	unsigned reason;
	const char *text;
};

#define ERR_ROW(name, reason, text) [ERR_##name] = {#name, reason, text},
static const struct err_row rows[ERR_COUNT] = {[ERR_OK] = {"OK", 0, "no error"},
    ERR_TABLE(ERR_ROW)};
#undef ERR_ROW

static const struct err_row *row_of(enum err err)
{
	static const struct err_row unknown = {"UNKNOWN", 11, "an unknown error"};

	return (unsigned)err < ERR_COUNT ? &rows[err] : &unknown;
}

const char *err_name(enum err err)
{
	return row_of(err)->name;
}

const char *err_text(enum err err)
{
	return row_of(err)->text;
}

unsigned err_disconnect_reason(enum err err)
{
	return row_of(err)->reason;
}
