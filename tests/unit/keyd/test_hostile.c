/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Somebody has taken the office's place: he has its socket, its ledger and all it ever said, speaks the protocol
 * as he likes, and gets no signature on a credential without a card that is ordered and next.  He can order cards
 * himself, as long as the order is the office's word; that is left out here, and every other way is tried.
 *
 *     test_hostile KEYD-PROGRAM
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/cbor.h"
#include "base/message.h"
#include "keys/keyd/messages.h"
#include "tests/unit/keyd/service.h"

enum { RANDOM_REQUESTS = 4000 };

static const char *program;

/* ---- speaking */

struct front {
	struct service service;
	int fd;
	uint64_t signatures; /* on credentials */
};

static struct pb_keyd_reply ask(struct front *front, const struct pb_keyd_request *request, enum pb_keyd_type expected)
{
	uint8_t bytes[PB_MESSAGE_MAX];
	struct pb_keyd_reply reply = { .type = PB_KEYD_FAILED };
	struct pb_view message;
	size_t n;

	if (pb_keyd_request_encode(request, bytes, sizeof(bytes), &message, NULL) != PB_OK)
		return reply;
	assert_int_equal(pb_message_send(front->fd, message, NULL), PB_OK);
	assert_int_equal(pb_message_receive(front->fd, pb_deadline_in(10000), bytes, &n, NULL), PB_OK);
	assert_int_equal(pb_keyd_reply_decode(pb_view(bytes, n), expected, &reply, NULL), PB_OK);
	return reply;
}

static bool signs_bytes(struct front *front, uint64_t serial, struct pb_view bytes)
{
	struct pb_keyd_request request = { .type = PB_KEYD_SIGN_CREDENTIALS, .order.serial = serial, .bytes = bytes };
	struct pb_keyd_reply reply = ask(front, &request, PB_KEYD_SIGNATURES);

	if (reply.type != PB_KEYD_SIGNATURES)
		return false;
	counter_note(&front->service.counter, bytes, reply.u.sigs[0]);
	front->signatures++;
	return true;
}

static bool signs(struct front *front, uint64_t serial)
{
	struct pb_sig_structure structure;

	counter_chip(&front->service.counter, serial, &structure);
	return signs_bytes(front, serial, pb_sig_structure_view(&structure));
}

static bool signs_face(struct front *front, uint64_t serial)
{
	struct pb_sig_structure structure;

	counter_face(&front->service.counter, serial, "RU-75-TST", &structure);
	return signs_bytes(front, serial, pb_sig_structure_view(&structure));
}

/* The entries [from, to) of the book, after the tree of its first `from`. */
static bool tells(struct front *front, const struct book *book, size_t from, size_t to)
{
	struct pb_merkle_edge edge = book_edge(book, from);
	struct pb_hash root = pb_merkle_root(&edge);
	struct pb_keyd_request request = { .type = PB_KEYD_TELL, .size = from };
	uint8_t room[PB_TELL_MAX];
	struct pb_writer out = pb_writer(room, sizeof(room));

	for (size_t i = from; i < to; i++)
		pb_cbor_put_bytes(&out, pb_view(book->entries[i].bytes, book->entries[i].n));
	memcpy(request.root, root.bytes, sizeof(request.root));
	request.bytes = pb_view(room, out.n);
	return ask(front, &request, PB_KEYD_STANDS).type == PB_KEYD_STANDS;
}

static bool signs_checkpoint(struct front *front, const struct book *book, size_t size)
{
	struct pb_merkle_edge edge = book_edge(book, size);
	struct pb_checkpoint checkpoint = { .origin = "profbilet.example/office/75", .size = size, .root = pb_merkle_root(&edge) };
	char text[256];
	struct pb_writer out = pb_writer(text, sizeof(text));
	struct pb_keyd_request request = { .type = PB_KEYD_SIGN_CHECKPOINT };

	pb_checkpoint_put(&out, &checkpoint);
	request.bytes = pb_view(text, out.n);
	return ask(front, &request, PB_KEYD_SIGNATURE).type == PB_KEYD_SIGNATURE;
}

