#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Kills the ledger, or fails its disk, at the N-th system call, for N = 1, 2, 3 ..., and after each holds it to
# what it had said was durable: nothing lost, nothing doubled, no finding of the audit, and the same work
# ends well when it is done again.
#
#     crash-sweep.sh DRIVER           a sample of the points (PROFBILET_SWEEP_POINTS, 24)
#     PROFBILET_SWEEP=full crash-sweep.sh DRIVER      every point
set -euo pipefail

driver=$1
cards=3
# LeakSanitizer is a tracer itself and cannot work beside strace; the driver's leaks are found by its own test.
export ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0
command -v strace >/dev/null || { echo "strace is not installed"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
strace -o /dev/null true 2>/dev/null || { echo "strace may not trace here"; exit 77; }

"$driver" create "$folder"
cp "$folder/office.db" "$folder/pristine"

restore() {
	rm -f "$folder"/office.db*
	cp "$folder/pristine" "$folder/office.db"
}

# call, kind of failure, N
attempt() {
	restore
	local code=0
	# In a shell of its own, whose word that something was killed is not wanted.
	(
		strace -o /dev/null -e trace="$1" -e inject="$1:$2:when=$3" "$driver" run "$folder" "$cards" \
			>"$folder/said" 2>"$folder/words"
		exit $?
	) 2>/dev/null || code=$?
	# 0: it did not matter; 2, 3: an error that was reported; 127: the program could not be loaded; 137: killed.
	case $code in 0 | 2 | 3 | 127 | 137) ;; *)
		echo "not ok: $1:$2 at $3: exit $code: $(cat "$folder/words")"
		return 1 ;;
	esac
	if ! "$driver" check "$folder" "$cards" "$folder/said" >"$folder/again" 2>"$folder/words"; then
		echo "not ok: $1:$2 at $3: $(cat "$folder/words")"
		return 1
	fi
	[ "$(sqlite3 "$folder/office.db" 'PRAGMA integrity_check')" = ok ] || { echo "not ok: $1:$2 at $3: integrity"; return 1; }
}

# Every point there is, as lines "call kind N".
points() {
	local call kind n
	restore
	strace -o "$folder/trace" -e trace=pwrite64,fdatasync,fsync,ftruncate,openat,unlink,pread64,fcntl \
		"$driver" run "$folder" "$cards" >/dev/null
	for call in pwrite64 fdatasync ftruncate pread64 openat unlink fcntl; do
		n=$(grep -c "^$call(" "$folder/trace" || true)
		for kind in signal=KILL error=EIO error=ENOSPC; do
			case $call:$kind in openat:error=* | unlink:error=* | fcntl:error=* | pread64:error=ENOSPC) continue ;; esac
			for ((i = 1; i <= n; i++)); do echo "$call $kind $i"; done
		done
		# A disk that stays full.
		if [ "$call" = pwrite64 ]; then
			for ((i = 1; i <= n; i++)); do echo "$call error=ENOSPC $i+"; done
		fi
	done
}

points >"$folder/points"
all=$(wc -l <"$folder/points")
step=1
if [ "${PROFBILET_SWEEP:-}" != full ]; then
	step=$((all / ${PROFBILET_SWEEP_POINTS:-24} + 1))
fi
tried=0 failed=0
while read -r call kind n; do
	tried=$((tried + 1))
	attempt "$call" "$kind" "$n" </dev/null || failed=$((failed + 1))
done < <(awk -v step="$step" 'NR % step == 0 || step == 1' "$folder/points")
echo "$tried of $all points: $failed failed"
[ "$failed" -eq 0 ] && [ "$tried" -gt 10 ]
