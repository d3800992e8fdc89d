#include "sshd/wire/messages_userauth.h"

#include "sshd/base/auto.h"

static struct reader reader_of(struct slice payload, uint8_t number)
{
	struct reader r = reader_over(payload);

	if (read_byte(&r) != number)
		reader_fail(&r, ERR_UNEXPECTED);
	return r;
}

enum err userauth_request_parse(struct slice payload, struct userauth_request *out)
{
	struct reader r = reader_of(payload, SSH_MSG_USERAUTH_REQUEST);
	struct userauth_request request = {0};

	request.user = read_string(&r, USERAUTH_USER_LIMIT);
	request.service = read_string(&r, USERAUTH_SERVICE_LIMIT);
	request.method = read_string(&r, USERAUTH_METHOD_LIMIT);
	request.fields = read_rest(&r);

	TRY(reader_finish(&r));
	*out = request;
	return ERR_OK;
}

void userauth_request_encode(struct writer *w, const struct userauth_request *request)
{
	write_byte(w, SSH_MSG_USERAUTH_REQUEST);
	write_string(w, request->user);
	write_string(w, request->service);
	write_string(w, request->method);
	write_bytes(w, request->fields);
}

enum err userauth_publickey_parse(
    struct slice fields, bool is_hostbound, struct userauth_publickey *out)
{
	struct reader r = reader_over(fields);
	struct userauth_publickey publickey = {0};

	publickey.has_signature = read_boolean(&r);
	publickey.algorithm = read_string(&r, USERAUTH_ALGORITHM_LIMIT);
	publickey.blob = read_string(&r, USERAUTH_BLOB_LIMIT);
	if (is_hostbound)
		publickey.host_key = read_string(&r, USERAUTH_BLOB_LIMIT);
	if (publickey.has_signature)
		publickey.signature = read_string(&r, USERAUTH_SIGNATURE_LIMIT);

	TRY(reader_finish(&r));
	*out = publickey;
	return ERR_OK;
}

void userauth_publickey_encode(
    struct writer *w, bool is_hostbound, const struct userauth_publickey *publickey)
{
	write_boolean(w, publickey->has_signature);
	write_string(w, publickey->algorithm);
	write_string(w, publickey->blob);
	if (is_hostbound)
		write_string(w, publickey->host_key);
	if (publickey->has_signature)
		write_string(w, publickey->signature);
}

enum err userauth_password_parse(struct slice fields, struct userauth_password *out)
{
	struct reader r = reader_over(fields);
	struct userauth_password password = {0};

	password.is_change = read_boolean(&r);
	password.current = read_string(&r, USERAUTH_PASSWORD_LIMIT);
	if (password.is_change)
		password.replacement = read_string(&r, USERAUTH_PASSWORD_LIMIT);

	TRY(reader_finish(&r));
	*out = password;
	return ERR_OK;
}

void userauth_password_encode(struct writer *w, const struct userauth_password *password)
{
	write_boolean(w, password->is_change);
	write_string(w, password->current);
	if (password->is_change)
		write_string(w, password->replacement);
}

enum err userauth_keyboard_parse(struct slice fields, struct userauth_keyboard *out)
{
	struct reader r = reader_over(fields);
	struct userauth_keyboard keyboard = {0};

	keyboard.language = read_string(&r, USERAUTH_LANGUAGE_LIMIT);
	keyboard.submethods = read_string(&r, USERAUTH_SUBMETHODS_LIMIT);

	TRY(reader_finish(&r));
	*out = keyboard;
	return ERR_OK;
}

void userauth_keyboard_encode(struct writer *w, const struct userauth_keyboard *keyboard)
{
	write_string(w, keyboard->language);
	write_string(w, keyboard->submethods);
}

enum err userauth_failure_parse(struct slice payload, struct userauth_failure *out)
{
	struct reader r = reader_of(payload, SSH_MSG_USERAUTH_FAILURE);
	struct userauth_failure failure = {0};

	failure.methods = read_string(&r, USERAUTH_METHODS_LIMIT);
	failure.is_partial = read_boolean(&r);

	TRY(reader_finish(&r));
	*out = failure;
	return ERR_OK;
}

void userauth_failure_encode(struct writer *w, const struct userauth_failure *failure)
{
	write_byte(w, SSH_MSG_USERAUTH_FAILURE);
	write_string(w, failure->methods);
	write_boolean(w, failure->is_partial);
}

enum err userauth_success_parse(struct slice payload)
{
	struct reader r = reader_of(payload, SSH_MSG_USERAUTH_SUCCESS);