static void restart_telling(struct front *front)
{
	struct pb_keyd_request request = { .type = PB_KEYD_TELL, .anew = true };

	assert_int_equal(ask(front, &request, PB_KEYD_STANDS).type, PB_KEYD_STANDS);
}

static struct book *book_of(struct front *front)
{
	return &front->service.counter.book;
}

/* An honest card: told, signed twice, begun. */
static void issue(struct front *front, uint64_t serial)
{
	struct book *book = book_of(front);

	assert_true(tells(front, book, book->told, book->count));
	book->told = book->count;
	assert_true(signs_face(front, serial) && signs(front, serial));
	book_begin(&front->service.counter, book, serial);
}

static void come_again(struct front *front)
{
	close(front->fd);
	service_restart(&front->service, program, getuid());
	front->fd = service_connect(&front->service);
}

/* The office has ordered two cards, and both are begun; an order of five before it was never used up. */
static int take_over(void **state)
{
	static struct front front;
	struct book *book;

	front = (struct front){ .signatures = 0 };
	service_start(&front.service, program, getuid());
	front.fd = service_connect(&front.service);
	book = book_of(&front);
	book_order(book, 5);
	issue(&front, COUNTER_FIRST);
	book_order(book, 2);
	issue(&front, COUNTER_FIRST + 1);
	issue(&front, COUNTER_FIRST + 2);
	assert_true(tells(&front, book, book->told, book->count));
	book->told = book->count;
	assert_true(signs_checkpoint(&front, book, book->count));
	front.signatures = 0;
	*state = &front;
	return 0;
}

static int give_back(void **state)
{
	struct front *front = *state;

	close(front->fd);
	service_stop(&front->service);
	return 0;
}

/* ---- cunning */

static void what_was_signed_is_not_signed_again(void **state)
{
	struct front *front = *state;
	const struct book *book = book_of(front);

	for (uint64_t serial = COUNTER_FIRST; serial < COUNTER_FIRST + 3; serial++)
		assert_false(signs(front, serial));
	for (size_t size = 0; size < book->count; size++) {
		assert_false(signs_checkpoint(front, book, size));
		if (size + 1 < book->count) /* the last batch alone may be told again */
			(void)tells(front, book, size, book->count);
	}
	restart_telling(front);
	for (uint64_t serial = COUNTER_FIRST; serial < COUNTER_FIRST + 3; serial++)
		assert_false(signs(front, serial));
}

static void no_serial_is_beyond_the_newest_order(void **state)
{
	static const uint64_t serials[] = { 0, 1, COUNTER_FIRST + 3, COUNTER_FIRST + 4, COUNTER_FIRST + 100, 7502000001,
					    7501999999, INT64_MAX };
	struct front *front = *state;

	for (size_t i = 0; i < sizeof(serials) / sizeof(serials[0]); i++) {
		struct pb_sig_structure structure;

		counter_chip(&front->service.counter, COUNTER_FIRST + 3, &structure);
		assert_false(signs_bytes(front, serials[i], pb_sig_structure_view(&structure)));
		if (serials[i] != 0 && serials[i] < 9999999999)
			assert_false(signs(front, serials[i]));
	}
}

static void a_forked_tree_has_no_card(void **state)
{
	struct front *front = *state;
	const struct book *book = book_of(front);

	for (size_t size = 0; size < book->count; size++) {
		struct book fork = *book;

		fork.count = size;
		if (size == 0) {
			struct pb_entry first = book_first(&front->service.counter);

			first.prefix = 7502;
			book_add(&fork, first);
		}
		book_order(&fork, 1000);
		assert_false(tells(front, &fork, size, fork.count));
		assert_false(signs_checkpoint(front, &fork, fork.count));
		assert_false(signs(front, COUNTER_FIRST + 3));
		/* Its root is right and its entries are others: the claim of a size alone moves nothing. */
		restart_telling(front);
		assert_false(tells(front, &fork, book->count < fork.count ? book->count : fork.count, fork.count));
		assert_false(signs(front, COUNTER_FIRST + 3));
	}
}

