/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The tables of the ledger.  `entry`, `node` and `checkpoint` are append-only, by triggers here and by the
 * store's refusal to drop tables; neither is the proof (whoever has the file can do as he likes), the
 * tree and its signatures are.  `card` is an index of the entries, and the home of what entries must not
 * hold: the member's number, which can be erased, and the credentials.
 */
#include "issuer/ledger/internal.h"

#define APPEND_ONLY(table) \
	"CREATE TRIGGER " table "_update BEFORE UPDATE ON " table \
	" BEGIN SELECT RAISE(ABORT,'" table " is append-only'); END;" \
	"CREATE TRIGGER " table "_delete BEFORE DELETE ON " table \
	" BEGIN SELECT RAISE(ABORT,'" table " is append-only'); END;"

static const char first[] =
	"CREATE TABLE entry("
	"  idx INTEGER PRIMARY KEY CHECK(idx>=0),"
	"  rec BLOB NOT NULL CHECK(length(rec) BETWEEN 1 AND 1024),"
	"  lh BLOB NOT NULL CHECK(length(lh)=32)" /* leaf hash: lets an audit name the entry that was edited */
	") STRICT;"
	"CREATE TABLE node(" /* complete subtrees of two leaves and more, written once */
	"  lv INTEGER NOT NULL CHECK(lv>0),"
	"  ix INTEGER NOT NULL CHECK(ix>=0),"
	"  h BLOB NOT NULL CHECK(length(h)=32),"
	"  PRIMARY KEY(lv,ix)"
	") STRICT, WITHOUT ROWID;"
	"CREATE TABLE checkpoint("
	"  size INTEGER PRIMARY KEY CHECK(size>0),"
	"  note TEXT NOT NULL"
	") STRICT;"
	APPEND_ONLY("entry") APPEND_ONLY("node") APPEND_ONLY("checkpoint")
	"CREATE TABLE card("
	"  serial INTEGER PRIMARY KEY,"
	"  state INTEGER NOT NULL CHECK(state BETWEEN 1 AND 7)," /* enum pb_card_state */
	"  reason INTEGER NOT NULL DEFAULT 0,"
	"  member_number TEXT," /* NULL, with salt: forgotten */
	"  salt BLOB,"
	"  sequence INTEGER NOT NULL,"
	"  uid_h BLOB NOT NULL CHECK(length(uid_h)=16),"
	"  job_h BLOB NOT NULL CHECK(length(job_h)=16),"
	"  replaces INTEGER NOT NULL DEFAULT 0,"
	"  replaced_by INTEGER NOT NULL DEFAULT 0,"
	"  status_list INTEGER NOT NULL,"
	"  status_index INTEGER NOT NULL CHECK(status_index BETWEEN 0 AND 65535),"
	"  anchor_size INTEGER NOT NULL,"
	"  anchor_root BLOB NOT NULL,"
	"  intent INTEGER NOT NULL REFERENCES entry(idx),"
	"  reserved_at INTEGER NOT NULL,"
	"  issued_at INTEGER NOT NULL DEFAULT 0,"
	"  printed_at INTEGER NOT NULL DEFAULT 0,"
	"  ended_at INTEGER NOT NULL DEFAULT 0,"
	"  point BLOB NOT NULL CHECK(length(point)=65),"
	"  kid BLOB NOT NULL CHECK(length(kid)=8),"
	"  chip_token BLOB NOT NULL,"
	"  face_token BLOB NOT NULL"
	") STRICT;"
	"CREATE UNIQUE INDEX card_job ON card(job_h);"
	"CREATE UNIQUE INDEX card_slot ON card(status_list,status_index);"
	"CREATE INDEX card_member ON card(member_number);"
	"CREATE UNIQUE INDEX card_live_chip ON card(uid_h) WHERE state BETWEEN 1 AND 4;"
	"CREATE UNIQUE INDEX card_live_member ON card(member_number) WHERE state BETWEEN 1 AND 4;"
	"CREATE INDEX card_reserved ON card(serial) WHERE state=1;"
	"CREATE TRIGGER card_delete BEFORE DELETE ON card BEGIN SELECT RAISE(ABORT,'cards are never deleted'); END;"
	"CREATE TRIGGER card_serial BEFORE UPDATE OF serial,uid_h,job_h,status_list,status_index,intent ON card"
	" BEGIN SELECT RAISE(ABORT,'the identity of a card never changes'); END;";

/* Key version of the card's keys, 0 until it is issued.  Cards from before have the first there was. */
static const char generations[] =
	"ALTER TABLE card ADD COLUMN kvn INTEGER NOT NULL DEFAULT 0 CHECK(kvn BETWEEN 0 AND 127);"
	"UPDATE card SET kvn=48 WHERE issued_at>0;"
	"CREATE INDEX card_kvn ON card(kvn) WHERE state BETWEEN 2 AND 4;";

/* Where the ledger began anew (entries of type RESTORED), so that opening need not look for it; and what witnesses
 * have said of checkpoints.  The first word of a witness on a size is the one that counts: it is the earliest. */
static const char witnessing[] =
	"CREATE TABLE beginning(idx INTEGER PRIMARY KEY REFERENCES entry(idx)) STRICT;"
	"CREATE TABLE cosignature("
	"  size INTEGER NOT NULL REFERENCES checkpoint(size),"
	"  witness TEXT NOT NULL," /* name and key id, "name+1234abcd" */
	"  line TEXT NOT NULL," /* of the signed note, with its LF */
	"  PRIMARY KEY(size,witness)"
	") STRICT, WITHOUT ROWID;"
	APPEND_ONLY("beginning") APPEND_ONLY("cosignature");

/* The cards of one issuer key are looked for when it is followed, retired or lost. */
static const char signers[] = "CREATE INDEX card_kid ON card(kid);";

static const char *const steps[] = { first, generations, witnessing, signers, NULL };

const struct pb_store_part ledger_part = { "ledger", steps };
