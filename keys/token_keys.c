/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keys in a token: making, finding, naming and using them.
 */
#include <stdio.h>
#include <string.h>

#include "keys/backend.h"
#include "keys/crypto/aes.h"
#include "keys/crypto/ed25519.h"
#include "keys/token_inside.h"

enum { LABEL_MAX = 64, OBJECTS_MAX = 8, ATTRIBUTES_MAX = 16, POINT_MAX = 128 };

static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;

/* Object identifiers in DER: prime256v1, and id-Ed25519 (RFC 8410). */
static uint8_t curve_p256[] = { 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07 };
static uint8_t curve_ed25519[] = { 0x06, 0x03, 0x2B, 0x65, 0x70 };

/* What a token must have for keys of an algorithm, beside the ciphers of pb_token_offers. */
static const struct {
	enum pb_token_mechanism generates, signs;
	CK_KEY_TYPE type;
	CK_ULONG length; /* of a secret key */
	uint8_t *curve;
	size_t curve_n;
} kinds[] = {
	[PB_KEY_P256] = { PB_TOKEN_P256_GENERATE, PB_TOKEN_ECDSA, CKK_EC, 0, curve_p256, sizeof(curve_p256) },
	[PB_KEY_ED25519] = { PB_TOKEN_ED25519_GENERATE, PB_TOKEN_EDDSA, CKK_EC_EDWARDS, 0, curve_ed25519, sizeof(curve_ed25519) },
	[PB_KEY_AES_128] = { PB_TOKEN_AES_GENERATE, PB_TOKEN_CMAC, CKK_AES, PB_CARD_KEY_LEN, NULL, 0 },
	[PB_KEY_HMAC_SHA256] = { PB_TOKEN_SECRET_GENERATE, PB_TOKEN_HMAC, CKK_GENERIC_SECRET, PB_PSEUDONYM_KEY_LEN, NULL, 0 },
};

/* A list of attributes while it grows; its values are borrowed. */
struct template {
	CK_ATTRIBUTE list[ATTRIBUTES_MAX];
	CK_ULONG n;
};

static void add(struct template *template, CK_ATTRIBUTE_TYPE type, void *value, size_t n)
{
	if (template->n == ATTRIBUTES_MAX)
		PB_BUG("ATTRIBUTES_MAX is too small");
	template->list[template->n++] = (CK_ATTRIBUTE){ type, value, n };
}

static void add_flag(struct template *template, CK_ATTRIBUTE_TYPE type, bool value)
{
	add(template, type, value ? &yes : &no, sizeof(yes));
}

static void label_of(const char *name, bool test, char ret_label[static LABEL_MAX])
{
	(void)snprintf(ret_label, LABEL_MAX, "profbilet %s%s", test ? "TEST " : "", name);
}

/* A master key must encrypt: short inputs and check values are no CMAC. */
bool pb_token_offers(const struct pb_token *token, enum pb_key_role role)
{
	enum pb_key_algorithm algorithm = pb_key_role_row(role)->algorithm;

	if (algorithm == PB_KEY_AES_128)
		return token->has[PB_TOKEN_ECB] || token->has[PB_TOKEN_CBC];
	return token->has[kinds[algorithm].signs];
}

/* What every key of ours is that must not leave the token, and may do one thing. */
static void add_private(struct template *template, char *label, bool encrypts)
{
	add(template, CKA_LABEL, label, strlen(label));
	add_flag(template, CKA_TOKEN, true);
	add_flag(template, CKA_PRIVATE, true);
	add_flag(template, CKA_SENSITIVE, true);
	add_flag(template, CKA_EXTRACTABLE, false);
	add_flag(template, CKA_SIGN, true);
	add_flag(template, CKA_DECRYPT, false);
	add_flag(template, CKA_UNWRAP, false);
	add_flag(template, CKA_DERIVE, false);
	if (encrypts)
		add_flag(template, CKA_ENCRYPT, true);
}

static CK_RV generate_pair(struct pb_token *token, enum pb_key_algorithm algorithm, char *label, struct pb_token_key *ret_key)
{
	CK_MECHANISM mechanism = { pb_token_mechanism_type(kinds[algorithm].generates), NULL, 0 };
	struct template public = { .n = 0 }, private = { .n = 0 };

	add(&public, CKA_LABEL, label, strlen(label));
	add(&public, CKA_EC_PARAMS, kinds[algorithm].curve, kinds[algorithm].curve_n);
	add_flag(&public, CKA_TOKEN, true);
	add_flag(&public, CKA_PRIVATE, false);
	add_flag(&public, CKA_VERIFY, true);
	add_private(&private, label, false);
	return token->module->C_GenerateKeyPair(token->session, &mechanism, public.list, public.n, private.list, private.n,
						&ret_key->public_handle, &ret_key->private_handle);
}

