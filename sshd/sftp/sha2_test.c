#include "sshd/sftp/sha2.h"

#include "sshd/base/text.h"
#include "tests/support/suite.h"

/* clang-format off */
/* The first two of each are NIST's examples, the others stand around the ends of blocks. */
static const struct {
	const char *name;
	const char *text; /* repeated `count` times */
	size_t count;
	const char *digest;
} vectors[] = {
    {"sha224", "", 0,
	"d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f"},
    {"sha224", "abc", 1,
	"23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"},
    {"sha224", "a", 56,
	"d40854fc9caf172067136f2e29e1380b14626bf6f0dd06779f820dcd"},
    {"sha224", "a", 112,
	"0336b66821946e7f1052102e3b9c29f3039efe9b261746370305f894"},
    {"sha224", "a", 1000000,
	"20794655980c91d8bbb4c1ea97618a4bf03f42581948b2ee4ee7ad67"},
    {"sha256", "", 0,
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"sha256", "abc", 1,
	"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"sha256", "a", 55,
	"9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
    {"sha256", "a", 56,
	"b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
    {"sha256", "a", 63,
	"7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
    {"sha256", "a", 64,
	"ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
    {"sha256", "a", 111,
	"6374f73208854473827f6f6a3f43b1f53eaa3b82c21c1a6d69a2110b2a79baad"},
    {"sha256", "a", 112,
	"f54353008a2553262ecdc4a34749563ba0950e8b0fc8652780b0a614b99683c1"},
    {"sha256", "a", 127,
	"c57e9278af78fa3cab38667bef4ce29d783787a2f731d4e12200270f0c32320a"},
    {"sha256", "a", 128,
	"6836cf13bac400e9105071cd6af47084dfacad4e5e302c94bfed24e013afb73e"},
    {"sha256", "a", 1000,
	"41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"},
    {"sha256", "a", 1000000,
	"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
    {"sha384", "", 0,
	"38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da" "274edebfe76f65fbd51ad2f14898b95b"},
    {"sha384", "abc", 1,
	"cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed" "8086072ba1e7cc2358baeca134c825a7"},
    {"sha384", "a", 56,
	"8a8d9649ea04e993a6ca7135af7e3392cc5fca84f8531cac7aa3feed4eb98f55" "dcbe0f3284b61c6f35f98b02cc644b4c"},
    {"sha384", "a", 112,
	"187d4e07cb306103c69967bf544d0dfbe9042577599c73c330abc0cb64c61236" "d5ed565ee19119d8c31779a38f791fcd"},
    {"sha384", "a", 1000000,
	"9d0e1809716474cb086e834e310a4a1ced149e9c00f248527972cec5704c2a5b" "07b8b3dc38ecc4ebae97ddd87f3d8985"},
    {"sha512", "", 0,
	"cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce" "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"},
    {"sha512", "abc", 1,
	"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    {"sha512", "a", 55,
	"b0220c772cbf6c1822e2cb38a437d0e1d58772417a4bbb21c961364f8b6143e0" "5aa6316dca8d1d7b19e16448419076395f6086cb55101fbd6d5497b148e1745f"},
    {"sha512", "a", 56,
	"962b64aae357d2a4fee3ded8b539bdc9d325081822b0bfc55583133aab44f18b" "afe11d72a7ae16c79ce2ba620ae2242d5144809161945f1367f41b3972e26e04"},
    {"sha512", "a", 63,
	"c1b0f5c6d3b03dfe4a2602e67242f54e344090b66e01100a469b129f583f016c" "7e27dddeaa438393dcc7ec54b0b57c9ba7af007f9b56db5f6fb677d972a31362"},
    {"sha512", "a", 64,
	"01d35c10c6c38c2dcf48f7eebb3235fb5ad74a65ec4cd016e2354c637a8fb49b" "695ef3c1d6f7ae4cd74d78cc9c9bcac9d4f23a73019998a7f73038a5c9b2dbde"},
    {"sha512", "a", 111,
	"fa9121c7b32b9e01733d034cfc78cbf67f926c7ed83e82200ef8681819692176" "0b4beff48404df811b953828274461673c68d04e297b0eb7b2b4d60fc6b566a2"},
    {"sha512", "a", 112,
	"c01d080efd492776a1c43bd23dd99d0a2e626d481e16782e75d54c2503b5dc32" "bd05f0f1ba33e568b88fd2d970929b719ecbb152f58f130a407c8830604b70ca"},
    {"sha512", "a", 127,
	"828613968b501dc00a97e08c73b118aa8876c26b8aac93df128502ab360f91ba" "b50a51e088769a5c1eff4782ace147dce3642554199876374291f5d921629502"},
    {"sha512", "a", 128,
	"b73d1929aa615934e61a871596b3f3b33359f42b8175602e89f7e06e5f658a24" "3667807ed300314b95cacdd579f3e33abdfbe351909519a846d465c59582f321"},
    {"sha512", "a", 1000,
	"67ba5535a46e3f86dbfbed8cbbaf0125c76ed549ff8b0b9e03e0c88cf90fa634" "fa7b12b47d77b694de488ace8d9a65967dc96df599727d3292a8d9d447709c97"},
    {"sha512", "a", 1000000,
	"e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb" "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b"},
};
/* clang-format on */

static void check_digest(struct sha2 *sha2, const char *expect)
{
	AUTO(buf_wipe) struct buf hex = buf_empty(2 * SHA2_DIGEST_LIMIT);
	uint8_t digest[SHA2_DIGEST_LIMIT];

	ck_assert_int_eq(text_append_hex(&hex, sha2_end(sha2, digest)), ERR_OK);
	ck_assert_msg(slice_is(buf_view(&hex), expect), "got %.*s", (int)buf_len(&hex),
	    (const char *)buf_view(&hex).ptr);
}

START_TEST(digests_are_those_published)
{
	struct sha2 sha2 = sha2_begin(sha2_named(slice_text(vectors[_i].name)));

	for (size_t i = 0; i < vectors[_i].count; i++)
		sha2_add(&sha2, slice_text(vectors[_i].text));
	check_digest(&sha2, vectors[_i].digest);
}
END_TEST

START_TEST(pieces_make_no_difference)
{
	const struct slice text = slice_text(vectors[_i].text);
	uint8_t all[1000];
	size_t total = vectors[_i].count * text.len;

	if (total > sizeof(all))
		return;
	for (size_t i = 0; i < total; i++)
		all[i] = text.ptr[i % text.len];
	for (size_t piece = 1; piece < 300; piece += 7) {
		struct sha2 sha2 = sha2_begin(sha2_named(slice_text(vectors[_i].name)));

		for (size_t at = 0; at < total; at += piece)
			sha2_add(
			    &sha2, slice_first(slice_after(slice_over(all, total), at), piece));
		check_digest(&sha2, vectors[_i].digest);
	}
}
END_TEST

START_TEST(names_are_exact)
{
	ck_assert_ptr_null(sha2_named(LITERAL("sha1")));
	ck_assert_ptr_null(sha2_named(LITERAL("SHA256")));
	ck_assert_ptr_null(sha2_named(LITERAL("")));
	ck_assert_ptr_null(sha2_named(LITERAL("sha2560")));
	ck_assert_ptr_nonnull(sha2_named(LITERAL("sha512")));
}
END_TEST

SUITE("sha2", LOOP_TEST(digests_are_those_published, COUNT_OF(vectors)),
    LOOP_TEST(pieces_make_no_difference, COUNT_OF(vectors)), TEST(names_are_exact))
