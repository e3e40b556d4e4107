/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of personas.  An exchange is looked for from the last one on, so that the frames of one answer, which
 * are asked for by equal commands, come in their order.
 */
#include "softcard/persona.h"

#include <string.h>

#include "softcard/contactless_reader.h"

enum { EXCHANGES_MAX = 12, HEX_MAX = SOFTCARD_ANSWER_MAX, SW_NATIVE_ILLEGAL = 0x911C, SW_NOT_SUPPORTED = 0x6A81, CLA_NATIVE = 0x90 };

struct exchange {
	const char *command, *answer;
};

struct persona {
	const char *name, *historical, *uid;
	struct exchange exchanges[EXCHANGES_MAX]; /* ended by a NULL command */
};

/* Historical bytes: PC/SC part 3 for memory cards, with their card name; ISO/IEC 14443-4 cards have their own. */
#define MEMORY_CARD(name) "804F0CA000000306" "03" name "00000000"
#define DESFIRE "80"

/* GetVersion in three frames (NXP MF3DHx2, MF2DL(H)x0 11.5.2, NT4H2421Gx 10.5.2): the hardware, the software, the UID
 * with batch, week and year. */
#define VERSION(hardware, software, uid) \
	{ "9060000000", hardware "91AF" }, { "90AF000000", software "91AF" }, { "90AF000000", uid "CF39D449804119" "9100" }
#define SIGNATURE(bytes) { "903C0000010000", bytes "9190" }
#define KEY_VERSION(key, version) { "9064000001" key "00", version "9100" }

/* PC/SC part 3 amendment 1: a transparent session, and exchanges in it */
#define SESSION \
	{ "FFC2000002810000", "C0030090009000" }, { "FFC2000002820000", "C0030090009000" }
#define PASSED(command, answer_n, answer) \
	{ "FFC20001" command "00", "C0030090009201009602000097" answer_n answer "9000" }
/* InCommunicateThru of the PN532, in the escape of older ACS readers */
#define ESCAPED(command, answer) { "FF000000" command, "D54300" answer "9000" }
#define CONTAINER(size) { "FFB0000310", "E110" size "00" "0103A00C340300FE00000000" "9000" }

#define SIGNATURE_213 "8B76052EE42F5567BEB53238B3E3F9950707C0DCC956B5C5EFCFDB709B2D82B3"
#define ZEROS_32 "0000000000000000000000000000000000000000000000000000000000000000"

