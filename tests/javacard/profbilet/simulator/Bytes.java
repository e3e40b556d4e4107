/* SPDX-License-Identifier: GPL-3.0-or-later */
package profbilet.simulator;

import java.io.ByteArrayOutputStream;

final class Bytes {
	private Bytes() { }

	static byte[] join(byte[]... parts) {
		ByteArrayOutputStream out = new ByteArrayOutputStream();

		for (byte[] part : parts)
			out.write(part, 0, part.length);
		return out.toByteArray();
	}

	static byte[] ofHex(String hex) {
		byte[] out = new byte[hex.length() / 2];

		for (int i = 0; i < out.length; i++)
			out[i] = (byte)Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
		return out;
	}

	static byte[] ofShort(int value) {
		return new byte[] { (byte)(value >> 8), (byte)value };
	}
}
