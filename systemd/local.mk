# Units, accounts and directories.
EXTRA_DIST += systemd/sshd.service.in systemd/sysusers.conf systemd/tmpfiles.conf

if HAVE_SYSTEMD
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d

nodist_systemdsystemunit_DATA = systemd/sshd.service
CLEANFILES += systemd/sshd.service

systemd/sshd.service: $(srcdir)/systemd/sshd.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) systemd && $(SED) -e 's,[@]sbindir[@],$(sbindir),g' \
		-e 's,[@]sysconfdir[@],$(sysconfdir),g' $(srcdir)/systemd/sshd.service.in > $@

install-data-local: install-units-beside
install-units-beside:
	$(MKDIR_P) '$(DESTDIR)$(sysusersdir)' '$(DESTDIR)$(tmpfilesdir)'
	$(INSTALL_DATA) '$(srcdir)/systemd/sysusers.conf' '$(DESTDIR)$(sysusersdir)/sekisho.conf'
	$(INSTALL_DATA) '$(srcdir)/systemd/tmpfiles.conf' '$(DESTDIR)$(tmpfilesdir)/sekisho.conf'

uninstall-local: uninstall-units-beside
uninstall-units-beside:
	rm -f '$(DESTDIR)$(sysusersdir)/sekisho.conf' '$(DESTDIR)$(tmpfilesdir)/sekisho.conf'
endif
