/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opening a token: the module, the slot, the session, the PIN.
 */
#include "keys/token.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keys/token_inside.h"

enum { SLOTS_MAX = 64, MECHANISMS_MAX = 512, ENVIRONMENT_NAME = 64 };

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

/* A token that came back has forgotten its sessions. */
static bool is_gone(CK_RV rv)
{
	return rv == CKR_DEVICE_REMOVED || rv == CKR_TOKEN_NOT_PRESENT || rv == CKR_SESSION_HANDLE_INVALID || rv == CKR_SESSION_CLOSED;
}

enum pb_status pb_token_fail(struct pb_err *err, const struct pb_token *token, const char *what, CK_RV rv)
{
	const char *name = name_of(rv);
	enum pb_status s = is_gone(rv) ? PB_TOKEN_REMOVED : PB_KEYS_UNAVAILABLE;

	if (name != NULL)
		return pb_fail(err, s, "token %s: %s: %s", token->label, what, name);
	return pb_fail(err, s, "token %s: %s: CKR %08lX", token->label, what, rv);
}

/* Modules are told where their own configuration is by their environment, and by nothing else. */
static enum pb_status set_environment(const char *assignment, struct pb_err *err)
{
	const char *equals = assignment != NULL ? strchr(assignment, '=') : NULL;
	char name[ENVIRONMENT_NAME];

	if (assignment == NULL || assignment[0] == '\0')
		return PB_OK;
	if (equals == NULL || equals == assignment || (size_t)(equals - assignment) >= sizeof(name))
		return pb_fail(err, PB_CONFIG_INVALID, "the environment of a PKCS#11 module is one NAME=value");
	(void)snprintf(name, sizeof(name), "%.*s", (int)(equals - assignment), assignment);
	return setenv(name, equals + 1, 1) == 0 ? PB_OK : pb_fail(err, PB_NO_MEMORY, "environment");
}

static enum pb_status load_module(struct pb_token *token, const char *path, struct pb_err *err)
{
	CK_C_INITIALIZE_ARGS threads = { .flags = CKF_OS_LOCKING_OK };
	CK_C_GetFunctionList get_functions;
	CK_RV rv;

	if (path[0] != '/')
		return pb_fail(err, PB_TOKEN_MODULE, "\"%s\": a PKCS#11 module is named by its absolute path", path);
	token->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (token->library == NULL)
		return pb_fail(err, PB_TOKEN_MODULE, "%s", dlerror());
	/* The form that POSIX has for turning an object pointer into a function's. */
	*(void **)&get_functions = dlsym(token->library, "C_GetFunctionList");
	if (get_functions == NULL || get_functions(&token->module) != CKR_OK || token->module == NULL)
		return pb_fail(err, PB_TOKEN_MODULE, "%s is no PKCS#11 module", path);
	rv = token->module->C_Initialize(&threads);
	token->initialised = rv == CKR_OK;
	if (rv != CKR_OK && rv != CKR_CRYPTOKI_ALREADY_INITIALIZED)
		return pb_fail(err, PB_TOKEN_MODULE, "%s: C_Initialize: %s", path, name_of(rv) != NULL ? name_of(rv) : "refused");
	return PB_OK;
}

/* Texts of a token are padded with blanks (PKCS#11 2.40, 4.3). */
static void read_text(const CK_UTF8CHAR *padded, size_t n, char *ret_text)
{
	while (n > 0 && (padded[n - 1] == ' ' || padded[n - 1] == '\0'))
		n--;
	for (size_t i = 0; i < n; i++)
		ret_text[i] = padded[i] >= ' ' && padded[i] <= '~' ? (char)padded[i] : '?';
	ret_text[n] = '\0';
}

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

