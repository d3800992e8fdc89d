/* Methods of authentication: which are on, and whether what is asked for can be reached. */
#include "config/policy.h"

#include "config/pattern.h"
#include "sshd/base/auto.h"

static const char *const names[BY_COUNT] = {
    [BY_NONE] = "none",
    [BY_PUBLICKEY] = "publickey",
    [BY_PASSWORD] = "password",
    [BY_KEYBOARD_INTERACTIVE] = "keyboard-interactive",
    [BY_HOSTBASED] = "hostbased",
    [BY_GSSAPI] = "gssapi-with-mic",
};

const char *policy_method_name(enum policy_method method)
{
	return (unsigned)method < BY_COUNT ? names[method] : "unknown";
}

/* The keyword that turns a method on and off, and its value. */
static bool is_on(const struct conf *conf, enum policy_method method, enum keyword_id *keyword)
{
	const struct {
		enum keyword_id keyword;
		bool value;
	} settings[BY_COUNT] = {
	    [BY_NONE] = {KEYWORD_PermitEmptyPasswords,
	        conf->permit_empty_passwords && conf->password_authentication},
	    [BY_PUBLICKEY] = {KEYWORD_PubkeyAuthentication, conf->pubkey_authentication},
	    [BY_PASSWORD] = {KEYWORD_PasswordAuthentication, conf->password_authentication},
	    [BY_KEYBOARD_INTERACTIVE] = {KEYWORD_KbdInteractiveAuthentication,
	        conf->kbd_interactive_authentication},
	    [BY_HOSTBASED] = {KEYWORD_HostbasedAuthentication, conf->hostbased_authentication},
	    [BY_GSSAPI] = {KEYWORD_GSSAPIAuthentication, conf->gssapi_authentication},
	};

	*keyword = settings[method].keyword;
	return settings[method].value;
}

struct factor_text {
	struct slice method, device;
};

static struct factor_text split_factor(struct slice text)
{
	const uint8_t *colon = text.len > 0 ? memchr(text.ptr, ':', text.len) : NULL;
	size_t len = colon ? (size_t)(colon - text.ptr) : text.len;

	return (struct factor_text){slice_first(text, len), slice_after(text, len + 1)};
}

static enum policy_method method_named(struct slice name)
{
	unsigned method = 0;

	while (method < BY_COUNT && !slice_is(name, names[method]))
		method++;
	return (enum policy_method)method;
}

/* Whether the list has the method, with the one-time device or another one. */
static bool list_names(struct slice list, enum policy_method method, bool is_one_time)
{
	struct slice one;

	while (list_next(&list, &one)) {
		struct factor_text factor = split_factor(one);

		if (slice_is(factor.method, names[method]) &&
		    slice_is(factor.device, "otp") == is_one_time)
			return true;
	}
	return false;
}

struct decision policy_method_setting(
    const struct conf *conf, enum policy_method method, bool is_one_time)
{
	const struct conf_texts *lists = &conf->authentication_methods;
	struct decision decision = {.reason = REASON_METHOD_OFF};
	bool adds_otp = is_one_time && conf->second_factor == SECOND_FACTOR_OTP;

	if ((unsigned)method >= BY_COUNT)
		return decision;
	if (!is_on(conf, method, &decision.keyword)) {
		decision.origin = conf->origins[decision.keyword];
		return decision;
	}
	if (method == BY_KEYBOARD_INTERACTIVE && !is_one_time && !conf->use_pam)
		return (struct decision){DENY, REASON_METHOD_NO_DEVICE, KEYWORD_UsePAM,
		    conf->origins[KEYWORD_UsePAM], NULL};
	for (size_t i = 0; i < lists->count; i++)
		if (list_names(slice_text(lists->items[i]), method, is_one_time))
			return (struct decision){PERMIT, REASON_LISTED,
			    KEYWORD_AuthenticationMethods, lists->origins[i], lists->items[i]};
	if (adds_otp)
		return (struct decision){PERMIT, REASON_SETTING_PERMITS, KEYWORD_SecondFactor,
		    conf->origins[KEYWORD_SecondFactor], NULL};
	/* A one-time password is never a login by itself: somebody must have asked for it. */
	if (lists->count > 0 || is_one_time)
		return (struct decision){DENY, REASON_METHOD_NOT_LISTED,
		    KEYWORD_AuthenticationMethods, conf->origins[KEYWORD_AuthenticationMethods],
		    NULL};
	return (struct decision){PERMIT, REASON_SETTING_PERMITS, decision.keyword,
	    conf->origins[decision.keyword], NULL};
}

unsigned policy_methods_enabled(const struct conf *conf)
{
	unsigned enabled = 0;

	for (unsigned method = 0; method < BY_COUNT; method++) {
		enum keyword_id keyword;

		if (is_on(conf, method, &keyword))
			enabled |= 1u << method;
	}
	return enabled;
}

/* A method of a list that can never succeed. */
static bool factor_is_possible(const struct conf *conf, struct slice text)
{
	struct factor_text factor = split_factor(text);
	enum policy_method method = method_named(factor.method);
	enum keyword_id keyword;

	if (method == BY_COUNT || !is_on(conf, method, &keyword))
		return false;
	if (method != BY_KEYBOARD_INTERACTIVE)
		return factor.device.len == 0;
	if (slice_is(factor.device, "otp"))
		return true;
	return conf->use_pam && (factor.device.len == 0 || slice_is(factor.device, "pam"));
}

static bool list_is_possible(const struct conf *conf, struct slice list, struct slice *obstacle)
{
	bool has_other = false;
	struct slice one, whole = list;

	while (list_next(&list, &one)) {
		if (!factor_is_possible(conf, one)) {
			*obstacle = one;
			return false;
		}
		has_other = has_other || !slice_is(split_factor(one).device, "otp");
	}
	if (!has_other)
		*obstacle = whole;
	return has_other;
}

bool policy_methods_are_possible(const struct conf *conf, struct slice *obstacle)
{
	const struct conf_texts *lists = &conf->authentication_methods;
	struct slice first = {0};

	for (size_t i = 0; i < lists->count; i++) {
		struct slice found;

		if (list_is_possible(conf, slice_text(lists->items[i]), &found))
			return true;
		if (i == 0)
			first = found;
	}
	if (lists->count == 0) {
		for (unsigned method = 0; method < BY_COUNT; method++)
			if (factor_is_possible(conf, slice_text(names[method])))
				return true;
	}
	if (obstacle != NULL)
		*obstacle = first;
	return false;
}
