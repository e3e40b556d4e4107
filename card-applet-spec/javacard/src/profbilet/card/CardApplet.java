/* SPDX-License-Identifier: GPL-3.0-or-later */
package profbilet.card;

import static profbilet.card.Numbers.*;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.MessageDigest;
import javacard.security.Signature;
import org.globalplatform.Application;
import org.globalplatform.GPSystem;
import org.globalplatform.SecureChannel;

/**
 * The card application of card-applet-spec/README.md; numbers in brackets are its sections.
 *
 * What lasts is two slots and four small fields that say which of them counts.  A command writes into the
 * slot that does not count and then moves the fields in one transaction, so that a torn command leaves the
 * card as it was.  What cannot be one transaction, wiping, is begun by a field and finished by tidy() at
 * the next SELECT.  Nothing is allocated after install.
 */
public final class CardApplet extends Applet implements Application {
	private static final short TAG_LIST_NAME = (short)0x3FFF;
	/** INTERNAL AUTHENTICATE: the signature is made behind the challenge it is about. */
	private static final short SIGNATURE_AT = (short)(ISO7816.OFFSET_CDATA + CHALLENGE_MAX);
	private static final short DIGEST = 32;

	/** The one instance, for the NDEF application of the same package. */
	private static CardApplet instance;

	private final Slot[] slots = { new Slot(), new Slot() };
	private byte state = APPLET_BLANK;
	/** The slot that counts, once the state is PERSONALISED. */
	private byte current;
	/** The other slot has a whole key that waits for its commit. */
	private boolean waiting;
	/** Wiping has begun: the card is TERMINATED as soon as it is over. */
	private boolean ending;

	private final Groupings groupings = new Groupings();
	private final byte[] hash = JCSystem.makeTransientByteArray(DIGEST, JCSystem.CLEAR_ON_RESET);
	private final MessageDigest sha256 = MessageDigest.getInstance(MessageDigest.ALG_SHA_256, false);
	private final Signature signature = Signature.getInstance(Signature.ALG_ECDSA_SHA_256, false);

	private CardApplet() { }

	public static void install(byte[] parameters, short offset, byte length) {
		instance = new CardApplet();
		instance.register(parameters, (short)(offset + 1), parameters[offset]);
	}

	public boolean select() {
		tidy();
		groupings.forget();
		return true;
	}

	public void deselect() {
		groupings.forget();
		GPSystem.getSecureChannel().resetSecurity();
	}

	/** For NdefApplet: the image at the beginning of `into`, or nothing where there is none. */
	static void copyImage(byte[] into) {
		if (instance != null && instance.isReadable())
			instance.counting().copyImage(into, (short)0);
	}

	public void process(APDU apdu) {
		byte[] buffer = apdu.getBuffer();

		if (selectingApplet()) {
			sendFci(apdu, buffer);
			return;
		}
		switch (buffer[ISO7816.OFFSET_CLA]) {
		case CLA_ISO:
			processFree(apdu, buffer);
			break;
		case CLA_GP:
		case CLA_GP_SM:
			processIssuer(apdu, buffer);
			break;
		default:
			ISOException.throwIt(SW_CLA);
		}
	}

	/* ---- [5] Commands for anyone */

	private void processFree(APDU apdu, byte[] buffer) {
		/* By a name that the platform does not know, or it would not have come here. */
		if (CommandData.isSelectByName(buffer))
			ISOException.throwIt(SW_FILE_NOT_FOUND);
		refuseIf(state == APPLET_TERMINATED);
		switch (buffer[ISO7816.OFFSET_INS]) {
		case INS_SELECT:
			ISOException.throwIt(SW_P1P2);
			break;
		case INS_GET_DATA:
			getData(apdu, buffer);
			break;
		case INS_READ_BINARY:
			readBinary(apdu, buffer);
			break;
		case INS_INTERNAL_AUTHENTICATE:
			internalAuthenticate(apdu, buffer);
			break;
		default:
			ISOException.throwIt(SW_INS);
		}
	}

