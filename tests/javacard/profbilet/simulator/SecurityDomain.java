/* SPDX-License-Identifier: GPL-3.0-or-later */
package profbilet.simulator;

import static profbilet.simulator.Numbers.*;

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
	private static final int KEY_AT = 3, KEY = 16, KCV_AT = KEY_AT + KEY + 1, KEY_ENTRY = KCV_AT + KCV_LEN;

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
			send(apdu, Bytes.join(new byte[] { 0x6F, 0x0C, (byte)0x84, 0x08 }, ISD_AID, new byte[] { (byte)0xA5, 0x00 }));
			return;
		}
		switch (buffer[ISO7816.OFFSET_CLA]) {
		case CLA_ISO:
			if (buffer[ISO7816.OFFSET_INS] != INS_SELECT)
				throw new ISOException(SW_INS);
			throw new ISOException(buffer[ISO7816.OFFSET_P1] == P1_SELECT_BY_NAME ? SW_FILE_NOT_FOUND : SW_P1P2);
		case CLA_GP:
		case CLA_GP_SM:
			processIssuer(apdu, buffer);
			break;
		default:
			throw new ISOException(SW_CLA);
		}
	}

	private void processIssuer(APDU apdu, byte[] buffer) {
		switch (buffer[ISO7816.OFFSET_INS]) {
		case INS_INITIALIZE_UPDATE:
		case INS_EXTERNAL_AUTHENTICATE:
			personalising = false;
			send(apdu, processSecurity(apdu));
			break;
		case INS_GP_GET_DATA:
			getData(apdu, buffer);
			break;
		case INS_PUT_KEY:
		case INS_INSTALL:
		case INS_STORE_DATA:
			processSecured(apdu, buffer);
			break;
		default:
			throw new ISOException(SW_INS);
		}
	}

	private byte[] processSecurity(APDU apdu) {
		int n = card.channel().processSecurity(apdu);

		return Arrays.copyOfRange(apdu.getBuffer(), ISO7816.OFFSET_CDATA, ISO7816.OFFSET_CDATA + n);
	}

	private void getData(APDU apdu, byte[] buffer) {
		byte version = (byte)card.keys().version;
		byte[] template = { (byte)0xE0, 0x12 };

		if (buffer[ISO7816.OFFSET_P1] != 0 || buffer[ISO7816.OFFSET_P2] != (byte)0xE0)
			throw new ISOException(SW_REFERENCE);
		for (int id = KEY_ID_FIRST; id < KEY_ID_FIRST + 3; id++)
			template = Bytes.join(template, new byte[] { (byte)0xC0, 4, (byte)id, version, (byte)KEY_TYPE_AES, KEY });
		send(apdu, template);
	}

	private void processSecured(APDU apdu, byte[] buffer) {
		Channel channel = card.channel();
		byte[] data, answer;
		int n;

		if (!channel.isOpen())
			throw new ISOException(SW_SECURITY);
		if (buffer[ISO7816.OFFSET_CLA] != CLA_GP_SM) {
			channel.resetSecurity();
			throw new ISOException(SW_SM_MISSING);
		}
		n = channel.unwrap(buffer, (short)0, (short)(5 + apdu.setIncomingAndReceive()));
		data = Arrays.copyOfRange(buffer, 5, n);
		answer = perform(buffer, n, data);
		System.arraycopy(Bytes.join(answer, Bytes.ofShort(SW_OK)), 0, buffer, 0, answer.length + 2);
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
				throw new ISOException(SW_CONDITIONS);
			((Application)card.applet(APPLET_AID)).processData(buffer, (short)0, (short)n);
			personalising = buffer[ISO7816.OFFSET_P1] >= 0;
			return new byte[0];
		}
	}

	private byte[] install(byte[] buffer, byte[] data) {
		int n = data.length - 6;

		if (buffer[ISO7816.OFFSET_P1] != P1_INSTALL_FOR_PERSONALIZATION || buffer[ISO7816.OFFSET_P2] != 0)
			throw new ISOException(SW_P1P2);
		if (n < 0 || data[0] != 0 || data[1] != 0 || data[2] != n || !Arrays.equals(data, 3 + n, 6 + n, new byte[3], 0, 3))
			throw new ISOException(SW_DATA);
		if (!Arrays.equals(data, 3, 3 + n, APPLET_AID, 0, APPLET_AID_LEN))
			throw new ISOException(SW_REFERENCE);
		personalising = true;
		return new byte[1];
	}

	/** Section 7.4: the new set takes the place of the old in one write. */
	private byte[] putKey(byte[] buffer, byte[] data) {
		KeySet old = card.keys(), made;
		int replaced = buffer[ISO7816.OFFSET_P1] & 0xFF;
		byte[][] keys = new byte[3][];
		byte[] receipt;

		if (buffer[ISO7816.OFFSET_P2] != P2_PUT_KEY_SET)
			throw new ISOException(SW_P1P2);
		if (replaced != (old.version == KVN_FACTORY ? 0 : old.version))
			throw new ISOException(SW_REFERENCE);
		if (data.length != 1 + 3 * KEY_ENTRY || data[0] <= 0)
			throw new ISOException(SW_DATA);
		receipt = new byte[] { data[0] };
		for (int i = 0; i < keys.length; i++) {
			byte[] entry = Arrays.copyOfRange(data, 1 + i * KEY_ENTRY, 1 + (i + 1) * KEY_ENTRY);

			keys[i] = oneKey(old, entry);
			receipt = Bytes.join(receipt, Arrays.copyOfRange(entry, KCV_AT, KEY_ENTRY));
		}
		made = new KeySet(data[0], keys[0], keys[1], keys[2]);
		card.write(() -> card.setKeys(made));
		return receipt;
	}

	private static byte[] oneKey(KeySet old, byte[] entry) {
		byte[] ones = new byte[Aes.BLOCK], head = { (byte)KEY_TYPE_AES, KEY + 1, KEY }, key;

		Arrays.fill(ones, (byte)1);
		key = Aes.cbc(Cipher.DECRYPT_MODE, old.dek, new byte[Aes.BLOCK], Arrays.copyOfRange(entry, KEY_AT, KEY_AT + KEY));
		if (!Arrays.equals(entry, 0, KEY_AT, head, 0, KEY_AT) || entry[KCV_AT - 1] != KCV_LEN
				|| !Arrays.equals(entry, KCV_AT, KEY_ENTRY, Aes.block(key, ones), 0, KCV_LEN))
			throw new ISOException(SW_DATA);
		return key;
	}

	private static void send(APDU apdu, byte[] answer) {
		if (answer.length == 0)
			return;
		System.arraycopy(answer, 0, apdu.getBuffer(), 0, answer.length);
		apdu.setOutgoingAndSend((short)0, (short)answer.length);
	}
}
