/* SPDX-License-Identifier: GPL-3.0-or-later */
package profbilet.simulator;

import static profbilet.simulator.Numbers.*;

import java.util.Arrays;
import javacard.framework.APDU;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javax.crypto.Cipher;
import org.globalplatform.SecureChannel;

/** The card's side of SCP03 (AmdD), S8, AES-128, pseudo-random challenges (i = 70): sections 7.1, 7.2 and 6.1. */
final class Channel implements SecureChannel {
	private static final int MAC = 8, CHALLENGE = 8, OPTIONS = 0x70;
	private static final byte[] LEVELS = { 0x01, 0x03, 0x11, 0x13, 0x33 };

	private final Card card;
	private boolean challenged;
	private byte level;
	private byte[] sEnc, sMac, sRmac, chain, hostCryptogram;
	private int commands;

	Channel(Card card) {
		this.card = card;
	}

	boolean isOpen() {
		return level != NO_SECURITY_LEVEL;
	}

	@Override
	public byte getSecurityLevel() {
		return isOpen() ? (byte)(level | AUTHENTICATED) : NO_SECURITY_LEVEL;
	}

	@Override
	public void resetSecurity() {
		level = NO_SECURITY_LEVEL;
		challenged = false;
		sEnc = sMac = sRmac = null;
	}

	@Override
	public short processSecurity(APDU apdu) {
		byte[] buffer = apdu.getBuffer();
		byte cla = buffer[ISO7816.OFFSET_CLA], ins = buffer[ISO7816.OFFSET_INS];

		if (cla == CLA_GP && ins == INS_INITIALIZE_UPDATE)
			return initialize(buffer, apdu.setIncomingAndReceive());
		if (cla == CLA_GP_SM && ins == INS_EXTERNAL_AUTHENTICATE)
			return authenticate(buffer, apdu.setIncomingAndReceive());
		throw new ISOException(SW_INS);
	}

	private short initialize(byte[] buffer, int lc) {
		KeySet keys = card.keys();
		int wanted = buffer[ISO7816.OFFSET_P1] & 0xFF;
		byte[] host, challenge, context, answer;

		resetSecurity();
		refuseIf(buffer[ISO7816.OFFSET_P2] != 0, SW_P1P2);
		refuseIf(lc != CHALLENGE, SW_LENGTH);
		refuseIf(wanted != 0 && wanted != keys.version, SW_REFERENCE);
		refuseIf(keys.attempts == 0, SW_BLOCKED);
		refuseIf(keys.counter == KeySet.COUNTER_MAX, SW_CONDITIONS);
		card.write(() -> keys.counter++);
		host = Arrays.copyOfRange(buffer, 5, 5 + CHALLENGE);
		challenge = Aes.derive(keys.enc, 0x02, Bytes.join(counterBytes(keys), card.selected()), 64);
		context = Bytes.join(host, challenge);
		sEnc = Aes.derive(keys.enc, 0x04, context, 128);
		sMac = Aes.derive(keys.mac, 0x06, context, 128);
		sRmac = Aes.derive(keys.mac, 0x07, context, 128);
		hostCryptogram = Aes.derive(sMac, 0x01, context, 64);
		challenged = true;
		answer = Bytes.join(card.diversification(), new byte[] { (byte)keys.version, (byte)SCP03_ID, OPTIONS }, challenge,
			Aes.derive(sMac, 0x00, context, 64), counterBytes(keys));
		System.arraycopy(answer, 0, buffer, ISO7816.OFFSET_CDATA, answer.length);
		return (short)answer.length;
	}

	private static byte[] counterBytes(KeySet keys) {
		return new byte[] { (byte)(keys.counter >> 16), (byte)(keys.counter >> 8), (byte)keys.counter };
	}

