#include "sshd/wire/messages_channel_open.h"

#include "tests/support/suite.h"

enum kind { NOTHING, TCPIP, DIRECT_STREAMLOCAL, FORWARDED_STREAMLOCAL, X11, TUN };

static enum err parse_and_encode(enum kind kind, struct slice fields, struct writer *w)
{
	struct open_tcpip tcpip;
	struct open_x11 x11;
	struct open_tun tun;
	struct slice path;

	switch (kind) {
	case NOTHING:
		TRY(open_nothing_parse(fields));
		break;
	case TCPIP:
		TRY(open_tcpip_parse(fields, &tcpip));
		open_tcpip_encode(w, &tcpip);
		break;
	case DIRECT_STREAMLOCAL:
		TRY(open_direct_streamlocal_parse(fields, &path));
		open_direct_streamlocal_encode(w, path);
		break;
	case FORWARDED_STREAMLOCAL:
		TRY(open_forwarded_streamlocal_parse(fields, &path));
		open_forwarded_streamlocal_encode(w, path);
		break;
	case X11:
		TRY(open_x11_parse(fields, &x11));
		open_x11_encode(w, &x11);
		break;
	case TUN:
		TRY(open_tun_parse(fields, &tun));
		open_tun_encode(w, &tun);
		break;
	}
	return ERR_OK;
}

static const struct {
	enum kind kind;
	struct slice wire;
} opens[] = {
    {NOTHING, BYTES()},
    {TCPIP, BYTES(0, 0, 0, 1, 'h', 0, 0, 0, 22, 0, 0, 0, 1, 'o', 0, 0, 0, 9)},
    {TCPIP, BYTES(0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1, 0, 0)},
    {DIRECT_STREAMLOCAL, BYTES(0, 0, 0, 2, '/', 's', 0, 0, 0, 0, 0, 0, 0, 0)},
    {FORWARDED_STREAMLOCAL, BYTES(0, 0, 0, 2, '/', 's', 0, 0, 0, 0)},
    {X11, BYTES(0, 0, 0, 1, 'o', 0, 0, 0x17, 0x70)},
    {TUN, BYTES(0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff)},
};

START_TEST(every_length_but_the_right_one_is_refused)
{
	uint8_t longer[64] = {0}, room[64];
	struct slice wire = opens[_i].wire;
	struct writer w = writer_into((struct span){room, sizeof(room)});

	for (size_t len = 0; len < wire.len; len++)
		ck_assert_int_eq(
		    parse_and_encode(opens[_i].kind, slice_first(wire, len), &w), ERR_TRUNCATED);
	if (wire.len > 0)
		memcpy(longer, wire.ptr, wire.len);
	ck_assert_int_eq(
	    parse_and_encode(opens[_i].kind, slice_over(longer, wire.len + 1), &w), ERR_TRAILING);
	ck_assert_uint_eq(w.len, 0);
	ck_assert_int_eq(parse_and_encode(opens[_i].kind, wire, &w), ERR_OK);
	ck_assert(slice_equal(writer_view(&w), wire));
}
END_TEST

START_TEST(hosts_and_paths_have_limits)
{
	static const uint8_t wire[8192] = {0, 0, 0x10, 1};
	static const uint8_t host[8192] = {0, 0, 4, 2};
	struct open_tcpip tcpip = {.port = 4242};
	struct slice path = LITERAL("kept");

	ck_assert_int_eq(open_tcpip_parse(SLICE_OF(host), &tcpip), ERR_TOO_LONG);
	ck_assert_uint_eq(tcpip.port, 4242);
	ck_assert_int_eq(open_direct_streamlocal_parse(SLICE_OF(wire), &path), ERR_TOO_LONG);
	ck_assert_int_eq(open_forwarded_streamlocal_parse(SLICE_OF(wire), &path), ERR_TOO_LONG);
	ck_assert(slice_is(path, "kept"));
}
END_TEST

START_TEST(fields_stand_where_the_rfc_has_them)
{
	struct open_tcpip tcpip;

	ck_assert_int_eq(open_tcpip_parse(opens[1].wire, &tcpip), ERR_OK);
	ck_assert(slice_is(tcpip.host, "h") && slice_is(tcpip.originator, "o"));
	ck_assert_uint_eq(tcpip.port, 22);
	ck_assert_uint_eq(tcpip.originator_port, 9);
}
END_TEST

SUITE("messages_channel_open",
    LOOP_TEST(every_length_but_the_right_one_is_refused, COUNT_OF(opens)),
    TEST(hosts_and_paths_have_limits), TEST(fields_stand_where_the_rfc_has_them))
