#include "sshd/transport/negotiate.h"
#include "tests/support/suite.h"

/* The lists of one side, short ones for those that do not matter. */
struct offer {
	const char *kex, *host_key, *cipher, *mac, *compression;
	bool guesses;
};

static struct kexinit kexinit_of(const struct offer *offer)
{
	struct kexinit kexinit = {.first_kex_packet_follows = offer->guesses};

	kexinit.lists[KEXINIT_KEX] = slice_text(offer->kex ? offer->kex : "curve25519-sha256");
	kexinit.lists[KEXINIT_HOST_KEY] =
	    slice_text(offer->host_key ? offer->host_key : "ssh-ed25519");
	for (unsigned direction = 0; direction < TRANSPORT_DIRECTIONS; direction++) {
		kexinit.lists[KEXINIT_CIPHER_CLIENT_TO_SERVER + direction] =
		    slice_text(offer->cipher ? offer->cipher : "aes128-ctr");
		kexinit.lists[KEXINIT_MAC_CLIENT_TO_SERVER + direction] =
		    slice_text(offer->mac ? offer->mac : "hmac-sha2-256");
		kexinit.lists[KEXINIT_COMPRESSION_CLIENT_TO_SERVER + direction] =
		    slice_text(offer->compression ? offer->compression : "none");
	}
	return kexinit;
}

static const struct transport_host_key host_keys[] = {
    {LITERAL("rsa-sha2-512,rsa-sha2-256"), LITERAL("rsa")},
    {LITERAL("ssh-ed25519"), LITERAL("ed25519")},
};

static const struct {
	const char *why;
	struct offer client, server;
	const char *what; /* of the mismatch */
} refusals[] = {
    {"no method", {.kex = "a,b"}, {0}, "key exchange method"},
    {"no method we have, in both lists", {.kex = "a"}, {.kex = "a"}, "key exchange method"},
    {"an empty list", {.kex = ""}, {0}, "key exchange method"},
    {"a part of a name", {.kex = "curve25519-sha25"}, {0}, "key exchange method"},
    {"only the markers in common", {.kex = "ext-info-s,kex-strict-s-v00@openssh.com"},
        {.kex = "curve25519-sha256,ext-info-s,kex-strict-s-v00@openssh.com"},
        "key exchange method"},
    {"no host key", {.host_key = "ssh-dss"}, {0}, "host key type"},
    {"a host key type in our list that no key of ours has", {.host_key = "ecdsa-sha2-nistp256"},
        {.host_key = "ecdsa-sha2-nistp256,ssh-ed25519"}, "host key type"},
    {"a host key of ours that our list leaves out", {.host_key = "rsa-sha2-512"},
        {.host_key = "ssh-ed25519"}, "host key type"},
    {"no cipher", {.cipher = "3des-cbc"}, {0}, "cipher"},
    {"no MAC beside a cipher that needs one", {.mac = "hmac-md5"}, {0}, "MAC"},
    {"no compression", {.compression = "zlib"}, {0}, "compression method"},
};

START_TEST(mismatches_are_named)
{
	struct kexinit client = kexinit_of(&refusals[_i].client),
	               server = kexinit_of(&refusals[_i].server);
	struct negotiation negotiation = {.is_guess_wrong = true};
	struct transport_mismatch mismatch = {0};
	enum err got =
	    negotiate(&client, &server, host_keys, COUNT_OF(host_keys), &negotiation, &mismatch);

	ck_assert_msg(got == ERR_NO_COMMON, "%s: got %s", refusals[_i].why, err_name(got));
	ck_assert_str_eq(mismatch.what, refusals[_i].what);
	ck_assert(negotiation.is_guess_wrong && negotiation.algorithms.kex == NULL);
}
END_TEST

static const struct {
	const char *why;
	struct offer client, server;
	const char *kex, *signature, *cipher, *mac, *compression;
	size_t host_key;
} choices[] = {
    {"all the same", {0}, {0}, "curve25519-sha256", "ssh-ed25519", "aes128-ctr", "hmac-sha2-256",
        "none", 1},
    {"the client's order decides",
        {"ecdh-sha2-nistp256,curve25519-sha256", "rsa-sha2-256,rsa-sha2-512",
            "aes256-ctr,aes128-ctr", "hmac-sha1,hmac-sha2-256", "zlib@openssh.com,none", false},
        {"curve25519-sha256,ecdh-sha2-nistp256", "ssh-ed25519,rsa-sha2-512,rsa-sha2-256",
            "aes128-ctr,aes256-ctr", "hmac-sha2-256,hmac-sha1", "none,zlib@openssh.com", false},
        "ecdh-sha2-nistp256", "rsa-sha2-256", "aes256-ctr", "hmac-sha1", "zlib@openssh.com", 0},
    {"names that nobody knows are passed over",
        {.kex = "x,y,curve25519-sha256", .cipher = "rot13,aes128-ctr"},
        {.kex = "x,curve25519-sha256", .cipher = "rot13,aes128-ctr"}, "curve25519-sha256",
        "ssh-ed25519", "aes128-ctr", "hmac-sha2-256", "none", 1},
    {"a marker repeated by a confused client is no method",
        {.kex = "kex-strict-s-v00@openssh.com,curve25519-sha256"},
        {.kex = "curve25519-sha256,kex-strict-s-v00@openssh.com"}, "curve25519-sha256",
        "ssh-ed25519", "aes128-ctr", "hmac-sha2-256", "none", 1},
    {"a cipher with a tag needs no MAC in common",
        {.cipher = "aes128-gcm@openssh.com", .mac = "hmac-md5"},
        {.cipher = "aes128-gcm@openssh.com"}, "curve25519-sha256", "ssh-ed25519",
        "aes128-gcm@openssh.com", NULL, "none", 1},
    {"nor any MAC at all", {.cipher = "aes128-gcm@openssh.com", .mac = ""},
        {.cipher = "aes128-gcm@openssh.com"}, "curve25519-sha256", "ssh-ed25519",
        "aes128-gcm@openssh.com", NULL, "none", 1},
};