	/* [4.3] */
	private void sendFci(APDU apdu, byte[] buffer) {
		byte p2 = buffer[ISO7816.OFFSET_P2];
		short at = 0;

		if (CommandData.receive(apdu) != APPLET_AID_LEN)
			ISOException.throwIt(SW_FILE_NOT_FOUND);
		if (p2 != P2_SELECT_FCI && p2 != P2_SELECT_NO_FCI)
			ISOException.throwIt(SW_P1P2);
		if (p2 == P2_SELECT_FCI) {
			at = putFci(buffer);
			apdu.setOutgoingAndSend((short)0, at);
		}
		if (state == APPLET_TERMINATED)
			ISOException.throwIt(SW_TERMINATED);
	}

	private short putFci(byte[] buffer) {
		short at = 4;

		buffer[0] = (byte)TAG_FCI;
		buffer[2] = (byte)TAG_FCI_AID;
		buffer[3] = (byte)APPLET_AID_LEN;
		at = Util.arrayCopyNonAtomic(APPLET_AID, (short)0, buffer, at, APPLET_AID_LEN);
		buffer[at++] = (byte)TAG_FCI_PROPRIETARY;
		buffer[at++] = (byte)(5 + 4 + 4 + 4);
		at = putVersion(buffer, at);
		at = putByte(buffer, at, TAG_STATE, state);
		at = putByte(buffer, at, TAG_MAX_LC, (byte)APDU_DATA_MAX);
		at = putByte(buffer, at, TAG_SHADOW, (byte)(waiting ? 1 : 0));
		buffer[1] = (byte)(at - 2);
		return at;
	}

	private static short putVersion(byte[] buffer, short at) {
		at = Util.setShort(buffer, at, TAG_VERSION);
		buffer[at++] = 2;
		return Util.setShort(buffer, at, APPLET_VERSION);
	}

	private static short putByte(byte[] buffer, short at, short tag, byte value) {
		at = Util.setShort(buffer, at, tag);
		buffer[at++] = 1;
		buffer[at++] = value;
		return at;
	}

	/* [5.2] */
	private void getData(APDU apdu, byte[] buffer) {
		short lc = CommandData.receive(apdu), n = 0;

		if (CommandData.p1p2(buffer) != TAG_LIST_NAME)
			ISOException.throwIt(SW_P1P2);
		switch (oneTag(buffer, lc)) {
		case TAG_VERSION:
			n = putVersion(buffer, (short)0);
			break;
		case TAG_STATE:
			n = putByte(buffer, (short)0, TAG_STATE, state);
			break;
		case TAG_PUBLIC_KEY:
			if (isReadable())
				n = counting().putPublicKey(TAG_PUBLIC_KEY, buffer, (short)0);
			break;
		case TAG_SHADOW_KEY:
			if (waiting)
				n = shadow().putPublicKey(TAG_SHADOW_KEY, buffer, (short)0);
			break;
		default:
		}
		if (n == 0)
			ISOException.throwIt(SW_REFERENCE);
		apdu.setOutgoingAndSend((short)0, n);
	}

	/** The tag of a tag list with room for one, of one byte or two. */
	private static short oneTag(byte[] buffer, short lc) {
		short at = ISO7816.OFFSET_CDATA, n = (short)(lc - 2);

		if (n < 1 || n > 2 || buffer[at] != (byte)TAG_TAG_LIST || buffer[(short)(at + 1)] != (byte)n)
			ISOException.throwIt(SW_DATA);
		at += 2;
		return n == 2 ? Util.getShort(buffer, at) : (short)(buffer[at] & 0xFF);
	}

