#include "sshd/auth/evidence/required.h"

#include "sshd/base/auto.h"
#include "sshd/wire/name_list.h"

static const char *const method_names[METHOD_COUNT] = {
    [METHOD_NONE] = "none",
    [METHOD_PUBLICKEY] = "publickey",
    [METHOD_PASSWORD] = "password",
    [METHOD_KEYBOARD_INTERACTIVE] = "keyboard-interactive",
    [METHOD_HOSTBASED] = "hostbased",
    [METHOD_GSSAPI] = "gssapi-with-mic",
};

/* The order in which clients are told of them; `none` never is. */
static const uint8_t offered_order[] = {METHOD_PUBLICKEY, METHOD_GSSAPI, METHOD_PASSWORD,
    METHOD_KEYBOARD_INTERACTIVE, METHOD_HOSTBASED};

const char *method_name(enum auth_method method)
{
	return method < METHOD_COUNT ? method_names[method] : "unknown";
}

const char *device_name(enum auth_device device)
{
	return device == DEVICE_PAM ? "pam" : device == DEVICE_OTP ? "otp" : "";
}

static bool factors_equal(struct factor a, struct factor b)
{
	return a.method == b.method && a.device == b.device;
}

static enum err device_parse(struct slice text, struct factor *factor)
{
	if (factor->method != METHOD_KEYBOARD_INTERACTIVE)
		return ERR_MALFORMED;
	for (unsigned i = DEVICE_PAM; i < DEVICE_COUNT; i++) {
		if (slice_is(text, device_name(i))) {
			factor->device = (uint8_t)i;
			return ERR_OK;
		}
	}
	return ERR_MALFORMED;
}

static enum err factor_parse(struct slice text, struct factor *factor)
{
	const uint8_t *colon = text.len > 0 ? memchr(text.ptr, ':', text.len) : NULL;
	struct slice name = colon ? slice_first(text, (size_t)(colon - text.ptr)) : text;

	for (unsigned i = 0; i < METHOD_COUNT; i++) {
		struct factor found = {.method = (uint8_t)i};

		if (!slice_is(name, method_names[i]))
			continue;
		if (i == METHOD_KEYBOARD_INTERACTIVE)
			found.device = DEVICE_PAM;
		if (colon != NULL)
			TRY(device_parse(slice_after(text, name.len + 1), &found));
		*factor = found;
		return ERR_OK;
	}
	return ERR_MALFORMED;
}

enum err factor_list_parse(struct slice text, struct factor_list *list)
{
	struct factor_list parsed = {0};
	struct slice name;

	TRY(name_list_check(text));
	while (name_list_next(&text, &name)) {
		if (parsed.count == FACTORS_LIMIT)
			return ERR_LIMIT;
		TRY(factor_parse(name, &parsed.factors[parsed.count]));
		parsed.count++;
	}
	if (parsed.count == 0)
		return ERR_MALFORMED;
	*list = parsed;
	return ERR_OK;
}

static bool is_enabled(const struct required *required, struct factor factor)
{
	if (factor.device != DEVICE_NONE && !(required->devices & 1u << factor.device))
		return false;
	return required->enabled & METHOD_BIT(factor.method);
}

static const struct factor otp = {METHOD_KEYBOARD_INTERACTIVE, DEVICE_OTP};

/* A one-time password says who holds the device, not who the user is: it never stands alone. */
static bool is_otp_alone(const struct factor_list *list)
{
	for (unsigned i = 0; i < list->count; i++)
		if (!factors_equal(list->factors[i], otp))
			return false;
	return true;
}

static enum err append_otp(struct factor_list *list)
{
	for (unsigned i = 0; i < list->count; i++)
		if (factors_equal(list->factors[i], otp))
			return ERR_OK;
	if (list->count == FACTORS_LIMIT)
		return ERR_LIMIT;
	list->factors[list->count++] = otp;
	return ERR_OK;
}

