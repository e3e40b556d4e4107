/* SPDX-License-Identifier: GPL-3.0-or-later */
package profbilet.card;

import static profbilet.card.Numbers.*;

import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.MessageDigest;

/**
 * What STORE DATA has brought (spec 6.3): blocks are collected, then judged where they lie.  All of it is
 * transient and goes with a reset; not CLEAR_ON_DESELECT, which may not be touched while the security
 * domain is the application that is selected and feeds this one.
 */
final class Groupings {
	static final byte COMMIT = 1, STATE = 2;

	private static final short BYTES_MAX = (short)(STORE_BLOCKS_MAX * SCP03_PLAIN_MAX);
	private static final short HEADER = 3;
	private static final short DIGEST = 32;

	/* Places in `facts`. */
	private static final short LENGTH = 0, BLOCKS = 1, CREDENTIAL_AT = 2, CREDENTIAL_LENGTH = 3, IMAGE_AT = 4,
		IMAGE_LENGTH = 5, FACTS = 6;

	private final byte[] bytes = JCSystem.makeTransientByteArray(BYTES_MAX, JCSystem.CLEAR_ON_RESET);
	private final byte[] digest = JCSystem.makeTransientByteArray(DIGEST, JCSystem.CLEAR_ON_RESET);
	private final short[] facts = JCSystem.makeTransientShortArray(FACTS, JCSystem.CLEAR_ON_RESET);

	void forget() {
		facts[LENGTH] = 0;
		facts[BLOCKS] = 0;
	}

	/** Takes one block, number `number`.  Whatever is thrown, the blocks before it are forgotten. */
	void collect(short number, byte[] from, short at, short n) {
		short length = number == 0 ? 0 : facts[LENGTH], blocks = number == 0 ? 0 : facts[BLOCKS];

		forget();
		if (number != blocks)
			ISOException.throwIt(SW_P1P2);
		if (n == 0)
			ISOException.throwIt(SW_LENGTH);
		if (blocks == STORE_BLOCKS_MAX || n > (short)(BYTES_MAX - length))
			ISOException.throwIt(SW_NO_SPACE);
		facts[LENGTH] = Util.arrayCopyNonAtomic(from, at, bytes, length, n);
		facts[BLOCKS] = (short)(blocks + 1);
	}

	/** What the whole is, COMMIT or STATE; 6A80 when it is neither. */
	byte judge(MessageDigest sha256) {
		if (isState())
			return STATE;
		if (!isCommit(sha256))
			ISOException.throwIt(SW_DATA);
		return COMMIT;
	}

	/** The value of the grouping 7FFE. */
	byte state() {
		return bytes[HEADER];
	}

	/** Puts both files of a commit into a slot. */
	void copyFiles(Slot slot) {
		slot.setFiles(bytes, facts[CREDENTIAL_AT], facts[CREDENTIAL_LENGTH], facts[IMAGE_AT], facts[IMAGE_LENGTH]);
	}

	private boolean isState() {
		return facts[BLOCKS] == 1 && isGrouping((short)0, DGI_STATE, (short)1, (short)1)
			&& behind((short)0) == facts[LENGTH];
	}

	private boolean isCommit(MessageDigest sha256) {
		short image, commit;

		if (!isGrouping((short)0, DGI_CREDENTIAL, (short)1, CREDENTIAL_MAX))
			return false;
		image = behind((short)0);
		if (!isGrouping(image, DGI_NDEF, (short)2, NDEF_MAX))
			return false;
		commit = behind(image);
		if (!isGrouping(commit, DGI_COMMIT, DGI_COMMIT_LEN, DGI_COMMIT_LEN) || behind(commit) != facts[LENGTH])
			return false;
		facts[CREDENTIAL_AT] = HEADER;
		facts[CREDENTIAL_LENGTH] = valueLength((short)0);
		facts[IMAGE_AT] = (short)(image + HEADER);
		facts[IMAGE_LENGTH] = valueLength(image);
		sha256.doFinal(bytes, (short)0, commit, digest, (short)0);
		return Util.getShort(bytes, facts[IMAGE_AT]) == (short)(facts[IMAGE_LENGTH] - 2)
			&& Util.arrayCompare(bytes, (short)(commit + HEADER), digest, (short)0, DGI_COMMIT_LEN) == 0;
	}

	/** Whether a whole grouping of this name and of a length within these bounds begins at `at`. */
	private boolean isGrouping(short at, short name, short least, short most) {
		short length;

		if ((short)(facts[LENGTH] - at) < HEADER || Util.getShort(bytes, at) != name)
			return false;
		length = valueLength(at);
		return length >= least && length <= most && behind(at) <= facts[LENGTH];
	}

	private short valueLength(short at) {
		return (short)(bytes[(short)(at + 2)] & 0xFF);
	}

	private short behind(short at) {
		return (short)(at + HEADER + valueLength(at));
	}
}
