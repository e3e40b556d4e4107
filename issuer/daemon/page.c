/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See page.h.  A name has only letters, digits, dots, hyphens and single slashes, and no part begins with a dot: so it
 * cannot leave the folder.
 */
#include "issuer/daemon/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "issuer/app/paths.h"
#include "issuer/daemon/answer.h"
#include "keys/crypto/hash.h"
#include "keys/key_dir.h"
#include "keys/update_file.h"

enum { FILE_MAX = 4 * 1024 * 1024, PATH_CAP = 4096, ETAG_BYTES = 16, ETAG_CAP = 2 * ETAG_BYTES + 3 };

#define PAGE	"/v/"
#define OFFLINE "/v-offline.js"

static bool is_name(const char *name)
{
	for (const char *at = name; *at != '\0'; at++)
		if ((*at == '/' || *at == '.') && (at[1] == '/' || at[1] == '.'))
			return false;
	return name[0] != '.' && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/") == strlen(name);
}

bool pb_page_has(const char *path)
{
	return strcmp(path, "/v") == 0 || strcmp(path, OFFLINE) == 0 || (strncmp(path, PAGE, strlen(PAGE)) == 0 && is_name(path + 1));
}

static const char *type_of(const char *name)
{
	static const struct {
		const char *ending, *type;
	} rows[] = { { ".html", "text/html; charset=utf-8" }, { ".js", "text/javascript; charset=utf-8" },
		     { ".css", "text/css; charset=utf-8" },   { ".svg", "image/svg+xml" },
		     { ".wasm", "application/wasm" },	      { ".pem", "application/x-pem-file" },
		     { ".cbor", "application/cbor-seq" } };
	const char *ending = strrchr(name, '.');

	for (size_t i = 0; ending && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].ending, ending) == 0)
			return rows[i].type;
	return "application/octet-stream";
}

/* ---- what is sent */

static enum pb_status read_in(const char *directory, const char *name, uint8_t **ret_bytes, size_t *ret_n, struct pb_err *err)
{
	char path[PATH_CAP];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", directory, name) >= sizeof(path))
		return pb_fail(err, PB_NOT_FOUND, "a path too long");
	return pb_read_path(path, FILE_MAX, ret_bytes, ret_n, err);
}

/* One PEM file after the other; the spare may be missing. */
static enum pb_status read_roots(const char *directory, uint8_t **ret_bytes, size_t *ret_n, struct pb_err *err)
{
	uint8_t *root = NULL, *spare = NULL, *both;
	size_t root_n = 0, spare_n = 0;
	enum pb_status s = read_in(directory, PB_KEY_DIR_PUBLIC_ROOT, &root, &root_n, err);

	if (s != PB_OK || read_in(directory, PB_KEY_DIR_PUBLIC_ROOT_SPARE, &spare, &spare_n, NULL) != PB_OK)
		spare_n = 0;
	both = s == PB_OK ? malloc(root_n + spare_n + 1) : NULL;
	if (s == PB_OK && !both)
		s = pb_fail(err, PB_NO_MEMORY, "roots");
	if (s == PB_OK) {
		memcpy(both, root, root_n);
		if (spare_n > 0)
			memcpy(both + root_n, spare, spare_n);
		*ret_bytes = both;
		*ret_n = root_n + spare_n;
	}
	free(root);
	free(spare);
	return s;
}

static enum pb_status read_page(const struct pb_app *app, const char *path, uint8_t **ret_bytes, size_t *ret_n, struct pb_err *err)
{
	char trust[PB_TRUST_DIRECTORY_CAP];

	pb_app_trust_directory(&app->config, trust);
	if (strcmp(path, PAGE "roots.pem") == 0)
		return read_roots(trust, ret_bytes, ret_n, err);
	if (strcmp(path, PAGE "update.cbor") == 0)
		return pb_update_export(trust, ret_bytes, ret_n, err);
	return read_in(pb_paths()->page, path + 1, ret_bytes, ret_n, err);
}

/* ---- how */

/* The page has a policy of its own, which allows less; this one is for its worker, and for what a page cannot say. */
static const char *const headers[][2] = {
	{ "Cache-Control", "no-cache" },
	{ "Content-Security-Policy", "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; "
				     "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Permissions-Policy", "camera=(self), microphone=(), geolocation=()" },
	{ "Referrer-Policy", "no-referrer" },
	{ "X-Content-Type-Options", "nosniff" },
};

static void make_etag(struct pb_view bytes, char ret_etag[static ETAG_CAP])
{
	uint8_t digest[PB_SHA256_LEN];
	char hex[2 * ETAG_BYTES + 1];

	pb_sha256(bytes, digest);
	pb_hex_encode(pb_view(digest, ETAG_BYTES), hex);
	(void)snprintf(ret_etag, ETAG_CAP, "\"%s\"", hex);
}

/* Takes the bytes. */
static enum MHD_Result send_bytes(struct MHD_Connection *connection, const char *type, uint8_t *bytes, size_t n)
{
	const char *has = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "If-None-Match");
	struct MHD_Response *response;
	enum MHD_Result result;
	char etag[ETAG_CAP];
	bool same;

	make_etag(pb_view(bytes, n), etag);
	same = has && strcmp(has, etag) == 0;
	response = MHD_create_response_from_buffer(same ? 0 : n, bytes, MHD_RESPMEM_MUST_FREE);
	if (!response) {
		free(bytes);
		return MHD_NO;
	}
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		MHD_add_response_header(response, headers[i][0], headers[i][1]);
	MHD_add_response_header(response, "Content-Type", type);
	MHD_add_response_header(response, "ETag", etag);
	result = MHD_queue_response(connection, same ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK, response);
	MHD_destroy_response(response);
	return result;
}

enum MHD_Result pb_page_answer(const struct pb_app *app, struct MHD_Connection *connection, const char *path)
{
	const char *file = strcmp(path, "/v") == 0 || strcmp(path, PAGE) == 0 ? PAGE "index.html" : path;
	struct pb_err err = { 0 };
	uint8_t *bytes = NULL;
	size_t n = 0;

	if (read_page(app, file, &bytes, &n, &err) != PB_OK)
		return pb_answer_refusal(connection, MHD_HTTP_NOT_FOUND, "There is nothing at this address.");
	return send_bytes(connection, type_of(file), bytes, n);
}
