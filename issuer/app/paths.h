/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where the other programs and the data of Profbilet lie: in the installed places, or in the build folder
 * when this program runs from there.  Nothing is searched along PATH.
 */
#ifndef PROFBILET_ISSUER_APP_PATHS_H
#define PROFBILET_ISSUER_APP_PATHS_H

struct pb_paths {
	const char *station; /* program of a card station */
	const char *keyd;    /* program that holds the keys */
	const char *render;  /* program that decodes photos and draws faces */
	const char *scan;    /* program that reads QR codes from photos */
	const char *layout;  /* of the faces */
	const char *fonts;   /* folder */
	const char *locale;  /* folder of message catalogues */
	const char *page;    /* folder of the verify page */
};

/* Static memory. */
const struct pb_paths *pb_paths(void);

#endif
