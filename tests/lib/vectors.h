/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Published test vectors, read from tests/vectors/ (JSON: { "title", "vectors": [ { "id", "op", "inputs",
 * "outputs" } ] }).  For tests only: whatever is missing or malformed fails the running test at once, so
 * a test reads like the document it follows.
 *
 * A path names a value inside a vector: "inputs.key_enc", "outputs.wrapped.0.plain".
 */
#ifndef PROFBILET_TESTS_LIB_VECTORS_H
#define PROFBILET_TESTS_LIB_VECTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vectors;

/* file: below tests/vectors/, for example "scp03/pysim.json"; PROFBILET_SOURCE says where that is. */
struct vectors *vectors_load(const char *file);
void vectors_free(struct vectors *vectors);
size_t vectors_count(const struct vectors *vectors);

bool vector_has(const struct vectors *vectors, size_t index, const char *path);
/* Number of elements of an array or pairs of an object. */
size_t vector_length(const struct vectors *vectors, size_t index, const char *path);
/* Borrowed. */
const char *vector_text(const struct vectors *vectors, size_t index, const char *path);
bool vector_is(const struct vectors *vectors, size_t index, const char *path, const char *text);
long vector_number(const struct vectors *vectors, size_t index, const char *path);
/* Hex, spaces allowed; returns how many bytes. */
size_t vector_bytes(const struct vectors *vectors, size_t index, const char *path, uint8_t *ret_bytes, size_t cap);

#endif
