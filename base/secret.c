/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Wiping and comparing secrets.
 */
#include "base/secret.h"

#include <string.h>

#include "base/err.h"

void pb_secret_set(struct pb_secret *secret, const void *bytes, size_t n)
{
	if (n > sizeof(secret->bytes))
		PB_BUG("secret longer than PB_SECRET_MAX");
	pb_secret_wipe(secret);
	memcpy(secret->bytes, bytes, n);
	secret->n = n;
}

void pb_secret_wipe(struct pb_secret *secret)
{
	pb_wipe(secret, sizeof(*secret));
}

struct pb_view pb_secret_view(const struct pb_secret *secret)
{
	return pb_view(secret->bytes, secret->n);
}

void pb_wipe(void *bytes, size_t n)
{
	if (bytes != NULL && n > 0)
		explicit_bzero(bytes, n);
}

bool pb_ct_equal(const void *a, const void *b, size_t n)
{
	const volatile uint8_t *x = a, *y = b;
	uint8_t difference = 0;

	for (size_t i = 0; i < n; i++)
		difference |= (uint8_t)(x[i] ^ y[i]);
	return difference == 0;
}
