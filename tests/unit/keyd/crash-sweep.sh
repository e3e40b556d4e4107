#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Kills office and key process at the N-th system call of each kind, for N = 1, 2, 3 ..., and holds the count to what
# was signed: no card twice, the next one once, no second serial; and the ledger goes on, also when it lost its last
# batch, and knows the card that it began and could not tell any more.
#
# A disk that fails is not met here: strace makes a call fail by making it another one, for which the confinement
# kills profbilet-keyd.  Files that do fail are in test_keyd.c.
#
#     crash-sweep.sh DRIVER KEYD
set -euo pipefail

driver=$1 keyd=$2
cards=2
points=7 # two cards, three records each, and one more
# LeakSanitizer is a tracer itself and cannot work beside strace.
export ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0
command -v strace >/dev/null || { echo "strace is not installed"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
strace -o /dev/null true 2>/dev/null || { echo "strace may not trace here"; exit 77; }

"$driver" create "$folder/pristine"

restore() {
	rm -rf "$folder/office"
	cp -a "$folder/pristine" "$folder/office"
}

# call, N
attempt() {
	restore
	local code=0
	# In a shell of its own, whose word that something was killed is not wanted.
	(
		strace -f -o /dev/null -e trace="$1" -e inject="$1:signal=KILL:when=$2" "$driver" run "$folder/office" "$keyd" "$cards" \
			>"$folder/said" 2>"$folder/words"
		exit $?
	) 2>/dev/null || code=$?
	# 0: it did not matter; 3: an error that was reported; 137: the office was killed.
	case $code in 0 | 3 | 137) ;; *)
		echo "not ok: $1 at $2: exit $code: $(cat "$folder/words")"
		return 1 ;;
	esac
	"$driver" check "$folder/office" "$keyd" "$(grep -c begun "$folder/said")" "$(grep -c issued "$folder/said")" 2>"$folder/words" && return 0
	echo "not ok: $1 at $2: $(cat "$folder/words")"
	return 1
}

tried=0 failed=0
for call in pwrite64 fdatasync sendmsg recvmsg; do
	for ((i = 1; i <= points; i++)); do
		tried=$((tried + 1))
		attempt "$call" "$i" </dev/null || failed=$((failed + 1))
	done
done
echo "$tried points: $failed failed"
[ "$failed" -eq 0 ] && [ "$tried" -gt 10 ]
