/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Faces a second, and the memory of a batch.  bench_faces.sh runs it beside bench_faces.py, which draws the
 * same card with reportlab.
 *
 *     bench_faces single|batch SECONDS LAYOUT FONTS PHOTO URL      -> faces per second
 *     bench_faces memory CARDS LAYOUT FONTS PHOTO URL              -> most memory held, in MB
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/message.h"
#include "print/render.h"

enum { BATCH = 100 };

static struct pb_photo photo;

static void demand(enum pb_status s, const struct pb_err *err)
{
	if (s == PB_OK)
		return;
	fprintf(stderr, "bench_faces: %s\n", err->msg);
	exit(1);
}

static struct pb_face face_of(const char *url)
{
	return (struct pb_face){
		.surname = "Жамсаранова", .name = "Вера", .patronymic = "Баировна",
		.organisation = "МБОУ «СОШ № 30 имени С.А. Коровина» г. Чита", .organisation_short = "",
		.member_number = "6437500100001234", .card_serial = "0000104217",
		.member_since = { 2014, 9, 1 }, .valid_until = { 2031, 12, 31 },
		.title_line = "Профсоюз образования", .organisation_line = "Забайкальская краевая организация",
		.return_line = "672000, г. Чита, ул. Примерная, д. 1",
		.contact_line = "тел. 8 (3022) 00-00-00 · pb.example",
		.qr_url = url, .qr_prefix_n = strcspn(url, "#") + 1,
	};
}

/* Both draw from the file of the photo to the bytes of the PDF. */
static void draw_document(struct pb_render *render, const struct pb_face *face, struct pb_view file, size_t cards)
{
	struct pb_err err = { 0 };
	uint8_t *pdf = NULL;
	size_t n;

	for (size_t i = 0; i < cards; i++) {
		demand(pb_render_photo(render, file, &photo, &err), &err);
		demand(pb_render_add(render, face, &photo, &err), &err);
	}
	demand(pb_render_finish(render, &pdf, &n, &err), &err);
	free(pdf);
}

static double faces_per_second(struct pb_render *render, const struct pb_face *face, struct pb_view file, size_t cards,
			       int seconds)
{
	struct timespec start, now;
	double passed;
	size_t drawn = 0;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		draw_document(render, face, file, cards);
		drawn += 2 * cards;
		clock_gettime(CLOCK_MONOTONIC, &now);
		passed = (double)(now.tv_sec - start.tv_sec) + (double)(now.tv_nsec - start.tv_nsec) / 1e9;
	} while (passed < seconds);
	return (double)drawn / passed;
}

/* In documents of as many cards as one holds, as the program makes them. */
static long batch_memory(struct pb_render *render, const struct pb_face *face, struct pb_view file, int cards)
{
	struct rusage used;

	for (; cards > 0; cards -= PB_RENDER_CARDS)
		draw_document(render, face, file, (size_t)(cards < PB_RENDER_CARDS ? cards : PB_RENDER_CARDS));
	getrusage(RUSAGE_SELF, &used);
	return used.ru_maxrss / 1024;
}

int main(int argc, char *argv[])
{
	struct pb_render *render = NULL;
	struct pb_err err = { 0 };
	struct pb_face face;
	uint8_t *bytes = NULL;
	size_t n = 0;
	int fd;

	if (argc != 7)
		return 2;
	face = face_of(argv[6]);
	fd = open(argv[5], O_RDONLY | O_CLOEXEC);
	demand(pb_read_fd(fd, PB_RENDER_PHOTO_MAX, &bytes, &n, &err), &err);
	close(fd);
	demand(pb_render_start(&(struct pb_render_options){ .layout = argv[3], .font_directory = argv[4] }, &render, &err),
	       &err);
	if (strcmp(argv[1], "memory") == 0)
		printf("%ld\n", batch_memory(render, &face, pb_view(bytes, n), atoi(argv[2])));
	else
		printf("%.1f\n", faces_per_second(render, &face, pb_view(bytes, n), strcmp(argv[1], "batch") ? 1 : BATCH,
						  atoi(argv[2])));
	pb_render_destroy(render);
	free(bytes);
	return 0;
}
