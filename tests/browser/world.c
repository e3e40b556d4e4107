/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * world FOLDER
 *
 * A small world for the tests of the verify page, signed with published numbers, which anybody has:
 *
 *     roots.pem  foreign-roots.pem    what an office puts beside its page, and what another one would
 *     update-1.cbor  update-2.cbor    lists of the morning, and of an hour later, when a card is lost
 *     many.cbor                       a country's: issuers of ninety regions, and 62 status lists
 *     shop/                           a trust folder of the command that has taken in update-2.cbor
 *     cards.json                      addresses of QR codes by name, the time of the world, a key to sign more with
 *     NAME.y4m                        such a QR code in front of a camera
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cbor.h"
#include "issuer/credential/url.h"
#include "keys/status_list.h"
#include "keys/trust.h"
#include "keys/update_file.h"
#include "print/qr.h"
#include "tests/unit/keys/token_parts.h"

/* Noon UTC of 1 November 2026; its lists are of the morning. */
enum { NOW = 1793534400, HOUR = 3600, DAY = 86400, MADE = NOW - 30 * DAY };
enum { ROOT = 7, FOREIGN_ROOT = 8, ISSUER = 21, TEST_ISSUER = 22, STOLEN = 23, UNKNOWN = 24, LISTS = 25, FIRST_OF_MANY = 1000 };
enum { LOST_INDEX = 40007, GOOD_INDEX = 7, REGIONS = 90, COUNTRY_LISTS = 62 };
static const char code[] = "RU-75-TST", host[] = "profbilet.example";

static struct {
	const char *folder;
	struct pb_p256_private *root, *lists;
	struct pb_roots roots;
	struct pb_x509 *trust_signer, *status_signer;
} world;

static void write_file(const char *name, const void *bytes, size_t n)
{
	char path[512];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", world.folder, name);
	file = fopen(path, "wb");
	token_must(file != NULL && fwrite(bytes, 1, n, file) == n && fclose(file) == 0, path);
}

/* ---- who is trusted */

static struct pb_x509 *certify(const char *purpose)
{
	struct pb_x509_issuer_terms terms = { .from = MADE, .signs_until = MADE + 400 * DAY, .until = MADE + 430 * DAY, .purpose = purpose };

	return token_certify(world.root, &world.roots, world.lists, code, &terms);
}

static void make_authorities(void)
{
	struct pb_p256_private *foreign_root = token_key_of_number(FOREIGN_ROOT);
	struct pb_roots foreign = { 0 };
	uint8_t pem[PB_X509_PEM_MAX];

	world.root = token_key_of_number(ROOT);
	world.lists = token_key_of_number(LISTS);
	token_make_root(world.root, MADE, &world.roots);
	token_make_root(foreign_root, MADE, &foreign);
	world.trust_signer = certify(PB_X509_OID_TRUST_LIST);
	world.status_signer = certify(PB_X509_OID_STATUS_LIST);
	write_file("roots.pem", pem, pb_x509_to_pem(world.roots.pinned[0], pem));
	write_file("shop/root.pem", pem, pb_x509_to_pem(world.roots.pinned[0], pem));
	write_file("foreign-roots.pem", pem, pb_x509_to_pem(foreign.pinned[0], pem));
	pb_roots_finish(&foreign);
	pb_p256_private_destroy(foreign_root);
}

static void kid_of_number(unsigned number, uint8_t ret_point[static PB_P256_POINT], uint8_t ret_kid[static PB_P256_KID])
{
	struct pb_p256_private *key = token_key_of_number(number);

	pb_p256_private_point(key, ret_point);
	pb_p256_kid(ret_point, ret_kid);
	pb_p256_private_destroy(key);
}

static void add_issuer(struct pb_trust_list *list, unsigned number, const char *name, enum pb_issuer_state state, bool test)
{
	struct pb_trust_entry entry = { .valid_from = MADE, .last_signing = MADE + 400 * DAY, .valid_until = MADE + 2600 * DAY,
					.state = state, .test = test };

	kid_of_number(number, entry.point, entry.kid);
	(void)snprintf(entry.code, sizeof(entry.code), "%s", code);
	(void)snprintf(entry.name, sizeof(entry.name), "%s", name);
	token_must(pb_trust_list_add(list, &entry, NULL) == PB_OK, "issuer");
}

static void put_trust_list(struct pb_writer *writer, uint64_t sequence, int64_t issued_at, unsigned more)
{
	struct pb_trust_list list = { .sequence = sequence, .issued_at = issued_at, .expires = issued_at + 30 * DAY };
	uint8_t *token = NULL;
	struct pb_err err = { 0 };
	size_t n = 0;

	add_issuer(&list, ISSUER, "Забайкальская краевая организация Профсоюза", PB_ISSUER_ACTIVE, false);
	add_issuer(&list, TEST_ISSUER, "Учебная организация", PB_ISSUER_ACTIVE, true);
	add_issuer(&list, STOLEN, "Забайкальская краевая организация Профсоюза", PB_ISSUER_COMPROMISED, false);
	for (unsigned i = 0; i < more; i++)
		add_issuer(&list, FIRST_OF_MANY + i, "Краевая организация Профсоюза", PB_ISSUER_RETIRED, false);
	token_must(pb_trust_list_sign(&list, world.trust_signer, token_store(world.lists), &token, &n, &err) == PB_OK, err.msg);
	pb_put(writer, token, n);
	free(token);
	pb_trust_list_finish(&list);
}

