#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The software card under a real pcscd, spoken to by opensc-tool; and that with-virtual-readers keeps its
# promises: exit codes, two at once, nothing listening outside, nothing left behind.
# pcscd_flow.sh WITH_VIRTUAL_READERS PROFBILET_SOFTCARD THROUGHPUT
set -eu

with=$1 softcard=$2 throughput=$3
SELECT=00A404000BF050524F4642494C45540100
THROUGHPUT_MIN=5000 COMMANDS=4000

fail() { echo "FAILED: $*" >&2; exit 1; }
expect() { grep -qF -- "$2" <<<"$1" || fail "expected \"$2\" in: $1"; }

# ---- inside

feed_readers() {
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	"$softcard" new "$work/tray" --count 2 --seed flow
	local ports=() port
	for port in $PROFBILET_VPCD_PORTS; do ports+=(--connect "127.0.0.1:$port"); done
	"$softcard" run "${ports[@]}" --tray "$work/tray" --done "$work/done" --advance never &
	for _ in $(seq 100); do
		[ "$(opensc-tool -l | grep -c ' Yes ')" = 2 ] && return
		sleep 0.05
	done
	fail "pcscd never saw two cards"
}

check_answers() {
	expect "$(opensc-tool -r 0 -a)" 3b:85:80:01:80:73:84:21:00:52
	local answer
	answer=$(opensc-tool -r 0 -s FFCA000000 -s $SELECT -s 00B0810000 -s 00A40400 -s 80CA00E000)
	expect "$answer" "6F 20 84 0B F0 50 52 4F 46 42 49 4C 45 54 01 A5"
	expect "$answer" "SW1=0x69, SW2=0x85"
	expect "$answer" "E0 12 C0 04 01 FF 88 10"
	local first second
	first=$(opensc-tool -r 0 -s FFCA000000 | tail -1)
	second=$(opensc-tool -r 1 -s FFCA000000 | tail -1)
	[ "$first" != "$second" ] || fail "two readers hold one card"
}

measure() {
	local rate
	rate=$("$throughput" $COMMANDS)
	echo "through pcscd: $rate APDU/s"
	[ "$rate" -ge $THROUGHPUT_MIN ] || echo "SLOW: fewer than $THROUGHPUT_MIN APDU/s on this machine"
	# A wrong socket option costs 40 ms a command, 25 a second; a busy machine does not do that.
	[ "$rate" -ge 250 ] || fail "$rate APDU/s: delayed acknowledgements are back"
}

if [ "${4:-}" = --inside ]; then
	feed_readers
	check_answers
	measure
	exit 0
fi

# ---- outside

command -v opensc-tool >/dev/null || { echo "SKIP: needs opensc-tool (Debian: opensc)"; exit 77; }
user=; [ "$(id -u)" = 0 ] || user="--user --map-root-user"
# shellcheck disable=SC2086
unshare $user --mount --net --pid --fork --mount-proc true 2>/dev/null ||
	{ echo "SKIP: this machine allows no namespaces"; exit 77; }

"$with" --readers 2 -- "$BASH" "$0" "$with" "$softcard" "$throughput" --inside

status=0; "$with" -- sh -c 'exit 7' || status=$?
[ "$status" = 7 ] || fail "exit code 7 became $status"

# A port nobody else uses; its four hexadecimal digits as /proc/net/tcp writes a listening socket.
port=41963
marker=91.$$
seen=$(mktemp)
first='' second=''
trap 'kill -KILL $first $second 2>/dev/null || true; rm -f "$seen"' EXIT
"$with" --readers 4 --port-base $port -- sh -c "opensc-tool -l | grep -c Profbilet; exec sleep $marker" >>"$seen" &
first=$!
"$with" --readers 2 --port-base $port -- sh -c "opensc-tool -l | grep -c Profbilet; exec sleep $marker" >>"$seen" &
second=$!
for _ in $(seq 100); do [ "$(wc -l <"$seen")" = 2 ] && break; sleep 0.05; done
[ "$(sort "$seen" | tr '\n' ' ')" = "2 4 " ] || fail "two at once: $(cat "$seen")"
for ((i = 0; i < 4; i++)); do
	! grep -qi ":$(printf %04X $((port + i))) .* 0A " /proc/net/tcp || fail "port $((port + i)) listens outside"
done
kill -KILL $first
kill -TERM $second
wait $first $second 2>/dev/null || true
for _ in $(seq 40); do pgrep -f "sleep $marker" >/dev/null || break; sleep 0.05; done
! pgrep -f "sleep $marker" >/dev/null || fail "processes were left behind"
echo "with-virtual-readers: exit code kept, two at once, nothing outside, nothing left"
