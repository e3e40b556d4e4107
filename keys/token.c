/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opening a token: the module, the slot, the session, the PIN.
 */
#include "keys/token.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "keys/token_inside.h"

enum { SLOTS_MAX = 64, MECHANISMS_MAX = 512 };

static const CK_MECHANISM_TYPE mechanisms[PB_TOKEN_MECHANISM_COUNT] = {
	[PB_TOKEN_ECDSA] = CKM_ECDSA,
	[PB_TOKEN_EDDSA] = CKM_EDDSA,
	[PB_TOKEN_CMAC] = CKM_AES_CMAC,
	[PB_TOKEN_HMAC] = CKM_SHA256_HMAC,
	[PB_TOKEN_ECB] = CKM_AES_ECB,
	[PB_TOKEN_CBC] = CKM_AES_CBC,
	[PB_TOKEN_P256_GENERATE] = CKM_EC_KEY_PAIR_GEN,
	[PB_TOKEN_ED25519_GENERATE] = CKM_EC_EDWARDS_KEY_PAIR_GEN,
	[PB_TOKEN_AES_GENERATE] = CKM_AES_KEY_GEN,
	[PB_TOKEN_SECRET_GENERATE] = CKM_GENERIC_SECRET_KEY_GEN,
};

CK_MECHANISM_TYPE pb_token_mechanism_type(enum pb_token_mechanism mechanism)
{
	return mechanisms[mechanism];
}

static const char *name_of(CK_RV rv)
{
	static const struct {
		CK_RV rv;
		const char *name;
	} names[] = {
		{ CKR_HOST_MEMORY, "CKR_HOST_MEMORY" },
		{ CKR_GENERAL_ERROR, "CKR_GENERAL_ERROR" },
		{ CKR_FUNCTION_FAILED, "CKR_FUNCTION_FAILED" },
		{ CKR_ATTRIBUTE_VALUE_INVALID, "CKR_ATTRIBUTE_VALUE_INVALID" },
		{ CKR_DEVICE_ERROR, "CKR_DEVICE_ERROR" },
		{ CKR_DEVICE_MEMORY, "CKR_DEVICE_MEMORY" },
		{ CKR_DEVICE_REMOVED, "CKR_DEVICE_REMOVED" },
		{ CKR_KEY_HANDLE_INVALID, "CKR_KEY_HANDLE_INVALID" },
		{ CKR_KEY_FUNCTION_NOT_PERMITTED, "CKR_KEY_FUNCTION_NOT_PERMITTED" },
		{ CKR_MECHANISM_INVALID, "CKR_MECHANISM_INVALID" },
		{ CKR_OBJECT_HANDLE_INVALID, "CKR_OBJECT_HANDLE_INVALID" },
		{ CKR_SESSION_HANDLE_INVALID, "CKR_SESSION_HANDLE_INVALID" },
		{ CKR_SESSION_CLOSED, "CKR_SESSION_CLOSED" },
		{ CKR_TEMPLATE_INCONSISTENT, "CKR_TEMPLATE_INCONSISTENT" },
		{ CKR_TOKEN_NOT_PRESENT, "CKR_TOKEN_NOT_PRESENT" },
		{ CKR_TOKEN_WRITE_PROTECTED, "CKR_TOKEN_WRITE_PROTECTED" },
		{ CKR_USER_NOT_LOGGED_IN, "CKR_USER_NOT_LOGGED_IN" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].rv == rv)
			return names[i].name;
	return NULL;
}

enum pb_status pb_token_fail(struct pb_err *err, const struct pb_token *token, const char *what, CK_RV rv)
{
	const char *name = name_of(rv);

	if (name != NULL)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "token %s: %s: %s", token->label, what, name);
	return pb_fail(err, PB_KEYS_UNAVAILABLE, "token %s: %s: CKR %08lX", token->label, what, rv);
}

static enum pb_status load_module(struct pb_token *token, const char *path, struct pb_err *err)
{
	CK_C_INITIALIZE_ARGS threads = { .flags = CKF_OS_LOCKING_OK };
	CK_C_GetFunctionList get_functions;
	CK_RV rv;