static void read_facts(const CK_TOKEN_INFO *info, struct pb_token_facts *ret_facts)
{
	read_text(info->label, sizeof(info->label), ret_facts->label);
	read_text(info->serialNumber, sizeof(info->serialNumber), ret_facts->serial);
	ret_facts->tries_count_low = (info->flags & CKF_USER_PIN_COUNT_LOW) != 0;
	ret_facts->last_try = (info->flags & CKF_USER_PIN_FINAL_TRY) != 0;
	ret_facts->locked = (info->flags & CKF_USER_PIN_LOCKED) != 0;
}

/* What is there instead of the token that is wanted. */
struct others {
	size_t wanted, all;
	char labels[256];
};

static void note_label(struct others *others, const CK_TOKEN_INFO *info)
{
	size_t used = strlen(others->labels);
	char label[PB_TOKEN_LABEL_CAP];

	read_text(info->label, sizeof(info->label), label);
	(void)snprintf(others->labels + used, sizeof(others->labels) - used, "%s\"%s\"", others->all > 1 ? ", " : "", label);
}

static enum pb_status find_slot(struct pb_token *token, struct pb_err *err)
{
	CK_SLOT_ID slots[SLOTS_MAX];
	CK_ULONG count = SLOTS_MAX;
	struct others others = { 0 };
	CK_RV rv = token->module->C_GetSlotList(CK_TRUE, slots, &count);

	if (rv != CKR_OK)
		return pb_token_fail(err, token, "listing the slots", rv);
	for (CK_ULONG i = 0; i < count; i++) {
		CK_TOKEN_INFO info;

		if (token->module->C_GetTokenInfo(slots[i], &info) != CKR_OK || (info.flags & CKF_TOKEN_INITIALIZED) == 0)
			continue;
		others.all++;
		note_label(&others, &info);
		if (!has_label(&info, token->label))
			continue;
		token->slot = slots[i];
		others.wanted++;
	}
	if (others.all == 0)
		return pb_fail(err, PB_TOKEN_ABSENT, "token %s: there is none in any slot", token->label);
	if (others.wanted != 1)
		return pb_fail(err, PB_TOKEN_LABEL, "token %s: %s; there are: %s", token->label,
			       others.wanted == 0 ? "not there" : "several have this label", others.labels);
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

static enum pb_status ask_facts(const struct pb_token *token, CK_TOKEN_INFO *ret_info, struct pb_token_facts *ret_facts,
				struct pb_err *err)
{
	CK_RV rv = token->module->C_GetTokenInfo(token->slot, ret_info);

	if (rv != CKR_OK)
		return pb_token_fail(err, token, "asking after it", rv);
	read_facts(ret_info, ret_facts);
	return PB_OK;
}

/* Whether one try of the PIN may be spent. */
static enum pb_status check_tries(const struct pb_token *token, bool spend_last_try, struct pb_token_facts *ret_facts,
				  struct pb_err *err)
{
	CK_TOKEN_INFO info;
	enum pb_status s = ask_facts(token, &info, ret_facts, err);

	if (s != PB_OK)
		return s;
	if ((info.flags & CKF_USER_PIN_INITIALIZED) == 0)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "token %s: it has no PIN yet", token->label);
	if (ret_facts->locked)
		return pb_fail(err, PB_TOKEN_PIN_LOCKED, "token %s: the PIN is not tried: it is locked", token->label);
	if (ret_facts->last_try && !spend_last_try)
		return pb_fail(err, PB_TOKEN_PIN_LAST, "token %s: the PIN is not tried: one try is left", token->label);
	return PB_OK;
}

/* After a PIN that was wrong: what that has cost. */
static enum pb_status fail_pin(const struct pb_token *token, CK_RV rv, struct pb_err *err)
{
	struct pb_token_facts facts = { 0 };
	CK_TOKEN_INFO info;