static void a_card_that_was_not_signed_is_not_begun(void **state)
{
	struct front *front = *state;
	struct book book = *book_of(front);

	for (uint64_t serial = COUNTER_FIRST - 1; serial < COUNTER_FIRST + 6; serial++) {
		struct book other = book;

		book_begin(&front->service.counter, &other, serial);
		assert_false(tells(front, &other, book.count, other.count));
		assert_false(signs_checkpoint(front, &other, other.count));
		assert_false(signs(front, COUNTER_FIRST + 3) || signs(front, COUNTER_FIRST + 4));
	}
}

static struct pb_entry intent_of(struct front *front, uint64_t serial)
{
	struct counter *counter = &front->service.counter;
	struct pb_entry entry = { .type = PB_ENTRY_INTENT, .serial = serial };

	pb_keystore_issuer_kid(counter->store, entry.kid);
	memcpy(entry.chip_h, counter->chip_h, sizeof(entry.chip_h));
	memcpy(entry.face_h, counter->face_h, sizeof(entry.face_h));
	return entry;
}

static bool begins(struct front *front, struct pb_entry entry)
{
	struct book other = *book_of(front);

	book_add(&other, entry);
	return tells(front, &other, other.count - 1, other.count);
}

/* He has a card signed, and has the ledger account for other bytes than those: of a stolen key, of an earlier card, or of
 * nothing; now, and to a process that starts again and knows only what is on its disk. */
static void a_card_is_begun_with_the_bytes_that_were_signed(void **state)
{
	struct front *front = *state;
	struct book *book = book_of(front);
	struct pb_entry right, first;
	const struct pb_entry before = intent_of(front, COUNTER_FIRST + 3); /* of the card before this one */

	book_order(book, 2);
	assert_true(tells(front, book, book->told, book->count));
	assert_true(signs_face(front, COUNTER_FIRST + 3) && signs(front, COUNTER_FIRST + 3));
	first = intent_of(front, COUNTER_FIRST + 3);
	assert_true(signs_face(front, COUNTER_FIRST + 3) && signs(front, COUNTER_FIRST + 3)); /* the same, signed anew */
	right = intent_of(front, COUNTER_FIRST + 3);
	for (int start = 0; start < 2; start++) {
		struct pb_entry wrong[5] = { before, right, right, right, right };

		wrong[1].chip_h[PB_ENTRY_HASH - 1] ^= 1;
		wrong[2].face_h[0] ^= 1;
		memcpy(wrong[3].chip_h, right.face_h, sizeof(right.face_h)); /* signed, and no chip's */
		memcpy(wrong[4].face_h, right.chip_h, sizeof(right.chip_h));
		for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
			assert_false(begins(front, wrong[i]));
		assert_false(signs(front, COUNTER_FIRST + 4));
		if (start == 0)
			come_again(front);
	}
	assert_true(begins(front, right)); /* as an office does that was cut off after its commit */
	restart_telling(front);
	assert_true(begins(front, first)); /* the one that was given up had as good a signature */
}

static void a_card_of_another_key_is_not_the_one_signed(void **state)
{
	struct front *front = *state;
	struct book *book = book_of(front), other;
	struct pb_entry begun;

	book_order(book, 2); /* by the office */
	assert_true(tells(front, book, book->told, book->count));
	assert_true(signs_face(front, COUNTER_FIRST + 3) && signs(front, COUNTER_FIRST + 3));
	other = *book;
	begun = intent_of(front, COUNTER_FIRST + 3);
	memcpy(begun.kid, "another", sizeof(begun.kid));
	book_add(&other, begun);
	assert_false(tells(front, &other, book->count, other.count));
	assert_false(signs(front, COUNTER_FIRST + 4));
	other = *book;
	book_begin(&front->service.counter, &other, COUNTER_FIRST + 4);
	assert_false(tells(front, &other, book->count, other.count));
	assert_false(signs(front, COUNTER_FIRST + 4));
}