static CK_RV generate_secret(struct pb_token *token, enum pb_key_algorithm algorithm, char *label, struct pb_token_key *ret_key)
{
	CK_MECHANISM mechanism = { pb_token_mechanism_type(kinds[algorithm].generates), NULL, 0 };
	CK_ULONG length = kinds[algorithm].length;
	CK_KEY_TYPE type = kinds[algorithm].type;
	struct template secret = { .n = 0 };

	add(&secret, CKA_KEY_TYPE, &type, sizeof(type));
	add(&secret, CKA_VALUE_LEN, &length, sizeof(length));
	add_flag(&secret, CKA_WRAP, false);
	add_private(&secret, label, algorithm == PB_KEY_AES_128);
	ret_key->public_handle = CK_INVALID_HANDLE;
	return token->module->C_GenerateKey(token->session, &mechanism, secret.list, secret.n, &ret_key->private_handle);
}

static enum pb_status generate(struct pb_token *token, enum pb_key_role role, const char *name, bool test,
			       struct pb_token_key *ret_key, struct pb_err *err)
{
	enum pb_key_algorithm algorithm = pb_key_role_row(role)->algorithm;
	struct pb_token_key key = { CK_INVALID_HANDLE, CK_INVALID_HANDLE };
	char label[LABEL_MAX];
	CK_RV rv;

	label_of(name, test, label);
	rv = kinds[algorithm].curve != NULL ? generate_pair(token, algorithm, label, &key) :
					      generate_secret(token, algorithm, label, &key);
	if (rv != CKR_OK)
		return pb_token_fail(err, token, label, rv);
	*ret_key = key;
	return PB_OK;
}

enum pb_status pb_token_generate(struct pb_token *token, enum pb_key_role role, const char *name, bool test,
				 struct pb_token_key *ret_key, struct pb_err *err)
{
	struct pb_token_key there;
	enum pb_status s = pb_token_find(token, role, name, test, &there, err);

	if (s == PB_OK)
		return pb_fail(err, PB_CONFLICT, "token %s has a %s key already", token->label, name);
	if (s != PB_NOT_FOUND)
		return s;
	pb_err_clear(err);
	s = pb_token_enter(token, err);
	if (s != PB_OK)
		return s;
	s = generate(token, role, name, test, ret_key, err);
	pb_token_leave(token);
	return s;
}

void pb_token_remove(struct pb_token *token, const struct pb_token_key *key)
{
	if (pb_token_enter(token, NULL) != PB_OK)
		return;
	(void)token->module->C_DestroyObject(token->session, key->private_handle);
	if (key->public_handle != CK_INVALID_HANDLE)
		(void)token->module->C_DestroyObject(token->session, key->public_handle);
	pb_token_leave(token);
}

/* Objects of a class with that label, of a few more than there should be. */
static enum pb_status list_objects(struct pb_token *token, CK_OBJECT_CLASS class, char *label,
				   CK_OBJECT_HANDLE ret_found[static OBJECTS_MAX], CK_ULONG *ret_count, struct pb_err *err)
{
	struct template wanted = { .n = 0 };
	CK_RV rv;

	add(&wanted, CKA_CLASS, &class, sizeof(class));
	add(&wanted, CKA_LABEL, label, strlen(label));
	*ret_count = 0;
	rv = token->module->C_FindObjectsInit(token->session, wanted.list, wanted.n);
	if (rv == CKR_OK) {
		rv = token->module->C_FindObjects(token->session, ret_found, OBJECTS_MAX, ret_count);
		(void)token->module->C_FindObjectsFinal(token->session);
	}
	return rv == CKR_OK ? PB_OK : pb_token_fail(err, token, label, rv);
}

/* The one object of a class with that label. */
static enum pb_status find_object(struct pb_token *token, CK_OBJECT_CLASS class, char *label, CK_OBJECT_HANDLE *ret_handle,
				  struct pb_err *err)
{
	CK_OBJECT_HANDLE found[OBJECTS_MAX];
	CK_ULONG count;
	enum pb_status s = list_objects(token, class, label, found, &count, err);

