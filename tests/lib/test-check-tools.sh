#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What ./check stands on: the counts are right, a failure is never counted away, and with all packages
# there nothing is installed.
. "$PROFBILET_SOURCE/tests/lib/lib-flow.sh"
lib=$PROFBILET_SOURCE/tests/lib

# log NAME RESULT STDOUT: one line of meson's log
log() {
	printf '{"name": "%s", "result": "%s", "stdout": "%s"}\n' "$1" "$2" "$3" >>"$dir/log"
}

counts() {
	expect "$1" "$2" "$lib/count-results" "$dir/log"
	same "  $3" "$3" "$(tail -n 1 "$dir/out")"
	rm "$dir/log"
}

log a OK '[==========] Running 3 test(s).\n[  PASSED  ] 2 test(s).\n[  SKIPPED ] 1 test(s), listed below:\n'
log b OK 'ok 1 - x\nok 2 - y # SKIP no reader\n1..2\n'
log c OK 'any words'
counts 0 'cases of cmocka and TAP and whole programs are counted' '4 passed, 0 failed, 2 skipped'
log a FAIL '[==========] Running 3 test(s).\n[  PASSED  ] 1 test(s).\n[  FAILED  ] 2 test(s), listed below:\n'
counts 1 'failed cases fail the check' '1 passed, 2 failed, 0 skipped'
log a FAIL '[==========] Running 3 test(s).\n[  PASSED  ] 3 test(s).\n'
counts 1 'a program that leaks after its last case has failed' '3 passed, 1 failed, 0 skipped'
log a TIMEOUT ''
counts 1 'a timeout is a failure' '0 passed, 1 failed, 0 skipped'
log a SKIP ''
counts 1 'nothing passed is a failure' '0 passed, 0 failed, 1 skipped'

expect 2 'an unknown list is refused' "$lib/install-packages" nonsense
# A PATH on which installing would be seen to fail.
mkdir "$dir/bin"
for tool in bash env dpkg-query tail cut dirname; do ln -s "$(command -v "$tool")" "$dir/bin/"; done
expect 0 'with all packages there, nothing is asked for' env PATH="$dir/bin" "$lib/install-packages" build
same '  and nothing is said' '' "$(cat "$dir/out" "$dir/err")"
flow_end
