/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Faces a second of processor time, and the memory of a batch.  bench_faces.sh runs it beside
 * bench_faces.py, which draws the same card with reportlab.
 *
 *     bench_faces single|batch SECONDS LAYOUT FONTS PHOTOS URL      -> faces per second
 *     bench_faces memory CARDS LAYOUT FONTS PHOTOS URL              -> most memory held, in MB
 *     bench_faces draw 0 LAYOUT FONTS PHOTOS URL                    -> the document of one card
 *
 * PHOTOS is a folder; each card of a batch takes the next file of it.  With "" for URL no QR code is drawn.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/message.h"
#include "print/render.h"

enum { BATCH = 50 };

static struct pb_photo photo;
static struct pb_view files[BATCH];

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
static void draw_document(struct pb_render *render, const struct pb_face *face, size_t cards, FILE *out)
{
	struct pb_err err = { 0 };
	uint8_t *pdf = NULL;
	size_t n;

	for (size_t i = 0; i < cards; i++) {
		demand(pb_render_photo(render, files[i % BATCH], &photo, &err), &err);
		demand(pb_render_add(render, face, &photo, &err), &err);
	}
	demand(pb_render_finish(render, &pdf, &n, &err), &err);
	if (out)
		fwrite(pdf, 1, n, out);
	free(pdf);
}

static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double faces_per_second(struct pb_render *render, const struct pb_face *face, size_t cards, double seconds)
{
	double start = cpu_seconds(), passed;
	size_t drawn = 0;

	do {
		draw_document(render, face, cards, NULL);
		drawn += 2 * cards;
		passed = cpu_seconds() - start;
	} while (passed < seconds);
	return (double)drawn / passed;
}

/* In documents of as many cards as one holds, as the program makes them. */
static long batch_memory(struct pb_render *render, const struct pb_face *face, int cards)
{
	struct rusage used;

	for (; cards > 0; cards -= PB_RENDER_CARDS)
		draw_document(render, face, (size_t)(cards < PB_RENDER_CARDS ? cards : PB_RENDER_CARDS), NULL);
	getrusage(RUSAGE_SELF, &used);
	return used.ru_maxrss / 1024;
}

static void read_photos(const char *folder)
{
	struct dirent **entry = NULL;
	struct pb_err err = { 0 };
	int count = scandir(folder, &entry, NULL, alphasort), read = 0;

	for (int i = 0; i < count; i++) {
		char path[PATH_MAX];
		uint8_t *bytes = NULL;
		size_t n = 0;
		int fd;

		snprintf(path, sizeof(path), "%s/%s", folder, entry[i]->d_name);
		if (*entry[i]->d_name != '.' && read < BATCH) {
			fd = open(path, O_RDONLY | O_CLOEXEC);
			demand(pb_read_fd(fd, PB_RENDER_PHOTO_MAX, &bytes, &n, &err), &err);
			close(fd);
			files[read++] = pb_view(bytes, n);
		}
		free(entry[i]);
	}
	free(entry);
	if (read < BATCH)
		exit(2);
}

int main(int argc, char *argv[])
{
	struct pb_render *render = NULL;
	struct pb_err err = { 0 };
	struct pb_face face;
	bool batch;

	if (argc != 7)
		return 2;
	batch = strcmp(argv[1], "batch") == 0;
	face = face_of(argv[6]);
	read_photos(argv[5]);
	demand(pb_render_start(&(struct pb_render_options){ .layout = argv[3], .font_directory = argv[4] }, &render, &err),
	       &err);
	draw_document(render, &face, 1, strcmp(argv[1], "draw") ? NULL : stdout);
	if (strcmp(argv[1], "memory") == 0)
		printf("%ld\n", batch_memory(render, &face, atoi(argv[2])));
	else if (strcmp(argv[1], "draw") != 0)
		printf("%.1f\n", faces_per_second(render, &face, batch ? BATCH : 1, atof(argv[2])));
	pb_render_destroy(render);
	return 0;
}