	return reader_finish(&r);
}

void userauth_success_encode(struct writer *w)
{
	write_byte(w, SSH_MSG_USERAUTH_SUCCESS);
}

/* A text and a language tag that nobody uses: the shape of BANNER and PASSWD_CHANGEREQ. */
static enum err text_parse(struct slice payload, uint8_t number, struct slice *out)
{
	struct reader r = reader_of(payload, number);
	struct slice text = read_string(&r, USERAUTH_TEXT_LIMIT);

	read_string(&r, USERAUTH_LANGUAGE_LIMIT);

	TRY(reader_finish(&r));
	*out = text;
	return ERR_OK;
}

static void text_encode(struct writer *w, uint8_t number, struct slice text)
{
	write_byte(w, number);
	write_string(w, text);
	write_text(w, "");
}

enum err userauth_banner_parse(struct slice payload, struct slice *text)
{
	return text_parse(payload, SSH_MSG_USERAUTH_BANNER, text);
}

void userauth_banner_encode(struct writer *w, struct slice text)
{
	text_encode(w, SSH_MSG_USERAUTH_BANNER, text);
}

enum err userauth_pk_ok_parse(struct slice payload, struct userauth_pk_ok *out)
{
	struct reader r = reader_of(payload, SSH_MSG_USERAUTH_PK_OK);
	struct userauth_pk_ok pk_ok = {0};

	pk_ok.algorithm = read_string(&r, USERAUTH_ALGORITHM_LIMIT);
	pk_ok.blob = read_string(&r, USERAUTH_BLOB_LIMIT);

	TRY(reader_finish(&r));
	*out = pk_ok;
	return ERR_OK;
}

void userauth_pk_ok_encode(struct writer *w, const struct userauth_pk_ok *pk_ok)
{
	write_byte(w, SSH_MSG_USERAUTH_PK_OK);
	write_string(w, pk_ok->algorithm);
	write_string(w, pk_ok->blob);
}

enum err userauth_changereq_parse(struct slice payload, struct slice *prompt)
{
	return text_parse(payload, SSH_MSG_USERAUTH_PASSWD_CHANGEREQ, prompt);
}

void userauth_changereq_encode(struct writer *w, struct slice prompt)
{
	text_encode(w, SSH_MSG_USERAUTH_PASSWD_CHANGEREQ, prompt);
}

enum err userauth_info_request_parse(struct slice payload, struct userauth_info_request *out)
{
	struct reader r = reader_of(payload, SSH_MSG_USERAUTH_INFO_REQUEST);
	struct userauth_info_request request = {0};
	uint32_t count;

	request.name = read_string(&r, USERAUTH_TEXT_LIMIT);
	request.instruction = read_string(&r, USERAUTH_TEXT_LIMIT);
	read_string(&r, USERAUTH_LANGUAGE_LIMIT);
	count = read_u32(&r);
	if (count > 1)
		reader_fail(&r, ERR_RANGE);
	if (count == 1) {
		request.has_prompt = true;
		request.prompt = read_string(&r, USERAUTH_TEXT_LIMIT);
		request.echo = read_boolean(&r);
	}

	TRY(reader_finish(&r));
	*out = request;
	return ERR_OK;
}

void userauth_info_request_encode(struct writer *w, const struct userauth_info_request *request)
{
	write_byte(w, SSH_MSG_USERAUTH_INFO_REQUEST);
	write_string(w, request->name);
	write_string(w, request->instruction);
	write_text(w, "");
	write_u32(w, request->has_prompt ? 1 : 0);
	if (request->has_prompt) {
		write_string(w, request->prompt);
		write_boolean(w, request->echo);
	}
}

enum err userauth_info_response_parse(struct slice payload, struct userauth_info_response *out)
{
	struct reader r = reader_of(payload, SSH_MSG_USERAUTH_INFO_RESPONSE);
	struct userauth_info_response response = {0};

	response.count = read_u32(&r);
	if (response.count > USERAUTH_PROMPT_COUNT)
		reader_fail(&r, ERR_RANGE);
	response.strings = r.left;
	for (uint32_t i = 0; i < response.count && r.err == ERR_OK; i++)
		read_string(&r, USERAUTH_RESPONSE_LIMIT);

	TRY(reader_finish(&r));
	*out = response;
	return ERR_OK;
}

void userauth_info_response_encode(struct writer *w, const struct userauth_info_response *response)
{
	write_byte(w, SSH_MSG_USERAUTH_INFO_RESPONSE);
	write_u32(w, response->count);
	write_bytes(w, response->strings);
}
