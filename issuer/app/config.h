/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The configuration of one office: a value read once from an INI file (base/ini.h) and passed down.
 * One table (config.c) holds every key with its type, bounds, default and a line of help;
 * `profbilet config list` prints that table and `profbilet config check` reads a file against it.
 *
 * Not for: secrets.  A passphrase is in a file of its own that the configuration names.
 */
#ifndef PROFBILET_ISSUER_APP_CONFIG_H
#define PROFBILET_ISSUER_APP_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

enum { PB_CONFIG_TEXT = 256, PB_CONFIG_PATH = 1024 };

struct pb_config {
	char directory[PB_CONFIG_PATH]; /* of the configuration file; relative paths start here */

	char path[PB_CONFIG_PATH];	/* of the file itself */

	/* [office] */
	char mode[16];		     /* "production", "test" */
	char issuer_code[17];	     /* "RU-75-TST": in every credential */
	char issuer_name[PB_CONFIG_TEXT];
	char address[PB_CONFIG_TEXT];	  /* for acts */
	char data_system[PB_CONFIG_TEXT]; /* name of the information system of personal data, for acts */
	char origin[PB_CONFIG_TEXT]; /* of the ledger: C2SP checkpoint origin, never reused */
	int32_t zone;		     /* seconds east of UTC */
	char language[3];	     /* "ru", "en" */
	char database[PB_CONFIG_PATH];

	/* [keys] */
	char key_directory[PB_CONFIG_PATH];
	char passphrase_file[PB_CONFIG_PATH];
	char key_backend[16];	    /* "files", "pkcs11" */
	char pkcs11_module[PB_CONFIG_PATH];
	char pkcs11_token[33];	    /* label */
	char pkcs11_environment[PB_CONFIG_TEXT]; /* "NAME=value" for the module */
	char pkcs11_storage[PB_CONFIG_PATH];	 /* folder where the module keeps its files */
	char pin_file[PB_CONFIG_PATH]; /* empty: systemd's credential, or a person */
	bool allow_factory_keys;
	char key_process[PB_CONFIG_PATH]; /* "child", "in-process", or the path of a socket */
	char trust_directory[PB_CONFIG_PATH]; /* empty: public/ of the key directory */
	int signatures_per_hour;	  /* 0: no limit */

	/* [witness] */
	char witness_name[PB_CONFIG_TEXT];   /* empty: the ledger's origin with /witness */
	char witness_policy[PB_CONFIG_PATH]; /* C2SP policy: ledgers, witnesses, quorum */

	/* [card] */
	int serial_prefix;	     /* four digits in front of the office's own card serials */
	int valid_years;	     /* a card is valid to 31 December of the year of issue plus this */
	char verify_host[64];	     /* host of the verify page, in QR and NDEF */
	bool photo_required;
	int photo_max_age_years;     /* 0: any age */
	bool allow_copyable;	     /* cards may be made of chips that anybody can copy */
	bool roll_at_tap;	     /* a card of an older master key is moved when it is verified here */

	/* [members] */
	char number_prefix[13];	     /* digits in front of the office's own member numbers */

	/* [print] */
	char title_line[PB_CONFIG_TEXT], organisation_line[PB_CONFIG_TEXT];
	char return_line[PB_CONFIG_TEXT], contact_line[PB_CONFIG_TEXT];
	char layout[PB_CONFIG_PATH], font_directory[PB_CONFIG_PATH];

	/* [readers] */
	int step_seconds;	     /* a reader silent for longer is let go */
	int wait_seconds;	     /* for a card to be put on the reader */
};

/* Read `path`; a missing key keeps its default, an unknown key or a value out of bounds is
 * PB_CONFIG_INVALID with the line. */
PB_MUST_USE enum pb_status pb_config_load(const char *path, struct pb_config *ret_config, struct pb_err *err);

/* What stands in an empty file at that path. */
void pb_config_defaults(const char *path, struct pb_config *ret_config);

/* Writes a commented file with every key, its default and its help; `values` may override: pairs of
 * "section.key", value, ended by NULL.  Never overwrites: PB_CONFLICT. */
PB_MUST_USE enum pb_status pb_config_create(const char *path, const char *const *values, struct pb_err *err);

/* One row of the table, for listing. */
struct pb_config_key {
	const char *section, *key, *fallback, *help; /* help is a msgid */
};

/* NULL after the last. */
const struct pb_config_key *pb_config_key(size_t index);

#endif
