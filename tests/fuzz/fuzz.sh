#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Fuzz for real: build the targets with clang, ASan and UBSan, run each for SECONDS (60), and bring what
# it learnt back into tests/fuzz/corpus/ minimised.  The first finding stops the run, keeps the input
# beside the build and exits 1.
#
#     tests/fuzz/fuzz.sh [SECONDS] [TARGET ...]         PROFBILET_CORPUS_MAX=N caps an entry at N bytes
set -euo pipefail

source_dir=$(cd "$(dirname "$0")/../.." && pwd)
build=$source_dir/build-fuzz
seconds=60
if [[ ${1:-} =~ ^[0-9]+$ ]]; then
	seconds=$1
	shift
fi

if ! [ -f "$build/build.ninja" ]; then
	CC=${CC:-clang-14} meson setup "$build" "$source_dir" -Dfuzz=true -Db_sanitize=address,undefined \
		-Db_lundef=false >/dev/null
fi
if [ $# -gt 0 ]; then
	targets=("$@")
else
	mapfile -t targets < <(sed -n "s/^  '\([a-z0-9_]*\)': .*/\1/p" "$source_dir/tests/fuzz/meson.build")
fi
if ! ninja -C "$build" "${targets[@]/#/tests/fuzz/fuzz_}" >"$build/fuzz-build.log"; then
	cat "$build/fuzz-build.log" >&2
	exit 1
fi

export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

# The run works on a copy: a corpus in the tree changes only by the minimised merge at the end.
fuzz_one() {
	local target=$1 work=$build/fuzz-$1 corpus=$source_dir/tests/fuzz/corpus/$1
	local options=(-max_len="${PROFBILET_CORPUS_MAX:-4096}" -rss_limit_mb=2048 -timeout=10 -artifact_prefix="$work/finding-")

	mkdir -p "$work/found" "$corpus"
	if ! "$build/tests/fuzz/fuzz_$target" "${options[@]}" -max_total_time="$seconds" -print_final_stats=1 \
		"$work/found" "$corpus" >"$work/log" 2>&1; then
		tail -n 40 "$work/log" >&2
		echo "$target: a finding is kept in $work/finding-*" >&2
		return 1
	fi
	rm -rf "$work/minimal"
	mkdir "$work/minimal"
	# By places reached and not by how often: that keeps dozens of files where counting keeps thousands.
	"$build/tests/fuzz/fuzz_$target" "${options[@]}" -use_counters=0 -merge=1 "$work/minimal" "$corpus" "$work/found" \
		>>"$work/log" 2>&1
	merge_back "$work/minimal" "$corpus"
	echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$work/log") runs in $seconds s, no finding"
}

# Entries written by hand keep their names; what the fuzzer found is added under its digest.
merge_back() {
	local minimal=$1 corpus=$2 file known

	known=$(find "$corpus" -type f -exec sha1sum {} + | cut -d' ' -f1)
	for file in "$minimal"/*; do
		[ -f "$file" ] || continue
		grep -q "$(sha1sum <"$file" | cut -d' ' -f1)" <<<"$known" || cp "$file" "$corpus/"
	done
}

for target in "${targets[@]}"; do
	fuzz_one "$target"
done