	if (path[0] != '/')
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "%s: a PKCS#11 module is named by its absolute path", path);
	token->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (token->library == NULL)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "%s", dlerror());
	/* The form that POSIX has for turning an object pointer into a function's. */
	*(void **)&get_functions = dlsym(token->library, "C_GetFunctionList");
	if (get_functions == NULL || get_functions(&token->module) != CKR_OK || token->module == NULL)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "%s is no PKCS#11 module", path);
	rv = token->module->C_Initialize(&threads);
	token->initialised = rv == CKR_OK;
	if (rv != CKR_OK && rv != CKR_CRYPTOKI_ALREADY_INITIALIZED)
		return pb_token_fail(err, token, path, rv);
	return PB_OK;
}

/* Labels are padded with blanks to 32 bytes (PKCS#11 2.40, 4.3). */
static bool has_label(const CK_TOKEN_INFO *info, const char *label)
{
	size_t n = strlen(label);

	if (n > sizeof(info->label) || !pb_view_equal(pb_view(info->label, n), pb_view(label, n)))
		return false;
	for (size_t i = n; i < sizeof(info->label); i++)
		if (info->label[i] != ' ')
			return false;
	return true;
}

static enum pb_status find_slot(struct pb_token *token, struct pb_err *err)
{
	CK_SLOT_ID slots[SLOTS_MAX];
	CK_ULONG count = SLOTS_MAX;
	size_t found = 0;
	CK_RV rv = token->module->C_GetSlotList(CK_TRUE, slots, &count);

	if (rv != CKR_OK)
		return pb_token_fail(err, token, "listing the slots", rv);
	for (CK_ULONG i = 0; i < count; i++) {
		CK_TOKEN_INFO info;

		if (token->module->C_GetTokenInfo(slots[i], &info) == CKR_OK && has_label(&info, token->label)) {
			token->slot = slots[i];
			found++;
		}
	}
	if (found != 1)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "token %s: %s", token->label,
			       found == 0 ? "not in any slot" : "several have this label");
	return PB_OK;
}

static enum pb_status list_mechanisms(struct pb_token *token, struct pb_err *err)
{
	CK_MECHANISM_TYPE listed[MECHANISMS_MAX];
	CK_ULONG count = MECHANISMS_MAX;
	CK_RV rv = token->module->C_GetMechanismList(token->slot, listed, &count);

	if (rv != CKR_OK)
		return pb_token_fail(err, token, "listing its mechanisms", rv);
	for (CK_ULONG i = 0; i < count; i++)
		for (size_t ours = 0; ours < PB_TOKEN_MECHANISM_COUNT; ours++)
			token->has[ours] |= listed[i] == mechanisms[ours];
	return PB_OK;
}

static const char *tries_left(const CK_TOKEN_INFO *info)
{
	if ((info->flags & CKF_USER_PIN_LOCKED) != 0)
		return "it has locked the PIN";
	if ((info->flags & CKF_USER_PIN_FINAL_TRY) != 0)
		return "one try is left";
	return (info->flags & CKF_USER_PIN_COUNT_LOW) != 0 ? "it counts the wrong tries since the last right one" :
							      "it does not say how many tries are left";
}

static enum pb_status check_tries(const struct pb_token *token, struct pb_err *err)
{
	CK_TOKEN_INFO info;
	CK_RV rv = token->module->C_GetTokenInfo(token->slot, &info);

	if (rv != CKR_OK)
		return pb_token_fail(err, token, "asking after it", rv);
	if ((info.flags & CKF_USER_PIN_INITIALIZED) == 0)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "token %s: it has no PIN yet", token->label);
	if ((info.flags & (CKF_USER_PIN_LOCKED | CKF_USER_PIN_FINAL_TRY)) != 0)
		return pb_fail(err, PB_KEYS_PASSPHRASE, "token %s: the PIN is not tried: %s", token->label, tries_left(&info));
	return PB_OK;
}

