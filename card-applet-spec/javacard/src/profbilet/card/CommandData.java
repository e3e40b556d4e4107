/* SPDX-License-Identifier: GPL-3.0-or-later */
package profbilet.card;

import static profbilet.card.Numbers.*;

import javacard.framework.APDU;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;

/** What both applications do with an APDU in the same way. */
final class CommandData {
	private CommandData() { }

	/** Receives all data of the command, behind its header; returns Lc. */
	static short receive(APDU apdu) {
		short n = apdu.setIncomingAndReceive(), lc = apdu.getIncomingLength();

		if ((short)(ISO7816.OFFSET_CDATA + lc) > (short)apdu.getBuffer().length)
			ISOException.throwIt(SW_LENGTH);
		while (n < lc)
			n += apdu.receiveBytes((short)(ISO7816.OFFSET_CDATA + n));
		return lc;
	}

	static boolean isSelectByName(byte[] buffer) {
		return buffer[ISO7816.OFFSET_INS] == INS_SELECT && buffer[ISO7816.OFFSET_P1] == P1_SELECT_BY_NAME;
	}

	static short p1p2(byte[] buffer) {
		return Util.getShort(buffer, ISO7816.OFFSET_P1);
	}

	/** Le of a READ BINARY, which must have one and no data. */
	static short expected(APDU apdu) {
		short lc = receive(apdu), le = apdu.setOutgoing();

		if (lc != 0 || le == 0)
			ISOException.throwIt(SW_LENGTH);
		return le;
	}

	/** READ BINARY (spec 5.3): what is left when Le is 00, up to 256 bytes; else Le, or fewer with 6282. */
	static void sendFile(APDU apdu, byte[] file, short length, short offset, short wanted) {
		short left = (short)(length - offset);

		if (offset < 0 || left <= 0)
			ISOException.throwIt(SW_OFFSET);
		if (left > wanted)
			left = wanted;
		apdu.setOutgoingLength(left);
		apdu.sendBytesLong(file, offset, left);
		if (left < wanted && wanted != APDU_RESPONSE_MAX)
			ISOException.throwIt(SW_END_OF_FILE);
	}
}
