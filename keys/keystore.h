/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The office's keys, used by purpose: sign a credential, sign a checkpoint, open a session with a card,
 * hand a card its own keys, name a person's chip by a pseudonym.  Nothing here returns a long-term key,
 * and there is no function to ask for one; what leaves is signatures, session keys and wrapped keys.
 *
 * A key directory (mode 0700, made whole or not at all):
 *
 *     issuer.key, status-list.key,             PKCS#8, PBES2 with scrypt (keys/crypto/pkcs8.h)
 *     trust-list.key, checkpoint.key,
 *     root.key, root-spare.key
 *     issuer-2.key, issuer.current, ...        keys that came after, and which of them signs (keys/succession.h)
 *     card-master-applet-30.key, ...,          sealed secrets (keys/crypto/sealed.h); of each family of cards one
 *     pseudonym.key                            master key for each generation (keys/master_keys.h)
 *     witness.key                              PKCS#8, of an office that witnesses for others
 *     public/                                  certificates and the checkpoint key: a folder for
 *                                              keys/trust.h, safe to give to anyone
 *
 * Keys that are in a PKCS#11 token (keys/token.h) have no file.
 *
 * What each of them may do is a table, keys/roles.h; the roots sign certificates and are never opened here.
 *
 * Private files must have no mode bit for group or others.  A store is read once, at opening, and is
 * immutable afterwards, but for logins that wait for a card's answer: any number of threads may use it.
 *
 * Not for: who is trusted (keys/trust.h), what is signed (issuer/credential, issuer/ledger).
 */
#ifndef PROFBILET_KEYS_KEYSTORE_H
#define PROFBILET_KEYS_KEYSTORE_H

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/secret.h"
#include "keys/card_session.h"
#include "keys/crypto/p256.h"
#include "keys/diversify.h"
#include "keys/master_keys.h"
#include "keys/roles.h"
#include "keys/token.h"

enum {
	PB_ISSUER_KID_LEN = 8,
	PB_PSEUDONYM_LEN = 16,
	PB_NAMED_MAX = 128, /* bytes that a pseudonym may stand for */
};

struct pb_keystore;

struct pb_keystore_options {
	bool allow_factory_keys;      /* the office has said that blanks with published keys are welcome */
	const struct pb_clock *clock; /* borrowed; NULL: the system's */
	const struct pb_token_options *token; /* where the keys are; NULL: in the files of the key directory */
};

struct pb_keystore_terms {
	const char *issuer_code; /* 2 to 16 of A-Z 0-9 and hyphen ("RU-75-TST") */
	const char *issuer_name; /* 1 to 64 characters, UTF-8 */
	bool test;
	const struct pb_token_options *token; /* where to make the keys that an office works with; NULL: in files */
};

/* Makes a root and its spare, certified keys for cards, status lists and trust lists, a checkpoint key, a
 * card master key and a pseudonym key.  Test keys say TEST for ever: the certificates by an extended key
 * usage that the root has signed, the sealed secrets by their sealed purpose, so no lost file turns them
 * into real ones.
 * The roots are in files, also when the others are in a token: who has made them takes them away.
 * PB_CONFLICT when `dir` exists and is not empty, or the token has such keys; PB_INPUT_INVALID names the
 * argument. */
PB_MUST_USE enum pb_status pb_keystore_create(const char *dir, const struct pb_secret *passphrase,
					      const struct pb_keystore_terms *terms, const struct pb_clock *clock,
					      struct pb_err *err);
/* The same with terms->test. */
PB_MUST_USE enum pb_status pb_keystore_create_test(const char *dir, const struct pb_secret *passphrase,
						   const char *issuer_code, const char *issuer_name,
						   const struct pb_clock *clock, struct pb_err *err);

/* PB_KEYS_PASSPHRASE (one attempt, no retry), PB_KEYS_UNAVAILABLE for anything missing, damaged, readable
 * by others or not belonging together.  With a token, PB_KEYS_PASSPHRASE is also its PIN, and the passphrase
 * (NULL: none) is for what the token lacks.  options == NULL: nothing is allowed, the system's clock. */
PB_MUST_USE enum pb_status pb_keystore_open(const char *dir, const struct pb_secret *passphrase,
					    const struct pb_keystore_options *options, struct pb_keystore **ret_store,
					    struct pb_err *err);
void pb_keystore_close(struct pb_keystore *store); /* accepts NULL; wipes */

bool pb_keystore_is_test(const struct pb_keystore *store);
const char *pb_keystore_issuer_code(const struct pb_keystore *store); /* borrowed */
const char *pb_keystore_issuer_name(const struct pb_keystore *store); /* borrowed */
/* The first 8 bytes of SHA-256 of the issuer's SubjectPublicKeyInfo. */
void pb_keystore_issuer_kid(const struct pb_keystore *store, uint8_t ret_kid[static PB_ISSUER_KID_LEN]);

/* ---- The ledger, told to those who hold the keys elsewhere (keys/keyd/): they sign what it accounts for.  Who has
 * the keys in his own memory has nobody to account to, and these do nothing. */
bool pb_keystore_keeps_accounts(const struct pb_keystore *store);

