#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Faces a second of processor time against reportlab on the same card, and the memory of 1,000 cards.  Both take
# turns, and the median of the rounds' ratios counts, so that a busy moment of the machine decides nothing.
# A batch without QR codes has no goal: reportlab then copies a photo, which ours decodes, scales and encodes.
#
#     bench_faces.sh BENCH_FACES LAYOUT FONTS PHOTOS [SECONDS [ROUNDS]]
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
bench=$1 layout=$2 fonts=$3 photos=$4 seconds=${5:-1} rounds=${6:-5}
code="https://pb.example/v#$(printf 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567%.0s' {1..11})" # 352 characters: 220 bytes

if ! /usr/bin/python3 -c 'import reportlab' 2>/dev/null; then
	echo "skipped: nothing to compare with (tests/lib/install-packages bench brings python3-reportlab)"
	exit 77
fi

compare() { # NAME MODE URL GOAL
	for ((i = 0; i < rounds; i++)); do
		ours=$("$bench" "$2" "$seconds" "$layout" "$fonts" "$photos" "$3")
		theirs=$(/usr/bin/python3 "$here/bench_faces.py" "$2" "$seconds" "$layout" "$fonts" "$photos" "$3")
		echo "$ours $theirs"
	done | awk '{ print $1 / $2, $1, $2 }' | sort -g |
		awk -v name="$1" -v goal="$4" '{ ratio[NR] = $1; ours[NR] = $2; theirs[NR] = $3 }
			END { m = int((NR + 1) / 2)
			      printf "faces %-9s ratio=%.2f goal=%s  rounds=%d of %.2f to %.2f  ours=%.0f/s reportlab=%.1f/s\n",
				     name, ratio[m], goal, NR, ratio[1], ratio[NR], ours[m], theirs[m] }'
}

compare "single" single "" 3
compare "single+qr" single "$code" 10
compare "batch" batch "" none
compare "batch+qr" batch "$code" 10
echo "faces memory of 1,000 cards: $("$bench" memory 1000 "$layout" "$fonts" "$photos" "$code") MB goal=150"