static void one_serial_is_signed_a_few_times_whatever_is_told(void **state)
{
	struct front *front = *state;
	struct book *book = book_of(front), begun;

	book_order(book, 50);
	assert_true(tells(front, book, book->told, book->count));
	assert_true(signs_face(front, COUNTER_FIRST + 3));
	for (int i = 0; i < 100; i++) {
		(void)signs(front, COUNTER_FIRST + 3);
		if (i % 7 == 0)
			restart_telling(front);
		if (i % 5 == 0)
			(void)tells(front, book, book->count - 1, book->count);
	}
	assert_true(front->signatures > 0 && front->signatures <= PB_KEYD_PER_SERIAL);
	/* Begun, signed for, and not taken back to have it signed once more. */
	begun = *book;
	book_begin(&front->service.counter, &begun, COUNTER_FIRST + 3);
	book_finish(&begun, COUNTER_FIRST + 3);
	assert_true(tells(front, &begun, book->count, begun.count));
	assert_true(signs_checkpoint(front, &begun, begun.count));
	front->signatures = 0;
	assert_false(tells(front, book, book->count, book->count));
	assert_false(signs(front, COUNTER_FIRST + 3));
	close(front->fd);
	front->fd = service_connect(&front->service);
	restart_telling(front);
	assert_false(tells(front, book, book->count, book->count));
	assert_false(signs(front, COUNTER_FIRST + 3));
}

/* Both of one card in one request, or none: the second cannot ride on the first. */
static void a_second_statement_is_held_to_the_same_order(void **state)
{
	struct front *front = *state;
	struct counter *counter = &front->service.counter;
	struct pb_sig_structure face, chip, of_another;
	struct pb_keyd_request request = { .type = PB_KEYD_SIGN_CREDENTIALS, .order.serial = COUNTER_FIRST + 3 };
	struct pb_keyd_reply reply;
	struct book *book = book_of(front);

	book_order(book, 50);
	assert_true(tells(front, book, book->told, book->count));
	counter_face(counter, COUNTER_FIRST + 3, "RU-75-TST", &face);
	counter_chip(counter, COUNTER_FIRST + 3, &chip);
	counter_chip(counter, COUNTER_FIRST + 4, &of_another);
	request.bytes = pb_sig_structure_view(&face);
	request.also = pb_sig_structure_view(&of_another);
	assert_int_equal(ask(front, &request, PB_KEYD_SIGNATURES).type, PB_KEYD_FAILED);
	request.also = pb_view_text("no statement");
	assert_int_equal(ask(front, &request, PB_KEYD_SIGNATURES).type, PB_KEYD_FAILED);
	assert_true(signs_face(front, COUNTER_FIRST + 3)); /* nothing was charged for those */
	for (int i = 0; i < (PB_KEYD_PER_SERIAL - 1) / 2; i++) {
		request.also = pb_sig_structure_view(&chip);
		reply = ask(front, &request, PB_KEYD_SIGNATURES);
		assert_int_equal(reply.type, PB_KEYD_SIGNATURES);
		counter_note(counter, request.also, reply.u.sigs[1]);
	}
	assert_int_equal(ask(front, &request, PB_KEYD_SIGNATURES).type, PB_KEYD_FAILED); /* one was left, and two are too many */
	assert_true(signs(front, COUNTER_FIRST + 3));
	assert_false(signs(front, COUNTER_FIRST + 3));
}

