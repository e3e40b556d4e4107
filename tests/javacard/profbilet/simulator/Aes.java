/* SPDX-License-Identifier: GPL-3.0-or-later */
package profbilet.simulator;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** AES-128 as SCP03 uses it: blocks, CBC, CMAC (NIST SP 800-38B) and the key derivation of AmdD 4.1.5. */
final class Aes {
	static final int BLOCK = 16;

	private Aes() { }

	static byte[] cbc(int mode, byte[] key, byte[] iv, byte[] bytes) {
		try {
			Cipher cipher = Cipher.getInstance("AES/CBC/NoPadding");

			cipher.init(mode, new SecretKeySpec(key, "AES"), new IvParameterSpec(iv));
			return cipher.doFinal(bytes);
		} catch (GeneralSecurityException e) {
			throw new IllegalStateException(e);
		}
	}

	static byte[] block(byte[] key, byte[] bytes) {
		return cbc(Cipher.ENCRYPT_MODE, key, new byte[BLOCK], bytes);
	}

	private static byte[] doubled(byte[] block) {
		byte[] out = new byte[BLOCK];

		for (int i = 0; i < BLOCK; i++)
			out[i] = (byte)(block[i] << 1 | (i + 1 < BLOCK ? (block[i + 1] & 0xFF) >> 7 : 0));
		if (block[0] < 0)
			out[BLOCK - 1] ^= (byte)0x87;
		return out;
	}

	static byte[] cmac(byte[] key, byte[]... parts) {
		byte[] message = Bytes.join(parts), subkey = doubled(block(key, new byte[BLOCK]));
		int n = message.length, last = n == 0 ? 0 : (n - 1) / BLOCK * BLOCK;

		message = Arrays.copyOf(message, last + BLOCK);
		if (n < message.length) {
			message[n] = (byte)0x80;
			subkey = doubled(subkey);
		}
		for (int i = 0; i < BLOCK; i++)
			message[last + i] ^= subkey[i];
		message = cbc(Cipher.ENCRYPT_MODE, key, new byte[BLOCK], message);
		return Arrays.copyOfRange(message, last, last + BLOCK);
	}

	/** `bits` of at most 128 derived from `key`. */
	static byte[] derive(byte[] key, int constant, byte[] context, int bits) {
		byte[] label = new byte[BLOCK];

		label[11] = (byte)constant;
		label[14] = (byte)bits;
		label[15] = 1;
		return Arrays.copyOf(cmac(key, label, context), bits / 8);
	}
}
