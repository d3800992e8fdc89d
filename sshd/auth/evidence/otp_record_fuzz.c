/* What parses is written as it parses again, and a try never panics. */
#include <assert.h>

#include "sshd/auth/evidence/otp_record.h"
#include "sshd/base/auto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf_wipe) struct buf out = buf_empty(OTP_RECORD_LIMIT);
	struct otp_record record, again;
	enum verdict verdict = PERMIT;
	bool is_recovery = false;

	if (otp_record_parse(slice_over(data, size), &record) != ERR_OK)
		return 0;
	assert(otp_record_encode(&record, &out) == ERR_OK);
	assert(otp_record_parse(buf_view(&out), &again) == ERR_OK);
	assert(again.otp.mark == record.otp.mark && again.recovery_count == record.recovery_count);
	assert(otp_record_try(&record, slice_over(data, size < 20 ? size : 20), 1700000000, &verdict, &is_recovery) ==
	    ERR_OK);
	assert(record.recovery_count <= again.recovery_count && record.otp.mark >= again.otp.mark);
	return 0;
}
