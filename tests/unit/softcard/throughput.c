/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * throughput COMMANDS: how many SELECTs a second go through pcscd to the first reader's card and back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "issuer/reader/pcsc.h"
#include "issuer/reader/reader.h"

static double now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static enum pb_status select_often(struct pb_reader *reader, long count, struct pb_err *err)
{
	static const uint8_t command[] = "\x00\xA4\x04\x00\x0B" APPLET_AID; /* its NUL is Le */
	uint8_t response[PB_RESPONSE_MAX];
	enum pb_status s = PB_OK;
	size_t n;

	for (long i = 0; s == PB_OK && i < count; i++)
		s = pb_reader_transmit(reader, PB_VIEW(command), response, &n, err);
	return s;
}

int main(int argc, char **argv)
{
	const long count = argc == 2 ? atol(argv[1]) : 0;
	struct pb_reader_list readers = { 0 };
	struct pb_reader_card card;
	struct pb_err err = { 0 };
	struct pb_reader *lister = pb_pcsc_create(NULL), *reader = NULL;
	enum pb_status s = pb_reader_list(lister, &readers, &err);
	double start;

	if (s == PB_OK) {
		reader = pb_pcsc_create(readers.names[0]);
		s = pb_reader_connect(reader, pb_deadline_in(5000), &card, &err);
	}
	start = now();
	if (s == PB_OK)
		s = select_often(reader, count, &err);
	if (s == PB_OK)
		printf("%.0f\n", (double)count / (now() - start));
	else
		fprintf(stderr, "throughput: %s\n", err.msg);
	pb_reader_destroy(reader);
	pb_reader_destroy(lister);
	return s != PB_OK;
}
