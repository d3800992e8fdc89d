#!/bin/sh
# Runs constant_time_check under Valgrind; skipped where there is none. First it must see a leak.
program=${SEKISHO_BUILD:-.}/sshd/crypto/constant_time_check

command -v valgrind >/dev/null || { echo 'skipped: no valgrind'; exit 77; }

watch() {
	valgrind --quiet --error-exitcode=99 --track-origins=no "$program" "$@"
}

watch nothing >/dev/null 2>&1 || {
	echo 'skipped: valgrind cannot run the program (no memcheck.h, sanitizers, newer debug format)'
	exit 77
}
watch leak >/dev/null 2>&1
[ $? -eq 99 ] || { echo 'valgrind does not see a deliberate leak' >&2; exit 1; }
watch