/* How many entries the holder has signed for, and how many the ledger must have at least. */
struct pb_told {
	uint64_t kept, before;
};
/* What was told and not signed for is forgotten. */
PB_MUST_USE enum pb_status pb_keystore_restart_telling(const struct pb_keystore *store, struct pb_told *ret_told,
						       struct pb_err *err);
/* `entries`: each as a CBOR byte string, PB_TELL_MAX bytes in all, or none; they follow the tree of `size` entries and `root`.
 * PB_KEYS_REFUSED when that is not the ledger whose entries were signed for. */
enum { PB_TELL_MAX = 3072 };
PB_MUST_USE enum pb_status pb_keystore_tell(const struct pb_keystore *store, uint64_t size, const uint8_t root[static 32],
					    struct pb_view entries, struct pb_err *err);

/* What its holder has signed, as of when the store was opened; false with keys in one's own memory, which nobody counts. */
struct pb_account {
	uint64_t signatures;	  /* on credentials, ever */
	uint64_t steps_back;	  /* batches that the ledger took back, ever */
	uint64_t acknowledged;	  /* how often somebody with the passphrase vouched for the ledger */
	uint64_t open_serial;	  /* signed for, and not yet in the ledger; 0: none */
	uint64_t open_signatures; /* for that */
};
bool pb_keystore_account(const struct pb_keystore *store, struct pb_account *ret_account);

/* On whose behalf a credential is signed: the next reservation. */
struct pb_signing_order {
	uint64_t serial;
};

/* ES256, r || s, low s.  PB_KEYS_REFUSED outside the signing period written in the certificate; a store
 * behind keys/keyd/ also holds the order against its own count.  Several statements for one order are signed all or
 * none, and accounted for at once, which is one wait for the disk. */
enum { PB_STATEMENTS_MAX = 2, PB_ES256_LEN = 64 }; /* a face's and a chip's */
PB_MUST_USE enum pb_status pb_keystore_sign_credentials(const struct pb_keystore *store, const struct pb_signing_order *order,
							const struct pb_view *sig_structures, size_t count,
							uint8_t (*ret_sigs)[PB_ES256_LEN], struct pb_err *err);
/* The same for a COSE_Sign1 of type PB_TYPE_STATUS_LIST, PB_TYPE_TRUST_LIST.  PB_NOT_FOUND when the office
 * has no such key: only the one that publishes for others needs it. */
PB_MUST_USE enum pb_status pb_keystore_sign_status_list(const struct pb_keystore *store, struct pb_view sig_structure,
							uint8_t ret_sig[static 64], struct pb_err *err);
PB_MUST_USE enum pb_status pb_keystore_sign_trust_list(const struct pb_keystore *store, struct pb_view sig_structure,
						       uint8_t ret_sig[static 64], struct pb_err *err);
/* Of a role that has a certificate; false when the office has no such key. */
bool pb_keystore_certified_point(const struct pb_keystore *store, enum pb_key_role role,
				 uint8_t ret_point[static PB_P256_POINT]);
/* What its certificate says: from when and until when it signs, and until when that can be checked; UTC seconds,
 * all included.  False as above. */
struct pb_certified_dates {
	int64_t from, signs_until, until;
};
bool pb_keystore_certified_dates(const struct pb_keystore *store, enum pb_key_role role, struct pb_certified_dates *ret_dates);
/* Ed25519.  PB_KEYS_REFUSED for anything that is not shaped as a note: it ends with LF, and no TAB, NUL
 * or other control character is in it.  Keys of one purpose do not sign another's bytes. */
PB_MUST_USE enum pb_status pb_keystore_sign_checkpoint(const struct pb_keystore *store, struct pb_view note_text,
						       uint8_t ret_sig[static 64], struct pb_err *err);
void pb_keystore_checkpoint_public(const struct pb_keystore *store, uint8_t ret_public[static 32]);

/* ---- Witnessing for other offices (issuer/ledger/add_checkpoint.h).  The key signs cosignatures and nothing else, and is
 * used by its holder only, who keeps a book of what was signed for (keys/keyd/witness_book.h). */

/* Makes the witness's key.  PB_CONFLICT when there is one, unless `anew`: then the old key is gone, and what it has signed
 * can be checked still.  Stores that are open do not see it. */
PB_MUST_USE enum pb_status pb_keystore_begin_witness(const char *dir, const struct pb_secret *passphrase,
						     const struct pb_keystore_options *options, bool anew,
						     uint8_t ret_public[static 32], struct pb_err *err);
/* False when this office is no witness. */
bool pb_keystore_witness_public(const struct pb_keystore *store, uint8_t ret_public[static 32]);

struct pb_cosign_order {
	const char *log;	/* the checkpoint key of a ledger, as a C2SP verifier key */
	struct pb_view text;	/* of its checkpoint, and the ledger's signature on it */
	uint8_t log_sig[64];
	uint64_t old_size;	/* that the witness is said to have seen */
	struct pb_view proof;	/* hashes of the consistency proof from there, one after the other */
};

