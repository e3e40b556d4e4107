/* SPDX-License-Identifier: GPL-3.0-or-later */
package profbilet.simulator;

/** One key set of the security domain and what it counts (spec 7.1, 7.2); written in place, so it lasts. */
final class KeySet {
	static final int COUNTER_MAX = 0xFFFFFF;

	final int version;
	final byte[] enc, mac, dek;
	int counter;
	int attempts = Numbers.AUTHENTICATION_ATTEMPTS;

	KeySet(int version, byte[] enc, byte[] mac, byte[] dek) {
		this.version = version;
		this.enc = enc;
		this.mac = mac;
		this.dek = dek;
	}
}
