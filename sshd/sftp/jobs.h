/*
 * Requests that take long: copies and hashes of large files. They are carried out a slice at a
 * time while other requests are served, and answered when they are done. A request that names a
 * handle that a job works with waits for the job, so that both happen in their order.
 */
#pragma once

#include "sshd/sftp/reply.h"

#define SFTP_JOB_LIMIT    8u  /* at a time; the next one waits, and what comes behind it */
#define SFTP_JOB_SLICE_MS 10u /* for so long nothing else is done */

struct sftp_session;
struct sftp_handle;

#define SFTP_NO_HANDLE UINT32_MAX

/* Embedded as the first member of what a kind of job needs besides; on the heap. */
struct sftp_job {
	struct sftp_job *next;
	uint32_t id, version; /* of the request, for the reply */
	uint32_t handles[2];  /* slots of the handles it works with, or SFTP_NO_HANDLE */

	/*
	 * Works until `deadline_ms` of sftp_now_ms. SFTP_LATER: there is more to do. Anything else
	 * ends the job, as what a handler returns ends a request.
	 */
	enum sftp_status (*step)(struct sftp_session *session, struct sftp_job *job,
	    uint64_t deadline_ms, struct sftp_reply *reply);
	void (*release)(struct sftp_job *job);
};

struct sftp_jobs {
	struct sftp_job *first;
	unsigned count;
};

/*
 * Takes a job over, and works on it for a first slice: most are done by then, and what is
 * returned is the answer to the request. SFTP_LATER: it goes on by itself.
 */
enum sftp_status sftp_job_begin(
    struct sftp_session *session, struct sftp_job *job, struct sftp_reply *reply);

/* A slice of the job whose turn it is. ERR_NO_MEMORY: there is none for its reply. */
enum err sftp_jobs_work(struct sftp_session *session, struct buf *out);

/* Gives them up. */
void sftp_jobs_wipe(struct sftp_jobs *jobs);

/* Of CLOCK_MONOTONIC. */
uint64_t sftp_now_ms(void);
