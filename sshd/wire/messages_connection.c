#include "sshd/wire/messages_connection.h"

#include "sshd/base/auto.h"

#define LANGUAGE_LIMIT 256u

static struct reader reader_of(struct slice payload, uint8_t number)
{
	struct reader r = reader_over(payload);

	if (read_byte(&r) != number)
		reader_fail(&r, ERR_UNEXPECTED);
	return r;
}

enum err global_request_parse(struct slice payload, struct global_request *out)
{
	struct reader r = reader_of(payload, SSH_MSG_GLOBAL_REQUEST);
	struct global_request request = {0};

	request.name = read_string(&r, CONNECTION_NAME_LIMIT);
	request.want_reply = read_boolean(&r);
	request.fields = read_rest(&r);

	TRY(reader_finish(&r));
	*out = request;
	return ERR_OK;
}

void global_request_encode(struct writer *w, const struct global_request *request)
{
	write_byte(w, SSH_MSG_GLOBAL_REQUEST);
	write_string(w, request->name);
	write_boolean(w, request->want_reply);
	write_bytes(w, request->fields);
}

enum err request_success_parse(struct slice payload, struct slice *data)
{
	struct reader r = reader_of(payload, SSH_MSG_REQUEST_SUCCESS);
	struct slice rest = read_rest(&r);

	TRY(reader_finish(&r));
	*data = rest;
	return ERR_OK;
}

void request_success_encode(struct writer *w, struct slice data)
{
	write_byte(w, SSH_MSG_REQUEST_SUCCESS);
	write_bytes(w, data);
}

enum err request_failure_parse(struct slice payload)
{
	struct reader r = reader_of(payload, SSH_MSG_REQUEST_FAILURE);

	return reader_finish(&r);
}

void request_failure_encode(struct writer *w)
{
	write_byte(w, SSH_MSG_REQUEST_FAILURE);
}

enum err channel_open_parse(struct slice payload, struct channel_open *out)
{
	struct reader r = reader_of(payload, SSH_MSG_CHANNEL_OPEN);
	struct channel_open open = {0};

	open.type = read_string(&r, CONNECTION_NAME_LIMIT);
	open.sender_channel = read_u32(&r);
	open.initial_window_size = read_u32(&r);
	open.maximum_packet_size = read_u32(&r);
	open.fields = read_rest(&r);

	TRY(reader_finish(&r));
	*out = open;
	return ERR_OK;
}

void channel_open_encode(struct writer *w, const struct channel_open *open)
{
	write_byte(w, SSH_MSG_CHANNEL_OPEN);
	write_string(w, open->type);
	write_u32(w, open->sender_channel);
	write_u32(w, open->initial_window_size);
	write_u32(w, open->maximum_packet_size);
	write_bytes(w, open->fields);
}

enum err channel_open_confirmation_parse(
    struct slice payload, struct channel_open_confirmation *out)
{
	struct reader r = reader_of(payload, SSH_MSG_CHANNEL_OPEN_CONFIRMATION);
	struct channel_open_confirmation confirmation = {0};

	confirmation.recipient_channel = read_u32(&r);
	confirmation.sender_channel = read_u32(&r);
	confirmation.initial_window_size = read_u32(&r);
	confirmation.maximum_packet_size = read_u32(&r);
	confirmation.fields = read_rest(&r);

	TRY(reader_finish(&r));
	*out = confirmation;
	return ERR_OK;
}

void channel_open_confirmation_encode(
    struct writer *w, const struct channel_open_confirmation *confirmation)
{
	write_byte(w, SSH_MSG_CHANNEL_OPEN_CONFIRMATION);
	write_u32(w, confirmation->recipient_channel);
	write_u32(w, confirmation->sender_channel);
	write_u32(w, confirmation->initial_window_size);
	write_u32(w, confirmation->maximum_packet_size);
	write_bytes(w, confirmation->fields);
}

enum err channel_open_failure_parse(struct slice payload, struct channel_open_failure *out)
{
	struct reader r = reader_of(payload, SSH_MSG_CHANNEL_OPEN_FAILURE);
	struct channel_open_failure failure = {0};

