/* SPDX-License-Identifier: GPL-3.0-or-later */
package org.globalplatform;

/** The part of GlobalPlatform's card API that an application calls; here there is one such application. */
public final class GPSystem {
	/** The simulated card, as the application sees its security domain and registry entry. */
	public interface Platform {
		SecureChannel secureChannel();

		byte contentState();

		boolean setContentState(byte state);
	}

	private static Platform platform;

	private GPSystem() { }

	/** Of the simulator; a chip has no such thing. */
	public static void setPlatform(Platform card) {
		platform = card;
	}

	public static SecureChannel getSecureChannel() {
		return platform.secureChannel();
	}

	public static byte getCardContentState() {
		return platform.contentState();
	}

	public static boolean setCardContentState(byte state) {
		return platform.setContentState(state);
	}
}
