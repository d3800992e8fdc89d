# Shell completions, made from the tables of options, keywords and verbs.
bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/site-functions
nodist_bashcompletion_DATA = contrib/completions/bash/sshd contrib/completions/bash/sshdctl
nodist_zshcompletion_DATA = contrib/completions/zsh/_sshd contrib/completions/zsh/_sshdctl
completion_files = $(nodist_bashcompletion_DATA) $(nodist_zshcompletion_DATA)
completion_tables = $(srcdir)/sshd/listener/options.c $(srcdir)/config/keywords.def $(srcdir)/config/ctl/main.c
EXTRA_DIST += $(completion_files:=.in)
CLEANFILES += $(completion_files)

$(completion_files): contrib/completions/%: $(srcdir)/contrib/completions/%.in $(completion_tables)
	$(AM_V_GEN)$(MKDIR_P) '$(@D)' && \
	keywords=`$(SED) -n 's/^KEYWORD(\([A-Za-z0-9]*\),.*/\1/p' $(srcdir)/config/keywords.def | tr '\n' ' '` && \
	flags=`$(SED) -n "s/^    {'\(.\)', [a-z]*, on_.*/-\1/p" $(srcdir)/sshd/listener/options.c | grep -v R | tr '\n' ' '` && \
	verbs=`$(SED) -n 's/^    {"\([a-z]*\)", ".*/\1/p' $(srcdir)/config/ctl/main.c | tr '\n' ' '` && \
	$(SED) -e "s/@KEYWORDS[@]/$$keywords/" -e "s/@FLAGS[@]/$$flags/" -e "s/@VERBS[@]/$$verbs/" '$<' > '$@'
