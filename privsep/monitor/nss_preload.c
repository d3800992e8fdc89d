#include "privsep/monitor/nss_preload.h"

#include <dlfcn.h>
#include <stdio.h>

#include "sshd/base/auto.h"

#define SERVICE_LIMIT 32u

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct slice skip_blanks(struct slice text)
{
	while (text.len > 0 && is_blank(text.ptr[0]))
		text = slice_after(text, 1);
	return text;
}

bool nss_line_services(struct slice line, struct slice *services)
{
	static const char *const databases[] = {"passwd:", "group:", "shadow:", "initgroups:"};
	const uint8_t *comment = line.len > 0 ? memchr(line.ptr, '#', line.len) : NULL;

	line = skip_blanks(comment ? slice_first(line, (size_t)(comment - line.ptr)) : line);
	for (size_t i = 0; i < COUNT_OF(databases); i++) {
		if (!slice_starts(line, databases[i]))
			continue;
		*services = slice_after(line, strlen(databases[i]));
		return true;
	}
	return false;
}

/* Words; what stands in brackets are actions, not services. */
bool nss_service_next(struct slice *services, struct slice *service)
{
	for (;;) {
		size_t len = 0;

		*services = skip_blanks(*services);
		if (services->len == 0)
			return false;
		if (services->ptr[0] == '[') {
			const uint8_t *end = memchr(services->ptr, ']', services->len);

			*services = slice_after(*services, end ? (size_t)(end - services->ptr) + 1 : services->len);
			continue;
		}
		while (len < services->len && !is_blank(services->ptr[len]) && services->ptr[len] != '[')
			len++;
		*service = slice_first(*services, len);
		*services = slice_after(*services, len);
		return true;
	}
}

static void load(struct slice service)
{
	char name[64];

	if (service.len == 0 || service.len > SERVICE_LIMIT || memchr(service.ptr, '/', service.len) != NULL)
		return;
	snprintf(name, sizeof(name), "libnss_%.*s.so.2", (int)service.len, (const char *)service.ptr);
	/* Kept for ever; the C library finds it loaded. */
	(void)dlopen(name, RTLD_LAZY | RTLD_LOCAL);
}

void nss_preload(struct slice conf)
{
	while (conf.len > 0) {
		const uint8_t *end = memchr(conf.ptr, '\n', conf.len);
		struct slice line = slice_first(conf, end ? (size_t)(end - conf.ptr) : conf.len);
		struct slice services, service;

		conf = slice_after(conf, line.len + 1);
		if (!nss_line_services(line, &services))
			continue;
		while (nss_service_next(&services, &service))
			load(service);
	}
}
