/* SPDX-License-Identifier: GPL-3.0-or-later */
package org.globalplatform;

import javacard.framework.Shareable;

/** As the card API of GlobalPlatform 2.3.1 has it: the way a security domain hands data to an application. */
public interface Application extends Shareable {
	void processData(byte[] buffer, short offset, short length);
}