	if (s != PB_OK)
		return s;
	if (count == 0)
		return pb_fail(err, PB_NOT_FOUND, "token %s has no key \"%s\"", token->label, label);
	if (count > 1)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "token %s has several keys \"%s\"", token->label, label);
	*ret_handle = found[0];
	return PB_OK;
}

/* A key that can leave the token is as good as published. */
static enum pb_status check_kept(struct pb_token *token, CK_OBJECT_HANDLE handle, const char *label, struct pb_err *err)
{
	CK_BBOOL sensitive = CK_FALSE, extractable = CK_TRUE;
	CK_ATTRIBUTE wanted[] = {
		{ CKA_SENSITIVE, &sensitive, sizeof(sensitive) },
		{ CKA_EXTRACTABLE, &extractable, sizeof(extractable) },
	};
	CK_RV rv = token->module->C_GetAttributeValue(token->session, handle, wanted, 2);

	if (rv != CKR_OK)
		return pb_token_fail(err, token, label, rv);
	if (sensitive != CK_TRUE || extractable != CK_FALSE)
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "token %s would give the key \"%s\" away; make a new one", token->label, label);
	return PB_OK;
}

static enum pb_status find(struct pb_token *token, enum pb_key_role role, const char *name, bool test,
			   struct pb_token_key *ret_key, struct pb_err *err)
{
	bool pair = kinds[pb_key_role_row(role)->algorithm].curve != NULL;
	struct pb_token_key key = { CK_INVALID_HANDLE, CK_INVALID_HANDLE };
	char label[LABEL_MAX];
	enum pb_status s;

	label_of(name, test, label);
	s = find_object(token, pair ? CKO_PRIVATE_KEY : CKO_SECRET_KEY, label, &key.private_handle, err);
	if (s == PB_OK)
		s = check_kept(token, key.private_handle, label, err);
	if (s == PB_OK && pair && find_object(token, CKO_PUBLIC_KEY, label, &key.public_handle, err) != PB_OK)
		s = pb_wrap(err, PB_KEYS_UNAVAILABLE, "its public half");
	if (s == PB_OK)
		*ret_key = key;
	return s;
}

enum pb_status pb_token_find(struct pb_token *token, enum pb_key_role role, const char *name, bool test,
			     struct pb_token_key *ret_key, struct pb_err *err)
{
	enum pb_status s = pb_token_enter(token, err);

	if (s != PB_OK)
		return s;
	s = find(token, role, name, test, ret_key, err);
	pb_token_leave(token);
	return s;
}

static void destroy_all(struct pb_token *token, const CK_OBJECT_HANDLE *objects, CK_ULONG count)
{
	for (CK_ULONG i = 0; i < count; i++)
		(void)token->module->C_DestroyObject(token->session, objects[i]);
}

enum pb_status pb_token_remove_halves(struct pb_token *token, const char *name, bool test, struct pb_err *err)
{
	CK_OBJECT_HANDLE private[OBJECTS_MAX], public[OBJECTS_MAX];
	CK_ULONG privates = 0, publics = 0;
	char label[LABEL_MAX];
	enum pb_status s = pb_token_enter(token, err);

	if (s != PB_OK)
		return s;
	label_of(name, test, label);
	s = list_objects(token, CKO_PRIVATE_KEY, label, private, &privates, err);
	if (s == PB_OK)
		s = list_objects(token, CKO_PUBLIC_KEY, label, public, &publics, err);
	if (s == PB_OK && (privates != 1 || publics != 1)) {
		destroy_all(token, private, privates);
		destroy_all(token, public, publics);
	}
	pb_token_leave(token);
	return s;
}

static bool has_id(const struct pb_token *token, CK_OBJECT_HANDLE handle, struct pb_view id)
{
	uint8_t own[64];
	CK_ATTRIBUTE attribute = { CKA_ID, own, sizeof(own) };

	return token->module->C_GetAttributeValue(token->session, handle, &attribute, 1) == CKR_OK &&
	       pb_view_equal(pb_view(own, attribute.ulValueLen), id);
}

/* What is so is not written anew: some tokens lose a key whose writing is cut short. */
static CK_RV set_id(const struct pb_token *token, CK_OBJECT_HANDLE handle, struct pb_view id)
{
	CK_ATTRIBUTE attribute = { CKA_ID, (void *)id.p, id.n };

	return has_id(token, handle, id) ? CKR_OK : token->module->C_SetAttributeValue(token->session, handle, &attribute, 1);
}

