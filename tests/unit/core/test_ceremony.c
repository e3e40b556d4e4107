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
#include "issuer/ledger/note.h"
#include "keys/crypto/ed25519.h"
#include "keys/crypto/hash.h"

enum { PATH_ROOM = 300, NEEDED = 2, COUNT = 3, MADE = 1780315200 /* 1 June 2026 */ };

/* One ceremony for all tests: making keys is slow by design. */
struct held {
	char folder[PATH_ROOM - 50];
	struct pb_clock clock;
	struct pb_ceremony *ceremony;
	char record[PB_CEREMONY_RECORD_MAX]; /* once every share was read back */
};

static const int64_t moments[PB_MOMENTS] = { MADE, MADE + 60, MADE + 120, MADE + 180 };

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
	struct pb_ceremony_plan plan = { .test = true, .issuer_code = "RU-75-TST", .issuer_name = "Пробная организация", .needed = NEEDED,
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
	assert_int_equal(pb_ceremony_record(held->ceremony, moments, pb_view_text("paper"), held->record, NULL), PB_NOT_ALLOWED);
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
	assert_int_equal(pb_ceremony_record(held->ceremony, moments, pb_view_text("paper"), held->record, NULL), PB_OK);
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
	return pb_ceremony_restore(backup, pb_view_text(held->record), shares, count, with_root, &held->clock,
				   out, ret_facts, NULL);
}

static void remove_restored(const struct held *held)
{
	(void)unlink(path_of(held, "restored/passphrase"));
	(void)unlink(path_of(held, "restored/" PB_CEREMONY_RECORD_FILE));
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
	assert_true(exists(held, "restored/keys/backup.key"));
	assert_int_equal(restore(held, backup_of(held), shares, NEEDED, true, &facts), PB_CONFLICT);
	remove_restored(held);
	assert_int_equal(restore(held, backup_of(held), shares, NEEDED, false, &facts), PB_OK);
	assert_false(exists(held, "restored/keys/root.key"));
	assert_false(exists(held, "restored/keys/root-spare.key"));
	assert_false(exists(held, "restored/keys/backup.key"));
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

static void the_office_is_equipped_without_the_roots(void **state)
{
	const struct held *held = *state;
	char out[PATH_ROOM];

	(void)snprintf(out, sizeof(out), "%s", path_of(held, "restored"));
	assert_int_equal(pb_ceremony_equip(held->ceremony, pb_view_text(held->record), &held->clock, out, NULL), PB_OK);
	assert_true(exists(held, "restored/keys/issuer.key"));
	assert_true(exists(held, "restored/" PB_CEREMONY_RECORD_FILE));
	assert_false(exists(held, "restored/keys/root.key"));
	assert_false(exists(held, "restored/keys/root-spare.key"));
	assert_false(exists(held, "restored/keys/backup.key"));
	remove_restored(held);
}

static void checkpoint_of(const struct held *held, uint8_t ret_public[static 32])
{
	size_t n;

	assert_true(pb_hex_decode(pb_ceremony_facts(held->ceremony)->text[PB_KEY_FACT_CHECKPOINT], ret_public, 32, &n));
}

static void a_changed_record_restores_nothing(void **state)
{
	struct held *held = *state;
	struct pb_share shares[NEEDED] = { *pb_ceremony_share(held->ceremony, 1), *pb_ceremony_share(held->ceremony, 2) };
	char *at = strstr(held->record, "card-kcv = ") + strlen("card-kcv = "), was = *at;
	struct pb_key_facts facts;

	*at = was == '0' ? '1' : '0';
	assert_int_equal(restore(held, backup_of(held), shares, NEEDED, false, &facts), PB_KEYS_UNAVAILABLE);
	*at = was;
	assert_false(exists(held, "restored"));
}

/* A note as the ceremony's own key would sign it, with a word of the text changed for another. */
static enum pb_status open_signed(const struct held *held, const char *from, const char *to, struct pb_err *err)
{
	struct pb_ed25519_private *key = pb_ed25519_generate();
	struct pb_ceremony_record record;
	struct pb_note_key note_key;
	uint8_t public_key[32], sig[64];
	char text[PB_CEREMONY_RECORD_MAX], *at;
	struct pb_writer out = pb_writer(text, sizeof(text));
	enum pb_status s;

	pb_put_view(&out, pb_view(held->record, (size_t)(strstr(held->record, "\n\n") + 1 - held->record)));
	text[out.n] = '\0';
	at = strstr(text, from);
	assert_non_null(at);
	memmove(at + strlen(to), at + strlen(from), strlen(at + strlen(from)) + 1);
	memcpy(at, to, strlen(to));
	out.n = strlen(text);
	pb_ed25519_public(key, public_key);
	assert_true(pb_note_key_make("profbilet/key-ceremony", public_key, &note_key));
	pb_ed25519_sign(key, pb_view(text, out.n), sig);
	pb_put_u8(&out, '\n');
	pb_note_put_signature(&out, &note_key, sig);
	s = pb_ceremony_record_open(pb_view(text, out.n), public_key, &record, err);
	pb_ed25519_private_destroy(key);
	return s;
}

static void a_record_says_everything_once(void **state)
{
	static const struct {
		const char *from, *to, *said;
	} wrong[] = {
		{ "card-kcv", "card-kcw", "card-kcw" },
		{ "card-kvn = ", "# card-kvn = ", "does not say card-kvn" },
		{ "keys = ", "keys = 1\nkeys = ", "keys" },
		{ "keys = ", "keys = -", "keys" },
		{ "needed = 2", "needed = 1", "no shares are 1 of 3" },
		{ "needed = 2", "needed = 4", "no shares are 4 of 3" },
		{ "count = 3", "count = 9", "count" },
		{ "test = yes", "test = perhaps", "test" },
		{ "name = ", "name = 0", "name" },
		{ "[files]", "[fires]", "keys.backup" },
	};
	const struct held *held = *state;

	assert_int_equal(open_signed(held, "test = yes", "test = no", NULL), PB_OK);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct pb_err err = { 0 };

		if (open_signed(held, wrong[i].from, wrong[i].to, &err) != PB_KEYS_UNAVAILABLE || !strstr(err.msg, wrong[i].said))
			fail_msg("%s for %s: %s", wrong[i].to, wrong[i].from, err.msg);
	}
}

