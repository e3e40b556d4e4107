#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the Tab key offers, asked as bash asks.
. "$PROFBILET_SOURCE/tests/lib/lib-flow.sh"
. "$PROFBILET_SOURCE/completions/profbilet"

# offers SENTENCE EXPECTED WORD...: what is offered for the last of the words
offers() {
	local sentence=$1 expected=$2
	shift 2
	COMP_WORDS=(profbilet "$@")
	COMP_CWORD=$#
	_profbilet
	same "$sentence" "$expected" "${COMPREPLY[*]}"
}

offers 'commands by their beginning' 'issue' i
offers 'a noun' 'members' mem
offers 'the verbs of a noun' 'import list show erase' members ''
offers 'a verb by its beginning' 'audit' ledger a
offers 'options of a command of one word' '--reissue --reader' issue --re
offers 'options of a command of two' '--dry-run' members import --dr
offers 'options after a file' '--photos' members import list.csv --p
offers 'languages' 'ru en' verify --language ''
offers 'states of a card, all of them' 'reserved issued printed suspended revoked voided spoiled' cards list --state ''
offers 'reasons for which a card ends' 'stolen' cards lost 7501000012 --reason st
offers 'reasons to erase a person' 'consent purpose term unlawful' members erase 6437 --reason ''
offers 'encodings of a list' 'utf-8 utf-16' members import list.csv --encoding utf
offers 'nothing for what it does not know' '' nonsense ''

. "$PROFBILET_SOURCE/completions/profbilet-audit"
COMP_WORDS=(profbilet-audit --root) COMP_CWORD=1
_profbilet_audit
same 'options of the audit' '--root --root-sha256' "${COMPREPLY[*]}"
COMP_WORDS=(profbilet-audit --language '') COMP_CWORD=2
_profbilet_audit
same 'and its languages' 'ru en' "${COMPREPLY[*]}"
flow_end
