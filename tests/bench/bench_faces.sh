#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Faces a second against reportlab on the same card, in one run, and the memory of 1,000 cards.
#
#     bench_faces.sh BENCH_FACES LAYOUT FONTS PHOTO [SECONDS]
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
bench=$1 layout=$2 fonts=$3 photo=$4 seconds=${5:-5}
code="https://pb.example/v#$(printf 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567%.0s' {1..11})" # 352 characters: 220 bytes

if ! /usr/bin/python3 -c 'import reportlab' 2>/dev/null; then
	echo "python3-reportlab is not installed: nothing to compare with"
	exit 77
fi

# Best of two turns each, taken in turn, so that a busy moment of the machine hits both.
compare() { # NAME MODE URL
	local ours=0 theirs=0
	for _ in 1 2; do
		ours=$("$bench" "$2" "$seconds" "$layout" "$fonts" "$photo" "$3" | sort -g - <(echo "$ours") | tail -1)
		theirs=$(/usr/bin/python3 "$here/bench_faces.py" "$2" "$seconds" "$layout" "$fonts" "$photo" "${3:-noqr}" |
			sort -g - <(echo "$theirs") | tail -1)
	done
	awk -v name="$1" -v a="$ours" -v b="$theirs" \
		'BEGIN { printf "%-28s %8.1f faces/s   reportlab %7.1f   ratio %.1f\n", name, a, b, a / b }'
}

compare "one card a document, no QR" single ""
compare "one card a document" single "$code"
compare "100 cards a document, no QR" batch ""
compare "100 cards a document" batch "$code"
echo "1,000 cards: $("$bench" memory 1000 "$layout" "$fonts" "$photo" "$code") MB at most"
