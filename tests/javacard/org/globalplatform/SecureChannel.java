/* SPDX-License-Identifier: GPL-3.0-or-later */
package org.globalplatform;

import javacard.framework.APDU;
import javacard.framework.Shareable;

/** As the card API of GlobalPlatform 2.3.1 has it, as far as our application goes. */
public interface SecureChannel extends Shareable {
	byte AUTHENTICATED = (byte)0x80;
	byte C_MAC = 0x01;
	byte C_DECRYPTION = 0x02;
	byte R_MAC = 0x10;
	byte R_ENCRYPTION = 0x20;
	byte NO_SECURITY_LEVEL = 0x00;

	short processSecurity(APDU apdu);

	short wrap(byte[] buffer, short offset, short length);

	short unwrap(byte[] buffer, short offset, short length);

	void resetSecurity();

	byte getSecurityLevel();
}
