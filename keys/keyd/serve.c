/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One function for each request.  What a credential states is read from the very bytes that are to be
 * signed, never from what the request says about them.
 */
#include "keys/keyd/serve.h"

#include <inttypes.h>
#include <string.h>

#include "issuer/credential/credential.h"
#include "keys/crypto/hash.h"
#include "keys/keyd/messages.h"

typedef enum pb_status handler(struct pb_keyd_server *server, const struct pb_keyd_request *request,
			       struct pb_keyd_reply *reply, struct pb_err *err);

static enum pb_status hello(struct pb_keyd_server *server, const struct pb_keyd_request *request,
			    struct pb_keyd_reply *reply, struct pb_err *err)
{
	(void)request;
	(void)err;
	reply->type = PB_KEYD_FACTS;
	pb_keystore_facts(server->store, &reply->u.facts);
	pb_keyd_accounts_say(&server->accounts, &reply->u.facts.account);
	return PB_OK;
}

/* A card's or a face's, of this issuer, of the serial that was ordered. */
static enum pb_status read_statement(const struct pb_keyd_server *server, uint64_t serial, struct pb_view statement,
				     struct pb_credential *ret_credential, struct pb_err *err)
{
	struct pb_credential credential = { 0 };
	struct pb_keystore_facts facts;
	enum pb_credential_fault fault = pb_credential_decode_unsigned(statement, &credential);

	if (fault != PB_FAULT_NONE)
		return pb_fail(err, PB_KEYS_REFUSED, "what is to be signed is no credential: %s", pb_credential_fault_words(fault));
	if (credential.kind != PB_CREDENTIAL_CHIP && credential.kind != PB_CREDENTIAL_FACE)
		return pb_fail(err, PB_KEYS_REFUSED, "this office signs the credentials of chips and faces only");
	pb_keystore_facts(server->store, &facts);
	if (!pb_view_equal(PB_VIEW(credential.kid), PB_VIEW(facts.kid)))
		return pb_fail(err, PB_KEYS_REFUSED, "the credential names another issuer key");
	if (credential.kind == PB_CREDENTIAL_FACE && !pb_view_equal(credential.claims.issuer, pb_view_text(facts.code)))
		return pb_fail(err, PB_KEYS_REFUSED, "the credential names another issuer");
	if (credential.claims.card.serial != serial)
		return pb_fail(err, PB_KEYS_REFUSED, "the credential is of serial %010" PRIu64 ", the order of %010" PRIu64,
			       credential.claims.card.serial, serial);
	*ret_credential = credential;
	return PB_OK;
}

/* The signature is the last part of what the ledger will have the hash of. */
static enum pb_status hash_token(const struct pb_credential *credential, const uint8_t sig[static PB_P256_SIG],
				 struct pb_keyd_given *ret_given, struct pb_err *err)
{
	struct pb_credential_token token;

	if (!pb_credential_complete(credential, sig, &token))
		return pb_fail(err, PB_KEYS_REFUSED, "the credential would be longer than one may be");
	ret_given->kind = (uint8_t)credential->kind;
	pb_sha256(pb_credential_token_view(&token), ret_given->hash);
	return PB_OK;
}

/* All are read before one is signed, and no signature leaves before all are accounted for. */
static enum pb_status sign_credentials(struct pb_keyd_server *server, const struct pb_keyd_request *request,
				       struct pb_keyd_reply *reply, struct pb_err *err)
{
	const struct pb_view statements[PB_STATEMENTS_MAX] = { request->bytes, request->also };
	const size_t count = request->also.n != 0 ? 2 : 1;
	const uint64_t serial = request->order.serial;
	const int64_t now = pb_clock_now(server->clock);
	struct pb_credential credentials[PB_STATEMENTS_MAX];
	struct pb_keyd_given given[PB_STATEMENTS_MAX];
	enum pb_status s = PB_OK;

	reply->type = PB_KEYD_SIGNATURES;
	for (size_t i = 0; i < count && s == PB_OK; i++)
		s = read_statement(server, serial, statements[i], &credentials[i], err);
	if (s == PB_OK)
		s = pb_keyd_accounts_allow_credentials(&server->accounts, serial, count, now, err);
	if (s == PB_OK)
		s = pb_keystore_sign_credentials(server->store, &request->order, statements, count, reply->u.sigs, err);
	for (size_t i = 0; i < count && s == PB_OK; i++)
		s = hash_token(&credentials[i], reply->u.sigs[i], &given[i], err);
	return s == PB_OK ? pb_keyd_accounts_keep_credentials(&server->accounts, serial, given, count, now, err) : s;
}

static enum pb_status sign_checkpoint(struct pb_keyd_server *server, const struct pb_keyd_request *request,
				      struct pb_keyd_reply *reply, struct pb_err *err)
{
	enum pb_status s = pb_keyd_accounts_allow_checkpoint(&server->accounts, request->bytes, err);

	reply->type = PB_KEYD_SIGNATURE;
	if (s == PB_OK)
		s = pb_keystore_sign_checkpoint(server->store, request->bytes, reply->u.sig, err);
	return s == PB_OK ? pb_keyd_accounts_keep_checkpoint(&server->accounts, err) : s;
}