static enum pb_status log_in(struct pb_token *token, const struct pb_token_options *options, struct pb_err *err)
{
	PB_SECRET pin = { 0 };
	CK_TOKEN_INFO info;
	enum pb_status s = check_tries(token, err);
	CK_RV rv;

	if (s == PB_OK)
		s = options->pin(options->pin_ctx, &pin, err);
	if (s != PB_OK)
		return s;
	rv = token->module->C_Login(token->session, CKU_USER, pin.bytes, pin.n);
	token->logged_in = rv == CKR_OK;
	if (rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN)
		return PB_OK;
	if (rv != CKR_PIN_INCORRECT && rv != CKR_PIN_LEN_RANGE && rv != CKR_PIN_INVALID && rv != CKR_PIN_LOCKED &&
	    rv != CKR_PIN_EXPIRED)
		return pb_token_fail(err, token, "login", rv);
	memset(&info, 0, sizeof(info));
	(void)token->module->C_GetTokenInfo(token->slot, &info);
	return pb_fail(err, PB_KEYS_PASSPHRASE, "token %s: the PIN is wrong; %s", token->label,
		       rv == CKR_PIN_LOCKED ? "it has locked the PIN" : tries_left(&info));
}

static enum pb_status open_session(struct pb_token *token, const struct pb_token_options *options, struct pb_err *err)
{
	enum pb_status s = load_module(token, options->module, err);
	CK_RV rv;

	if (s == PB_OK)
		s = find_slot(token, err);
	if (s == PB_OK)
		s = list_mechanisms(token, err);
	if (s != PB_OK)
		return s;
	rv = token->module->C_OpenSession(token->slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &token->session);
	if (rv == CKR_TOKEN_WRITE_PROTECTED)
		rv = token->module->C_OpenSession(token->slot, CKF_SERIAL_SESSION, NULL, NULL, &token->session);
	if (rv != CKR_OK)
		return pb_token_fail(err, token, "opening a session", rv);
	return log_in(token, options, err);
}

enum pb_status pb_token_open(const struct pb_token_options *options, struct pb_token **ret_token, struct pb_err *err)
{
	struct pb_token *token = calloc(1, sizeof(*token));
	enum pb_status s;

	if (token == NULL)
		return pb_fail(err, PB_NO_MEMORY, "token");
	token->owner = getpid();
	token->session = CK_INVALID_HANDLE;
	(void)pthread_mutex_init(&token->lock, NULL);
	if (strlen(options->label) >= sizeof(token->label)) {
		s = pb_fail(err, PB_KEYS_UNAVAILABLE, "a token's label has at most 32 bytes");
	} else {
		memcpy(token->label, options->label, strlen(options->label));
		s = open_session(token, options, err);
	}
	if (s != PB_OK) {
		pb_token_close(token);
		return s;
	}
	*ret_token = token;
	return PB_OK;
}

/* In another process than the one that opened it there is nothing to close but memory. */
void pb_token_close(struct pb_token *token)
{
	if (token == NULL)
		return;
	if (token->owner == getpid()) {
		if (token->logged_in)
			(void)token->module->C_Logout(token->session);
		if (token->session != CK_INVALID_HANDLE)
			(void)token->module->C_CloseSession(token->session);
		if (token->initialised)
			(void)token->module->C_Finalize(NULL);
		if (token->library != NULL)
			(void)dlclose(token->library);
	}
	(void)pthread_mutex_destroy(&token->lock);
	free(token);
}

bool pb_token_has(const struct pb_token *token, enum pb_token_mechanism mechanism)
{
	return token->has[mechanism];
}

enum pb_status pb_token_enter(struct pb_token *token, struct pb_err *err)
{
	if (token->owner != getpid())
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "token %s: opened by another process", token->label);
	if (pthread_mutex_lock(&token->lock) != 0)
		PB_BUG("a lock that was never made");
	return PB_OK;
}

void pb_token_leave(struct pb_token *token)
{
	if (pthread_mutex_unlock(&token->lock) != 0)
		PB_BUG("a lock that was never taken");
}
