/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The hopper as a vpcd reader meets it: this test listens where vpcd would, issues card after card over
 * one connection, and looks where the cards' files are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dirent.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "softcard/hopper.h"
#include "vpcd_side.h"

struct rig {
	char dir[64], tray[80], done[80], stage[96];
	int listener;
	unsigned port;
	pid_t hopper;
	struct host host;
};

/* ---- the rig */

static void start_hopper(struct rig *rig, enum hopper_advance advance, const struct hopper_fault *fault)
{
	const struct hopper_options options = { .tray = rig->tray, .done = rig->done, .advance = advance,
						.port = rig->port, .until_empty = true,
						.faults = fault, .fault_count = fault != NULL };

	fflush(NULL);
	rig->hopper = fork();
	if (rig->hopper == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		assert_non_null(freopen("/dev/null", "w", stdout));
		close(rig->listener);
		_exit(hopper_run(&options, NULL) == PB_OK ? 0 : 1);
	}
}

static struct rig rig_new(unsigned cards)
{
	struct rig rig = { 0 };

	snprintf(rig.dir, sizeof(rig.dir), "/tmp/hopper-test-XXXXXX");
	assert_non_null(mkdtemp(rig.dir));
	snprintf(rig.tray, sizeof(rig.tray), "%s/tray", rig.dir);
	snprintf(rig.done, sizeof(rig.done), "%s/done", rig.dir);
	assert_int_equal(hopper_make_blanks(rig.tray, cards, "seed", &(struct softcard_options){ 0 }, NULL), PB_OK);
	rig.listener = vpcd_side_listen(0, &rig.port);
	snprintf(rig.stage, sizeof(rig.stage), "%s/reader-%u", rig.tray, rig.port);
	return rig;
}

static unsigned cards_in(const char *dir)
{
	DIR *listing = opendir(dir);
	struct dirent *entry;
	unsigned count = 0;

	if (!listing)
		return 0;
	while ((entry = readdir(listing)))
		count += strstr(entry->d_name, ".card") != NULL;
	closedir(listing);
	return count;
}

static void empty(const char *dir)
{
	DIR *listing = opendir(dir);
	struct dirent *entry;
	char path[512];

	while (listing && (entry = readdir(listing))) {
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		if (entry->d_name[0] != '.')
			unlink(path);
	}
	if (listing)
		closedir(listing);
	rmdir(dir);
}

static void rig_free(struct rig *rig)
{
	close(rig->host.fd);
	close(rig->listener);
	kill(rig->hopper, SIGKILL);
	waitpid(rig->hopper, NULL, 0);
	empty(rig->stage);
	empty(rig->tray);
	empty(rig->done);
	rmdir(rig->dir);
}

static void issue(struct host *host)
{
	host_select_applet(host);
	assert_int_equal(host->sw, SW_OK);
	host_open(host);
	host_generate(host);
	host_commit(host, 0xC5, 120);
	host_select_isd(host);
	host_open(host);
	host_put_key(host);
	host_install(host);
	host_store_state(host, APPLET_LOCKED);
	assert_int_equal(host->sw, SW_OK);
}

/* ---- tests */

static void the_next_card_comes_at_power_off_on_the_same_connection(void **unused)
{
	struct rig rig = rig_new(3);
	uint8_t uids[3][SOFTCARD_UID_LEN], bytes[SOFTCARD_ANSWER_MAX];
	size_t n;
	int status;

	(void)unused;
	start_hopper(&rig, HOPPER_PERSONALISED, NULL);
	vpcd_side_accept(&rig.host, rig.listener);
	for (unsigned i = 0; i < 3; i++) {
		host_hex(&rig.host, "FF CA 00 00 00");
		memcpy(uids[i], rig.host.data, SOFTCARD_UID_LEN);
		issue(&rig.host);
		assert_int_equal(cards_in(rig.done), i);
		vpcd_side_order(&rig.host, VPCD_SIDE_OFF);
		if (i == 2)
			break;
		vpcd_side_order(&rig.host, VPCD_SIDE_ON);
		vpcd_side_order(&rig.host, VPCD_SIDE_ATR);
		assert_true(vpcd_side_receive(&rig.host, bytes, &n));
		assert_int_equal(bytes[0], 0x3B);
		assert_int_equal(cards_in(rig.done), i + 1);
	}
	assert_false(vpcd_side_receive(&rig.host, bytes, &n)); /* the tray is empty: no card on the reader */
	assert_int_equal(waitpid(rig.hopper, &status, 0), rig.hopper);
	assert_int_equal(status, 0);
	assert_int_equal(cards_in(rig.done), 3);
	assert_int_equal(cards_in(rig.tray), 0);
	assert_memory_not_equal(uids[0], uids[1], SOFTCARD_UID_LEN);
	assert_memory_not_equal(uids[1], uids[2], SOFTCARD_UID_LEN);
	rig_free(&rig);
}

