/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The vector loader: jansson, and a path walker over it.
 */
#include "tests/lib/vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/bytes.h"

struct vectors {
	json_t *root;
	const json_t *list;
	char file[128];
};

struct vectors *vectors_load(const char *file)
{
	const char *source = getenv("PROFBILET_SOURCE");
	struct vectors *vectors = calloc(1, sizeof(*vectors));
	json_error_t error;
	char path[4096];

	assert_non_null(vectors);
	(void)snprintf(path, sizeof(path), "%s/tests/vectors/%s", source != NULL ? source : ".", file);
	(void)snprintf(vectors->file, sizeof(vectors->file), "%s", file);
	vectors->root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	if (vectors->root == NULL)
		fail_msg("%s:%d: %s", path, error.line, error.text);
	vectors->list = json_object_get(vectors->root, "vectors");
	assert_true(json_is_array(vectors->list));
	return vectors;
}

void vectors_free(struct vectors *vectors)
{
	if (vectors == NULL)
		return;
	json_decref(vectors->root);
	free(vectors);
}

size_t vectors_count(const struct vectors *vectors)
{
	return json_array_size(vectors->list);
}

static const json_t *step(const json_t *at, const char *name)
{
	if (json_is_array(at))
		return json_array_get(at, strtoul(name, NULL, 10));
	return json_object_get(at, name);
}

static const json_t *find(const struct vectors *vectors, size_t index, const char *path)
{
	const json_t *at = json_array_get(vectors->list, index);
	char words[256], *rest = words, *word;

	(void)snprintf(words, sizeof(words), "%s", path);
	while (at != NULL && (word = strsep(&rest, ".")) != NULL)
		at = step(at, word);
	return at;
}

static const json_t *get(const struct vectors *vectors, size_t index, const char *path)
{
	const json_t *value = find(vectors, index, path);

	if (value == NULL)
		fail_msg("%s: vector %zu has no %s", vectors->file, index, path);
	return value;
}

bool vector_has(const struct vectors *vectors, size_t index, const char *path)
{
	const json_t *value = find(vectors, index, path);

	return value != NULL && !json_is_null(value);
}

size_t vector_length(const struct vectors *vectors, size_t index, const char *path)
{
	const json_t *value = get(vectors, index, path);

	return json_is_array(value) ? json_array_size(value) : json_object_size(value);
}

const char *vector_text(const struct vectors *vectors, size_t index, const char *path)
{
	const char *text = json_string_value(get(vectors, index, path));

	if (text == NULL)
		fail_msg("%s: vector %zu: %s is not text", vectors->file, index, path);
	return text;
}

bool vector_is(const struct vectors *vectors, size_t index, const char *path, const char *text)
{
	return strcmp(vector_text(vectors, index, path), text) == 0;
}

long vector_number(const struct vectors *vectors, size_t index, const char *path)
{
	const json_t *value = get(vectors, index, path);

	if (!json_is_integer(value))
		fail_msg("%s: vector %zu: %s is not a number", vectors->file, index, path);
	return (long)json_integer_value(value);
}

size_t vector_bytes(const struct vectors *vectors, size_t index, const char *path, uint8_t *ret_bytes, size_t cap)
{
	const char *text = vector_text(vectors, index, path);
	char hex[16384];
	size_t n = 0, length = 0;

	for (; *text != '\0' && length + 1 < sizeof(hex); text++)
		if (*text != ' ')
			hex[length++] = *text;
	hex[length] = '\0';
	if (*text != '\0' || !pb_hex_decode(hex, ret_bytes, cap, &n))
		fail_msg("%s: vector %zu: %s is not hex of at most %zu bytes", vectors->file, index, path, cap);
	return n;
}
