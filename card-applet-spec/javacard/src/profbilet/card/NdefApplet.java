/* SPDX-License-Identifier: GPL-3.0-or-later */
package profbilet.card;

import static profbilet.card.Numbers.*;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/**
 * The telephone's view (spec 8): a read-only Type 4 Tag that shows the NDEF file image of CardApplet and
 * holds nothing itself.  Installed under the AID of the NFC Forum.
 */
public final class NdefApplet extends Applet {
	private static final byte[] CAPABILITY_CONTAINER = {
		0x00, 0x0F, 0x20, 0x00, (byte)0xFF, 0x00, (byte)0xFF, 0x04, 0x06,
		(byte)(FID_NDEF >> 8), (byte)FID_NDEF, 0x00, (byte)NDEF_MAX, 0x00, (byte)0xFF,
	};

	/** The file that is selected, or 0. */
	private final short[] selected = JCSystem.makeTransientShortArray((short)1, JCSystem.CLEAR_ON_DESELECT);
	private final byte[] image = JCSystem.makeTransientByteArray(NDEF_MAX, JCSystem.CLEAR_ON_DESELECT);

	private NdefApplet() { }

	public static void install(byte[] parameters, short offset, byte length) {
		new NdefApplet().register(parameters, (short)(offset + 1), parameters[offset]);
	}

	public boolean select() {
		selected[0] = 0;
		return true;
	}

	public void process(APDU apdu) {
		byte[] buffer = apdu.getBuffer();

		if (selectingApplet())
			return;
		if (buffer[ISO7816.OFFSET_CLA] != CLA_ISO)
			ISOException.throwIt(SW_CLA);
		switch (buffer[ISO7816.OFFSET_INS]) {
		case INS_SELECT:
			selectFile(apdu, buffer);
			break;
		case INS_READ_BINARY:
			readBinary(apdu, buffer);
			break;
		default:
			ISOException.throwIt(SW_INS);
		}
	}

	private void selectFile(APDU apdu, byte[] buffer) {
		short lc = CommandData.receive(apdu), file = Util.getShort(buffer, ISO7816.OFFSET_CDATA);
		byte p2 = buffer[ISO7816.OFFSET_P2];

		if (CommandData.isSelectByName(buffer))
			ISOException.throwIt(SW_FILE_NOT_FOUND);
		if (buffer[ISO7816.OFFSET_P1] != P1_SELECT_BY_FID || (p2 != P2_SELECT_NO_FCI && p2 != P2_SELECT_FCI))
			ISOException.throwIt(SW_P1P2);
		if (lc != 2)
			ISOException.throwIt(SW_LENGTH);
		if (file != FID_NDEF_CC && file != FID_NDEF)
			ISOException.throwIt(SW_FILE_NOT_FOUND);
		selected[0] = file;
	}

	private void readBinary(APDU apdu, byte[] buffer) {
		short offset = CommandData.p1p2(buffer), wanted = CommandData.expected(apdu);

		if (selected[0] == 0)
			ISOException.throwIt(SW_CONDITIONS);
		if (selected[0] == FID_NDEF_CC) {
			CommandData.sendFile(apdu, CAPABILITY_CONTAINER, (short)CAPABILITY_CONTAINER.length, offset, wanted);
			return;
		}
		Util.arrayFillNonAtomic(image, (short)0, NDEF_MAX, (byte)0);
		CardApplet.copyImage(image);
		CommandData.sendFile(apdu, image, NDEF_MAX, offset, wanted);
	}
}
