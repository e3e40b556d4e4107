/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Draws a paper with invented content to standard output: what check-papers.sh looks at with other people's tools.
 *
 *     papers FONTS share|protocol|act|extract [real]
 *     papers FONTS audit FINDINGS
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "print/act.h"
#include "print/paper_audit.h"

#define FORTY(a) a a a a a a a a
#define WORDS FORTY("абажур самовар ящерица дельфин юность ")
#define HASH "5b1e3c7a9d20f4418e6c0b7d3a92f15ec4d8e7061b2a3f4c5d6e7f8091a2b3c4"

static const struct pb_paper_share share = {
	.index = 2,
	.custodian = "Константинопольская-Преображенская Александра Владимировна",
	.qr = "PBS1:CI25NLN65YAACAQDAQCQMBYIBEFAWDANBYHRAEISCMKBKFQXDAMRUGY4DUPB7UB5",
	.words = WORDS,
};

static const struct pb_paper_protocol protocol = {
	.custodian = { "Иванова Мария Петровна", "Доржиев Баир Цыренович", "Семёнова-Гурьева Ольга Ильинична",
		       "Петров Пётр Петрович", "Ким Анна Сергеевна", "Орлов Олег Олегович", "Белая Вера Львовна", "Чернов Ян Ильич" },
	.step = { { "10:02:11", "Созданы ключи" }, { "10:02:40", "Секрет разделён на доли" }, { "10:20:05", "Прочитаны все доли" },
		  { "10:21:30", "Записана резервная копия" } },
	.fact = { { "Ключ подписи (kid)", "b7ca9172ab1e1e31" }, { "Корневой сертификат", HASH }, { "Сертификат издателя", HASH },
		  { "Ключ журнала", HASH }, { "KVN карт", "30" }, { "KCV эталонной карты", "a1b2c3 d4e5f6 071829" },
		  { "Резервная копия", HASH } },
};

static enum pb_status print_audit(const struct pb_paper *paper, size_t findings, uint8_t **ret_pdf, size_t *ret_n, struct pb_err *err)
{
	enum { TOLD_MAX = 60 };
	struct pb_paper_finding told[TOLD_MAX];
	const struct pb_paper_audit audit = {
		.unix_time = 1780315200, .when = "01.06.2026 14:05", .source = "папка /media/usb/проверка-2026", .test = findings == 0,
		.origin = findings == 400 ? "profbilet.example/office/75/\u2603\x1b[2J" : "profbilet.example/office/75", .entries = 41873, .last_entry = "31.05.2026 18:02:11",
		.root = "YxZlF2m1Yk9kq5d2a8Q3P6e0Vb7c4LrTn1sWx0yZabc=", .checkpoints = 1,
		.key = "profbilet.example/office/75+c3ab0003+AVlXfVb9zV5bH7l0kfVXzbqU9pKqB3nTq8b2r6zq4Q1u",
		.has_witnesses = true, .witnesses = 3, .pinned = HASH, .pinned_in_source = true, .trust_sequence = 12,
		.trust_issued = "30.05.2026 09:00:00", .status_lists = 2, .status_days = 1,
		.received = 22000, .issued = 20740, .spoiled = 66, .left = 1194, .open = 2, .cards = 20810, .valid = 19877,
		.suspended = 12, .revoked = 851, .samples = 30, .samples_good = 29,
		.findings = told, .count = findings < TOLD_MAX ? findings : TOLD_MAX, .total = findings,
	};

	for (size_t i = 0; i < TOLD_MAX; i++)
		told[i] = (struct pb_paper_finding){ i % 3 != 2, 1000 + i, "", i % 3 == 2 ? "фото/IMG_20260601_141233_очень длинное имя.jpg" : NULL, i % 2 ? "Запись изменена после того, как была сделана." :
			"Карта заменяет другую, которая ещё действовала, или записи об этом нет, и это предложение длиннее строки." };
	if (findings > 0)
		memcpy(told[1].card, "7501000012", 11);
	return pb_paper_print_audit(paper, &audit, ret_pdf, ret_n, err);
}

static enum pb_status print_act(const struct pb_paper *paper, const char *kind, bool test, uint8_t **ret_pdf, size_t *ret_n,
				struct pb_err *err)
{
	static struct pb_act_entry entries[PB_ACT_ENTRIES];
	struct pb_act act = {
		.operator_name = "Забайкальская краевая организация Профсоюза работников народного образования и науки",
		.operator_address = test ? "" : "672000, Забайкальский край, г. Чита, ул. Анохина, д. 120, кабинеты 14 и 15",
		.subject = "Константинопольская-Преображенская Александра Владимировна, член профсоюза № 6437 5001 0000 0016",
		.executor = test ? "" : "Доржиев Баир Цыренович, делопроизводитель",
		.categories = (1u << PB_ACT_CATEGORIES) - 1,
		.system = "Профбилет",
		.reason = PB_ACT_CONSENT,
		.date = "01.06.2026 15:04:05 (UTC+09:00)",
		.code = "00112233445566778899aabbccddeeff",
		.origin = "profbilet.example/office/75",
		.entry = entries,
		.entries = test ? 1 : PB_ACT_ENTRIES,
		.checkpoint = "profbilet.example/office/75\n28\nYxZ0cXhhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=\n\n— profbilet.example/office/75"
			      " w6sAA0sYxZ0cXhhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWEYxZ0cXhhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=\n",
		.unix_time = 1780315200,
		.photo_files = !test,
		.test = test,
	};

	for (size_t i = 0; i < PB_ACT_ENTRIES; i++)
		entries[i] = (struct pb_act_entry){ "1234567", "01.06.2026 15:04:05", i % 2 == 0 ? "7501000012" : "", HASH };
	return strcmp(kind, "act") == 0 ? pb_act_print(paper, &act, ret_pdf, ret_n, err) :
					  pb_act_print_extract(paper, &act, ret_pdf, ret_n, err);
}

int main(int argc, char **argv)
{
	struct pb_paper_ceremony ceremony = { .office = "Забайкальская краевая организация Профсоюза образования",
					      .id = "deadbeef", .date = "01.06.2026", .unix_time = 1780315200, .needed = 3 };
	struct pb_paper *paper = NULL;
	struct pb_err err = { 0 };
	uint8_t *pdf = NULL;
	size_t n = 0;
	enum pb_status s;

	if (argc < 3)
		return EXIT_FAILURE;
	ceremony.rehearsal = argc == 3;
	ceremony.count = strcmp(argv[2], "share") == 0 ? 5 : 8;
	s = pb_paper_open(argv[1], &paper, &err);
	if (s == PB_OK && strcmp(argv[2], "share") == 0)
		s = pb_paper_print_share(paper, &ceremony, &share, &pdf, &n, &err);
	else if (s == PB_OK && strcmp(argv[2], "audit") == 0)
		s = print_audit(paper, argc > 3 ? strtoul(argv[3], NULL, 10) : 0, &pdf, &n, &err);
	else if (s == PB_OK && strcmp(argv[2], "protocol") != 0)
		s = print_act(paper, argv[2], argc == 3, &pdf, &n, &err);
	else if (s == PB_OK)
		s = pb_paper_print_protocol(paper, &ceremony, &protocol, &pdf, &n, &err);
	if (s == PB_OK && fwrite(pdf, 1, n, stdout) != n)
		s = PB_FILE_UNWRITABLE;
	free(pdf);
	pb_paper_close(paper);
	if (s != PB_OK)
		(void)fprintf(stderr, "papers: %s\n", err.msg);
	return s == PB_OK && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
