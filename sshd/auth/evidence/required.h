/*
 * Which methods are still missing: AuthenticationMethods and what has been earned of it.
 * RFC 4252 sections 5.1 and 5.4; sshd_config(5).
 */
#pragma once

#include "sshd/auth/evidence/verdict.h"
#include "sshd/wire/writer.h"

enum auth_method {
	METHOD_NONE,
	METHOD_PUBLICKEY,
	METHOD_PASSWORD,
	METHOD_KEYBOARD_INTERACTIVE,
	METHOD_HOSTBASED,
	METHOD_GSSAPI,
	METHOD_COUNT,
	METHOD_UNKNOWN = METHOD_COUNT, /* something else; never in a list */
};

/* Of keyboard-interactive. A bare name in a list means DEVICE_PAM. */
enum auth_device { DEVICE_NONE, DEVICE_PAM, DEVICE_OTP, DEVICE_COUNT };

struct factor {
	uint8_t method; /* enum auth_method */
	uint8_t device; /* enum auth_device */
};

#define FACTORS_LIMIT       8u  /* in one list */
#define REQUIRED_LISTS_LIMIT 64u

struct factor_list {
	struct factor factors[FACTORS_LIMIT];
	uint8_t count, earned; /* the first `earned` of `count` */
};

struct required {
	struct factor_list lists[REQUIRED_LISTS_LIMIT];
	unsigned count;    /* 0: any single method will do */
	uint32_t enabled;  /* bits 1 << method, of configuration and build */
	uint32_t devices;  /* bits 1 << device */
	bool adds_otp;     /* SecondFactor otp: appended to whatever else suffices */
	struct factor_list any; /* with adds_otp and no list: the method earned, then otp */
};

#define METHOD_BIT(method) (1u << (method))

const char *method_name(enum auth_method method);
const char *device_name(enum auth_device device); /* "pam", "otp"; "" for DEVICE_NONE */

/*
 * One list, such as "publickey,keyboard-interactive:otp".
 *
 * ERR_MALFORMED: an unknown or empty name, a device on another method. ERR_LIMIT.
 */
enum err factor_list_parse(struct slice text, struct factor_list *list);

/*
 * Nothing is earned yet. `texts` are the lists of AuthenticationMethods; the single word "any",
 * or none at all, means that each enabled method suffices. Lists that name a method or device
 * that is not enabled can never be completed and are left out.
 *
 * ERR_CONFIG: no list is left, or one asks for nothing but a one-time password: nobody could,
 * or anybody with a code could, log in. ERR_MALFORMED, ERR_LIMIT.
 */
enum err required_init(struct required *required, const struct slice *texts, size_t count,
    uint32_t enabled, uint32_t devices, bool adds_otp);

/* May this factor be tried now? */
enum verdict required_wants(const struct required *required, struct factor factor);

/* The device that keyboard-interactive would use now; DEVICE_NONE: it is not wanted. */
enum auth_device required_device(const struct required *required);

/*
 * The factor was earned. PERMIT: nothing is missing any more. DENY: partial success, or it was
 * not wanted in the first place.
 */
enum verdict required_earn(struct required *required, struct factor factor);

/* Writes the names of what can continue, as for SSH_MSG_USERAUTH_FAILURE, without a length field. */
void required_offer(const struct required *required, struct writer *names);