enum pb_status pb_token_set_id(struct pb_token *token, const struct pb_token_key *key, struct pb_view id, struct pb_err *err)
{
	enum pb_status s = pb_token_enter(token, err);
	CK_RV rv;

	if (s != PB_OK)
		return s;
	rv = set_id(token, key->private_handle, id);
	if (rv == CKR_OK && key->public_handle != CK_INVALID_HANDLE)
		rv = set_id(token, key->public_handle, id);
	pb_token_leave(token);
	return rv == CKR_OK ? PB_OK : pb_token_fail(err, token, "naming a key", rv);
}

/* CKA_EC_POINT is the point in an OCTET STRING; older modules leave the OCTET STRING away. */
enum pb_status pb_token_public(struct pb_token *token, const struct pb_token_key *key, uint8_t *ret_bytes, size_t n,
			       struct pb_err *err)
{
	uint8_t der[POINT_MAX];
	CK_ATTRIBUTE attribute = { CKA_EC_POINT, der, sizeof(der) };
	enum pb_status s = pb_token_enter(token, err);
	CK_RV rv;

	if (s != PB_OK)
		return s;
	rv = token->module->C_GetAttributeValue(token->session, key->public_handle, &attribute, 1);
	pb_token_leave(token);
	if (rv != CKR_OK)
		return pb_token_fail(err, token, "reading a public key", rv);
	if (attribute.ulValueLen == n)
		memcpy(ret_bytes, der, n);
	else if (attribute.ulValueLen == n + 2 && der[0] == 0x04 && der[1] == n)
		memcpy(ret_bytes, der + 2, n);
	else
		return pb_fail(err, PB_KEYS_UNAVAILABLE, "token %s: a public key of %lu bytes", token->label, attribute.ulValueLen);
	return PB_OK;
}

enum pb_status pb_token_sign(struct pb_token *token, enum pb_token_mechanism mechanism, const struct pb_token_key *key,
			     struct pb_view message, uint8_t *ret_sig, size_t cap, size_t *ret_n, struct pb_err *err)
{
	CK_MECHANISM how = { pb_token_mechanism_type(mechanism), NULL, 0 };
	CK_ULONG n = cap;
	enum pb_status s = pb_token_enter(token, err);
	CK_RV rv;

	if (s != PB_OK)
		return s;
	rv = token->module->C_SignInit(token->session, &how, key->private_handle);
	if (rv == CKR_OK)
		rv = token->module->C_Sign(token->session, (CK_BYTE *)message.p, message.n, ret_sig, &n);
	pb_token_leave(token);
	if (rv != CKR_OK)
		return pb_token_fail(err, token, "signing", rv);
	*ret_n = n;
	return PB_OK;
}

enum pb_status pb_token_encrypt_block(struct pb_token *token, const struct pb_token_key *key, const uint8_t block[static 16],
				      uint8_t ret_block[static 16], struct pb_err *err)
{
	uint8_t zero[PB_AES_BLOCK] = { 0 }, in[PB_AES_BLOCK];
	CK_MECHANISM ecb = { CKM_AES_ECB, NULL, 0 }, cbc = { CKM_AES_CBC, zero, sizeof(zero) };
	CK_ULONG n = PB_AES_BLOCK;
	enum pb_status s = pb_token_enter(token, err);
	CK_RV rv;

	if (s != PB_OK)
		return s;
	memcpy(in, block, sizeof(in));
	rv = token->module->C_EncryptInit(token->session, token->has[PB_TOKEN_ECB] ? &ecb : &cbc, key->private_handle);
	if (rv == CKR_OK)
		rv = token->module->C_Encrypt(token->session, in, sizeof(in), ret_block, &n);
	pb_token_leave(token);
	pb_wipe(in, sizeof(in));
	if (rv != CKR_OK || n != PB_AES_BLOCK)
		return pb_token_fail(err, token, "encrypting a block", rv);
	return PB_OK;
}

enum pb_status pb_token_check_value(struct pb_token *token, const struct pb_token_key *key, uint8_t ret_kcv[static PB_KCV_LEN],
				    struct pb_err *err)
{
	uint8_t block[PB_AES_BLOCK];
	enum pb_status s;

	memset(block, 0x01, sizeof(block));
	s = pb_token_encrypt_block(token, key, block, block, err);
	if (s == PB_OK)
		memcpy(ret_kcv, block, PB_KCV_LEN);
	return s;
}
