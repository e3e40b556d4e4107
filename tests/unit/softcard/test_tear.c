/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every command of an issue, torn in every way: the card has the old contents or the new ones, and an
 * issuer that looks first, as section 10 of card-applet-spec/README.md says, always gets to a locked
 * card that proves the one key of its record.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "host.h"
#include "softcard/card.h"

enum { COMMANDS = 14 };

/* An issuer that remembers nothing but the public key it has signed for, and asks the card for the rest. */
struct issuer {
	struct host host;
	uint8_t recorded[65];
	bool has_recorded;
};

static bool lost(const struct host *host)
{
	return host->outcome != SOFTCARD_ANSWERED;
}

static uint8_t fci_byte(const struct host *host, uint8_t low_tag)
{
	for (size_t i = 0; i + 3 < host->n; i++) {
		if (host->data[i] == 0x9F && host->data[i + 1] == low_tag)
			return host->data[i + 3];
	}
	fail_msg("no 9F%02X in the FCI", low_tag);
	return 0;
}

static bool open_channel(struct host *host)
{
	host_initialize(host, NULL);
	if (lost(host))
		return false;
	assert_true(host->card_is_right);
	host_authenticate(host, SCP03_LEVEL);
	return !lost(host);
}

/* The key that waits when it is the recorded one, else a new one. */
static bool get_key(struct issuer *issuer, bool waits)
{
	struct host *host = &issuer->host;

	if (waits && issuer->has_recorded) {
		host_hex(host, "00 CB 3F FF 04 5C 02 7F 4A 00");
		if (lost(host))
			return false;
		assert_int_equal(host->sw, SW_OK);
		if (memcmp(host->data + 5, issuer->recorded, 65) == 0)
			return true;
	}
	host_generate(host);
	if (lost(host))
		return false;
	memcpy(issuer->recorded, host->point, 65);
	issuer->has_recorded = true;
	return true;
}

static bool check(struct issuer *issuer)
{
	struct host *host = &issuer->host;

	host_select_applet(host);
	if (lost(host))
		return false;
	host_hex(host, "00 B0 81 00 00");
	if (lost(host))
		return false;
	assert_int_equal(host->sw, SW_OK);
	assert_memory_equal(host->data + 122 + 5, issuer->recorded, 65);
	return host_proves(host, issuer->recorded, pb_view(host->credential, 120)) || !lost(host);
}

static bool seal(struct issuer *issuer)
{
	struct host *host = &issuer->host;

	host_select_isd(host);
	if (lost(host) || !open_channel(host))
		return false;
	if (host->kvn == KVN_FACTORY) {
		host_put_key(host);
		if (lost(host))
			return false;
	}
	host_install(host);
	if (lost(host))
		return false;
	host_store_state(host, APPLET_LOCKED);
	return !lost(host);
}

/* From whatever the card is to LOCKED; false when the card was lost on the way. */
static bool issue(struct issuer *issuer)
{
	struct host *host = &issuer->host;
	uint8_t state;

	host_select_applet(host);
	if (lost(host))
		return false;
	state = fci_byte(host, 0x6E);
	if (state == APPLET_LOCKED)
		return true;
	if (state == APPLET_BLANK) {
		const bool waits = fci_byte(host, 0x6F);

		if (!open_channel(host) || !get_key(issuer, waits))
			return false;
		host_commit(host, 0xC5, 120);
		if (lost(host))
			return false;
		assert_int_equal(host->sw, SW_OK);
	}
	return check(issuer) && seal(issuer);
}

/* Nothing of a card is ever half: no key without its files, no state without its key. */
static void assert_whole(const struct softcard *card)
{
	const struct card_image *now = &card->nvm.now;
	const bool committed = now->state == APPLET_PERSONALISED || now->state == APPLET_LOCKED;

	assert_int_equal(now->has_key, committed);
	assert_int_equal(now->credential_n, committed ? 120 : 0);
	assert_int_equal(now->ndef_n, committed ? 9 : 0);
	assert_true(now->keys.kvn == KVN_FACTORY || memcmp(now->keys.dek, host_issuer_key, 16) == 0);
	assert_true(now->state != APPLET_LOCKED || now->keys.kvn == KVN_ISSUER_FIRST);
}

static void tear_and_resume(enum softcard_fault_kind kind, unsigned long at)
{
	const struct softcard_fault fault = { .kind = kind, .at = at };
	struct issuer issuer = { .host = host_new(NULL) };

	/* The record knows what is to be on the card before the card does. */
	memset(issuer.host.credential, 0xC5, 120);
	softcard_arm(issuer.host.card, &fault);
	assert_false(issue(&issuer));
	assert_whole(issuer.host.card);
	host_power(&issuer.host);
	assert_true(issue(&issuer));
	assert_whole(issuer.host.card);
	assert_int_equal(softcard_state(issuer.host.card), APPLET_LOCKED);
	assert_int_equal(softcard_attempts_left(issuer.host.card), AUTHENTICATION_ATTEMPTS);
	host_select_applet(&issuer.host);
	assert_true(host_proves(&issuer.host, issuer.recorded, softcard_credential(issuer.host.card)));
	host_free(&issuer.host);
}