	failure.recipient_channel = read_u32(&r);
	failure.reason = read_u32(&r);
	failure.text = read_string(&r, CONNECTION_TEXT_LIMIT);
	read_string(&r, LANGUAGE_LIMIT);

	TRY(reader_finish(&r));
	*out = failure;
	return ERR_OK;
}

void channel_open_failure_encode(struct writer *w, const struct channel_open_failure *failure)
{
	write_byte(w, SSH_MSG_CHANNEL_OPEN_FAILURE);
	write_u32(w, failure->recipient_channel);
	write_u32(w, failure->reason);
	write_string(w, failure->text);
	write_text(w, "");
}

enum err channel_window_adjust_parse(struct slice payload, struct channel_window_adjust *out)
{
	struct reader r = reader_of(payload, SSH_MSG_CHANNEL_WINDOW_ADJUST);
	struct channel_window_adjust adjust = {0};

	adjust.recipient_channel = read_u32(&r);
	adjust.bytes_to_add = read_u32(&r);

	TRY(reader_finish(&r));
	*out = adjust;
	return ERR_OK;
}

void channel_window_adjust_encode(struct writer *w, const struct channel_window_adjust *adjust)
{
	write_byte(w, SSH_MSG_CHANNEL_WINDOW_ADJUST);
	write_u32(w, adjust->recipient_channel);
	write_u32(w, adjust->bytes_to_add);
}

enum err channel_data_parse(struct slice payload, struct channel_data *out)
{
	struct reader r = reader_of(payload, SSH_MSG_CHANNEL_DATA);
	struct channel_data data = {0};

	data.recipient_channel = read_u32(&r);
	data.data = read_string(&r, CHANNEL_DATA_WIRE_LIMIT);

	TRY(reader_finish(&r));
	*out = data;
	return ERR_OK;
}

void channel_data_encode(struct writer *w, const struct channel_data *data)
{
	write_byte(w, SSH_MSG_CHANNEL_DATA);
	write_u32(w, data->recipient_channel);
	write_string(w, data->data);
}

enum err channel_extended_data_parse(struct slice payload, struct channel_extended_data *out)
{
	struct reader r = reader_of(payload, SSH_MSG_CHANNEL_EXTENDED_DATA);
	struct channel_extended_data data = {0};

	data.recipient_channel = read_u32(&r);
	data.data_type = read_u32(&r);
	data.data = read_string(&r, CHANNEL_DATA_WIRE_LIMIT);

	TRY(reader_finish(&r));
	*out = data;
	return ERR_OK;
}

void channel_extended_data_encode(struct writer *w, const struct channel_extended_data *data)
{
	write_byte(w, SSH_MSG_CHANNEL_EXTENDED_DATA);
	write_u32(w, data->recipient_channel);
	write_u32(w, data->data_type);
	write_string(w, data->data);
}

enum err channel_notice_parse(struct slice payload, uint8_t number, uint32_t *recipient_channel)
{
	struct reader r = reader_of(payload, number);
	uint32_t channel = read_u32(&r);

	TRY(reader_finish(&r));
	*recipient_channel = channel;
	return ERR_OK;
}

void channel_notice_encode(struct writer *w, uint8_t number, uint32_t recipient_channel)
{
	write_byte(w, number);
	write_u32(w, recipient_channel);
}

enum err channel_request_parse(struct slice payload, struct channel_request *out)
{
	struct reader r = reader_of(payload, SSH_MSG_CHANNEL_REQUEST);
	struct channel_request request = {0};

	request.recipient_channel = read_u32(&r);
	request.type = read_string(&r, CONNECTION_NAME_LIMIT);
	request.want_reply = read_boolean(&r);
	request.fields = read_rest(&r);

	TRY(reader_finish(&r));
	*out = request;
	return ERR_OK;
}

void channel_request_encode(struct writer *w, const struct channel_request *request)
{
	write_byte(w, SSH_MSG_CHANNEL_REQUEST);
	write_u32(w, request->recipient_channel);
	write_string(w, request->type);
	write_boolean(w, request->want_reply);
	write_bytes(w, request->fields);
}
