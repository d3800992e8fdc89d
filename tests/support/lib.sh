# Sourced by the test scripts: cases, a scratch folder, accounts that exist for the test alone,
# servers of ours (and Debian's beside them) on free ports of 127.0.0.1.
#
# A script prints a line a case; contrib/check counts them.

set -uo pipefail
: "${SEKISHO_SOURCE:=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}"
: "${SEKISHO_BUILD:=$SEKISHO_SOURCE/build/check}"
export SEKISHO_SOURCE SEKISHO_BUILD

failures=0
ok() { echo "ok $*"; }
not_ok() { echo "not ok $*"; failures=$((failures + 1)); }
skip() { echo "skip $*"; }

# check NAME COMMAND... : a case that passes when the command does.
check() {
	local name=$1 out
	shift
	if out=$("$@" 2>&1); then ok "$name"; else not_ok "$name: ${out:0:400}"; fi
}
# same NAME EXPECTED ACTUAL
same() { if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1: expected '${2:0:200}', got '${3:0:200}'"; fi; }
# has NAME PATTERN TEXT : the extended regular expression is found
has() { if grep -qE -- "$2" <<<"$3"; then ok "$1"; else not_ok "$1: no '$2' in '${3:0:300}'"; fi; }
needs() { # needs COMMAND... : else the whole script is skipped
	local command
	for command in "$@"; do
		command -v "$command" >/dev/null 2>&1 || { skip "${0##*/}: $command is not installed"; exit 77; }
	done
}
finish() { [ $failures = 0 ]; exit; }

# until_true SECONDS COMMAND... : polls for what nobody announces; false when time is up.
until_true() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		read -r -t 0.05 <> <(:) || :
	done
}

# ------------------------------------------------------------------- accounts

# private_accounts SCRIPT ARGS... : as root, runs the script again in a mount namespace whose
# /etc has the accounts alice and bob (homes below /srv, key and shell), and those of the
# server. This machine's own /etc is never written.
private_accounts() {
	[ "$(id -u)" = 0 ] || return 0
	[ -z "${SEKISHO_PRIVATE:-}" ] || { make_homes; return 0; }
	SEKISHO_PRIVATE=yes exec unshare --mount --propagation private bash -c '
		set -e
		etc=$(mktemp -d)
		for file in passwd group shadow; do cp -a "/etc/$file" "$etc/"; done
		account() { # account NAME UID HOME SHELL PASSWORD
			sed -i "/^$1:/d" "$etc/passwd" "$etc/group" "$etc/shadow"
			echo "$1:x:$2:$2::$3:$4" >>"$etc/passwd"
			echo "$1:x:$2:" >>"$etc/group"
			echo "$1:$5:19000:0:99999:7:::" >>"$etc/shadow"
		}
		account alice 7001 /srv/alice /bin/bash "*"
		account bob 7002 /srv/bob /bin/bash "*"
		account noshell 7003 /srv/noshell /nonexistent "*"
		account locked 7004 /srv/locked /bin/bash "!"
		[ -n "${SEKISHO_NO_ACCOUNTS:-}" ] || account sekisho-net 7901 /nonexistent /usr/sbin/nologin "*"
		[ -n "${SEKISHO_NO_ACCOUNTS:-}" ] || account sekisho-sign 7902 /nonexistent /usr/sbin/nologin "*"
		echo "extra:x:7100:alice" >>"$etc/group"
		for file in passwd group shadow; do mount --bind "$etc/$file" "/etc/$file"; done
		mount -t tmpfs -o mode=755 tmpfs /srv
		mount -t tmpfs -o mode=755 tmpfs /run/sshd 2>/dev/null || { mkdir -p /run/sshd; }
		exec "$@"' bash "$0" "$@"
}
make_homes() {
	local name
	for name in alice bob noshell locked; do
		mkdir -p "/srv/$name/.ssh"
		cp "$keys/id_ed25519.pub" "/srv/$name/.ssh/authorized_keys"
		chown -R "$name:$name" "/srv/$name"
		chmod 700 "/srv/$name/.ssh"
	done
}

# -------------------------------------------------------------------- scratch

scratch=$(mktemp -d "${TMPDIR:-/tmp}/sekisho-test.XXXXXX")
chmod 755 "$scratch"
keys=$scratch/keys
mkdir "$keys"
ssh-keygen -q -t ed25519 -N '' -C test -f "$keys/id_ed25519"
pids=()
clean_up() {
	local pid
	for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || :; done
	for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || :; done
	rm -rf "$scratch"
}
trap clean_up EXIT