static void every_tear_of_an_issue_is_resumed(void **unused)
{
	static const enum softcard_fault_kind kinds[] = { SOFTCARD_VANISH_BEFORE, SOFTCARD_VANISH_AFTER, SOFTCARD_TORN_OLD,
							  SOFTCARD_TORN_NEW };

	(void)unused;
	for (size_t kind = 0; kind < 4; kind++) {
		for (unsigned long at = 1; at <= COMMANDS; at++)
			tear_and_resume(kinds[kind], at);
	}
}

/* The commit, seen closely: what a torn write leaves is byte for byte one of the two. */
static void a_torn_commit_leaves_the_old_state_or_the_new(void **unused)
{
	static const struct softcard_fault old = { .kind = SOFTCARD_TORN_OLD, .at = 1 };
	static const struct softcard_fault new = { .kind = SOFTCARD_TORN_NEW, .at = 1 };
	struct host host = host_new(NULL);
	struct card_image before;

	(void)unused;
	host_select_applet(&host);
	host_open(&host);
	host_generate(&host);
	before = host.card->nvm.now;
	softcard_arm(host.card, &old);
	host_commit(&host, 0xC5, 120);
	assert_int_equal(host.outcome, SOFTCARD_GONE);
	assert_memory_equal(&host.card->nvm.now, &before, sizeof(before));
	host_power(&host);
	host_select_applet(&host);
	host_open(&host);
	softcard_arm(host.card, &new);
	host_commit(&host, 0xC5, 120);
	assert_int_equal(host.outcome, SOFTCARD_GONE);
	assert_int_equal(softcard_state(host.card), APPLET_PERSONALISED);
	assert_false(softcard_shadow_waits(host.card));
	assert_memory_equal(host.card->nvm.now.key, before.shadow, PB_P256_SCALAR);
	host_free(&host);
}

static void a_failed_guess_that_is_torn_costs_at_most_one_attempt(void **unused)
{
	static const enum softcard_fault_kind kinds[] = { SOFTCARD_TORN_OLD, SOFTCARD_TORN_NEW };

	(void)unused;
	for (unsigned i = 0; i < 2; i++) {
		const struct softcard_fault fault = { .kind = kinds[i], .at = 2 };
		struct host host = host_new(NULL);

		softcard_arm(host.card, &fault);
		host_initialize(&host, host_issuer_key);
		host_authenticate(&host, SCP03_LEVEL);
		assert_int_equal(host.outcome, SOFTCARD_GONE);
		assert_int_equal(softcard_attempts_left(host.card), AUTHENTICATION_ATTEMPTS - i);
		host_free(&host);
	}
}

/* The application is sealed, its security domain is not: 7.7. */
static void a_locked_card_is_moved_to_the_next_generation_and_stays_locked(void **unused)
{
	static const struct softcard_fault torn[] = { { .kind = SOFTCARD_TORN_OLD, .at = 1 }, { .kind = SOFTCARD_TORN_NEW, .at = 1 } };
	struct host host = host_new(NULL);
	uint8_t credential[CREDENTIAL_MAX];
	size_t n;

	(void)unused;
	host_bring_to(&host, APPLET_LOCKED);
	n = softcard_credential(host.card).n;
	memcpy(credential, softcard_credential(host.card).p, n);
	for (size_t i = 0; i < 2; i++) {
		host_select_isd(&host);
		host_open(&host);
		softcard_arm(host.card, &torn[i]);
		host_put_key_as(&host, KVN_ISSUER_FIRST + 1);
		assert_int_equal(host.outcome, SOFTCARD_GONE);
		assert_int_equal(softcard_kvn(host.card), KVN_ISSUER_FIRST + i);
		host_power(&host);
	}
	host_hex(&host, "80 50 30 00 08 01 02 03 04 05 06 07 08 00");
	assert_int_equal(host.sw, SW_REFERENCE); /* the old set is gone */
	host_open(&host);
	assert_int_equal(host.kvn, KVN_ISSUER_FIRST + 1);
	host_put_key_as(&host, KVN_FACTORY); /* and the factory's does not come back */
	assert_int_equal(host.sw, SW_DATA);
	host_put_key_as(&host, 0x00);
	assert_int_equal(host.sw, SW_DATA);
	assert_int_equal(softcard_state(host.card), APPLET_LOCKED);
	assert_int_equal(softcard_attempts_left(host.card), AUTHENTICATION_ATTEMPTS);
	assert_true(pb_view_equal(softcard_credential(host.card), pb_view(credential, n)));
	host_free(&host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_tear_of_an_issue_is_resumed),
		cmocka_unit_test(a_torn_commit_leaves_the_old_state_or_the_new),
		cmocka_unit_test(a_locked_card_is_moved_to_the_next_generation_and_stays_locked),
		cmocka_unit_test(a_failed_guess_that_is_torn_costs_at_most_one_attempt),
	};

	return cmocka_run_group_tests_name("softcard tear", tests, NULL, NULL);
}