static enum err add_list(struct required *required, struct slice text)
{
	struct factor_list list;

	TRY(factor_list_parse(text, &list));
	if (is_otp_alone(&list))
		return ERR_CONFIG;
	if (required->adds_otp)
		TRY(append_otp(&list));
	for (unsigned i = 0; i < list.count; i++)
		if (!is_enabled(required, list.factors[i]))
			return ERR_OK;
	if (required->count == REQUIRED_LISTS_LIMIT)
		return ERR_LIMIT;
	required->lists[required->count++] = list;
	return ERR_OK;
}

enum err required_init(struct required *required, const struct slice *texts, size_t count,
    uint32_t enabled, uint32_t devices, bool adds_otp)
{
	struct required fresh = {.enabled = enabled, .devices = devices, .adds_otp = adds_otp};

	if (count == 1 && slice_is(texts[0], "any"))
		count = 0;
	/* Codes are asked for by keyboard-interactive: where that is off nobody could give one. */
	if (adds_otp && !is_enabled(&fresh, otp))
		return ERR_CONFIG;
	for (size_t i = 0; i < count; i++)
		TRY(add_list(&fresh, texts[i]));
	if (count > 0 && fresh.count == 0)
		return ERR_CONFIG;
	*required = fresh;
	return ERR_OK;
}

static const struct factor *next_of(const struct factor_list *list)
{
	return list->earned < list->count ? &list->factors[list->earned] : NULL;
}

/* Without lists each method suffices, but a one-time password only behind another (adds_otp). */
static bool any_wants(const struct required *required, struct factor factor)
{
	if (required->any.earned > 0)
		return factors_equal(factor, otp);
	return !factors_equal(factor, otp) && is_enabled(required, factor);
}

enum verdict required_wants(const struct required *required, struct factor factor)
{
	if (required->count == 0)
		return any_wants(required, factor) ? PERMIT : DENY;
	for (unsigned i = 0; i < required->count; i++) {
		const struct factor *next = next_of(&required->lists[i]);

		if (next != NULL && factors_equal(*next, factor))
			return PERMIT;
	}
	return DENY;
}

enum auth_device required_device(const struct required *required)
{
	for (unsigned i = DEVICE_PAM; i < DEVICE_COUNT; i++) {
		struct factor factor = {METHOD_KEYBOARD_INTERACTIVE, (uint8_t)i};

		if (required_wants(required, factor) == PERMIT)
			return i;
	}
	return DEVICE_NONE;
}

static enum verdict any_earn(struct required *required)
{
	if (!required->adds_otp || required->any.earned > 0)
		return PERMIT;
	required->any.earned = 1;
	return DENY;
}

enum verdict required_earn(struct required *required, struct factor factor)
{
	enum verdict verdict = DENY;

	if (required_wants(required, factor) != PERMIT)
		return DENY;
	if (required->count == 0)
		return any_earn(required);
	for (unsigned i = 0; i < required->count; i++) {
		struct factor_list *list = &required->lists[i];
		const struct factor *next = next_of(list);

		if (next == NULL || !factors_equal(*next, factor))
			continue;
		list->earned++;
		if (list->earned == list->count)
			verdict = PERMIT;
	}
	return verdict;
}

void required_offer(const struct required *required, struct writer *names)
{
	bool is_first = true;

	for (size_t i = 0; i < COUNT_OF(offered_order); i++) {
		struct factor factor = {.method = offered_order[i]};
		enum verdict wanted = DENY;

		if (factor.method == METHOD_KEYBOARD_INTERACTIVE)
			wanted = required_device(required) != DEVICE_NONE ? PERMIT : DENY;
		else
			wanted = required_wants(required, factor);
		if (wanted != PERMIT)
			continue;
		if (!is_first)
			write_bytes(names, LITERAL(","));
		write_bytes(names, slice_text(method_names[factor.method]));
		is_first = false;
	}
}
