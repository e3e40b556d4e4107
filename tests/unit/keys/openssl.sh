#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What we made, as a tool we did not write sees it: openssl.sh MAKE_STORE
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$1" "$dir/keys"
cd "$dir/keys"
issuer=$(ls public/issuer-*.pem)

say() { echo "ok: $1"; }
fail() { echo "FAILED: $1"; exit 1; }

# The chain, also with the strictest reading of RFC 5280.
openssl verify -CAfile public/root.pem "$issuer" >/dev/null || fail "openssl verify"
openssl verify -x509_strict -check_ss_sig -CAfile public/root.pem "$issuer" >/dev/null || fail "openssl verify -x509_strict"
say "the chain verifies"
later=$(($(date +%s) + 8 * 365 * 86400))
if openssl verify -attime "$later" -CAfile public/root.pem "$issuer" >/dev/null 2>&1; then fail "valid for ever"; fi
say "the chain ends"

openssl x509 -in "$issuer" -noout -text -nameopt utf8,sep_comma_plus >text
for words in 'CN=Profbilet TEST issuer RU-75-TST' 'serialNumber=RU-75-TST' 'O=Пробная организация' 'CA:FALSE' \
	'Digital Signature' '1.3.6.1.4.1.32473.75.1,' '1.3.6.1.4.1.32473.75.99' 'Private Key Usage Period' \
	'prime256v1' 'ecdsa-with-SHA256'; do
	grep -qF "$words" text || fail "issuer certificate lacks: $words"
done
say "the issuer certificate says what it should"
openssl x509 -in public/root.pem -noout -text >text
for words in 'CA:TRUE, pathlen:0' 'Certificate Sign' 'TEST root'; do
	grep -qF "$words" text || fail "root lacks: $words"
done
say "the root says what it should"

# Private keys open with the passphrase, and belong to the certificates.
for key in root root-spare issuer status-list trust-list checkpoint; do
	openssl pkey -in $key.key -passin 'pass:correct horse' -pubout -out $key.pub || fail "openssl pkey $key"
	if openssl pkey -in $key.key -passin 'pass:correct horsf' -noout 2>/dev/null; then fail "$key opens with anything"; fi
done
openssl x509 -in "$issuer" -noout -pubkey | cmp -s - issuer.pub || fail "issuer.key is not the certificate's"
openssl x509 -in public/root.pem -noout -pubkey | cmp -s - root.pub || fail "root.key is not the root's"
cmp -s public/checkpoint.pem checkpoint.pub || fail "checkpoint.key is not the published one"
openssl asn1parse -in issuer.key | grep -q ':scrypt$' || fail "no scrypt"
say "private keys open and belong"

# The keys of lists have certificates of their own, each for its purpose alone; both roots sign for themselves.
purpose_of() { openssl x509 -in "$1" -noout -ext extendedKeyUsage | sed -n 's/^ *//; 2p'; }
arc=1.3.6.1.4.1.32473.75
for role in issuer.1 status-list.2 trust-list.3; do
	cert=$(ls public/"${role%.*}"-*.pem)
	openssl verify -x509_strict -CAfile public/root.pem "$cert" >/dev/null || fail "openssl verify $cert"
	if openssl verify -CAfile public/root-spare.pem "$cert" >/dev/null 2>&1; then fail "$cert: the spare root has signed"; fi
	[ "$(purpose_of "$cert")" = "$arc.${role#*.}, $arc.99" ] || fail "$cert: purpose $(purpose_of "$cert")"
	openssl x509 -in "$cert" -noout -pubkey | cmp -s - "${role%.*}.pub" || fail "$cert is not of its key"
done
for root in root root-spare; do
	openssl verify -x509_strict -check_ss_sig -CAfile public/$root.pem public/$root.pem >/dev/null || fail "openssl verify $root"
	openssl x509 -in public/$root.pem -noout -pubkey | cmp -s - $root.pub || fail "$root.key is not of $root.pem"
done
say "roots and list keys"

# The kid in the file's name is the hash of the key.
kid=$(openssl x509 -in "$issuer" -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum | cut -c1-16)
[ "$issuer" = "public/issuer-$kid.pem" ] || fail "kid"
say "the kid is the hash of the key"
