/* SPDX-License-Identifier: GPL-3.0-or-later */
package profbilet.card;

import static profbilet.card.Numbers.*;

import javacard.framework.Util;
import javacard.security.ECPrivateKey;
import javacard.security.ECPublicKey;
import javacard.security.KeyBuilder;
import javacard.security.KeyPair;
import javacard.security.MessageDigest;
import javacard.security.Signature;

/**
 * One of the two places where a key pair and the files that belong to it are kept.  Nothing here is atomic
 * and nothing need be: CardApplet writes only into the slot that does not count.
 *
 * The files are kept as EF.CARD is read (spec 5.3), made once when they are written.
 */
final class Slot {
	/** Tag and length in front of a point: 7F49 43 86 41. */
	static final short POINT_HEADER = 5;

	private static final short LONG_LENGTH = 0x80;
	private static final short FILE_MAX = (short)(3 + CREDENTIAL_MAX + POINT_HEADER + P256.POINT + 2 + NDEF_MAX);

	private final ECPublicKey publicKey;
	private final ECPrivateKey privateKey;
	private final KeyPair pair;
	private final byte[] file = new byte[FILE_MAX];
	private short length;
	private short credentialAt, credentialLength;
	private short imageAt, imageLength;

	Slot() {
		publicKey = (ECPublicKey)KeyBuilder.buildKey(KeyBuilder.TYPE_EC_FP_PUBLIC, P256.BITS, false);
		privateKey = (ECPrivateKey)KeyBuilder.buildKey(KeyBuilder.TYPE_EC_FP_PRIVATE, P256.BITS, false);
		P256.setParameters(publicKey);
		P256.setParameters(privateKey);
		pair = new KeyPair(publicKey, privateKey);
	}

	void makeKey() {
		pair.genKeyPair();
	}

	boolean hasPrivateKey() {
		return privateKey.isInitialized();
	}

	/** The curve goes with the key on some chips: no key can be made here afterwards. */
	void forgetPrivateKey() {
		privateKey.clearKey();
	}

	void wipe() {
		privateKey.clearKey();
		publicKey.clearKey();
		Util.arrayFillNonAtomic(file, (short)0, FILE_MAX, (byte)0);
		length = 0;
	}

	/** {tag 43 {86 41 {04 X Y}}} at `at`; returns what comes behind it. */
	short putPublicKey(short tag, byte[] into, short at) {
		at = Util.setShort(into, at, tag);
		into[at++] = (byte)(P256.POINT + 2);
		into[at++] = (byte)TAG_EC_POINT;
		into[at++] = (byte)P256.POINT;
		return (short)(at + publicKey.getW(into, at));
	}

	void setFiles(byte[] from, short credentialFrom, short credentialLength, short imageFrom, short imageLength) {
		short at = 0;

		file[at++] = (byte)TAG_CREDENTIAL;
		if (credentialLength >= LONG_LENGTH)
			file[at++] = (byte)0x81;
		file[at++] = (byte)credentialLength;
		this.credentialAt = at;
		this.credentialLength = credentialLength;
		at = Util.arrayCopyNonAtomic(from, credentialFrom, file, at, credentialLength);
		at = putPublicKey(TAG_PUBLIC_KEY, file, at);
		file[at++] = (byte)TAG_NDEF;
		file[at++] = (byte)imageLength;
		this.imageAt = at;
		this.imageLength = imageLength;
		length = Util.arrayCopyNonAtomic(from, imageFrom, file, at, imageLength);
	}

	byte[] file() {
		return file;
	}

	short fileLength() {
		return length;
	}

	/** Copies the NDEF file image; returns its length. */
	short copyImage(byte[] into, short at) {
		Util.arrayCopyNonAtomic(file, imageAt, into, at, imageLength);
		return imageLength;
	}

	/** Spec 5.4; `hash` is room for a digest.  Returns the length of the DER signature at `into`. */
	short sign(Signature signature, MessageDigest sha256, byte[] hash, byte[] challenge, short at, short n, byte[] into,
			short intoAt) {
		short hashLength = sha256.doFinal(file, credentialAt, credentialLength, hash, (short)0);

		signature.init(privateKey, Signature.MODE_SIGN);
		signature.update(LIVE_PREFIX, (short)0, LIVE_PREFIX_LEN);
		signature.update(hash, (short)0, hashLength);
		return signature.sign(challenge, at, n, into, intoAt);
	}
}
