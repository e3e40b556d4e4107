/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 *     ledger_folder FOLDER CARDS
 *
 * A ledger with so many issued cards, exported to the folder for tests by programs that are not ours; says its key.
 */
#include <stdio.h>
#include <stdlib.h>

#include "issuer/ledger/export.h"
#include "tests/unit/ledger/office.h"

int main(int argc, char **argv)
{
	struct pb_ledger_exported exported;
	struct pb_err err = { 0 };
	struct office office;
	unsigned cards;

	if (argc != 3)
		return 2;
	cards = (unsigned)strtoul(argv[2], NULL, 10);
	office_create(&office);
	office_fresh(&office, cards);
	for (unsigned i = 1; i <= cards; i++)
		(void)office_issue(&office, i);
	office_must(pb_ledger_export(office.ledger, argv[1], &exported, &err), &err, "export");
	(void)puts(pb_ledger_vkey(office.ledger));
	office_destroy(&office);
	return 0;
}
