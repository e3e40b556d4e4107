/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The shipped design and one invented member.
 */
#include "tests/unit/print/face_cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *shipped_layout(void)
{
	static char path[1024];

	snprintf(path, sizeof(path), "%s/print/layout/card.layout", getenv("PROFBILET_SOURCE"));
	return path;
}

struct pb_design *shipped_design(void)
{
	struct pb_design *design = NULL;
	struct pb_err err;

	if (pb_design_open(shipped_layout(), FONT_DIR, &design, &err) != PB_OK) {
		fprintf(stderr, "%s\n", err.msg);
		abort();
	}
	return design;
}

/* As long as the address of a common name: 20 characters and 344 of base32 (215 bytes). */
static const char *address(void)
{
	static char url[512] = "https://pb.example/v#";
	size_t n = strlen(url);

	for (size_t i = 0; i < 344; i++)
		url[n + i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(i * 7 + i * i) % 32];
	url[n + 344] = '\0';
	return url;
}

struct pb_face member_face(void)
{
	static const char *url;

	if (!url)
		url = address();
	return (struct pb_face){
		.surname = "Жамсаранова", .name = "Вера", .patronymic = "Баировна",
		.organisation = "МБОУ \"СОШ № 30 имени С.А. Коровина\" г. Чита", .organisation_short = "СОШ № 30",
		.member_number = "6437500100001234", .card_serial = "0000104217",
		.member_since = { 2014, 9, 1 }, .valid_until = { 2031, 12, 31 },
		.title_line = "Профсоюз образования", .organisation_line = "Забайкальская краевая организация",
		.return_line = "672000, г. Чита, ул. Примерная, д. 1",
		.contact_line = "тел. 8 (3022) 00-00-00 · pb.example",
		.qr_url = url, .qr_prefix_n = strlen("https://pb.example/v#"),
	};
}