/* UIDs with a signature are those of chips whose signatures were published: tests/vectors/originality/. */
static const struct persona personas[] = {
	{ "classic_1k", MEMORY_CARD("0001"), "5A6B7C8D", { { 0 } } },
	{ "classic_sak", MEMORY_CARD("FF88"), "5A6B7C8D", { { 0 } } },
	{ "plus_sl1", MEMORY_CARD("0036"), "04518A22C93480", { { 0 } } },
	{ "plus", "C1052F2F01BCD6", "04518A22C93480", { { 0 } } },
	{ "ntag_213", MEMORY_CARD("0003"), "04E10CDA993C80",
	  { CONTAINER("12"), SESSION, PASSED("03950160", "08", "0004040201000F03"),
	    PASSED("0495023C00", "20", SIGNATURE_213) } },
	{ "ntag_215", MEMORY_CARD("0003"), "04DB0BDA993C80", { CONTAINER("3E") } },
	{ "ntag_216", MEMORY_CARD("0003"), "04DB0BDA993C80",
	  { CONTAINER("6D"), ESCAPED("03D44260", "0004040201001303"),
	    ESCAPED("04D4423C00", "6048EFD9417CD10F6B7F1818D471A7FE5B46868D2EABDC6307A1E0AAE139D8D0") } },
	{ "ultralight_ev1", MEMORY_CARD("0003"), "04C1285A373080",
	  { SESSION, PASSED("03950160", "08", "0004030101000B03"),
	    PASSED("0495023C00", "20", "CEA2EB0B3C95D0844A95B824A7553703B3702378033BF0987899DB70151A19E7") } },
	{ "ultralight", MEMORY_CARD("0003"), "04A1B2C3D4E580", { { 0 } } },
	{ "magic_ntag", MEMORY_CARD("0003"), "04E10CDA993C80",
	  { CONTAINER("12"), SESSION, PASSED("03950160", "08", "0004040201000F03"),
	    PASSED("0495023C00", "20", ZEROS_32) } },
	{ "magic_uid", MEMORY_CARD("0003"), "53E10CDA993C80",
	  { CONTAINER("12"), SESSION, PASSED("03950160", "08", "0004040201000F03") } },
	{ "forged_ntag_215", MEMORY_CARD("0003"), "04DB0BDA993C80",
	  { { "FFB0000010", "04DB0B5CDA993C80FF480000E1103E00" "9000" }, { "FFB0000410", "0300FE00000000000000000000000000" "9000" },
	    CONTAINER("3E"), SESSION, PASSED("03950160", "08", "0004040201001103"), PASSED("0495023C00", "20", SIGNATURE_213) } },
	{ "magic_desfire", DESFIRE, "04D1D2D3D4D5D6",
	  { VERSION("04010112001805", "04010102011805", "042A41CAE45380") } },
	{ "forged_ntag_424", DESFIRE, "041D3C8A2D6B80",
	  { VERSION("04040230001105", "04040201021105", "041D3C8A2D6B80"),
	    SIGNATURE("A438FEB368DC45F9B8899C2926A985BE5D08E342CE016E9F08F3FDAE388BB4D6B3DFD7DEA2E1977CCD2E4C9F82F245D4DE08FB7FCB8043E2") } },
	{ "ntag_424", DESFIRE, "047728824D6580",
	  { VERSION("04040230001105", "04040201021105", "047728824D6580"),
	    SIGNATURE("9C7068636A285FEBA1E2406654009DCE6E8A9C9CE318BE0262ED162519B970B32FB802858420D667D12CEBCD32BB4BC8AFE21C753A5A6C26"),
	    { "00A4040007D276000085010100", "9000" },
	    KEY_VERSION("00", "00"), KEY_VERSION("01", "00"), KEY_VERSION("02", "00"), KEY_VERSION("03", "00"),
	    KEY_VERSION("04", "00") } },
	{ "desfire_ev1", DESFIRE, "04518A22C93480",
	  { VERSION("04010101001805", "04010101041805", "04518A22C93480"), { "906E000000", "001300" "9100" },
	    KEY_VERSION("00", "00"), { "905A00000331425000", "91A0" } } },
	{ "desfire_ev2", DESFIRE, "042A41CAE45380",
	  { VERSION("04010112001805", "04010102011805", "042A41CAE45380"), { "906E000000", "001400" "9100" },
	    SIGNATURE("B2769F8DDB575AEA2A680ADCA8FFED4FAB81A1E9908E2B82FE0FABB697BBD9B23835C416970E75768F12902ACA491349E94E6589EAF4F508"),
	    KEY_VERSION("00", "01") } },
	{ "desfire_ev3", DESFIRE, "04448BD2DB6B80",
	  { VERSION("04010133001605", "04010103001605", "04448BD2DB6B80"), { "906E000000", "000A00" "9100" },
	    SIGNATURE("5CBB5632795C8F15263FEFB095B51C7B541AFD914A1AE44EF6FB8AF605EDF13DBFEE6C3A2DB372245E671DFE0D42CB1F0D0B8FE67A89D2F6"),
	    KEY_VERSION("00", "00") } },
	{ "desfire_random_uid", DESFIRE, "08A1B2C3",
	  { VERSION("04010133001605", "04010103001605", "00000000000000"), KEY_VERSION("00", "00") } },
	{ "desfire_light", DESFIRE, "0439556ACB6480",
	  { VERSION("04080130001305", "04080100021305", "0439556ACB6480"),
	    SIGNATURE("D5BD0978106E1E38B513642335966AB21E9F950DCFCFAB45FF13D0DC3CA4C2AE7E0D671DF1240937D040DAC4601C5F66ED62C546EE03ED08") } },
	{ "piv", "8073C021C057597562694B65FF", "27F1A2B3",
	  { { "00A4040009A0000003080000100000", "61114F0600001000010079074F05A0000003089000" } } },
	{ "type_4", "8073842100", "04A1B2C3D4E580",
	  { { "00A4040007D276000085010100", "9000" }, { "00A4000C02E103", "9000" },
	    { "00B000000F", "000F20003B00340406E10401000000" "9000" } } },
	{ "java_card", "8073842100", "04A1B2C3D4E580",
	  { { "00A4040008A00000015100000000", "6F108408A000000151000000A5049F6501FF9000" },
	    { "80CA00E000", "E012C00401FF8810C00402FF8810C00403FF8810" "9000" } } },
	{ "stranger", "8073842100", "11223344", { { 0 } } },
};

