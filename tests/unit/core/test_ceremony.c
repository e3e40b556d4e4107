/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A ceremony without people: what counts, what comes back, and what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "issuer/core/ceremony.h"

enum { PATH_ROOM = 300, NEEDED = 2, COUNT = 3, MADE = 1780315200 /* 1 June 2026 */ };

/* One ceremony for all tests: making keys is slow by design. */
struct held {
	char folder[PATH_ROOM - 50];
	struct pb_clock clock;
	struct pb_ceremony *ceremony;
	char protocol[PB_KEY_PROTOCOL_MAX];
	size_t protocol_n;
};

static const char *path_of(const struct held *held, const char *name)
{
	static char path[PATH_ROOM];

	(void)snprintf(path, sizeof(path), "%s/%s", held->folder, name);
	return path;
}

static bool exists(const struct held *held, const char *name)
{
	return access(path_of(held, name), F_OK) == 0;
}

static int hold(void **state)
{
	struct held *held = calloc(1, sizeof(*held));
	struct pb_ceremony_plan plan = { .issuer_code = "RU-75-TST", .issuer_name = "Пробная организация", .needed = NEEDED,
					 .count = COUNT };
	const char *tmp = getenv("TMPDIR");
	struct pb_err err = { 0 };

	assert_non_null(held);
	(void)snprintf(held->folder, sizeof(held->folder), "%s/profbilet-ceremony.XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(held->folder));
	held->clock = pb_clock_at(MADE);
	plan.clock = &held->clock;
	plan.workspace = path_of(held, "workspace");
	if (pb_ceremony_begin(&plan, &held->ceremony, &err) != PB_OK)
		fail_msg("%s", err.msg);
	assert_false(exists(held, "workspace"));
	held->protocol_n = pb_key_protocol_write("test", pb_ceremony_facts(held->ceremony), held->protocol);
	*state = held;
	return 0;
}

static int release(void **state)
{
	struct held *held = *state;

	pb_ceremony_end(held->ceremony);
	assert_int_equal(rmdir(held->folder), 0); /* nothing was left by any test */
	free(held);
	return 0;
}

static void nothing_counts_before_every_share_is_read_back(void **state)
{
	struct held *held = *state;
	struct pb_share share, other;
	struct pb_view backup = { 0 };

	assert_int_equal(pb_ceremony_finish(held->ceremony, &backup, NULL), PB_NOT_ALLOWED);
	for (unsigned i = 1; i <= COUNT; i++) {
		share = other = *pb_ceremony_share(held->ceremony, i);
		other.value.bytes[31] ^= 1;
		assert_int_equal(pb_ceremony_read_back(held->ceremony, &other), PB_READ_CHANGED);
		other = share;
		other.set[0] ^= 1;
		assert_int_equal(pb_ceremony_read_back(held->ceremony, &other), PB_READ_OTHER_CEREMONY);
		other = share;
		other.needed++;
		assert_int_equal(pb_ceremony_read_back(held->ceremony, &other), PB_READ_CHANGED);
		assert_int_equal(pb_ceremony_finish(held->ceremony, &backup, NULL), PB_NOT_ALLOWED);
		assert_int_equal(pb_ceremony_read_back(held->ceremony, &share), PB_READ_COUNTED);
		assert_int_equal(pb_ceremony_read_back(held->ceremony, &share), PB_READ_BEFORE);
	}
	assert_int_equal(pb_ceremony_finish(held->ceremony, &backup, NULL), PB_OK);
	assert_true(backup.n > 0);
}

static struct pb_view backup_of(const struct held *held)
{
	struct pb_view backup = { 0 };

	assert_int_equal(pb_ceremony_finish(held->ceremony, &backup, NULL), PB_OK);
	return backup;
}

static enum pb_status restore(const struct held *held, struct pb_view backup, const struct pb_share *shares, size_t count,
			      bool with_root, struct pb_key_facts *ret_facts)
{
	char out[PATH_ROOM];

	(void)snprintf(out, sizeof(out), "%s", path_of(held, "restored"));
	return pb_ceremony_restore(backup, pb_view(held->protocol, held->protocol_n), shares, count, with_root, &held->clock,
				   out, ret_facts, NULL);
}

static void remove_restored(const struct held *held)
{
	(void)unlink(path_of(held, "restored/passphrase"));
	pb_key_folder_remove(path_of(held, "restored/keys"));
	assert_int_equal(rmdir(path_of(held, "restored")), 0);
}

static void enough_shares_restore_the_same_keys(void **state)
{
	const struct held *held = *state;
	struct pb_share shares[NEEDED] = { *pb_ceremony_share(held->ceremony, 3), *pb_ceremony_share(held->ceremony, 1) };
	struct pb_key_facts facts;
	struct stat st;

	assert_int_equal(restore(held, backup_of(held), shares, NEEDED, true, &facts), PB_OK);
	assert_memory_equal(&facts, pb_ceremony_facts(held->ceremony), sizeof(facts));
	assert_int_equal(stat(path_of(held, "restored/passphrase"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(exists(held, "restored/keys/root.key"));
	assert_int_equal(restore(held, backup_of(held), shares, NEEDED, true, &facts), PB_CONFLICT);
	remove_restored(held);
	assert_int_equal(restore(held, backup_of(held), shares, NEEDED, false, &facts), PB_OK);
	assert_false(exists(held, "restored/keys/root.key"));
	assert_false(exists(held, "restored/keys/root-spare.key"));
	remove_restored(held);
}

static void too_few_or_changed_shares_restore_nothing(void **state)
{
	const struct held *held = *state;
	struct pb_share shares[NEEDED] = { *pb_ceremony_share(held->ceremony, 1), *pb_ceremony_share(held->ceremony, 2) };
	struct pb_key_facts facts;

	assert_int_equal(restore(held, backup_of(held), shares, NEEDED - 1, false, &facts), PB_INPUT_INVALID);
	shares[0].value.bytes[0] ^= 1;
	assert_int_equal(restore(held, backup_of(held), shares, NEEDED, false, &facts), PB_KEYS_PASSPHRASE);
	assert_false(exists(held, "restored"));
}

static void a_changed_backup_restores_nothing(void **state)
{
	const struct held *held = *state;
	struct pb_share shares[NEEDED] = { *pb_ceremony_share(held->ceremony, 1), *pb_ceremony_share(held->ceremony, 2) };
	struct pb_view backup = backup_of(held);
	uint8_t *copy = malloc(backup.n);
	struct pb_key_facts facts;

	assert_non_null(copy);
	for (size_t at = 0; at < backup.n; at += 1 + at / 16) {
		memcpy(copy, backup.p, backup.n);
		copy[at] ^= 0x04;
		assert_int_not_equal(restore(held, pb_view(copy, backup.n), shares, NEEDED, false, &facts), PB_OK);
		assert_int_not_equal(restore(held, pb_view(backup.p, at), shares, NEEDED, false, &facts), PB_OK);
	}
	free(copy);
	assert_false(exists(held, "restored"));
}

static void another_protocol_is_refused_and_named(void **state)
{
	const struct held *held = *state;
	const struct pb_key_facts *facts = pb_ceremony_facts(held->ceremony);
	struct pb_err err = { 0 };
	char text[PB_KEY_PROTOCOL_MAX], *at;

	assert_int_equal(pb_key_protocol_compare(pb_view(held->protocol, held->protocol_n), facts, NULL), PB_OK);
	memcpy(text, held->protocol, sizeof(text));
	at = strstr(text, "card-kcv = ") + strlen("card-kcv = ");
	*at = *at == '0' ? '1' : '0';
	assert_int_equal(pb_key_protocol_compare(pb_view(text, held->protocol_n), facts, &err), PB_KEYS_UNAVAILABLE);
	assert_non_null(strstr(err.msg, "card-kcv"));
	at = strstr(text, "card-kcv");
	assert_int_equal(pb_key_protocol_compare(pb_view(text, (size_t)(at - text)), facts, &err), PB_KEYS_UNAVAILABLE);
	assert_non_null(strstr(err.msg, "does not say card-kcv"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_counts_before_every_share_is_read_back),
		cmocka_unit_test(enough_shares_restore_the_same_keys),
		cmocka_unit_test(too_few_or_changed_shares_restore_nothing),
		cmocka_unit_test(a_changed_backup_restores_nothing),
		cmocka_unit_test(another_protocol_is_refused_and_named),
	};

	return cmocka_run_group_tests_name("ceremony", tests, hold, release);
}
