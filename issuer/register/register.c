/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The register's tables, and opening it.  Dates are ISO text, so that any tool can read and compare them;
 * `search` and the folded names exist because SQLite's NOCASE does not know Russian letters.
 */
#include "issuer/register/register.h"

#include <stdlib.h>
#include <string.h>

#include "issuer/register/internal.h"

static const char *const steps[] = {
	"CREATE TABLE organisation ("
	" id INTEGER PRIMARY KEY,"
	" parent INTEGER REFERENCES organisation(id),"
	" level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 3),"
	" code TEXT UNIQUE CHECK (code <> ''),"
	" name TEXT NOT NULL CHECK (name <> ''),"
	" short_name TEXT NOT NULL,"
	" folded_name TEXT NOT NULL,"
	" folded_short TEXT NOT NULL) STRICT;"
	"CREATE UNIQUE INDEX organisation_name ON organisation(folded_name, ifnull(parent, 0));"
	"CREATE INDEX organisation_short ON organisation(folded_short);"

	"CREATE TABLE member ("
	" id INTEGER PRIMARY KEY,"
	" number TEXT NOT NULL UNIQUE,"
	" surname TEXT NOT NULL CHECK (surname <> ''),"
	" name TEXT NOT NULL CHECK (name <> ''),"
	" patronymic TEXT NOT NULL,"
	" search TEXT NOT NULL,"
	" sex INTEGER NOT NULL CHECK (sex BETWEEN 0 AND 2),"
	" status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 4),"
	" born TEXT NOT NULL,"
	" joined TEXT,"
	" organisation INTEGER NOT NULL REFERENCES organisation(id),"
	" position TEXT NOT NULL,"
	" phone TEXT NOT NULL,"
	" email TEXT NOT NULL) STRICT;"
	"CREATE INDEX member_person ON member(born, search);"
	"CREATE INDEX member_search ON member(search);"
	"CREATE INDEX member_organisation ON member(organisation, search);"

	"CREATE TABLE member_event ("
	" member INTEGER NOT NULL REFERENCES member(id),"
	" ordinal INTEGER NOT NULL,"
	" at INTEGER NOT NULL,"
	" status INTEGER NOT NULL,"
	" organisation INTEGER NOT NULL REFERENCES organisation(id),"
	" position TEXT NOT NULL,"
	" PRIMARY KEY (member, ordinal)) STRICT, WITHOUT ROWID;"

	"CREATE TABLE photo ("
	" member INTEGER PRIMARY KEY REFERENCES member(id),"
	" format INTEGER NOT NULL CHECK (format BETWEEN 1 AND 2),"
	" taken TEXT NOT NULL,"
	" bytes BLOB NOT NULL) STRICT;"

	"CREATE TABLE number_range ("
	" prefix TEXT NOT NULL,"
	" digits INTEGER NOT NULL,"
	" next INTEGER NOT NULL,"
	" PRIMARY KEY (prefix, digits)) STRICT;",

	/* The one erasure that is under way (erasure.h). */
	"CREATE TABLE erasure ("
	" id INTEGER PRIMARY KEY CHECK (id = 1),"
	" state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 3),"
	" member INTEGER NOT NULL,"
	" number TEXT NOT NULL,"
	" surname TEXT NOT NULL,"
	" name TEXT NOT NULL,"
	" patronymic TEXT NOT NULL,"
	" categories INTEGER NOT NULL,"
	" reason INTEGER NOT NULL,"
	" actor TEXT NOT NULL,"
	" code BLOB NOT NULL CHECK (length(code) = 16),"
	" papers TEXT NOT NULL,"
	" photos TEXT NOT NULL,"
	" executor TEXT NOT NULL,"
	" first INTEGER NOT NULL,"
	" count INTEGER NOT NULL,"
	" at INTEGER NOT NULL) STRICT;",
	NULL,
};

enum pb_status pb_register_open(struct pb_store *store, const struct pb_number_rule *rule,
				const struct pb_clock *clock, struct pb_register **ret_register, struct pb_err *err)
{
	static const struct pb_store_part part = { .name = "register", .steps = steps };
	struct pb_register *reg;
	enum pb_status s = pb_number_rule_check(rule, err);

	if (s == PB_OK)
		s = pb_store_upgrade(store, &part, err);
	if (s != PB_OK)
		return s;
	reg = calloc(1, sizeof(*reg));
	if (!reg)
		return pb_fail(err, PB_NO_MEMORY, "the register");
	*reg = (struct pb_register){ .store = store, .rule = *rule, .clock = *clock };
	*ret_register = reg;
	return PB_OK;
}

void pb_register_close(struct pb_register *reg)
{
	free(reg);
}

const struct pb_number_rule *pb_register_rule(const struct pb_register *reg)
{
	return &reg->rule;
}

void register_copy(char *ret_text, size_t cap, const char *text)
{
	size_t n = strlen(text);

	if (n >= cap)
		PB_BUG("a text longer than its checked length");
	memcpy(ret_text, text, n + 1);
}
