/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes the published vectors of status lists from the table in status_cases.c:
 *
 *     make_status_vectors accept > card-applet-spec/vectors/status-accept.json
 *     make_status_vectors refuse > card-applet-spec/vectors/status-refuse.json
 *     make_status_vectors corpus DIR            a file for each case, for tests/fuzz/corpus/status_list
 *     make_status_vectors country DIR           the lists of a country, NUMBER.cwt, and their bits, NUMBER.bits
 *
 * Signatures and the numbers of certificates are drawn afresh each time; nothing else differs.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/keys/status_cases.h"

static void print_hex(const char *name, struct pb_view bytes, const char *after)
{
	char hex[2 * STATUS_CASE_TOKEN_MAX + 1];

	pb_hex_encode(bytes, hex);
	printf("    \"%s\": \"%s\"%s\n", name, hex, after);
}

static void print_case(const struct status_case *shown, const struct pb_x509 *cert, struct pb_view token)
{
	uint8_t root[PB_X509_DER_MAX], signer[PB_X509_DER_MAX];
	size_t root_n = pb_x509_to_der(status_case_roots()->pinned[0], root);

	printf("  { \"id\": \"%s\", \"op\": \"%s\", \"about\": \"%s\", \"inputs\": {\n", shown->id,
	       shown->fault == PB_STATUS_FAULT_NONE ? "accept" : "refuse", shown->about);
	print_hex("root", pb_view(root, root_n), ",");
	print_hex("certificate", pb_view(signer, pb_x509_to_der(cert, signer)), ",");
	print_hex("token", token, "");
	printf("   }, \"outputs\": { \"fault\": \"%s\" } }", pb_status_fault_name(shown->fault));
}

static void print_cases(bool accept)
{
	uint8_t token[STATUS_CASE_TOKEN_MAX];
	const struct pb_x509 *cert;
	struct status_case shown;
	bool first = true;
	size_t n;

	printf("{\n \"title\": \"Status lists that a verifier %s\",\n \"note\": \"The signer's key is the published one of RFC 6979 "
	       "A.2.5, the others are the numbers 7, 8 and 9. Anybody can sign with these.\",\n"
	       " \"vectors\": [\n", accept ? "accepts" : "refuses, each for the named fault");
	for (size_t i = 0; status_case(i, &shown, &cert, token, &n); i++) {
		if ((shown.fault == PB_STATUS_FAULT_NONE) != accept)
			continue;
		printf("%s", first ? "" : ",\n");
		print_case(&shown, cert, pb_view(token, n));
		first = false;
	}
	printf("\n ]\n}\n");
}

static bool write_file(const char *directory, const char *name, const char *suffix, struct pb_view content)
{
	char path[4096];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s%s", directory, name, suffix);
	file = fopen(path, "we");
	if (file != NULL && fwrite(content.p, 1, content.n, file) == content.n && fclose(file) == 0)
		return true;
	perror(path);
	return false;
}

static int write_corpus(const char *directory)
{
	uint8_t token[STATUS_CASE_TOKEN_MAX];
	const struct pb_x509 *cert;
	struct status_case shown;
	size_t n;

	for (size_t i = 0; status_case(i, &shown, &cert, token, &n); i++)
		if (!write_file(directory, shown.id, "", pb_view(token, n)))
			return 1;
	return 0;
}

static int write_country(const char *directory)
{
	uint8_t token[PB_STATUS_TOKEN_MAX];
	struct pb_status_list list;
	char name[16];
	size_t n;

	for (uint32_t number = 0; number < STATUS_COUNTRY_LISTS; number++) {
		status_case_country(1, number, &list);
		status_case_sign(&list, token, &n);
		(void)snprintf(name, sizeof(name), "%" PRIu32, number);
		if (!write_file(directory, name, ".cwt", pb_view(token, n)) || !write_file(directory, name, ".bits", PB_VIEW(list.bits)))
			return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "corpus") == 0)
		return write_corpus(argv[2]);
	if (argc == 3 && strcmp(argv[1], "country") == 0)
		return write_country(argv[2]);
	if (argc != 2 || (strcmp(argv[1], "accept") != 0 && strcmp(argv[1], "refuse") != 0)) {
		fputs("make_status_vectors accept | refuse | corpus DIR | country DIR\n", stderr);
		return 2;
	}
	print_cases(strcmp(argv[1], "accept") == 0);
	return 0;
}
