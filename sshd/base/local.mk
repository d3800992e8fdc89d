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
	sshd/base/sanitizers.c \
	sshd/base/secret.c sshd/base/secret.h  \
	sshd/base/sibling.c sshd/base/sibling.h \
	sshd/base/slice.h \
	sshd/base/text.c sshd/base/text.h \
	sshd/base/verdict.h \
	sshd/base/title.c sshd/base/title.h

UNIT_TESTS += sshd/base/inheritance_test sshd/base/title_test
sshd_base_inheritance_test_LDADD = sshd/base/libbase.a $(test_libs)
sshd_base_title_test_LDADD = sshd/base/libbase.a $(test_libs)

base_libs = sshd/base/libbase.a

UNIT_TESTS += sshd/base/buf_test sshd/base/file_test sshd/base/log_test sshd/base/loop_test sshd/base/text_test
sshd_base_buf_test_LDADD = $(base_libs) $(test_libs)
sshd_base_file_test_LDADD = $(base_libs) $(test_libs)
sshd_base_log_test_LDADD = $(base_libs) $(test_libs)
sshd_base_loop_test_LDADD = $(base_libs) $(test_libs)
sshd_base_text_test_LDADD = $(base_libs) $(test_libs)

FUZZ_TARGETS += sshd/base/text_fuzz
sshd_base_text_fuzz_LDADD = $(fuzz_main) $(base_libs)
sshd_base_text_fuzz_LDFLAGS = $(fuzz_ldflags)
