#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# check-papers.sh PAPERS FONTS: the papers of a ceremony, seen by qpdf, poppler and zbar.
. "$PROFBILET_SOURCE/tests/lib/lib-flow.sh"
papers=$1 fonts=$2

for kind in share protocol; do
	"$papers" "$fonts" $kind >"$dir/$kind.pdf"
	"$papers" "$fonts" $kind >"$dir/$kind-again.pdf"
	"$papers" "$fonts" $kind real >"$dir/$kind-real.pdf"
	expect 0 "a $kind is sound PDF" qpdf --check "$dir/$kind.pdf"
	expect 0 "a $kind is drawn the same again" cmp "$dir/$kind.pdf" "$dir/$kind-again.pdf"
	expect 0 "a $kind is one page" pdfinfo "$dir/$kind.pdf"
	output_has 'of size A4' 'Page size: +595.* x 841.*A4'
	same 'and only one' 1 "$(pdfinfo "$dir/$kind.pdf" | awk '/^Pages:/ { print $2 }')"
	expect 0 "a rehearsed $kind is read" pdftotext -layout "$dir/$kind.pdf" -
	output_has 'and says so' 'РЕПЕТИЦИЯ / TEST'
	same 'a real one does not' 0 "$(pdftotext "$dir/$kind-real.pdf" - | grep -c TEST)"
done

expect 0 'a share is read' pdftotext -layout "$dir/share.pdf" -
output_has 'which of how many' 'Доля 2 из 5 +нужно 3'
output_has 'whose' 'Константинопольская-Преображенская Александра Владимировна'
output_has 'of which ceremony' 'deadbeef'
same 'with forty words' 40 "$(grep -oE 'абажур|самовар|ящерица|дельфин|юность' "$dir/out" | wc -l)"
pdftoppm -r 150 -gray "$dir/share.pdf" "$dir/share"
expect 0 'its QR code is scanned from 150 dpi' zbarimg --nodbus --quiet --raw "$dir/share-1.pgm"
same 'and is the share' 'PBS1:CI25NLN65YAACAQDAQCQMBYIBEFAWDANBYHRAEISCMKBKFQXDAMRUGY4DUPB7UB5' "$(cat "$dir/out")"

expect 0 'a protocol is read' pdftotext -layout "$dir/protocol.pdf" -
output_has 'the eighth custodian' '8 +Чернов Ян Ильич'
output_has 'the fingerprints' 'Корневой сертификат +5b1e3c7a'
flow_end
