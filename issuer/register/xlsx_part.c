/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libzip unpacks into expat's own buffer; what the archive promised is checked before and while unpacking,
 * for a promise is only as good as who wrote it.
 */
#include "issuer/register/xlsx_part.h"

enum {
	PART_BYTES = 256 * 1024 * 1024, /* unpacked; a million rows of a member list are about as large */
	RATIO_MAX = 250,		/* deflate of a sheet gives 5 to 30 */
	RATIO_FROM = 1024 * 1024,
	DEPTH_MAX = 32,
	PIECE = 32 * 1024,
};

void xlsx_part_fail(struct xlsx_part *part, enum pb_status status, const char *what)
{
	if (part->failure == PB_OK) {
		part->failure = status;
		part->what = what;
	}
	XML_StopParser(part->parser, XML_FALSE);
}

bool xlsx_part_enter(struct xlsx_part *part)
{
	if (++part->depth <= DEPTH_MAX)
		return true;
	xlsx_part_fail(part, PB_INPUT_INVALID, "the workbook is nested too deeply");
	return false;
}

static void XMLCALL on_doctype(void *ctx, const XML_Char *name, const XML_Char *system, const XML_Char *public, int internal)
{
	(void)name, (void)system, (void)public, (void)internal;
	xlsx_part_fail(ctx, PB_INPUT_INVALID, "a workbook has no document type");
}

static enum pb_status stat_part(zip_t *zip, const char *path, zip_uint64_t *ret_index, uint64_t *ret_size, struct pb_err *err)
{
	const zip_uint64_t needed = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_INDEX;
	zip_stat_t status;

	zip_stat_init(&status);
	if (zip_stat(zip, path, 0, &status) != 0)
		return pb_fail(err, PB_NOT_FOUND, "the workbook has no part %s", path);
	if ((status.valid & needed) != needed)
		return pb_fail(err, PB_INPUT_INVALID, "the workbook does not say how large %s is", path);
	if (status.size > PART_BYTES)
		return pb_fail(err, PB_INPUT_TOO_LARGE, "%s unpacks to %llu bytes", path, (unsigned long long)status.size);
	if (status.size > RATIO_FROM && status.size / RATIO_MAX > status.comp_size)
		return pb_fail(err, PB_INPUT_TOO_LARGE, "%s is packed too well to be a list", path);
	*ret_index = status.index;
	*ret_size = status.size;
	return PB_OK;
}

enum pb_status xlsx_part_open(struct xlsx_part *part, zip_t *zip, const char *path, struct xlsx_handlers handlers,
			      void *owner, struct pb_err *err)
{
	zip_uint64_t index = 0;
	uint64_t size = 0;
	enum pb_status s = stat_part(zip, path, &index, &size, err);

	if (s != PB_OK)
		return s;
	*part = (struct xlsx_part){ .owner = owner, .left = size };
	part->file = zip_fopen_index(zip, index, 0);
	if (!part->file)
		return pb_fail(err, PB_INPUT_INVALID, "%s cannot be unpacked: %s", path, zip_strerror(zip));
	part->parser = XML_ParserCreate("UTF-8");
	if (!part->parser) {
		xlsx_part_close(part);
		return pb_fail(err, PB_NO_MEMORY, "an XML parser");
	}
	XML_SetUserData(part->parser, part);
	XML_SetElementHandler(part->parser, handlers.start, handlers.end);
	XML_SetCharacterDataHandler(part->parser, handlers.text);
	XML_SetStartDoctypeDeclHandler(part->parser, on_doctype);
	return PB_OK;
}

void xlsx_part_close(struct xlsx_part *part)
{
	if (part->parser)
		XML_ParserFree(part->parser);
	if (part->file)
		zip_fclose(part->file);
	*part = (struct xlsx_part){ 0 };
}

static enum pb_status parser_status(const struct xlsx_part *part, struct pb_err *err)
{
	if (part->failure != PB_OK)
		return pb_fail(err, part->failure, "%s", part->what);
	return pb_fail(err, PB_INPUT_INVALID, "the workbook is damaged: line %lu of its XML: %s",
		       (unsigned long)XML_GetCurrentLineNumber(part->parser),
		       XML_ErrorString(XML_GetErrorCode(part->parser)));
}

static enum pb_status feed(struct xlsx_part *part, enum XML_Status *ret_result, struct pb_err *err)
{
	void *room = XML_GetBuffer(part->parser, PIECE);
	zip_int64_t got;

	if (!room)
		return pb_fail(err, PB_NO_MEMORY, "a piece of a workbook");
	got = zip_fread(part->file, room, PIECE);
	if (got < 0)
		return pb_fail(err, PB_INPUT_INVALID, "the workbook is damaged: %s", zip_file_strerror(part->file));
	if ((uint64_t)got > part->left)
		return pb_fail(err, PB_INPUT_TOO_LARGE, "a part is larger than the workbook says");
	part->left -= (uint64_t)got;
	part->over = got == 0;
	*ret_result = XML_ParseBuffer(part->parser, (int)got, got == 0);
	return PB_OK;
}

enum pb_status xlsx_part_pump(struct xlsx_part *part, struct pb_err *err)
{
	enum XML_Status result = XML_STATUS_OK;
	enum pb_status s = PB_OK;

	if (part->suspended)
		result = XML_ResumeParser(part->parser);
	else
		s = feed(part, &result, err);
	part->suspended = result == XML_STATUS_SUSPENDED;
	if (s == PB_OK && result == XML_STATUS_ERROR)
		s = parser_status(part, err);
	return s;
}
