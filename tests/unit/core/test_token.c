/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An office whose keys are in a PKCS#11 token: a card is issued, verified and audited as with keys in files,
 * and no file of the office could sign one.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "issuer/app/paths.h"
#include "keys/keyd/accounts.h"
#include "tests/lib/soft_token.h"
#include "tests/lib/softcard_reader.h"
#include "tests/unit/core/desk.h"

/* A token, and the file with its PIN. */
struct safe {
	char folder[64], pin_file[80];
	struct soft_token token;
};

static void write_pin(const struct safe *safe, const char *pin)
{
	FILE *file = fopen(safe->pin_file, "we");

	assert_non_null(file);
	assert_true(fprintf(file, "%s\n", pin) > 0);
	assert_int_equal(fchmod(fileno(file), 0600), 0);
	assert_int_equal(fclose(file), 0);
}

static void safe_make(struct safe *safe)
{
	*safe = (struct safe){ .folder = "/tmp/profbilet-token-XXXXXX" };
	assert_non_null(mkdtemp(safe->folder));
	soft_token_make(&safe->token, safe->folder);
	(void)snprintf(safe->pin_file, sizeof(safe->pin_file), "%s/pin", safe->folder);
	write_pin(safe, SOFT_TOKEN_PIN);
}

static void safe_remove(struct safe *safe)
{
	const char *argv[] = { "rm", "-rf", safe->folder, NULL };
	char output[64];

	assert_int_equal(soft_token_run(argv, output, sizeof(output)), 0);
}

/* Where the module's own configuration and files are: the key process gets no other environment. */
static void open_desk(struct desk *desk, const struct safe *safe, const char *process)
{
	char environment[SOFT_TOKEN_PATH + 16], storage[80];
	const char *values[] = { "keys.backend", "pkcs11", "keys.process", process, "keys.pkcs11_module", soft_token_module(),
				 "keys.pkcs11_token", SOFT_TOKEN_LABEL, "keys.pin_file", safe->pin_file,
				 "keys.pkcs11_environment", environment, "keys.pkcs11_storage", storage, NULL };

	(void)snprintf(environment, sizeof(environment), "SOFTHSM2_CONF=%s", safe->token.conf);
	(void)snprintf(storage, sizeof(storage), "%s/tokens", safe->folder);
	desk_open_with(desk, values);
}