const struct persona *persona_at(size_t index)
{
	return index < sizeof(personas) / sizeof(personas[0]) ? &personas[index] : NULL;
}

const struct persona *persona_find(const char *name)
{
	size_t i = 0;

	while (persona_at(i) && strcmp(persona_at(i)->name, name) != 0)
		i++;
	return persona_at(i);
}

const char *persona_name(const struct persona *persona)
{
	return persona->name;
}

static struct pb_view unhex(const char *text, uint8_t ret_bytes[static HEX_MAX])
{
	size_t n;

	if (!pb_hex_decode(text, ret_bytes, HEX_MAX, &n))
		PB_BUG("a persona is not written in hex");
	return pb_view(ret_bytes, n);
}

size_t persona_atr(const struct persona *persona, uint8_t ret_atr[static SOFTCARD_ATR_MAX])
{
	uint8_t bytes[HEX_MAX];

	return contactless_reader_atr_of(unhex(persona->historical, bytes), ret_atr);
}

size_t persona_uid(const struct persona *persona, uint8_t ret_uid[static UID_MAX])
{
	uint8_t bytes[HEX_MAX];
	struct pb_view uid = unhex(persona->uid, bytes);

	memcpy(ret_uid, uid.p, uid.n);
	return uid.n;
}

/* NULL for a command that the table does not have. */
static const struct exchange *find(struct persona_card *card, struct pb_view command)
{
	const struct exchange *exchanges = card->persona->exchanges;
	uint8_t bytes[HEX_MAX];
	size_t count = 0;

	while (count < EXCHANGES_MAX && exchanges[count].command)
		count++;
	for (size_t i = 0; i < count; i++) {
		size_t at = (card->at + i) % count;

		if (pb_view_equal(unhex(exchanges[at].command, bytes), command)) {
			card->at = at + 1;
			return &exchanges[at];
		}
	}
	return NULL;
}

static uint16_t refuse(struct pb_view bytes)
{
	struct command command;

	if (!command_parse(bytes, &command))
		return SW_LENGTH;
	if (command.cla == CLA_NATIVE)
		return SW_NATIVE_ILLEGAL;
	return command.ins == INS_SELECT ? SW_FILE_NOT_FOUND : SW_INS;
}

void persona_transmit(struct persona_card *card, struct pb_view command, uint8_t ret_answer[static SOFTCARD_ANSWER_MAX],
		      size_t *ret_n)
{
	struct pb_writer out = pb_writer(ret_answer, SOFTCARD_ANSWER_MAX);
	const struct exchange *exchange = find(card, command);
	uint8_t bytes[HEX_MAX], uid[UID_MAX];

	if (exchange)
		pb_put_view(&out, unhex(exchange->answer, bytes));
	else if (contactless_reader_answers(command))
		contactless_reader_command(pb_view(uid, persona_uid(card->persona, uid)), command, &out);
	else
		pb_put_be(&out, refuse(command), 2);
	*ret_n = out.n;
}
