# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# For tests that run the real programs: each step is one line of TAP (meson: protocol: 'tap').
#
#	. "$PROFBILET_SOURCE/tests/lib/lib-flow.sh"
#	expect 0 'an office is made' profbilet --config "$dir/office.conf" office init
#	expect 11 'a wrong check digit is refused' profbilet issue 123
#	output_has 'and the sentence says why' 'check digit'
#	flow_end
#
# $dir is a folder of the test's own, removed at the end (PROFBILET_KEEP=1 keeps it).  A step that lasts
# longer than $STEP_SECONDS is killed and fails.  What `background` started is killed on any exit.
# A script that dies before flow_end has printed no plan, and meson calls that a failure.

set -u
: "${PROFBILET_BUILD:?run me with meson test, or set PROFBILET_BUILD and PROFBILET_SOURCE}"
: "${PROFBILET_SOURCE:?}"
export LC_ALL=C.UTF-8
export LANGUAGE=en PROFBILET_LANGUAGE=en
PATH=$PROFBILET_BUILD/issuer/cli:$PROFBILET_BUILD/issuer/daemon:$PROFBILET_BUILD/softcard:$PATH

: "${STEP_SECONDS:=60}"
flow_count=0
flow_failures=0
flow_children=()
dir=$(mktemp -d "${TMPDIR:-/tmp}/profbilet-flow.XXXXXX")

flow_cleanup() {
	local child

	for child in "${flow_children[@]}"; do
		kill -TERM "$child" 2>/dev/null && wait "$child" 2>/dev/null
	done
	if [ "${PROFBILET_KEEP:-}" = 1 ]; then
		echo "# kept: $dir"
	else
		rm -rf "$dir"
	fi
}
trap flow_cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# pass SENTENCE / fail SENTENCE: a step the script decided by itself.
pass() {
	flow_count=$((flow_count + 1))
	echo "ok $flow_count - $1"
}

fail() {
	flow_count=$((flow_count + 1))
	flow_failures=$((flow_failures + 1))
	echo "not ok $flow_count - $1"
}

# note WORDS...: a line for whoever reads the log.  With no words, what comes in.
note() {
	if [ $# -gt 0 ]; then echo "# $*"; else sed 's/^/# /'; fi
}

# expect STATUS SENTENCE COMMAND...: runs it without stdin; $dir/out and $dir/err hold what it said.
expect() {
	local wanted=$1 sentence=$2 status=0
	shift 2

	timeout --kill-after=5 "$STEP_SECONDS" "$@" </dev/null >"$dir/out" 2>"$dir/err" || status=$?
	if [ "$status" = "$wanted" ]; then
		pass "$sentence"
		return 0
	fi
	fail "$sentence"
	note "exit $status, not $wanted: $*"
	tail -n 20 "$dir/out" "$dir/err" | note
	return 1
}

# output_has SENTENCE PATTERN: what the last `expect` printed, out or err, holds the extended pattern.
output_has() {
	if grep -qE -e "$2" "$dir/out" "$dir/err"; then
		pass "$1"
		return 0
	fi
	fail "$1"
	note "nothing matches: $2"
	tail -n 20 "$dir/out" "$dir/err" | note
	return 1
}

# holds SENTENCE COMMAND...: a command or function of the script succeeds; what it says is not kept.
holds() {
	local sentence=$1
	shift
	if "$@" >/dev/null 2>&1; then pass "$sentence"; else fail "$sentence"; fi
}

# same SENTENCE EXPECTED FOUND: two texts are equal.
same() {
	if [ "$2" = "$3" ]; then
		pass "$1"
		return 0
	fi
	fail "$1"
	note "expected: $2"
	note "found:    $3"
	return 1
}

# background COMMAND...: runs beside the test; $! is its process, $dir/background-N its output.
background() {
	"$@" </dev/null >"$dir/background-${#flow_children[@]}" 2>&1 &
	flow_children+=("$!")
}

# wait_until SECONDS COMMAND...: tries every 50 ms; false when the time is over.
wait_until() {
	local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
	shift

	until "$@" >/dev/null 2>&1; do
		[ "${EPOCHREALTIME/[.,]/}" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# flow_skip REASON: the whole test cannot run here.  Only for a tool or a right this machine lacks.
flow_skip() {
	echo "1..0 # SKIP $*"
	exit 0
}

# The last line of every script.
flow_end() {
	echo "1..$flow_count"
	[ "$flow_failures" = 0 ]
	exit
}