static void issue_one(const char *process)
{
	struct safe safe;
	struct desk desk;
	struct softcard *card = desk_blank(1);
	struct pb_receipt receipt;
	struct pb_verification report;
	struct pb_err err = { 0 };
	struct pb_member member;
	char path[128];

	safe_make(&safe);
	open_desk(&desk, &safe, process);
	member = desk_member(&desk, "Жамсаранова");
	desk_put(&desk, card);
	if (desk_issue(&desk, member.number, &receipt, &err) != PB_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(softcard_state(card), APPLET_LOCKED);
	assert_int_equal(softcard_kvn(card), KVN_ISSUER_FIRST);
	desk_restart(&desk);
	report = desk_verify(&desk);
	assert_int_equal(report.verdict, PB_VERDICT_VALID);
	assert_int_equal(report.proof, PB_PROOF_CHIP_KEY);
	desk_assert_audited(&desk);
	(void)snprintf(path, sizeof(path), "%s/office/keys/issuer.key", desk.directory);
	assert_int_equal(access(path, F_OK), -1);
	desk_close(&desk);
	softcard_destroy(card);
	safe_remove(&safe);
}

/* The next key is made in the token, and an old card is opened and moved by keys that never leave it. */
static void a_tokens_master_key_is_rolled(void **state)
{
	struct safe safe;
	struct desk desk;
	struct softcard *card = desk_blank(1);
	struct pb_card_identity offered;
	struct pb_generation made;
	struct pb_receipt receipt;
	struct pb_config config;
	struct pb_roll roll;
	struct pb_err err = { 0 };
	bool finished;

	(void)state;
	safe_make(&safe);
	open_desk(&desk, &safe, "child");
	desk_put(&desk, card);
	if (desk_issue(&desk, desk_member(&desk, "Жамсаранова").number, &receipt, &err) != PB_OK)
		fail_msg("%s", err.msg);
	config = desk.app.config;
	pb_app_close(&desk.app);
	if (pb_app_roll_master(&config, NULL, PB_MASTER_APPLET, &made, &finished, &err) != PB_OK ||
	    pb_app_open(&config, PB_APP_WRITE, &desk.app, &err) != PB_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(made.kvn, KVN_ISSUER_FIRST + 1);
	if (pb_station_offer(desk.station, 0, &offered, &err) != PB_OK ||
	    pb_roll_card(&desk.app.office, desk.station, &offered, &roll, &err) != PB_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(roll.outcome, PB_ROLL_MOVED);
	assert_int_equal(softcard_kvn(card), KVN_ISSUER_FIRST + 1);
	assert_int_equal(desk_verify(&desk).verdict, PB_VERDICT_VALID);
	desk_assert_audited(&desk);
	desk_close(&desk);
	softcard_destroy(card);
	safe_remove(&safe);
}

static void a_card_is_issued_by_a_token(void **state)
{
	(void)state;
	issue_one("in-process");
}

static void a_card_is_issued_by_a_token_in_a_process_of_its_own(void **state)
{
	(void)state;
	issue_one("child");
}

/* ---- A token that is removed */

/* How many uses of its keys the token survives, from the next opening on. */
static void allow_uses(const struct safe *safe, unsigned uses)
{
	char path[80];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/orders", safe->folder);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fprintf(file, "%s %s %u\n", soft_token_module(), safe->token.conf, uses) > 0);
	assert_int_equal(fclose(file), 0);
}

static void open_desk_of_stingy_token(struct desk *desk, const struct safe *safe)
{
	char module[SOFT_TOKEN_PATH], environment[96], storage[80];
	const char *values[] = { "keys.backend", "pkcs11", "keys.pkcs11_module", module, "keys.pkcs11_token", SOFT_TOKEN_LABEL,
				 "keys.pin_file", safe->pin_file, "keys.pkcs11_environment", environment,
				 "keys.pkcs11_storage", storage, NULL };

	(void)snprintf(module, sizeof(module), "%s/tests/unit/keys/libstingy.so", getenv("PROFBILET_BUILD"));
	(void)snprintf(environment, sizeof(environment), "STINGY=%s/orders", safe->folder);
	(void)snprintf(storage, sizeof(storage), "%s/tokens", safe->folder);
	desk_open_with(desk, values);
}

/* As desk_restart, which takes no failure. */
static enum pb_status open_again(struct desk *desk, const struct pb_config *config, struct pb_err *err)
{
	enum pb_status s = pb_app_open(config, PB_APP_WRITE, &desk->app, err);

	return s == PB_OK ? pb_ledger_approve(desk->app.office.ledger, "desk", 1000, NULL, err) : s;
}

/* How often the ledger is said to have lost a batch that was signed for. */
static uint64_t steps_back(const struct desk *desk, const struct safe *safe)
{
	struct pb_keystore_options options = { .token = &safe->token.options };
	struct pb_keyd_accounts accounts;
	struct pb_keystore *store = NULL;
	struct pb_err err = { 0 };
	char keys[128];
	uint64_t found;

	(void)snprintf(keys, sizeof(keys), "%s/office/keys", desk->directory);
	if (pb_keystore_open(keys, NULL, &options, &store, &err) != PB_OK ||
	    pb_keyd_accounts_open(store, keys, 0, &accounts, &err) != PB_OK)
		fail_msg("%s", err.msg);
	found = accounts.file.record.count.steps_back;
	pb_keyd_accounts_close(&accounts);
	pb_keystore_close(store);
	return found;
}

/* Whatever was done by then, the same card is finished, and no other serial is begun. */
static void a_token_removed_at_any_use_loses_nothing(void **state)
{
	enum { PLENTY = 1000, USES_MAX = 40 };
	struct safe safe;
	struct desk desk;
	unsigned uses = 0, stopped = 0;
	enum pb_status s = PB_TOKEN_REMOVED;
	struct pb_config config;

	(void)state;
	safe_make(&safe);
	allow_uses(&safe, PLENTY);
	open_desk_of_stingy_token(&desk, &safe);
	config = desk.app.config;
	for (; s == PB_TOKEN_REMOVED && uses < USES_MAX; uses++) {
		struct softcard *card = desk_blank((uint8_t)(uses + 1));
		char name[16];
		struct pb_member member;
		struct pb_receipt receipt;
		struct pb_err err = { 0 };

		(void)snprintf(name, sizeof(name), "Ким%u", uses);
		member = desk_member(&desk, name);
		allow_uses(&safe, uses);
		pb_app_close(&desk.app);
		desk_put(&desk, card);
		s = open_again(&desk, &config, &err);
		if (s == PB_OK)
			s = desk_issue(&desk, member.number, &receipt, &err);
		if (s != PB_OK && s != PB_TOKEN_REMOVED)
			fail_msg("use %u: %s", uses, err.msg);
		if (s == PB_TOKEN_REMOVED) {
			stopped++;
			allow_uses(&safe, PLENTY);
			pb_app_close(&desk.app);
			desk_put_back(&desk, card);
			if (open_again(&desk, &config, &err) != PB_OK || desk_issue(&desk, member.number, &receipt, &err) != PB_OK)
				fail_msg("use %u, again: %s", uses, err.msg);
		}
		assert_int_equal(desk_verify(&desk).verdict, PB_VERDICT_VALID);
		softcard_reader_put(desk.reader, NULL);
		softcard_destroy(card);
	}
	assert_int_equal(s, PB_OK);
	assert_true(stopped > 3);
	desk_assert_audited(&desk);
	pb_app_close(&desk.app);
	assert_int_equal(steps_back(&desk, &safe), 0); /* what was not signed is not missed */
	desk_close(&desk);
	safe_remove(&safe);
}

/* ---- A service */

static pid_t start_service(const struct safe *safe, const struct desk *desk, const char *socket)
{
	char keys[128], passphrase[128], token[80], number[16];
	FILE *file;
	pid_t pid;

	(void)snprintf(keys, sizeof(keys), "%s/office/keys", desk->directory);
	(void)snprintf(passphrase, sizeof(passphrase), "%s/office/passphrase", desk->directory);
	(void)snprintf(token, sizeof(token), "%s/token.ini", safe->folder);
	(void)snprintf(number, sizeof(number), "%u", (unsigned)getuid());
	file = fopen(token, "we");
	assert_non_null(file);
	assert_true(fprintf(file, "[token]\nmodule = %s\nlabel = %s\nenvironment = SOFTHSM2_CONF=%s\nstorage = %s/tokens\npin_file = %s\n",
			    soft_token_module(), SOFT_TOKEN_LABEL, safe->token.conf, safe->folder, safe->pin_file) > 0);
	assert_int_equal(fclose(file), 0);
	pid = fork();
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* also of a test that failed */
		execl(pb_paths()->keyd, "profbilet-keyd", "--keys", keys, "--passphrase-file", passphrase, "--token", token,
		      "--allow-factory-keys", "--listen", socket, "--owner", number, NULL);
		_exit(127);
	}
	for (int i = 0; i < 600 && access(socket, F_OK) != 0; i++)
		usleep(50000);
	usleep(50000); /* from bind to listen */
	return pid;
}

static void a_service_issues_by_its_token(void **state)
{
	struct safe safe;
	struct desk desk;
	struct softcard *card = desk_blank(1);
	struct pb_receipt receipt;
	struct pb_config config;
	struct pb_err err = { 0 };
	pid_t service;

	(void)state;
	safe_make(&safe);
	open_desk(&desk, &safe, "child");
	config = desk.app.config;
	pb_app_close(&desk.app);
	(void)snprintf(config.key_process, sizeof(config.key_process), "%s/socket", safe.folder);
	service = start_service(&safe, &desk, config.key_process);
	if (open_again(&desk, &config, &err) != PB_OK)
		fail_msg("%s", err.msg);
	desk_put(&desk, card);
	if (desk_issue(&desk, desk_member(&desk, "Жамсаранова").number, &receipt, &err) != PB_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(desk_verify(&desk).verdict, PB_VERDICT_VALID);
	desk_assert_audited(&desk);
	desk_close(&desk);
	assert_int_equal(kill(service, SIGKILL), 0);
	assert_int_equal(waitpid(service, NULL, 0), service);
	softcard_destroy(card);
	safe_remove(&safe);
}

struct asked {
	const char *pin;
	unsigned times;
	struct pb_token_facts token;
};

static enum pb_status answer(void *ctx, const struct pb_token_facts *token, struct pb_secret *ret_pin, struct pb_err *err)
{
	struct asked *asked = ctx;

	(void)err;
	asked->times++;
	asked->token = *token;
	pb_secret_set(ret_pin, asked->pin, strlen(asked->pin));
	return PB_OK;
}

/* The configuration of the desk's office, with other values for three of its keys. */
struct change {
	const char *backend, *process, *pin_file;
};

static enum pb_status try_open(const struct desk *desk, const struct change *change, struct asked *asked, struct pb_err *err)
{
	const struct pb_pin_prompt prompt = { .ask = answer, .ctx = asked };
	struct pb_config config;
	struct pb_app app;
	char path[128];
	enum pb_status s;

	(void)snprintf(path, sizeof(path), "%s/office/profbilet.conf", desk->directory);
	assert_int_equal(pb_config_load(path, &config, err), PB_OK);
	(void)snprintf(config.key_backend, sizeof(config.key_backend), "%s", change->backend);
	(void)snprintf(config.key_process, sizeof(config.key_process), "%s", change->process);
	if (change->pin_file != NULL)
		(void)snprintf(config.pin_file, sizeof(config.pin_file), "%s", change->pin_file);
	s = pb_app_open_asking(&config, PB_APP_WRITE, asked != NULL ? &prompt : NULL, &app, err);
	if (s == PB_OK)
		pb_app_close(&app);
	return s;
}

static void the_office_opens_with_its_token_only(void **state)
{
	static const struct change file = { "files", "in-process", NULL };
	static const struct change token[] = { { "pkcs11", "in-process", NULL }, { "pkcs11", "child", NULL } };
	struct safe safe;
	struct desk desk;
	struct pb_err err = { 0 };

	(void)state;
	safe_make(&safe);
	open_desk(&desk, &safe, "child");
	pb_app_close(&desk.app);
	assert_int_equal(try_open(&desk, &file, NULL, &err), PB_KEYS_UNAVAILABLE);
	for (size_t i = 0; i < 2; i++) {
		write_pin(&safe, SOFT_TOKEN_PIN);
		if (try_open(&desk, &token[i], NULL, &err) != PB_OK)
			fail_msg("%s", err.msg);
		write_pin(&safe, "0000");
		assert_int_equal(try_open(&desk, &token[i], NULL, &err), PB_TOKEN_PIN);
		assert_null(strstr(err.msg, "0000"));
		assert_int_equal(chmod(safe.pin_file, 0640), 0);
		assert_int_equal(try_open(&desk, &token[i], NULL, &err), PB_KEYS_UNAVAILABLE);
	}
	desk_close(&desk);
	safe_remove(&safe);
}

/* ---- No file has the PIN */

static void a_person_is_asked_once(void **state)
{
	static const struct change token[] = { { "pkcs11", "in-process", "" }, { "pkcs11", "child", "" } };
	struct safe safe;
	struct desk desk;
	struct pb_err err = { 0 };

	(void)state;
	safe_make(&safe);
	open_desk(&desk, &safe, "child");
	pb_app_close(&desk.app);
	for (size_t i = 0; i < 2; i++) {
		struct asked asked = { .pin = SOFT_TOKEN_PIN };

		if (try_open(&desk, &token[i], &asked, &err) != PB_OK)
			fail_msg("%s", err.msg);
		assert_int_equal(asked.times, 1);
		assert_string_equal(asked.token.label, SOFT_TOKEN_LABEL);
		assert_int_equal(strlen(asked.token.serial), 16);
		asked = (struct asked){ .pin = "4711-0816" };
		assert_int_equal(try_open(&desk, &token[i], &asked, &err), PB_TOKEN_PIN);
		assert_int_equal(asked.times, 1);
		assert_null(strstr(err.msg, "4711"));
		asked = (struct asked){ .pin = SOFT_TOKEN_PIN };
		assert_int_equal(try_open(&desk, &token[i], &asked, &err), PB_OK);
		assert_true(asked.token.tries_count_low); /* and it was told so */
		assert_int_equal(try_open(&desk, &token[i], NULL, &err), PB_KEYS_UNAVAILABLE);
		assert_non_null(strstr(err.msg, "nobody can be asked"));
	}
	desk_close(&desk);
	safe_remove(&safe);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_card_is_issued_by_a_token),
		cmocka_unit_test(a_card_is_issued_by_a_token_in_a_process_of_its_own),
		cmocka_unit_test(a_tokens_master_key_is_rolled),
		cmocka_unit_test(a_service_issues_by_its_token),
		cmocka_unit_test(a_token_removed_at_any_use_loses_nothing),
		cmocka_unit_test(a_person_is_asked_once),
		cmocka_unit_test(the_office_opens_with_its_token_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
