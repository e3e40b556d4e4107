/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A PKCS#11 module that is SoftHSM with less: what the test names in stingy_hidden is neither listed nor done,
 * signatures may come in halves of 33 bytes as some modules write them, the token may say that one PIN try is
 * left, may be gone, or never have been there.  It counts the logins; and, as devices do and SoftHSM does not, the
 * tries of the PIN that are left.
 */
#include "tests/unit/keys/stingy_module.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORTED __attribute__((visibility("default")))

EXPORTED struct stingy stingy;
EXPORTED CK_RV C_GetFunctionList(CK_FUNCTION_LIST **ret_functions);

static CK_FUNCTION_LIST *rich, poor;

static bool hidden(CK_MECHANISM_TYPE type)
{
	for (size_t i = 0; i < STINGY_HIDDEN_MAX && stingy.hidden[i] != 0; i++)
		if (stingy.hidden[i] == type)
			return true;
	return false;
}

static CK_RV get_mechanism_list(CK_SLOT_ID slot, CK_MECHANISM_TYPE *list, CK_ULONG *count)
{
	CK_RV rv = rich->C_GetMechanismList(slot, list, count);
	CK_ULONG kept = 0;

	if (rv != CKR_OK || list == NULL)
		return rv;
	for (CK_ULONG i = 0; i < *count; i++)
		if (!hidden(list[i]))
			list[kept++] = list[i];
	*count = kept;
	return rv;
}

static CK_RV get_slot_list(CK_BBOOL present, CK_SLOT_ID *list, CK_ULONG *count)
{
	CK_RV rv = rich->C_GetSlotList(present, list, count);

	if (stingy.no_slots)
		*count = 0;
	return rv;
}

/* Whether the token is gone by now. */
static CK_RV still_there(void)
{
	if (stingy.uses_left == 0)
		return stingy.removed;
	stingy.uses_left--;
	return CKR_OK;
}

static CK_RV sign_init(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	CK_RV rv = still_there();

	if (rv != CKR_OK)
		return rv;
	return hidden(mechanism->mechanism) ? CKR_MECHANISM_INVALID : rich->C_SignInit(session, mechanism, key);
}

static CK_RV encrypt_init(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	CK_RV rv = still_there();

	if (rv != CKR_OK)
		return rv;
	return hidden(mechanism->mechanism) ? CKR_MECHANISM_INVALID : rich->C_EncryptInit(session, mechanism, key);
}

static CK_RV sign(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG n, CK_BYTE *sig, CK_ULONG *sig_n)
{
	CK_RV rv = rich->C_Sign(session, data, n, sig, sig_n);

	if (rv == CKR_OK && stingy.long_halves && *sig_n == 64) {
		memmove(sig + 34, sig + 32, 32);
		memmove(sig + 1, sig, 32);
		sig[0] = sig[33] = 0;
		*sig_n = 66;
	}
	return rv;
}

/* ---- The tries of the PIN: a digit in a file, so that they outlive a process */

static char tries_file[256]; /* "": not counted */

static unsigned tries_left(void)
{
	FILE *file = fopen(tries_file, "re");
	unsigned tries;

	if (file == NULL || fscanf(file, "%u", &tries) != 1)
		abort();
	(void)fclose(file);
	return tries;
}

static void write_tries(unsigned tries)
{
	FILE *file = fopen(tries_file, "we");

	if (file == NULL || fprintf(file, "%u\n", tries) < 0 || fclose(file) != 0)
		abort();
}

static CK_FLAGS flags_of_tries(void)
{
	unsigned tries = tries_left();

	return (tries < STINGY_TRIES ? CKF_USER_PIN_COUNT_LOW : 0) | (tries == 1 ? CKF_USER_PIN_FINAL_TRY : 0) |
	       (tries == 0 ? CKF_USER_PIN_LOCKED : 0);
}

static CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	CK_RV rv = rich->C_GetTokenInfo(slot, info);

	if (rv != CKR_OK)
		return rv;
	if (tries_file[0] != '\0')
		info->flags = (info->flags & ~(CK_FLAGS)CKF_USER_PIN_COUNT_LOW) | flags_of_tries();
	info->flags |= stingy.token_flags;
	return rv;
}

static CK_RV login_counted(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_BYTE *pin, CK_ULONG n)
{
	unsigned tries = tries_left();
	CK_RV rv;

	if (tries == 0)
		return CKR_PIN_LOCKED;
	rv = rich->C_Login(session, user, pin, n);
	write_tries(rv == CKR_OK ? STINGY_TRIES : tries - 1);
	return rv;
}

static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_BYTE *pin, CK_ULONG n)
{
	CK_RV rv = (tries_file[0] != '\0' ? login_counted : rich->C_Login)(session, user, pin, n);

	stingy.logins++;
	if (rv == CKR_PIN_INCORRECT)
		stingy.token_flags |= stingy.flags_of_wrong_pin;
	return rv;
}

/* In a process that the test cannot reach: the words of the file that $STINGY names. */
static void read_orders(const char *path)
{
	static char module[256], conf[256];
	FILE *file = fopen(path, "re");

	if (file == NULL || fscanf(file, "%255s %255s %u %255s", module, conf, &stingy.uses_left, tries_file) < 3)
		abort();
	(void)fclose(file);
	(void)setenv("SOFTHSM2_CONF", conf, 1);
	stingy.module = module;
	stingy.removed = CKR_DEVICE_REMOVED;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **ret_functions)
{
	const char *orders = getenv("STINGY");
	void *library;
	CK_C_GetFunctionList get_functions;

	if (orders != NULL)
		read_orders(orders);
	library = dlopen(stingy.module, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL)
		return CKR_GENERAL_ERROR;
	*(void **)&get_functions = dlsym(library, "C_GetFunctionList");
	if (get_functions == NULL || get_functions(&rich) != CKR_OK)
		return CKR_GENERAL_ERROR;
	poor = *rich;
	poor.C_GetSlotList = get_slot_list;
	poor.C_GetMechanismList = get_mechanism_list;
	poor.C_SignInit = sign_init;
	poor.C_EncryptInit = encrypt_init;
	poor.C_Sign = sign;
	poor.C_GetTokenInfo = get_token_info;
	poor.C_Login = login;
	*ret_functions = &poor;
	return CKR_OK;
}
