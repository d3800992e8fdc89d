noinst_LIBRARIES += sshd/base/libbase.a
sshd_base_libbase_a_SOURCES = \
	sshd/base/auto.h \
	sshd/base/buf.c sshd/base/buf.h \
	sshd/base/compare.c sshd/base/compare.h \
	sshd/base/err.c sshd/base/err.h \
	sshd/base/events.def \
	sshd/base/fd.c sshd/base/fd.h \
	sshd/base/file.c sshd/base/file.h \
	sshd/base/inheritance.c sshd/base/inheritance.h \
	sshd/base/journal.c \
	sshd/base/log.c sshd/base/log.h \
	sshd/base/loop.c sshd/base/loop.h \
	sshd/base/secret.c sshd/base/secret.h  \
	sshd/base/sibling.c sshd/base/sibling.h \
	sshd/base/slice.h \
	sshd/base/text.c sshd/base/text.h \
	sshd/base/verdict.h \
	sshd/base/title.c sshd/base/title.h

UNIT_TESTS += sshd/base/inheritance_test sshd/base/title_test
sshd_base_inheritance_test_LDADD = sshd/base/libbase.a $(test_libs)
sshd_base_title_test_LDADD = sshd/base/libbase.a $(test_libs)
