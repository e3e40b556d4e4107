/* SPDX-License-Identifier: GPL-3.0-or-later */
package profbilet.simulator;

import java.util.Arrays;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javax.crypto.Cipher;
import org.globalplatform.Application;

/**
 * The issuer security domain of section 7, as far as our cards need one: it stands in for the chip's own,
 * which the simulator does not have.
 */
public final class SecurityDomain extends Applet {
	private static final byte INS_PUT_KEY = (byte)0xD8, INS_INSTALL = (byte)0xE6, INS_STORE_DATA = (byte)0xE2,
		INS_GET_DATA = (byte)0xCA;
	private static final int KEY_ENTRY = 23, KEY = 16, KCV = 3, SW_REFERENCE = 0x6A88;

	private final Card card;
	/** INSTALL [for personalization] was given, and what it allows is not over. */
	private boolean personalising;

	private SecurityDomain(Card card) {
		this.card = card;
	}

	public static void install(byte[] parameters, short offset, byte length) {
		new SecurityDomain(Card.beingMade()).register(parameters, (short)(offset + 1), parameters[offset]);
	}

	@Override
	public boolean select() {
		personalising = false;
		return true;
	}

	@Override
	public void deselect() {
		personalising = false;
		card.channel().resetSecurity();
	}

	@Override
	public void process(APDU apdu) {
		byte[] buffer = apdu.getBuffer();

		if (selectingApplet()) {
			send(apdu, Bytes.join(new byte[] { 0x6F, 0x0C, (byte)0x84, 0x08 }, Card.DOMAIN_AID, new byte[] { (byte)0xA5, 0x00 }));
			return;
		}
		switch (buffer[ISO7816.OFFSET_CLA]) {
		case 0x00:
			if (buffer[ISO7816.OFFSET_INS] != ISO7816.INS_SELECT)
				throw new ISOException(ISO7816.SW_INS_NOT_SUPPORTED);
			throw new ISOException(buffer[ISO7816.OFFSET_P1] == 4 ? ISO7816.SW_FILE_NOT_FOUND : ISO7816.SW_INCORRECT_P1P2);
		case (byte)0x80:
		case (byte)0x84:
			processIssuer(apdu, buffer);
			break;
		default:
			throw new ISOException(ISO7816.SW_CLA_NOT_SUPPORTED);
		}
	}

	private void processIssuer(APDU apdu, byte[] buffer) {
		switch (buffer[ISO7816.OFFSET_INS]) {
		case 0x50:
		case (byte)0x82:
			personalising = false;
			send(apdu, processSecurity(apdu));
			break;
		case INS_GET_DATA:
			getData(apdu, buffer);
			break;
		case INS_PUT_KEY:
		case INS_INSTALL:
		case INS_STORE_DATA:
			processSecured(apdu, buffer);
			break;
		default:
			throw new ISOException(ISO7816.SW_INS_NOT_SUPPORTED);
		}
	}

	private byte[] processSecurity(APDU apdu) {
		int n = card.channel().processSecurity(apdu);

		return Arrays.copyOfRange(apdu.getBuffer(), ISO7816.OFFSET_CDATA, ISO7816.OFFSET_CDATA + n);
	}

	private void getData(APDU apdu, byte[] buffer) {
		byte version = (byte)card.keys().version;

		if (buffer[ISO7816.OFFSET_P1] != 0 || buffer[ISO7816.OFFSET_P2] != (byte)0xE0)
			throw new ISOException((short)SW_REFERENCE);
		send(apdu, new byte[] { (byte)0xE0, 0x12, (byte)0xC0, 4, 1, version, (byte)0x88, 0x10, (byte)0xC0, 4, 2, version,
			(byte)0x88, 0x10, (byte)0xC0, 4, 3, version, (byte)0x88, 0x10 });
	}

