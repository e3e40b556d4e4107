#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The process that holds the keys knows the ledger's entries, and no database: neither the library nor a name of it is
# in the program.
#
#     links.sh KEYD
set -euo pipefail

keyd=$1
libraries=$(ldd "$keyd")
grep -q libcrypto <<<"$libraries" || { echo "not ok: ldd names no libraries"; exit 1; }
if grep -i sqlite <<<"$libraries"; then
	echo "not ok: a library"
	exit 1
fi
symbols=$(nm -a "$keyd")
if grep -iE 'sqlite|pb_store_' <<<"$symbols"; then
	echo "not ok: a symbol"
	exit 1
fi
grep -q pb_merkle_append <<<"$symbols" || { echo "not ok: nm names no symbols"; exit 1; }