struct pb_cosign_answer {
	unsigned verdict; /* enum pb_add_verdict */
	uint64_t size;	  /* that the witness has seen, after this */
	uint64_t time;	  /* of the cosignature, when there is one */
	uint8_t sig[64];
};

/* The holder checks the request against his book and stores what he signs for, durably, before the signature leaves.  A
 * refusal is an answer.  PB_NOT_ALLOWED with keys in one's own memory, where nobody keeps a book; PB_NOT_FOUND: no witness;
 * PB_CLOCK_WRONG: the clock stands before the last cosignature. */
PB_MUST_USE enum pb_status pb_keystore_cosign(const struct pb_keystore *store, const struct pb_cosign_order *order,
					      struct pb_cosign_answer *ret_answer, struct pb_err *err);
/* For the holder himself, who has looked into his book: Ed25519 over the message of a cosignature. */
PB_MUST_USE enum pb_status pb_keystore_sign_cosignature(const struct pb_keystore *store, struct pb_view message,
							uint8_t ret_sig[static 64], struct pb_err *err);

/* The card master keys there are; borrowed, and as they were when the store was opened. */
const struct pb_generations *pb_keystore_generations(const struct pb_keystore *store);
/* KVN that cards of the family are given now; 0 when the office has no such key yet. */
uint8_t pb_keystore_current_kvn(const struct pb_keystore *store, enum pb_master_family family);

/* Makes the next generation of a family's master key, of the key directory's own kind (test or real), beside the
 * ones there are, and reads it back.  Durable when it returns; a crash leaves the old ones, or all, and never
 * fewer.  Stores that are open do not see it.  PB_NOT_ALLOWED when `after` is not the newest there is (0: none), so that
 * asking twice makes one; PB_KEYS_REFUSED when the family's numbers are used up; else as pb_keystore_open. */
PB_MUST_USE enum pb_status pb_keystore_roll_master(const char *dir, const struct pb_secret *passphrase,
						   const struct pb_keystore_options *options, enum pb_master_family family,
						   uint8_t after, struct pb_generation *ret_generation, struct pb_err *err);

/* HMAC-SHA-256 over the UID (or a name of up to PB_NAMED_MAX bytes), first 16 bytes: the same chip gives
 * the same pseudonym, and nobody without the key can go back.  Longer names are PB_INPUT_INVALID. */
PB_MUST_USE enum pb_status pb_keystore_pseudonym(const struct pb_keystore *store, struct pb_view uid,
						 uint8_t ret_pseudonym[static PB_PSEUDONYM_LEN], struct pb_err *err);

/* ---- Opening a session with a card: a short conversation.  The card's words go in (issuer/perso/ has asked for
 * them); what comes out is to be said to the card, or the session.
 *
 *     login_begin(words) -> say 1 -> the card -> login_answer(words) -> ... -> session
 *
 * Which key opens a card is what the card says of its key version: ours of that generation, diversified by `uid` (4 to 10
 * bytes), or the factory's, which is refused (PB_KEYS_REFUSED) unless the office allows it.  PB_CARD_KEYS: it names a
 * generation that the office does not have, or does not prove to hold the key; one key is tried, and once.  Where the card
 * proves itself first (SCP03) nothing is said to a card with other keys, so no attempt of it is spent.
 * PB_CARD_PROTOCOL: words of another form.
 *
 * What a family's words are stands in its row (keys/login.h), which with its master key (keys/master_keys.h) is all
 * that a family needs here. */
struct pb_login_step {
	bool open;			/* `session`; else `say`, and the card's answer goes to login_answer */
	uint64_t login;			/* names this conversation, and this step of it; answered once */
	struct pb_card_words say;
	struct pb_card_session session;
};

#define PB_LOGIN_STEP_SECRET __attribute__((cleanup(pb_login_step_wipe))) struct pb_login_step
void pb_login_step_wipe(struct pb_login_step *step);

enum { PB_LOGIN_STEPS_MAX = 3 };

PB_MUST_USE enum pb_status pb_keystore_login_begin(const struct pb_keystore *store, enum pb_master_family family,
						   struct pb_view uid, struct pb_view words, struct pb_login_step *ret_step,
						   struct pb_err *err);
/* PB_NOT_ALLOWED when no such login waits: it was answered, or newer ones took its place. */
PB_MUST_USE enum pb_status pb_keystore_login_answer(const struct pb_keystore *store, uint64_t login, struct pb_view words,
						    struct pb_login_step *ret_step, struct pb_err *err);

/* In that session, fresh: what gives the card its own keys of the newest generation, for issuer/perso/ to say.  Of a card
 * that has the newest it is PB_KEYS_REFUSED, for cards go forwards only.  Under factory keys it is no secret, whatever the
 * protocol: whoever records that session can read the new keys, so blanks are keyed where nobody listens.
 * PB_NOT_ALLOWED in a session that this store has not opened, or has given keys in before (keys/login.h). */
PB_MUST_USE enum pb_status pb_keystore_give_keys(const struct pb_keystore *store, enum pb_master_family family,
						 struct pb_view uid, const struct pb_card_session *session,
						 struct pb_card_words *ret_words, struct pb_err *err);

#endif
