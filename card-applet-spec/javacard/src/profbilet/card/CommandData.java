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

	static short p1p2(byte[] buffer) {
		return Util.getShort(buffer, ISO7816.OFFSET_P1);
	}

	/**
	 * READ BINARY of a file (spec 5.3), from its Le and offset on: all that is left when Le is 00 and not
	 * more than 256; else Le bytes, or fewer with 6282.
	 */
	static void sendFile(APDU apdu, byte[] file, short length, short offset) {
		short wanted = apdu.setOutgoing(), left = (short)(length - offset);

		if (wanted == 0)
			ISOException.throwIt(SW_LENGTH);
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