START_TEST(choices_are_made)
{
	struct kexinit client = kexinit_of(&choices[_i].client),
	               server = kexinit_of(&choices[_i].server);
	struct transport_mismatch mismatch = {0};
	struct negotiation got;

	ck_assert_msg(
	    negotiate(&client, &server, host_keys, COUNT_OF(host_keys), &got, &mismatch) == ERR_OK,
	    "%s: no %s", choices[_i].why, mismatch.what);
	ck_assert_str_eq(got.algorithms.kex->name, choices[_i].kex);
	ck_assert_str_eq(got.algorithms.signature->name, choices[_i].signature);
	ck_assert_uint_eq(got.algorithms.host_key, choices[_i].host_key);
	for (unsigned direction = 0; direction < TRANSPORT_DIRECTIONS; direction++) {
		ck_assert_str_eq(got.algorithms.cipher[direction]->name, choices[_i].cipher);
		ck_assert_str_eq(
		    got.algorithms.compression[direction]->name, choices[_i].compression);
		ck_assert_int_eq(got.algorithms.mac[direction] == NULL, choices[_i].mac == NULL);
		if (choices[_i].mac != NULL)
			ck_assert_str_eq(got.algorithms.mac[direction]->name, choices[_i].mac);
	}
}
END_TEST

/* The two directions are two choices. */
START_TEST(directions_are_apart)
{
	struct kexinit client = kexinit_of(&(struct offer){0});
	struct kexinit server =
	    kexinit_of(&(struct offer){.cipher = "aes128-ctr,chacha20-poly1305@openssh.com"});
	struct transport_mismatch mismatch = {0};
	struct negotiation got;

	client.lists[KEXINIT_CIPHER_SERVER_TO_CLIENT] = LITERAL("chacha20-poly1305@openssh.com");
	ck_assert_int_eq(
	    negotiate(&client, &server, host_keys, COUNT_OF(host_keys), &got, &mismatch), ERR_OK);
	ck_assert_str_eq(got.algorithms.cipher[TRANSPORT_CLIENT_TO_SERVER]->name, "aes128-ctr");
	ck_assert_str_eq(got.algorithms.cipher[TRANSPORT_SERVER_TO_CLIENT]->name,
	    "chacha20-poly1305@openssh.com");
	ck_assert_ptr_nonnull(got.algorithms.mac[TRANSPORT_CLIENT_TO_SERVER]);
	ck_assert_ptr_null(got.algorithms.mac[TRANSPORT_SERVER_TO_CLIENT]);
}
END_TEST

static const struct {
	const char *why;
	struct offer client, server;
	bool is_wrong;
} guesses[] = {
    {"no guess", {.kex = "x,curve25519-sha256"}, {0}, false},
    {"right", {.guesses = true}, {0}, false},
    {"right, only the first names count", {.kex = "curve25519-sha256,x", .guesses = true},
        {.kex = "curve25519-sha256,y"}, false},
    {"another method first", {.kex = "x,curve25519-sha256", .guesses = true}, {0}, true},
    {"our list begins otherwise", {.guesses = true},
        {.kex = "ecdh-sha2-nistp256,curve25519-sha256"}, true},
    {"another host key first", {.host_key = "rsa-sha2-512,ssh-ed25519", .guesses = true},
        {.host_key = "ssh-ed25519,rsa-sha2-512"}, true},
    {"ciphers are no part of the guess", {.cipher = "aes256-ctr,aes128-ctr", .guesses = true}, {0},
        false},
};

START_TEST(guesses_are_judged)
{
	struct kexinit client = kexinit_of(&guesses[_i].client),
	               server = kexinit_of(&guesses[_i].server);
	struct transport_mismatch mismatch = {0};
	struct negotiation got;

	ck_assert_int_eq(
	    negotiate(&client, &server, host_keys, COUNT_OF(host_keys), &got, &mismatch), ERR_OK);
	ck_assert_msg(got.is_guess_wrong == guesses[_i].is_wrong, "%s", guesses[_i].why);
}
END_TEST

SUITE("negotiate", LOOP_TEST(mismatches_are_named, COUNT_OF(refusals)),
    LOOP_TEST(choices_are_made, COUNT_OF(choices)), TEST(directions_are_apart),
    LOOP_TEST(guesses_are_judged, COUNT_OF(guesses)))