	private short authenticate(byte[] buffer, int lc) {
		KeySet keys = card.keys();
		byte wanted = buffer[ISO7816.OFFSET_P1];
		byte[] cryptogram = Arrays.copyOfRange(buffer, 5, 5 + MAC), mac = Arrays.copyOfRange(buffer, 13, 13 + MAC), chained;

		refuseIf(keys.attempts == 0, SW_BLOCKED);
		refuseIf(!challenged, SW_CONDITIONS);
		challenged = false;
		refuseIf(buffer[ISO7816.OFFSET_P2] != 0 || Arrays.binarySearch(LEVELS, wanted) < 0, SW_P1P2);
		refuseIf(lc != 2 * MAC, SW_LENGTH);
		chained = Aes.cmac(sMac, new byte[Aes.BLOCK], Arrays.copyOf(buffer, 13));
		if (!Arrays.equals(cryptogram, hostCryptogram) || !Arrays.equals(mac, Arrays.copyOf(chained, MAC))) {
			card.write(() -> keys.attempts--);
			throw new ISOException(SW_HOST_CRYPTOGRAM);
		}
		if (keys.attempts != AUTHENTICATION_ATTEMPTS)
			card.write(() -> keys.attempts = AUTHENTICATION_ATTEMPTS);
		chain = chained;
		commands = 0;
		level = wanted;
		return 0;
	}

	private byte[] startValue(int first) {
		byte[] counter = new byte[Aes.BLOCK];

		counter[0] = (byte)first;
		counter[14] = (byte)(commands >> 8);
		counter[15] = (byte)commands;
		return Aes.block(sEnc, counter);
	}

	@Override
	public short unwrap(byte[] buffer, short offset, short length) {
		int n = length - 5 - MAC;
		byte[] data, mac;

		if (!isOpen() || (buffer[offset] & 0x04) == 0)
			return length;
		commands++;
		failIf(n < 0, SW_SM_MISSING);
		mac = Aes.cmac(sMac, chain, Arrays.copyOfRange(buffer, offset, offset + 5 + n));
		failIf(!Arrays.equals(mac, 0, MAC, buffer, offset + 5 + n, offset + 5 + n + MAC), SW_SM_INCORRECT);
		chain = mac;
		data = Arrays.copyOfRange(buffer, offset + 5, offset + 5 + n);
		if ((level & C_DECRYPTION) != 0 && n > 0)
			data = decipher(data);
		System.arraycopy(data, 0, buffer, offset + 5, data.length);
		buffer[offset + 4] = (byte)data.length;
		return (short)(5 + data.length);
	}

	private byte[] decipher(byte[] data) {
		int n = data.length;

		failIf(n % Aes.BLOCK != 0, SW_SM_INCORRECT);
		data = Aes.cbc(Cipher.DECRYPT_MODE, sEnc, startValue(0), data);
		while (n > 0 && data[n - 1] == 0)
			n--;
		failIf(n == 0 || data[n - 1] != (byte)0x80 || data.length - n >= Aes.BLOCK, SW_SM_INCORRECT);
		return Arrays.copyOf(data, n - 1);
	}

	@Override
	public short wrap(byte[] buffer, short offset, short length) {
		byte[] data = Arrays.copyOfRange(buffer, offset, offset + length - 2);
		byte[] sw = Arrays.copyOfRange(buffer, offset + length - 2, offset + length);

		if ((level & R_MAC) == 0)
			return (short)data.length;
		if ((level & R_ENCRYPTION) != 0 && data.length > 0) {
			data = Arrays.copyOf(Bytes.join(data, new byte[] { (byte)0x80 }), (data.length / Aes.BLOCK + 1) * Aes.BLOCK);
			data = Aes.cbc(Cipher.ENCRYPT_MODE, sEnc, startValue(0x80), data);
		}
		data = Bytes.join(data, Arrays.copyOf(Aes.cmac(sRmac, chain, data, sw), MAC));
		System.arraycopy(data, 0, buffer, offset, data.length);
		return (short)data.length;
	}

	/** A secured command that is not what it should be ends the session. */
	private void failIf(boolean wrong, short sw) {
		if (!wrong)
			return;
		resetSecurity();
		throw new ISOException(sw);
	}

	private static void refuseIf(boolean wrong, short sw) {
		if (wrong)
			throw new ISOException(sw);
	}
}