is_root() { [ "$(id -u)" = 0 ]; }
me() { if is_root; then echo alice; else id -un; fi; }

make_key() { # make_key TYPE [BITS] : prints the path
	local path=$keys/id_$1${2:+_$2}
	[ -f "$path" ] || ssh-keygen -q -t "$1" ${2:+-b "$2"} -N '' -C test -f "$path"
	echo "$path"
}
authorize() { # authorize ACCOUNT PUBLIC_KEY_FILE
	if is_root; then cat "$2" >>"/srv/$1/.ssh/authorized_keys"; else cat "$2" >>"$scratch/authorized_keys"; fi
}

free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# -------------------------------------------------------------------- servers

# write_configuration FILE PORT [LINE...] : a configuration for either server.
write_configuration() {
	local file=$1 port=$2 type
	shift 2
	for type in ed25519 ecdsa rsa; do
		[ -f "$scratch/host_$type" ] || ssh-keygen -q -t $type -N '' -C '' -f "$scratch/host_$type"
	done
	{
		printf '%s\n' "$@"
		echo "Port $port"
		echo "ListenAddress 127.0.0.1"
		for type in ed25519 ecdsa rsa; do echo "HostKey $scratch/host_$type"; done
		if ! is_root; then
			echo "AuthorizedKeysFile $scratch/authorized_keys"
			echo "StrictModes no"
		fi
		echo "PidFile none"
		echo "Subsystem sftp internal-sftp"
		echo "MaxStartups 100"
		echo "PerSourcePenalties no"
	} >"$file"
	[ -f "$scratch/authorized_keys" ] || cp "$keys/id_ed25519.pub" "$scratch/authorized_keys"
	printf '[127.0.0.1]:%s %s\n' "$port" "$(cut -d' ' -f1,2 "$scratch/host_ed25519.pub")" \
		"$port" "$(cut -d' ' -f1,2 "$scratch/host_ecdsa.pub")" \
		"$port" "$(cut -d' ' -f1,2 "$scratch/host_rsa.pub")" >>"$scratch/known_hosts"
}

# start_server [LINE...] : ours, with more configuration lines; sets port, server, server_log.
start_server() {
	port=$(free_port)
	server_log=$scratch/server.$port.log
	write_configuration "$scratch/sshd_config.$port" "$port" "$@"
	launch_server "$SEKISHO_BUILD/sshd/sshd" -D -e -f "$scratch/sshd_config.$port" -o "LibexecDir=$SEKISHO_BUILD" \
		${server_options[@]+"${server_options[@]}"}
}
server_options=() server_prefix=()
launch_server() { # launch_server COMMAND... : waits until it listens
	: >"$server_log"
	${server_prefix[@]+"${server_prefix[@]}"} "$@" >>"$server_log" 2>&1 </dev/null &
	server=$!
	pids+=("$server")
	until_true 15 has_begun
	grep -q 'Server listening on' "$server_log" || {
		not_ok "the server starts: $(tail -n 5 "$server_log")"
		finish
	}
}
has_begun() { grep -q 'Server listening on' "$server_log" || ! kill -0 "$server" 2>/dev/null; }
stop_server() { kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; }

# start_debian [LINE...] : Debian's sshd beside ours, for comparison; sets debian_port.
start_debian() {
	local saved_port=${port:-} saved_server=${server:-} saved_log=${server_log:-}
	debian_port=$(free_port)
	server_log=$scratch/debian.log
	write_configuration "$scratch/debian_config" "$debian_port" "UsePAM no" "$@"
	sed -i '/^PerSourcePenalties/d' "$scratch/debian_config"
	launch_server /usr/sbin/sshd -D -e -f "$scratch/debian_config"
	debian=$server debian_log=$server_log
	port=$saved_port server=$saved_server server_log=$saved_log
}

# -------------------------------------------------------------------- clients

ssh_options() { # the options of every stock client, for port $1
	echo "-F none -p $1 -i $keys/id_ed25519 -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=yes" \
		"-o UserKnownHostsFile=$scratch/known_hosts -o GlobalKnownHostsFile=none -o ConnectTimeout=20" \
		"-o IdentityAgent=none -o LogLevel=ERROR"
}
# run_ssh [OPTION...] [COMMAND] as the test account on $port: a timeout keeps a hang from hiding.
run_ssh() { timeout "${ssh_seconds:-60}" ssh $(ssh_options "$port") -l "$(me)" "$@"; }
to_us() { run_ssh "$@"; }
