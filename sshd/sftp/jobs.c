#include "sshd/sftp/jobs.h"

#include <time.h>

#include "sshd/base/auto.h"
#include "sshd/sftp/session.h"

uint64_t sftp_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void mark_handles(struct sftp_session *session, const struct sftp_job *job, bool is_busy)
{
	for (size_t i = 0; i < COUNT_OF(job->handles); i++)
		if (job->handles[i] != SFTP_NO_HANDLE)
			session->handles.slots[job->handles[i]].is_busy = is_busy;
}

static void append(struct sftp_jobs *jobs, struct sftp_job *job)
{
	struct sftp_job **end = &jobs->first;

	while (*end != NULL)
		end = &(*end)->next;
	job->next = NULL;
	*end = job;
}

enum sftp_status sftp_job_begin(
    struct sftp_session *session, struct sftp_job *job, struct sftp_reply *reply)
{
	enum sftp_status status;

	job->id = reply->id;
	job->version = reply->version;
	status = job->step(session, job, sftp_now_ms() + SFTP_JOB_SLICE_MS, reply);
	if (status != SFTP_LATER) {
		job->release(job);
		return status;
	}
	mark_handles(session, job, true);
	append(&session->jobs, job);
	session->jobs.count++;
	return SFTP_LATER;
}

enum err sftp_jobs_work(struct sftp_session *session, struct buf *out)
{
	struct sftp_job *job = session->jobs.first;
	struct sftp_reply reply = {.out = out, .id = job->id, .version = job->version};
	enum sftp_status status =
	    job->step(session, job, sftp_now_ms() + SFTP_JOB_SLICE_MS, &reply);
	bool is_told = true;

	session->jobs.first = job->next;
	if (status == SFTP_LATER) {
		append(&session->jobs, job);
		return ERR_OK;
	}
	session->jobs.count--;
	mark_handles(session, job, false);
	job->release(job);
	if (!reply.is_sent)
		is_told = reply_status(&reply, status);
	return is_told ? ERR_OK : ERR_NO_MEMORY;
}

void sftp_jobs_wipe(struct sftp_jobs *jobs)
{
	while (jobs->first != NULL) {
		struct sftp_job *job = jobs->first;

		jobs->first = job->next;
		job->release(job);
	}
	jobs->count = 0;
}