/* ---- which cards are refused */

static void put_status_list(struct pb_writer *writer, uint32_t number, int64_t issued_at, bool lost)
{
	struct pb_status_list list = { .issued_at = issued_at, .expires = issued_at + PB_STATUS_LIVES };
	uint8_t token[PB_STATUS_TOKEN_MAX];
	struct pb_err err = { 0 };
	size_t n;

	token_must(pb_status_list_name(&list, host, code, number, &err) == PB_OK, err.msg);
	if (lost)
		list.bits[LOST_INDEX / 8] |= 1u << LOST_INDEX % 8;
	for (uint32_t i = 0; number > 0 && i < PB_STATUS_LIST_SLOTS / 20; i++) { /* five of a hundred */
		uint32_t slot = (i * UINT32_C(2654435761) + number * 7919) >> 13 & (PB_STATUS_LIST_SLOTS - 1);

		list.bits[slot / 8] |= (uint8_t)(1u << slot % 8);
	}
	token_must(pb_status_list_sign(&list, world.status_signer, token_store(world.lists), token, &n, &err) == PB_OK, err.msg);
	pb_put(writer, token, n);
}

static void make_update(const char *name, uint64_t sequence, int64_t issued_at, bool lost, bool country)
{
	uint8_t *bytes = malloc(PB_UPDATE_MAX), der[PB_X509_DER_MAX];
	struct pb_writer writer = pb_writer(bytes, PB_UPDATE_MAX);

	token_must(bytes != NULL, "memory");
	put_trust_list(&writer, sequence, issued_at, country ? REGIONS * 6 : 0);
	pb_cbor_put_bytes(&writer, pb_view(der, pb_x509_to_der(world.status_signer, der)));
	for (uint32_t i = 0; i < (country ? COUNTRY_LISTS : 1); i++)
		put_status_list(&writer, i, issued_at, lost);
	token_must(!writer.full, name);
	write_file(name, bytes, writer.n);
	free(bytes);
}

static void told(void *ctx, const struct pb_update_part *part)
{
	(void)ctx;
	token_must(part->outcome == PB_UPDATE_TAKEN, part->fault);
}

static void bring_to_shop(const char *name)
{
	char path[512];
	uint8_t *bytes = malloc(PB_UPDATE_MAX);
	struct pb_err err = { 0 };
	FILE *file;
	size_t n;

	(void)snprintf(path, sizeof(path), "%s/%s", world.folder, name);
	file = fopen(path, "rb");
	token_must(bytes != NULL && file != NULL, path);
	n = fread(bytes, 1, PB_UPDATE_MAX, file);
	fclose(file);
	(void)snprintf(path, sizeof(path), "%s/shop", world.folder);
	token_must(pb_update_import(path, pb_view(bytes, n), told, NULL, &err) == PB_OK, err.msg);
	free(bytes);
}

/* ---- cards */

static const struct card {
	const char *name;
	unsigned key;
	int64_t from, until;
	uint32_t list, index;
	bool filmed;
} cards[] = {
	{ "valid", ISSUER, NOW - 10 * DAY, 1956495600, 0, GOOD_INDEX, true }, /* midnight of 2032 in Chita */
	{ "revoked", ISSUER, NOW - 10 * DAY, 1956495600, 0, LOST_INDEX, true },
	{ "expired", ISSUER, NOW - 20 * DAY, NOW - 3 * DAY, 0, GOOD_INDEX, false },
	{ "early", ISSUER, NOW + 9 * DAY, 1956495600, 0, GOOD_INDEX, false },
	{ "unlisted", ISSUER, NOW - 10 * DAY, 1956495600, 900, GOOD_INDEX, false },
	{ "unknown", UNKNOWN, NOW - 10 * DAY, 1956495600, 0, GOOD_INDEX, false },
	{ "test", TEST_ISSUER, NOW - 10 * DAY, 1956495600, 0, GOOD_INDEX, false },
	{ "refused", STOLEN, NOW - 10 * DAY, 1956495600, 0, GOOD_INDEX, false },
};

