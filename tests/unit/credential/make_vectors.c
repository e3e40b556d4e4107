/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes the published vectors of PB1 from the table in cases.c:
 *
 *     make_vectors accept > card-applet-spec/vectors/accept.json
 *     make_vectors refuse > card-applet-spec/vectors/refuse.json
 *
 * ECDSA draws a fresh number for each signature, so a new file differs from the published one in its
 * signatures only; test_vectors holds the published files against the table.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cases.h"
#include "issuer/credential/url.h"

static const char host[] = "profbilet.example";

static void print_hex(const char *name, struct pb_view bytes, const char *after)
{
	char hex[2 * CASE_TOKEN_MAX + 1];

	pb_hex_encode(bytes, hex);
	printf("    \"%s\": \"%s\"%s\n", name, hex, after);
}

static void print_text(const char *name, struct pb_view text)
{
	printf(", \"%s\": \"%.*s\"", name, (int)text.n, (const char *)text.p);
}

static void print_card(const struct pb_card_claims *card)
{
	printf("\"serial\": \"%010" PRIu64 "\", \"expires\": %" PRId64 ", \"status_list\": %" PRIu32 ", \"status_index\": %" PRIu32,
	       card->serial, card->expires, card->status_list, card->status_index);
	print_text("member_number", card->member_number);
}

static void print_face(const struct pb_face_claims *claims)
{
	print_text("issuer", claims->issuer);
	printf(", \"not_before\": %" PRId64, claims->not_before);
	if (claims->issued_at)
		printf(", \"issued_at\": %" PRId64, claims->issued_at);
	print_text("name", claims->name);
	print_text("organisation_code", claims->organisation_code);
	if (claims->organisation_name.n > 0)
		print_text("organisation_name", claims->organisation_name);
	if (claims->has_member_since)
		printf(", \"member_since\": %" PRId32, claims->member_since);
	if (claims->sequence)
		printf(", \"sequence\": %" PRIu32, claims->sequence);
	if (claims->anchor_size)
		printf(", \"anchor_size\": %" PRIu64, claims->anchor_size);
}

static void print_head(const char *title)
{
	uint8_t point[PB_P256_POINT];

	case_point(case_issuer_scalar, point);
	printf("{\n \"title\": \"%s\",\n \"note\": \"Signed with the published key of RFC 6979 A.2.5; the chip holds the published "
	       "key of RFC 9500 2.3. Anybody can sign with these.\",\n",
	       title);
	print_hex("issuer_point", PB_VIEW(point), ",");
	case_point(case_chip_scalar, point);
	print_hex("chip_point", PB_VIEW(point), ",");
	printf(" \"vectors\": [\n");
}

static void print_accept(const struct accept_case *accept)
{
	static const char *const kinds[] = { "face", "chip", "virtual" };
	struct pb_credential_url url;
	struct built_case built;

	build_accept_case(accept, &built);
	printf("  { \"id\": \"%s\", \"op\": \"accept\", \"inputs\": {\n", accept->id);
	print_hex("token", pb_view(built.token, built.n), ",");
	print_hex("aad", pb_aad_view(&built.aad), "");
	printf("   }, \"outputs\": {\n    \"kind\": \"%s\",\n", kinds[accept->kind]);
	print_hex("signed", pb_view(built.signed_bytes, built.signed_n), ",");
	if (accept->kind != PB_CREDENTIAL_CHIP && pb_credential_url(host, pb_view(built.token, built.n), &url, NULL) == PB_OK)
		printf("    \"url\": \"%s\",\n", url.text);
	printf("    \"claims\": { ");
	print_card(&accept->claims.card);
	if (accept->kind != PB_CREDENTIAL_CHIP)
		print_face(&accept->claims);
	printf(" }\n   } }");
}

static void print_refuse(const struct refuse_case *refuse)
{
	struct built_case built;

	build_refuse_case(refuse, &built);
	printf("  { \"id\": \"%s\", \"op\": \"refuse\", \"inputs\": {\n", refuse->id);
	print_hex("token", pb_view(built.token, built.n), ",");
	print_hex("aad", pb_aad_view(&built.aad), "");
	printf("   }, \"outputs\": { \"of\": \"%s\", \"fault\": \"%s\" } }", refuse->of,
	       refuse->fault == PB_FAULT_NONE ? "bad_signature" : pb_credential_fault_name(refuse->fault));
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "accept") == 0) {
		print_head("PB1 credentials that a verifier accepts");
		for (size_t i = 0; i < accept_case_count; i++) {
			print_accept(&accept_cases[i]);
			printf("%s\n", i + 1 < accept_case_count ? "," : "");
		}
	} else if (argc == 2 && strcmp(argv[1], "refuse") == 0) {
		print_head("PB1 credentials that a verifier refuses, each for the named fault");
		for (size_t i = 0; i < refuse_case_count; i++) {
			print_refuse(&refuse_cases[i]);
			printf("%s\n", i + 1 < refuse_case_count ? "," : "");
		}
	} else {
		return 2;
	}
	printf(" ]\n}\n");
	return 0;
}
