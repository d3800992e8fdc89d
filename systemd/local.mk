# Units, accounts and directories.
units = systemd/sshd.service systemd/sshd.socket systemd/sshd@.service systemd/sshd-hostkeys.service
EXTRA_DIST += $(units:=.in) systemd/sysusers.conf systemd/tmpfiles.conf systemd/sshd.catalog

if HAVE_SYSTEMD
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d
catalogdir = $(prefix)/lib/systemd/catalog

nodist_systemdsystemunit_DATA = $(units)
CLEANFILES += $(units)

$(units): systemd/%: $(srcdir)/systemd/%.in Makefile
	$(AM_V_GEN)$(MKDIR_P) systemd && $(SED) -e 's,[@]sbindir[@],$(sbindir),g' \
		-e 's,[@]bindir[@],$(bindir),g' -e 's,[@]sysconfdir[@],$(sysconfdir),g' '$<' > '$@'

install-data-local: install-units-beside
install-units-beside:
	$(MKDIR_P) '$(DESTDIR)$(sysusersdir)' '$(DESTDIR)$(tmpfilesdir)' '$(DESTDIR)$(catalogdir)'
	$(INSTALL_DATA) '$(srcdir)/systemd/sysusers.conf' '$(DESTDIR)$(sysusersdir)/sekisho.conf'
	$(INSTALL_DATA) '$(srcdir)/systemd/tmpfiles.conf' '$(DESTDIR)$(tmpfilesdir)/sekisho.conf'
	$(INSTALL_DATA) '$(srcdir)/systemd/sshd.catalog' '$(DESTDIR)$(catalogdir)/sekisho.catalog'

uninstall-local: uninstall-units-beside
uninstall-units-beside:
	rm -f '$(DESTDIR)$(sysusersdir)/sekisho.conf' '$(DESTDIR)$(tmpfilesdir)/sekisho.conf' \
		'$(DESTDIR)$(catalogdir)/sekisho.catalog'
endif