	/* [5.3] */
	private void readBinary(APDU apdu, byte[] buffer) {
		short offset = CommandData.p1p2(buffer), wanted = CommandData.expected(apdu);

		if (offset < 0) {
			if (buffer[ISO7816.OFFSET_P1] != (byte)(P1_SFI | SFI_CARD))
				ISOException.throwIt(SW_FILE_NOT_FOUND);
			offset = (short)(buffer[ISO7816.OFFSET_P2] & 0xFF);
		}
		refuseIf(!isReadable());
		CommandData.sendFile(apdu, counting().file(), counting().fileLength(), offset, wanted);
	}

	/* [5.4] */
	private void internalAuthenticate(APDU apdu, byte[] buffer) {
		short n = CommandData.receive(apdu);

		if (CommandData.p1p2(buffer) != 0)
			ISOException.throwIt(SW_P1P2);
		if (n < CHALLENGE_MIN || n > CHALLENGE_MAX)
			ISOException.throwIt(SW_LENGTH);
		refuseIf(!isReadable());
		n = counting().sign(signature, sha256, hash, buffer, ISO7816.OFFSET_CDATA, n, buffer, SIGNATURE_AT);
		apdu.setOutgoingAndSend(SIGNATURE_AT, n);
	}

	/* ---- [6] Commands for the issuer */

	private void processIssuer(APDU apdu, byte[] buffer) {
		refuseIf(state == APPLET_TERMINATED);
		switch (buffer[ISO7816.OFFSET_INS]) {
		case INS_INITIALIZE_UPDATE:
		case INS_EXTERNAL_AUTHENTICATE:
			openChannel(apdu);
			break;
		case INS_GENERATE_KEY_PAIR:
		case INS_STORE_DATA:
		case INS_SET_STATUS:
			processSecured(apdu, buffer);
			break;
		default:
			ISOException.throwIt(SW_INS);
		}
	}

	private void openChannel(APDU apdu) {
		short n;

		groupings.forget();
		n = GPSystem.getSecureChannel().processSecurity(apdu);
		if (n > 0)
			apdu.setOutgoingAndSend(ISO7816.OFFSET_CDATA, n);
	}

	/* [6.1] */
	private void processSecured(APDU apdu, byte[] buffer) {
		SecureChannel channel = GPSystem.getSecureChannel();
		byte needed = (byte)(SecureChannel.AUTHENTICATED | SecureChannel.C_MAC);
		short n;

		if ((byte)(channel.getSecurityLevel() & needed) != needed)
			ISOException.throwIt(SW_SECURITY);
		if (buffer[ISO7816.OFFSET_CLA] != CLA_GP_SM) {
			channel.resetSecurity();
			groupings.forget();
			ISOException.throwIt(SW_SM_MISSING);
		}
		n = CommandData.receive(apdu);
		n = (short)(channel.unwrap(buffer, (short)0, (short)(ISO7816.OFFSET_CDATA + n)) - ISO7816.OFFSET_CDATA);
		n = perform(buffer, n);
		n = channel.wrap(buffer, (short)0, Util.setShort(buffer, n, SW_OK));
		if (n > 0)
			apdu.setOutgoingAndSend((short)0, n);
	}

	/** Returns the length of the answer, at the beginning of the buffer. */
	private short perform(byte[] buffer, short n) {
		switch (buffer[ISO7816.OFFSET_INS]) {
		case INS_GENERATE_KEY_PAIR:
			return generate(buffer, n);
		case INS_SET_STATUS:
			setStatus(buffer, n);
			return 0;
		default:
			storeData(buffer, (short)0, n);
			return 0;
		}
	}

	/* [6.2] No transaction covers genKeyPair(): the flag is down while the slot is neither old nor new. */
	private short generate(byte[] buffer, short n) {
		if (CommandData.p1p2(buffer) != 0)
			ISOException.throwIt(SW_P1P2);
		if (n != 0)
			ISOException.throwIt(SW_LENGTH);
		refuseIf(state == APPLET_LOCKED);
		if (waiting)
			waiting = false;
		shadow().makeKey();
		waiting = true;
		return shadow().putPublicKey(TAG_PUBLIC_KEY, buffer, (short)0);
	}