static void sign_card(const struct card *card, struct pb_credential_url *ret_url)
{
	struct pb_face_claims claims = {
		.card = { .member_number = pb_view_text("6437500100012037"), .expires = card->until, .serial = 138802,
			  .status_list = card->list, .status_index = card->index },
		.issuer = pb_view_text(code), .not_before = card->from, .name = pb_view_text("Гантимурова Галина Фёдоровна"),
		.organisation_code = pb_view_text("7501-14"), .organisation_name = pb_view_text("Первичная организация школы № 14"),
	};
	struct pb_p256_private *key = token_key_of_number(card->key);
	uint8_t point[PB_P256_POINT], kid[PB_KID_LEN], sig[PB_P256_SIG];
	struct pb_sig_structure structure;
	struct pb_credential_draft draft;
	struct pb_credential_token token;
	struct pb_err err = { 0 };

	kid_of_number(card->key, point, kid);
	token_must(pb_face_draft(&claims, kid, &draft, &err) == PB_OK, err.msg);
	pb_credential_sig_structure(&draft, pb_view(NULL, 0), &structure);
	pb_p256_sign(key, pb_sig_structure_view(&structure), sig);
	pb_credential_seal(&draft, sig, &token);
	token_must(pb_credential_url(host, pb_credential_token_view(&token), ret_url, &err) == PB_OK, err.msg);
	pb_p256_private_destroy(key);
}

/* A still picture as a film: five dots a module, on a card that does not fill the frame. */
static void film(const char *name, const struct pb_credential_url *url)
{
	enum { WIDTH = 1280, HEIGHT = 720, DOTS = 5, QUIET = 4, GREY = 96, WHITE = 235, BLACK = 16, NO_COLOUR = 128 };
	static uint8_t frame[WIDTH * HEIGHT * 3 / 2];
	static const char head[] = "YUV4MPEG2 W1280 H720 F10:1 Ip A1:1 C420mpeg2\n", each[] = "FRAME\n";
	uint8_t *bytes = malloc(sizeof(head) + 2 * (sizeof(each) + sizeof(frame)));
	struct pb_writer writer = pb_writer(bytes, sizeof(head) + 2 * (sizeof(each) + sizeof(frame)));
	struct pb_qr qr;
	char path[64];

	token_must(bytes != NULL && pb_qr_encode(pb_view_text(url->text), url->prefix_n, 40, &qr), "QR code");
	memset(frame, GREY, WIDTH * HEIGHT);
	memset(frame + WIDTH * HEIGHT, NO_COLOUR, WIDTH * HEIGHT / 2);
	int side = (qr.side + 2 * QUIET) * DOTS, left = (WIDTH - side) / 2, top = (HEIGHT - side) / 2;

	token_must(top > 0, "QR code is higher than the frame");
	for (int y = 0; y < side; y++)
		for (int x = 0; x < side; x++) {
			int row = y / DOTS - QUIET, column = x / DOTS - QUIET;
			bool dark = row >= 0 && column >= 0 && row < qr.side && column < qr.side && qr.dark[row][column];

			frame[(top + y) * WIDTH + left + x] = dark ? BLACK : WHITE;
		}
	pb_put(&writer, head, sizeof(head) - 1);
	for (int i = 0; i < 2; i++) {
		pb_put(&writer, each, sizeof(each) - 1);
		pb_put(&writer, frame, sizeof(frame));
	}
	(void)snprintf(path, sizeof(path), "%s.y4m", name);
	write_file(path, bytes, writer.n);
	free(bytes);
}

static void make_cards(void)
{
	enum { TEXT_MAX = 32768 };
	char *text = malloc(TEXT_MAX);
	int n;

	token_must(text != NULL, "memory");
	n = snprintf(text, TEXT_MAX, "{\n\"now\": %d, \"key\": %d", NOW, ISSUER);
	for (size_t i = 0; i < sizeof(cards) / sizeof(cards[0]); i++) {
		struct pb_credential_url url;

		sign_card(&cards[i], &url);
		if (cards[i].filmed)
			film(cards[i].name, &url);
		n += snprintf(text + n, TEXT_MAX - (size_t)n, ",\n\"%s\": \"%s\"", cards[i].name, url.text);
	}
	n += snprintf(text + n, TEXT_MAX - (size_t)n, "\n}\n");
	token_must(n < TEXT_MAX, "cards.json");
	write_file("cards.json", text, (size_t)n);
	free(text);
}

int main(int argc, char **argv)
{
	char shop[512];

	if (argc != 2) {
		fputs("usage: world FOLDER\n", stderr);
		return 2;
	}
	world.folder = argv[1];
	(void)snprintf(shop, sizeof(shop), "%s/shop", argv[1]);
	token_must(mkdir(argv[1], 0755) == 0 || errno == EEXIST, argv[1]);
	token_must(mkdir(shop, 0755) == 0, shop);
	make_authorities();
	make_update("update-1.cbor", 1, NOW - 3 * HOUR, false, false);
	make_update("update-2.cbor", 2, NOW - 2 * HOUR, true, false);
	make_update("many.cbor", 3, NOW - HOUR, true, true);
	bring_to_shop("update-2.cbor");
	make_cards();
	return 0;
}
