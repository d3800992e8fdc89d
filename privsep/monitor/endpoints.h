/* Whether the endpoint lists of a login's keys let a forward through. Pure. */
#pragma once

#include "sshd/auth/evidence/restrictions.h"

/*
 * Each list must have an entry for this host and port (restrictions.h); no list, no objection.
 *
 * is_listen   permitlisten: a bare port is an entry too, and hosts are patterns; of permitopen
 *             they are names to the letter, "*" alone stands for all
 */
enum verdict endpoints_permit(const struct endpoint_lists *lists, struct slice host, uint16_t port,
    bool is_listen);

/* A socket's path is in no list of TCP endpoints: where there is one, it is not permitted. */
enum verdict endpoints_permit_path(const struct endpoint_lists *lists);