	private void processSecured(APDU apdu, byte[] buffer) {
		Channel channel = card.channel();
		byte[] data, answer;
		int n;

		if (!channel.isOpen())
			throw new ISOException(ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
		if (buffer[ISO7816.OFFSET_CLA] != (byte)0x84) {
			channel.resetSecurity();
			throw new ISOException((short)0x6987);
		}
		n = channel.unwrap(buffer, (short)0, (short)(5 + apdu.setIncomingAndReceive()));
		data = Arrays.copyOfRange(buffer, 5, n);
		answer = perform(buffer, n, data);
		System.arraycopy(Bytes.join(answer, Bytes.ofShort(0x9000)), 0, buffer, 0, answer.length + 2);
		n = channel.wrap(buffer, (short)0, (short)(answer.length + 2));
		send(apdu, Arrays.copyOf(buffer, n));
	}

	private byte[] perform(byte[] buffer, int n, byte[] data) {
		boolean wasPersonalising = personalising;

		personalising = false;
		switch (buffer[ISO7816.OFFSET_INS]) {
		case INS_PUT_KEY:
			return putKey(buffer, data);
		case INS_INSTALL:
			return install(buffer, data);
		default:
			if (!wasPersonalising)
				throw new ISOException(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
			((Application)card.applet(Card.APPLET_AID)).processData(buffer, (short)0, (short)n);
			personalising = buffer[ISO7816.OFFSET_P1] >= 0;
			return new byte[0];
		}
	}

	private byte[] install(byte[] buffer, byte[] data) {
		int n = data.length - 6;

		if (buffer[ISO7816.OFFSET_P1] != 0x20 || buffer[ISO7816.OFFSET_P2] != 0)
			throw new ISOException(ISO7816.SW_INCORRECT_P1P2);
		if (n < 0 || data[0] != 0 || data[1] != 0 || data[2] != n || !Arrays.equals(Arrays.copyOfRange(data, 3 + n, 6 + n), new byte[3]))
			throw new ISOException(ISO7816.SW_WRONG_DATA);
		if (!Arrays.equals(Arrays.copyOfRange(data, 3, 3 + n), Card.APPLET_AID))
			throw new ISOException((short)SW_REFERENCE);
		personalising = true;
		return new byte[1];
	}

	/** Section 7.4: the new set takes the place of the old in one write. */
	private byte[] putKey(byte[] buffer, byte[] data) {
		KeySet old = card.keys(), made;
		int replaced = buffer[ISO7816.OFFSET_P1] & 0xFF;
		byte[][] keys = new byte[3][];
		byte[] receipt;

		if (buffer[ISO7816.OFFSET_P2] != (byte)0x81)
			throw new ISOException(ISO7816.SW_INCORRECT_P1P2);
		if (replaced != (old.version == 0xFF ? 0 : old.version))
			throw new ISOException((short)SW_REFERENCE);
		if (data.length != 1 + 3 * KEY_ENTRY || data[0] <= 0)
			throw new ISOException(ISO7816.SW_WRONG_DATA);
		receipt = new byte[] { data[0] };
		for (int i = 0; i < keys.length; i++) {
			byte[] entry = Arrays.copyOfRange(data, 1 + i * KEY_ENTRY, 1 + (i + 1) * KEY_ENTRY);

			keys[i] = oneKey(old, entry);
			receipt = Bytes.join(receipt, Arrays.copyOfRange(entry, KEY_ENTRY - KCV, KEY_ENTRY));
		}
		made = new KeySet(data[0], keys[0], keys[1], keys[2]);
		card.write(() -> card.setKeys(made));
		return receipt;
	}

	private static byte[] oneKey(KeySet old, byte[] entry) {
		byte[] ones = new byte[Aes.BLOCK], key;

		Arrays.fill(ones, (byte)1);
		key = Aes.cbc(Cipher.DECRYPT_MODE, old.dek, new byte[Aes.BLOCK], Arrays.copyOfRange(entry, 3, 3 + KEY));
		if (!Arrays.equals(Arrays.copyOf(entry, 3), new byte[] { (byte)0x88, 0x11, 0x10 }) || entry[3 + KEY] != KCV
				|| !Arrays.equals(Arrays.copyOf(Aes.block(key, ones), KCV), Arrays.copyOfRange(entry, KEY_ENTRY - KCV, KEY_ENTRY)))
			throw new ISOException(ISO7816.SW_WRONG_DATA);
		return key;
	}

	private static void send(APDU apdu, byte[] answer) {
		if (answer.length == 0)
			return;
		System.arraycopy(answer, 0, apdu.getBuffer(), 0, answer.length);
		apdu.setOutgoingAndSend((short)0, (short)answer.length);
	}
}