static enum pb_status sign_list(struct pb_keyd_server *server, const struct pb_keyd_request *request,
				struct pb_keyd_reply *reply, struct pb_err *err)
{
	reply->type = PB_KEYD_SIGNATURE;
	return request->trust ? pb_keystore_sign_trust_list(server->store, request->bytes, reply->u.sig, err) :
				pb_keystore_sign_status_list(server->store, request->bytes, reply->u.sig, err);
}

static enum pb_status login(struct pb_keyd_server *server, const struct pb_keyd_request *request,
			    struct pb_keyd_reply *reply, struct pb_err *err)
{
	enum pb_status s = pb_keystore_login_begin(server->store, request->family, request->uid, request->bytes, &reply->u.step,
						   err);

	reply->type = reply->u.step.open ? PB_KEYD_SESSION : PB_KEYD_SAY;
	return s;
}

static enum pb_status login_answer(struct pb_keyd_server *server, const struct pb_keyd_request *request,
				   struct pb_keyd_reply *reply, struct pb_err *err)
{
	enum pb_status s = pb_keystore_login_answer(server->store, request->login, request->bytes, &reply->u.step, err);

	reply->type = reply->u.step.open ? PB_KEYD_SESSION : PB_KEYD_SAY;
	return s;
}

static enum pb_status give_keys(struct pb_keyd_server *server, const struct pb_keyd_request *request,
				struct pb_keyd_reply *reply, struct pb_err *err)
{
	reply->type = PB_KEYD_WRAPPED;
	return pb_keystore_give_keys(server->store, request->family, request->uid, &request->session, &reply->u.wrapped, err);
}

static enum pb_status pseudonym(struct pb_keyd_server *server, const struct pb_keyd_request *request,
				struct pb_keyd_reply *reply, struct pb_err *err)
{
	reply->type = PB_KEYD_NAMED;
	return pb_keystore_pseudonym(server->store, request->uid, reply->u.pseudonym, err);
}

static enum pb_status tell(struct pb_keyd_server *server, const struct pb_keyd_request *request, struct pb_keyd_reply *reply,
			   struct pb_err *err)
{
	struct pb_keyd_accounts *accounts = &server->accounts;

	reply->type = PB_KEYD_STANDS;
	if (request->anew) {
		pb_keyd_accounts_restart(accounts, &reply->u.stands);
		return PB_OK;
	}
	reply->u.stands = (struct pb_told){ accounts->file.record.kept.edge.size, accounts->file.record.before.edge.size };
	return pb_keyd_accounts_tell(accounts, request->size, request->root, request->bytes, pb_clock_now(server->clock), err);
}

static enum pb_status cosign(struct pb_keyd_server *server, const struct pb_keyd_request *request,
			     struct pb_keyd_reply *reply, struct pb_err *err)
{
	struct pb_cosign_order order = { .log = request->log, .text = request->bytes, .old_size = request->size,
					 .proof = request->proof };

	reply->type = PB_KEYD_COSIGNED;
	memcpy(order.log_sig, request->log_sig, sizeof(order.log_sig));
	return pb_witness_book_cosign(&server->book, &order, pb_clock_now(server->clock), &reply->u.cosigned, err);
}

static bool may_have(const struct pb_keyd_server *server, enum pb_keyd_type type)
{
	return !server->only_witness || type == PB_KEYD_HELLO || type == PB_KEYD_COSIGN;
}

static handler *const handlers[] = {
	[PB_KEYD_HELLO] = hello,
	[PB_KEYD_SIGN_CREDENTIALS] = sign_credentials,
	[PB_KEYD_SIGN_CHECKPOINT] = sign_checkpoint,
	[PB_KEYD_SIGN_LIST] = sign_list,
	[PB_KEYD_LOGIN] = login,
	[PB_KEYD_LOGIN_ANSWER] = login_answer,
	[PB_KEYD_GIVE_KEYS] = give_keys,
	[PB_KEYD_PSEUDONYM] = pseudonym,
	[PB_KEYD_TELL] = tell,
	[PB_KEYD_COSIGN] = cosign,
};

struct pb_view pb_keyd_serve(struct pb_keyd_server *server, struct pb_view request, struct pb_view attached, uint8_t *ret_bytes,
			     size_t cap)
{
	struct pb_keyd_request asked;
	struct pb_keyd_reply reply = { 0 };
	struct pb_err err = { 0 };
	struct pb_view message;
	enum pb_status s = pb_keyd_request_decode(request, &asked, &err);

	if (s == PB_OK && asked.type == PB_KEYD_SIGN_LIST)
		asked.bytes = attached;
	if (s == PB_OK) { /* the decoder knows no type that has no handler */
		s = may_have(server, asked.type) ?
			    handlers[asked.type](server, &asked, &reply, &err) :
			    pb_fail(&err, PB_KEYS_REFUSED, "this process cosigns for other offices, and does nothing else");
		pb_keyd_request_wipe(&asked);
	}
	if (s != PB_OK)
		reply = (struct pb_keyd_reply){ .type = PB_KEYD_FAILED, .u.failure = err };
	message = pb_keyd_reply_encode(&reply, ret_bytes, cap);
	pb_keyd_reply_wipe(&reply);
	return message;
}
