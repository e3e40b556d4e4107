/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The file in which a service finds its token.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ini.h"
#include "base/message.h"
#include "keys/keyd/token_start.h"

enum { FILE_MAX = 16384 };

static enum pb_status take(const struct pb_ini_entry *entry, struct pb_keyd_token *token, struct pb_err *err)
{
	const struct {
		const char *key;
		char *field;
		size_t cap;
	} keys[] = {
		{ "module", token->module, sizeof(token->module) },
		{ "label", token->label, sizeof(token->label) },
		{ "environment", token->environment, sizeof(token->environment) },
		{ "storage", token->storage, sizeof(token->storage) },
		{ "pin_file", token->pin.path, sizeof(token->pin.path) },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && strcmp(entry->section, "token") == 0; i++) {
		if (strcmp(keys[i].key, entry->key) != 0)
			continue;
		if (strlen(entry->value) >= keys[i].cap)
			return pb_fail(err, PB_CONFIG_INVALID, "line %d: %s is too long", entry->line, entry->key);
		memcpy(keys[i].field, entry->value, strlen(entry->value) + 1);
		return PB_OK;
	}
	return pb_fail(err, PB_CONFIG_INVALID, "line %d: [%s] %s is no key of a token", entry->line, entry->section, entry->key);
}

static enum pb_status parse(struct pb_view text, struct pb_keyd_token *token, struct pb_err *err)
{
	struct pb_ini ini = pb_ini(text);
	struct pb_ini_entry entry;
	bool more = true;
	enum pb_status s;

	for (;;) {
		s = pb_ini_next(&ini, &entry, &more, err);
		if (s != PB_OK || !more)
			break;
		s = take(&entry, token, err);
		if (s != PB_OK)
			return s;
	}
	if (s == PB_OK && (token->module[0] == '\0' || token->label[0] == '\0'))
		s = pb_fail(err, PB_CONFIG_INVALID, "module and label of the token are not said");
	return s;
}

enum pb_status pb_keyd_token_read(const char *path, struct pb_keyd_token *ret_token, struct pb_err *err)
{
	struct pb_keyd_token token = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t *bytes = NULL;
	size_t n = 0;
	enum pb_status s;

	if (fd < 0)
		return pb_fail_errno(err, PB_FILE_UNREADABLE, errno, "%s", path);
	s = pb_read_fd(fd, FILE_MAX, &bytes, &n, err);
	if (s == PB_OK)
		s = parse(pb_view(bytes, n), &token, err);
	free(bytes);
	(void)close(fd);
	if (s != PB_OK)
		return pb_wrap(err, s, "%s", path);
	*ret_token = token;
	pb_pin_place(token.pin.path, &ret_token->pin);
	return PB_OK;
}
