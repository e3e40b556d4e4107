# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# An office for flow tests, after lib-flow.sh: made in $dir/office, with one member who has a card coming.
#
#	. "$PROFBILET_SOURCE/tests/lib/lib-flow.sh"
#	. "$PROFBILET_SOURCE/tests/lib/lib-office.sh"
#	office_make 'card.photo_required=yes"
#	office_member Жамсаранова            # prints the member's number
#	office pb ...                         # the command on this office
#
# `card_put TRAY [WORDS...]` puts the cards of a folder on the first virtual reader of with-virtual-readers.

# shellcheck disable=SC2154 # $dir is lib-flow.sh's
conf=$dir/office/profbilet.conf
pb=(profbilet --config "$conf")

# office_token: a SoftHSM token in $dir/tokens, by $module, with $pin or 246810 as its PIN, in $dir/pin; and what an office
# needs to keep its keys there, in $settings, or with profbilet-keyd, which has no environment, in $child_settings.
office_token() {
	module=$(find /usr/lib -name libsofthsm2.so | head -n 1)
	[ -n "$module" ] || flow_skip 'SoftHSM is not installed'
	: "${pin:=246810}"
	mkdir "$dir/tokens"
	export SOFTHSM2_CONF=$dir/softhsm2.conf
	# SoftHSM 2.6 loses a few bytes with each Ed25519 key and is unloaded by then, so they cannot be told from ours:
	# the same steps over key files look for ours.
	export ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0
	printf 'directories.tokendir = %s\nlog.level = ERROR\n' "$dir/tokens" >"$SOFTHSM2_CONF"
	softhsm2-util --init-token --free --label office --pin "$pin" --so-pin officer >/dev/null
	(umask 077 && echo "$pin" >"$dir/pin")
	settings=keys.backend=pkcs11,keys.process=in-process,keys.pkcs11_module=$module,keys.pkcs11_token=office,keys.pin_file=$dir/pin
	# shellcheck disable=SC2034 # for who makes the office
	child_settings=${settings/in-process/child},keys.pkcs11_environment=SOFTHSM2_CONF=$SOFTHSM2_CONF,keys.pkcs11_storage=$dir/tokens
}

office_make() {
	profbilet office create "$dir/office" --test-keys --set "keys.allow_factory_keys=yes,readers.wait_seconds=5,readers.step_seconds=4${1:+,$1}" >/dev/null
	"${pb[@]}" blanks receive 500 --batch TEST >/dev/null
}

# One row of a list, taken in.  $2 is a photo in $dir/photos.
office_member() {
	mkdir -p "$dir/photos"
	printf 'Фамилия;Имя;Отчество;Дата рождения;Первичная организация;Фото\n%s;Вера;Баировна;05.05.1986;МБОУ «СОШ № 14»;%s\n' "$1" "${2:-}" >"$dir/one.csv"
	"${pb[@]}" members import "$dir/one.csv" --photos "$dir/photos" >"$dir/import" 2>&1
	"${pb[@]}" members list --name "$1" --json | json 'r["members"][0]["number"]'
}

json() { /usr/bin/python3 -c 'import json,sys; print(eval(sys.argv[1], {"r": json.load(sys.stdin)}))' "$1"; }

# card_put TRAY [WORDS...]: $card is the process that holds them.
card_put() {
	local tray=$1
	shift
	mkdir -p "$dir/done"
	profbilet-softcard run --connect "127.0.0.1:${PROFBILET_VPCD_PORTS%% *}" --tray "$tray" --done "$dir/done" "$@" >"$dir/hopper" 2>&1 </dev/null &
	card=$!
	flow_children+=("$card")
}

# pcscd looks for cards a few times a second: a card put in at once would be taken for the one before.
card_take() {
	kill "$card" 2>/dev/null
	wait "$card" 2>/dev/null
	sleep 0.5
}

# at_terminal WORDS: a shell command as process $terminal, on a terminal of its own that shows what is typed;
# $dir/screen is what it shows.  type_in TEXT: what is typed, and the enter key.
at_terminal() {
	[ -p "$dir/keyboard" ] || mkfifo "$dir/keyboard"
	rm -f "$dir/screen"
	timeout "$STEP_SECONDS" script --quiet --flush --echo always --command "$1" "$dir/screen" <"$dir/keyboard" >/dev/null 2>&1 &
	# shellcheck disable=SC2034
	terminal=$!
	flow_children+=("$terminal")
	exec 8>"$dir/keyboard"
}

type_in() { printf '%s\n' "$1" >&8; }

# How the office stands, as one line: nothing was lost or made when it is the same before and after.
office_stands() { "${pb[@]}" office status --json; }
