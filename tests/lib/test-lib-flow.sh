#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The helpers of lib-flow.sh say "not ok" when they should, clean up and end what they started.
. "$PROFBILET_SOURCE/tests/lib/lib-flow.sh"

# Runs lines of a test in a shell of its own; its TAP is in $dir/inner.
inner() {
	TMPDIR=$dir bash -c ". '$PROFBILET_SOURCE/tests/lib/lib-flow.sh'"$'\n'"$1" >"$dir/inner" 2>&1
}

said() {
	if grep -qxF -e "$2" "$dir/inner"; then
		pass "$1"
	else
		fail "$1"
		note <"$dir/inner"
	fi
}

inner 'expect 0 fine true; flow_end' && pass 'a good test ends well'
said 'a step that does as expected is ok' 'ok 1 - fine'
said 'the plan counts the steps' '1..1'
inner 'expect 0 bad false; flow_end' || pass 'a test with a failed step fails'
said 'a wrong exit code is not ok' 'not ok 1 - bad'
inner 'expect 3 three sh -c "exit 3"; flow_end'
said 'another exit code than 0 can be what is expected' 'ok 1 - three'
inner 'expect 0 x echo some words; output_has here "some w.rds"; output_has there nothing; flow_end'
said 'output is searched' 'ok 2 - here'
said 'and what it does not hold is not ok' 'not ok 3 - there'
inner 'same a b b; same c d e; flow_end'
said 'equal texts are the same' 'ok 1 - a'
said 'others are not' 'not ok 2 - c'
inner 'STEP_SECONDS=1; expect 0 slow sleep 20; flow_end'
said 'a step that hangs is killed and not ok' 'not ok 1 - slow'
inner 'background sleep 300; echo "$!"; wait_until 1 false || pass over; flow_end'
said 'waiting ends' 'ok 1 - over'
if kill -0 "$(sed -n '/^[0-9]*$/p;q' "$dir/inner")" 2>/dev/null; then
	fail 'what ran in the background has ended'
else
	pass 'what ran in the background has ended'
fi
inner 'flow_skip no reader'
said 'a test can be skipped with its reason' '1..0 # SKIP no reader'
same 'no folder is left behind' '' "$(find "$dir" -mindepth 1 -name 'profbilet-flow.*')"
flow_end