static void an_unfinished_card_stays_through_power_off_and_restart(void **unused)
{
	struct rig rig = rig_new(2);
	uint8_t uid[SOFTCARD_UID_LEN];

	(void)unused;
	start_hopper(&rig, HOPPER_PERSONALISED, NULL);
	vpcd_side_accept(&rig.host, rig.listener);
	host_hex(&rig.host, "FF CA 00 00 00");
	memcpy(uid, rig.host.data, sizeof(uid));
	host_select_applet(&rig.host);
	host_open(&rig.host);
	host_generate(&rig.host);
	host_power(&rig.host);
	host_hex(&rig.host, "FF CA 00 00 00");
	assert_memory_equal(rig.host.data, uid, sizeof(uid));
	kill(rig.hopper, SIGKILL);
	waitpid(rig.hopper, NULL, 0);
	close(rig.host.fd);
	start_hopper(&rig, HOPPER_PERSONALISED, NULL);
	vpcd_side_accept(&rig.host, rig.listener);
	host_hex(&rig.host, "FF CA 00 00 00");
	assert_memory_equal(rig.host.data, uid, sizeof(uid));
	host_select_applet(&rig.host);
	assert_int_equal(rig.host.data[rig.host.n - 1], 1); /* its key waits */
	rig_free(&rig);
}

static void a_card_that_vanished_is_put_back(void **unused)
{
	struct hopper_fault fault;
	struct rig rig = rig_new(1);

	(void)unused;
	assert_true(hopper_fault_parse("vanish-after@4", &fault));
	start_hopper(&rig, HOPPER_PERSONALISED, &fault);
	vpcd_side_accept(&rig.host, rig.listener);
	host_select_applet(&rig.host);
	host_open(&rig.host);
	host_generate(&rig.host);
	assert_int_equal(rig.host.outcome, SOFTCARD_GONE);
	close(rig.host.fd);
	vpcd_side_accept(&rig.host, rig.listener);
	host_select_applet(&rig.host);
	assert_int_equal(rig.host.data[rig.host.n - 1], 1);
	issue(&rig.host);
	rig_free(&rig);
}

static void a_card_is_read_once_and_makes_room(void **unused)
{
	struct rig rig = rig_new(2);
	uint8_t uid[SOFTCARD_UID_LEN];

	(void)unused;
	start_hopper(&rig, HOPPER_PROVED, NULL);
	vpcd_side_accept(&rig.host, rig.listener);
	host_hex(&rig.host, "FF CA 00 00 00");
	memcpy(uid, rig.host.data, sizeof(uid));
	issue(&rig.host);
	host_power(&rig.host); /* sealed but not yet proved: it stays */
	host_hex(&rig.host, "FF CA 00 00 00");
	assert_memory_equal(rig.host.data, uid, sizeof(uid));
	host_select_applet(&rig.host);
	assert_true(host_proves(&rig.host, rig.host.point, pb_view(rig.host.credential, 120)));
	host_power(&rig.host);
	host_hex(&rig.host, "FF CA 00 00 00");
	assert_memory_not_equal(rig.host.data, uid, sizeof(uid));
	rig_free(&rig);
}

static void a_tray_is_shared_without_a_card_taken_twice(void **unused)
{
	struct rig a = rig_new(40), b = rig_new(1);
	unsigned taken[2] = { 0 };

	(void)unused;
	snprintf(b.tray, sizeof(b.tray), "%s", a.tray);
	start_hopper(&a, HOPPER_PERSONALISED, NULL);
	start_hopper(&b, HOPPER_PERSONALISED, NULL);
	vpcd_side_accept(&a.host, a.listener);
	vpcd_side_accept(&b.host, b.listener);
	while (cards_in(a.tray)) {
		struct rig *rig = taken[0] <= taken[1] ? &a : &b;

		issue(&rig->host);
		host_power(&rig->host);
		host_hex(&rig->host, "FF CA 00 00 00"); /* so that the change is done */
		taken[rig == &b]++;
	}
	assert_int_equal(cards_in(a.done), taken[0]);
	assert_int_equal(cards_in(b.done), taken[1]);
	assert_int_equal(taken[0] + taken[1], 38); /* and one lies on each reader */
	snprintf(b.stage, sizeof(b.stage), "%s/reader-%u", a.tray, b.port);
	snprintf(b.tray, sizeof(b.tray), "%s/tray", b.dir);
	rig_free(&b);
	rig_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_card_comes_at_power_off_on_the_same_connection),
		cmocka_unit_test(an_unfinished_card_stays_through_power_off_and_restart),
		cmocka_unit_test(a_card_that_vanished_is_put_back),
		cmocka_unit_test(a_card_is_read_once_and_makes_room),
		cmocka_unit_test(a_tray_is_shared_without_a_card_taken_twice),
	};

	return cmocka_run_group_tests_name("softcard hopper", tests, NULL, NULL);
}