	/** [6.3] through the security domain [7.3]; it has unwrapped the command. */
	public void processData(byte[] buffer, short offset, short length) {
		tidy();
		refuseIf(state == APPLET_TERMINATED);
		if (buffer[(short)(offset + ISO7816.OFFSET_INS)] != INS_STORE_DATA)
			ISOException.throwIt(SW_INS);
		storeData(buffer, offset, (short)(length - ISO7816.OFFSET_CDATA));
	}

	private void storeData(byte[] buffer, short offset, short n) {
		byte p1 = buffer[(short)(offset + ISO7816.OFFSET_P1)];
		short number = (short)(buffer[(short)(offset + ISO7816.OFFSET_P2)] & 0xFF);
		boolean last = p1 == (byte)(P1_STORE_LAST | P1_STORE_DGI);

		if (!last && p1 != P1_STORE_DGI) {
			groupings.forget();
			ISOException.throwIt(SW_P1P2);
		}
		groupings.collect(number, buffer, (short)(offset + ISO7816.OFFSET_CDATA), n);
		if (last) {
			finishStore();
		} else if (state == APPLET_LOCKED) {
			groupings.forget();
			ISOException.throwIt(SW_CONDITIONS);
		}
	}

	private void finishStore() {
		try {
			if (groupings.judge(sha256) == Groupings.STATE)
				changeState(groupings.state());
			else
				commit();
		} finally {
			groupings.forget();
		}
	}

	private void commit() {
		refuseIf(state == APPLET_LOCKED || !waiting);
		groupings.copyFiles(shadow());
		JCSystem.beginTransaction();
		current = (byte)(1 - current);
		waiting = false;
		state = APPLET_PERSONALISED;
		JCSystem.commitTransaction();
		tidy();
	}

	/* [6.4] */
	private void setStatus(byte[] buffer, short n) {
		if (buffer[ISO7816.OFFSET_P1] != P1_STATUS_APPLICATION)
			ISOException.throwIt(SW_P1P2);
		if (n != 0 && (n != APPLET_AID_LEN
				|| Util.arrayCompare(buffer, ISO7816.OFFSET_CDATA, APPLET_AID, (short)0, APPLET_AID_LEN) != 0))
			ISOException.throwIt(SW_REFERENCE);
		changeState(buffer[ISO7816.OFFSET_P2]);
	}

	private void changeState(byte wanted) {
		switch (wanted) {
		case APPLET_LOCKED:
			refuseIf(state != APPLET_PERSONALISED);
			JCSystem.beginTransaction();
			state = APPLET_LOCKED;
			waiting = false;
			JCSystem.commitTransaction();
			break;
		case APPLET_TERMINATED:
			JCSystem.beginTransaction();
			ending = true;
			JCSystem.commitTransaction();
			break;
		default:
			ISOException.throwIt(SW_DATA);
		}
		tidy();
	}

	/* ---- What lasts */

	/**
	 * Finishes what a command that lost its power has begun: wiping, and telling the platform the state.
	 * Each step may be done twice.
	 */
	private void tidy() {
		if (ending && state != APPLET_TERMINATED) {
			slots[0].wipe();
			slots[1].wipe();
			waiting = false;
			state = APPLET_TERMINATED;
		}
		if (state == APPLET_LOCKED && shadow().hasPrivateKey())
			shadow().forgetPrivateKey();
		if (GPSystem.getCardContentState() != state)
			GPSystem.setCardContentState(state);
	}

	private boolean isReadable() {
		return !ending && (state == APPLET_PERSONALISED || state == APPLET_LOCKED);
	}

	private Slot counting() {
		return slots[current];
	}

	private Slot shadow() {
		return slots[(byte)(1 - current)];
	}

	private static void refuseIf(boolean impossible) {
		if (impossible)
			ISOException.throwIt(SW_CONDITIONS);
	}
}