static void a_key_signs_nothing_of_another_keys(void **state)
{
	static const uint8_t note[] = "profbilet.example/office/75\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
	struct front *front = *state;
	struct pb_sig_structure structure;
	struct pb_keyd_request request = { .type = PB_KEYD_SIGN_CHECKPOINT };

	counter_chip(&front->service.counter, COUNTER_FIRST + 3, &structure);
	request.bytes = pb_sig_structure_view(&structure);
	assert_int_equal(ask(front, &request, PB_KEYD_SIGNATURE).type, PB_KEYD_FAILED);
	request.type = PB_KEYD_SIGN_LIST;
	assert_int_equal(ask(front, &request, PB_KEYD_SIGNATURE).type, PB_KEYD_FAILED);
	request.trust = true;
	assert_int_equal(ask(front, &request, PB_KEYD_SIGNATURE).type, PB_KEYD_FAILED);
	request.bytes = PB_VIEW(note);
	assert_int_equal(ask(front, &request, PB_KEYD_SIGNATURE).type, PB_KEYD_FAILED);
	assert_false(signs_bytes(front, COUNTER_FIRST + 3, PB_VIEW(note)));
}

/* ---- random */

static uint64_t draw(uint64_t below)
{
	static uint64_t x = 88172645463325252U; /* xorshift: the same in every run */

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x % below;
}

/* Any entry but an order. */
static void add_any(struct front *front, struct book *book)
{
	static const enum pb_entry_type types[] = { PB_ENTRY_STOCK_IN, PB_ENTRY_INTENT, PB_ENTRY_ISSUED, PB_ENTRY_VOID,
						    PB_ENTRY_SPOILED, PB_ENTRY_REVOKE, PB_ENTRY_RECOVER, PB_ENTRY_GENESIS };
	struct pb_entry entry = { .type = types[draw(8)], .serial = COUNTER_FIRST + draw(6), .intent = draw(12),
				  .reason = PB_REASON_OTHER, .count = draw(3) };

	if (entry.type == PB_ENTRY_GENESIS)
		entry = book_first(&front->service.counter);
	pb_keystore_issuer_kid(front->service.counter.store, entry.kid);
	book_add(book, entry);
}

/* Orders of before are used up; what he makes of the rest gives cards back, and that is the office's word too:
 * never more than three serials for each card ordered. */
static void nothing_random_is_signed_beyond_the_order(void **state)
{
	struct front *front = *state;
	struct book book = *book_of(front);
	size_t honest = book.count;

	for (int i = 0; i < RANDOM_REQUESTS; i++) {
		size_t at = draw(book.count + 1);

		switch (draw(6)) {
		case 0:
		case 1:
			(void)signs(front, COUNTER_FIRST + draw(12));
			break;
		case 2:
			(void)signs_checkpoint(front, &book, at);
			break;
		case 3:
			(void)tells(front, &book, at, at + draw(book.count - at + 1));
			break;
		case 4:
			if (book.count > honest && draw(2) == 0)
				book.count = honest + draw(book.count - honest);
			if (book.count < BOOK_MAX)
				add_any(front, &book);
			break;
		default:
			restart_telling(front);
		}
	}
	assert_true(front->signatures <= (uint64_t)(2 * PB_CARDS_EACH - 2) * PB_KEYD_PER_SERIAL);
	assert_false(signs(front, COUNTER_FIRST + 2 * PB_CARDS_EACH + 1));
}

int main(int argc, char **argv)
{
#define HOSTILE(test) cmocka_unit_test_setup_teardown(test, take_over, give_back)
	const struct CMUnitTest tests[] = {
		HOSTILE(what_was_signed_is_not_signed_again),
		HOSTILE(no_serial_is_beyond_the_newest_order),
		HOSTILE(a_forked_tree_has_no_card),
		HOSTILE(a_card_that_was_not_signed_is_not_begun),
		HOSTILE(a_card_is_begun_with_the_bytes_that_were_signed),
		HOSTILE(a_card_of_another_key_is_not_the_one_signed),
		HOSTILE(one_serial_is_signed_a_few_times_whatever_is_told),
		HOSTILE(a_second_statement_is_held_to_the_same_order),
		HOSTILE(a_key_signs_nothing_of_another_keys),
		HOSTILE(nothing_random_is_signed_beyond_the_order),
	};

	if (argc != 2)
		return 2;
	program = argv[1];
	return cmocka_run_group_tests(tests, counter_make_keys, counter_remove_keys);
}
