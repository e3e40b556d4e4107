#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# check-papers.sh PAPERS FONTS: the papers of a ceremony, of an audit and of an erasure, seen by qpdf, poppler and zbar.
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

for findings in 0 3 400; do
	"$papers" "$fonts" audit $findings >"$dir/audit.pdf"
	"$papers" "$fonts" audit $findings >"$dir/audit-again.pdf"
	expect 0 "a conclusion with $findings findings is sound PDF" qpdf --check "$dir/audit.pdf"
	expect 0 'drawn the same again' cmp "$dir/audit.pdf" "$dir/audit-again.pdf"
	expect 0 'all its fonts are embedded' pdffonts "$dir/audit.pdf"
	same 'every one' 0 "$(awk 'NR > 2 && $(NF - 4) != "yes"' "$dir/out" | wc -l)"
	expect 0 'it is read' pdftotext -layout "$dir/audit.pdf" -
	output_has 'what was examined' 'profbilet.example/office/75'
	output_has 'the counts' '22000 = выдано 20740'
	same 'signatures once' 3 "$(grep -c 'фамилия, имя, отчество' "$dir/out")"
	case $findings in
	0) output_has 'that all agrees' 'подписанные отметки и всё, что' ;;
	*) output_has 'that it does not' 'НЕ согласуются' ;;
	esac
done
same 'few findings leave it one page' 1 "$("$papers" "$fonts" audit 3 | pdfinfo - | awk '/^Pages:/ { print $2 }')"
same 'many go on further pages' 1 "$(("$("$papers" "$fonts" audit 400 | pdfinfo - | awk '/^Pages:/ { print $2 }')" > 1))"
output_has 'and what is left out is counted' 'Всего расхождений 400, здесь названо 60'
output_has 'each page says its number' 'Лист 3'
# ---- The papers of an erasure

for kind in act extract; do
	for words in '' real; do
		"$papers" "$fonts" $kind $words >"$dir/$kind$words.pdf"
		"$papers" "$fonts" $kind $words >"$dir/again.pdf"
		expect 0 "an $kind is sound PDF${words:+, with all there can be on it}" qpdf --check "$dir/$kind$words.pdf"
		expect 0 'drawn the same again' cmp "$dir/$kind$words.pdf" "$dir/again.pdf"
	done
	pdftotext -layout "$dir/$kind.pdf" - | tr -s ' \n' ' ' >"$dir/$kind.txt"
	same 'a test office says so' 1 "$(grep -c 'TEST: организация' "$dir/$kind.txt")"
	same 'a real one does not' 0 "$(pdftotext "$dir/${kind}real.pdf" - | grep -c TEST)"
done
same 'an act is one page' 1 "$(qpdf --show-npages "$dir/actreal.pdf")"
same 'sixty-four entries are two pages' 2 "$(qpdf --show-npages "$dir/extractreal.pdf")"
same 'all of them' 64 "$(pdftotext -layout "$dir/extractreal.pdf" - | grep -c 1234567)"
# Order No. 179, item 3, letters a to j, and item 5.
pdftotext -layout "$dir/actreal.pdf" - | tr -s ' \n' ' ' >"$dir/actreal.txt"
for words in 'Оператор' 'Адрес оператора' 'обрабатывавшее данные' 'Субъект' 'Фамилия, имя, отчество, должность' 'подпись' 'Категории' \
	'Информационная система' 'Способ уничтожения' 'Причина уничтожения' 'Дата уничтожения'; do
	expect 0 "an act names: $words" grep -q "$words" "$dir/actreal.txt"
done
for words in 'Субъект' 'Категории' 'Информационная система' 'Причина уничтожения' 'Дата уничтожения'; do
	expect 0 "an extract names: $words" grep -q "$words" "$dir/extract.txt"
done
flow_end
