/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lines and their numbers.
 */
#include <string.h>

#include "issuer/ledger/base64.h"
#include "issuer/ledger/line.h"

bool pb_line_take(struct pb_cursor *in, struct pb_view *ret_line)
{
	const uint8_t *end = in->left > 0 ? memchr(in->p, '\n', in->left) : NULL;
	struct pb_view lf;

	return end != NULL && pb_take(in, (size_t)(end - in->p), ret_line) && pb_take(in, 1, &lf);
}

bool pb_line_decimal(struct pb_view digits, uint64_t *ret_number)
{
	uint64_t number = 0;

	/* Nineteen nines still fit. */
	if (digits.n == 0 || digits.n > 19 || (digits.p[0] == '0' && digits.n > 1))
		return false;
	for (size_t i = 0; i < digits.n; i++) {
		if (digits.p[i] < '0' || digits.p[i] > '9')
			return false;
		number = 10 * number + (digits.p[i] - '0');
	}
	if (number > PB_MERKLE_SIZE_MAX)
		return false;
	*ret_number = number;
	return true;
}

bool pb_line_hashes(struct pb_cursor *in, size_t max, struct pb_merkle_proof *ret_proof)
{
	struct pb_view line;
	size_t n;

	ret_proof->count = 0;
	while (pb_line_take(in, &line)) {
		struct pb_hash *hash = &ret_proof->hashes[ret_proof->count];

		if (line.n == 0)
			return true;
		if (ret_proof->count == max || !pb_base64_decode(line, hash->bytes, sizeof(hash->bytes), &n) ||
		    n != sizeof(hash->bytes))
			return false;
		ret_proof->count++;
	}
	return false;
}
