#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The random source can be chosen in the seeded library and in nothing that is installed.
# no_random_hook.sh NM PROGRAM LIBRARY SEEDED_LIBRARY
set -eu
nm=$1 hook=softcard_test_seed
shift
for object in "$1" "$2"; do
	! "$nm" "$object" | grep -q "$hook" || { echo "FAILED: $object contains $hook"; exit 1; }
done
"$nm" "$3" | grep -q "$hook" || { echo "FAILED: $3 lacks $hook: this test looks for the wrong name"; exit 1; }
echo "no hook in $1 and $2"