	if (ask_facts(token, &info, &facts, err) != PB_OK)
		return pb_fail(err, PB_TOKEN_PIN, "token %s: it does not answer any more", token->label);
	if (rv == CKR_PIN_LOCKED || facts.locked)
		return pb_fail(err, PB_TOKEN_PIN_LOCKED, "token %s: the PIN was wrong, and that was the last try", token->label);
	if (facts.last_try)
		return pb_fail(err, PB_TOKEN_PIN, "token %s: one try is left", token->label);
	return pb_fail(err, PB_TOKEN_PIN, "token %s: %s", token->label,
		       facts.tries_count_low ? "it counts the wrong tries since the last right one, and does not say how many are left" :
					       "it does not say how many tries are left");
}

static enum pb_status log_in(struct pb_token *token, const struct pb_token_options *options, struct pb_err *err)
{
	struct pb_token_facts facts = { 0 };
	PB_SECRET pin = { 0 };
	enum pb_status s = check_tries(token, options->spend_last_try, &facts, err);
	CK_RV rv;

	if (s == PB_OK)
		s = options->pin(options->pin_ctx, &facts, &pin, err);
	if (s != PB_OK)
		return s;
	rv = token->module->C_Login(token->session, CKU_USER, pin.bytes, pin.n);
	token->logged_in = rv == CKR_OK;
	if (rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN)
		return PB_OK;
	if (rv != CKR_PIN_INCORRECT && rv != CKR_PIN_LEN_RANGE && rv != CKR_PIN_INVALID && rv != CKR_PIN_LOCKED &&
	    rv != CKR_PIN_EXPIRED)
		return pb_token_fail(err, token, "login", rv);
	return fail_pin(token, rv, err);
}

static enum pb_status find_token(struct pb_token *token, const struct pb_token_options *options, struct pb_err *err)
{
	enum pb_status s;

	if (strlen(options->label) >= sizeof(token->label))
		return pb_fail(err, PB_TOKEN_LABEL, "a token's label has at most 32 bytes");
	memcpy(token->label, options->label, strlen(options->label));
	s = set_environment(options->environment, err);
	if (s == PB_OK)
		s = load_module(token, options->module, err);
	return s == PB_OK ? find_slot(token, err) : s;
}

static enum pb_status open_session(struct pb_token *token, const struct pb_token_options *options, struct pb_err *err)
{
	enum pb_status s = list_mechanisms(token, err);
	CK_RV rv;

	if (s != PB_OK)
		return s;
	rv = token->module->C_OpenSession(token->slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &token->session);
	if (rv == CKR_TOKEN_WRITE_PROTECTED)
		rv = token->module->C_OpenSession(token->slot, CKF_SERIAL_SESSION, NULL, NULL, &token->session);
	if (rv != CKR_OK)
		return pb_token_fail(err, token, "opening a session", rv);
	return log_in(token, options, err);
}

/* Found, and nothing asked of it yet. */
static enum pb_status create(const struct pb_token_options *options, struct pb_token **ret_token, struct pb_err *err)
{
	struct pb_token *token = calloc(1, sizeof(*token));
	enum pb_status s;

	if (token == NULL)
		return pb_fail(err, PB_NO_MEMORY, "token");
	token->owner = getpid();
	token->session = CK_INVALID_HANDLE;
	(void)pthread_mutex_init(&token->lock, NULL);
	s = find_token(token, options, err);
	if (s != PB_OK) {
		pb_token_close(token);
		return s;
	}
	*ret_token = token;
	return PB_OK;
}

enum pb_status pb_token_look(const struct pb_token_options *options, struct pb_token_facts *ret_facts, struct pb_err *err)
{
	struct pb_token *token = NULL;
	CK_TOKEN_INFO info;
	enum pb_status s = create(options, &token, err);

	if (s == PB_OK)
		s = ask_facts(token, &info, ret_facts, err);
	pb_token_close(token);
	return s;
}

enum pb_status pb_token_open(const struct pb_token_options *options, struct pb_token **ret_token, struct pb_err *err)
{
	struct pb_token *token = NULL;
	enum pb_status s = create(options, &token, err);

	if (s == PB_OK)
		s = open_session(token, options, err);
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