static void a_record_becomes_entries(void **state)
{
	const struct held *held = *state;
	struct pb_ceremony_step steps[PB_CEREMONY_STEPS_MAX];
	struct pb_ceremony_record record;
	uint8_t checkpoint[32], paper[PB_SHA256_LEN];
	size_t count;

	checkpoint_of(held, checkpoint);
	assert_int_equal(pb_ceremony_record_open(pb_view_text(held->record), checkpoint, &record, NULL), PB_OK);
	count = pb_ceremony_record_steps(&record, steps);
	assert_int_equal(count, PB_STEP_PROTOCOL);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(steps[i].step, PB_STEP_ROOT + i);
	assert_memory_equal(steps[PB_STEP_CHECKPOINT - 1].digest, checkpoint, sizeof(checkpoint));
	pb_sha256(pb_view_text("paper"), paper);
	assert_memory_equal(steps[PB_STEP_PROTOCOL - 1].digest, paper, sizeof(paper));
	assert_int_equal(steps[PB_STEP_PROTOCOL - 1].at, moments[PB_MOMENT_SEALED]);
	assert_int_equal(steps[PB_STEP_SHARES - 1].needed, NEEDED);
	assert_int_equal(steps[PB_STEP_SHARES - 1].count, COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_counts_before_every_share_is_read_back),
		cmocka_unit_test(enough_shares_restore_the_same_keys),
		cmocka_unit_test(too_few_or_changed_shares_restore_nothing),
		cmocka_unit_test(a_changed_backup_restores_nothing),
		cmocka_unit_test(the_office_is_equipped_without_the_roots),
		cmocka_unit_test(a_changed_record_restores_nothing),
		cmocka_unit_test(a_record_says_everything_once),
		cmocka_unit_test(a_record_becomes_entries),
	};

	return cmocka_run_group_tests_name("ceremony", tests, hold, release);
}
