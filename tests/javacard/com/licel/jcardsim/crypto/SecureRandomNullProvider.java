/* SPDX-License-Identifier: GPL-3.0-or-later */
package com.licel.jcardsim.crypto;

import java.security.SecureRandom;

/**
 * In place of jCardSim's class of this name, which draws from a generator without a seed, anew each time: every
 * card would have the same key, and the nonce of its first signature would be that key.
 */
class SecureRandomNullProvider extends SecureRandom {
	private static final long serialVersionUID = 1;
}
