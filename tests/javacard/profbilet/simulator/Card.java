/* SPDX-License-Identifier: GPL-3.0-or-later */
package profbilet.simulator;

import static profbilet.simulator.Numbers.*;

import com.licel.jcardsim.base.SimulatorRuntime;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import javacard.framework.AID;
import javacard.framework.Applet;
import org.globalplatform.GPSystem;
import org.globalplatform.SecureChannel;
import profbilet.card.CardApplet;
import profbilet.card.NdefApplet;

/**
 * One chip: jCardSim with our two applications installed, and with what it lacks: a security domain, the
 * GlobalPlatform calls, transactions that can be rolled back, and power that goes away.
 */
final class Card extends SimulatorRuntime implements GPSystem.Platform {
	/** When a command loses its power; WITHIN its first write, which is undone, or right after its first transaction. */
	enum Tear { BEFORE, WITHIN, COMMITTED, AFTER }

	private static final int DIVERSIFICATION = 10, COMMAND_MAX = 261, AID_MAX = 16;

	private static Card beingMade;

	private final Channel channel = new Channel(this);
	private final byte[] uid;
	private KeySet keys = new KeySet(KVN_FACTORY, FACTORY_KEY, FACTORY_KEY, FACTORY_KEY);
	private byte contentState = APPLET_BLANK;
	private Map<Field, Object> before;
	private Tear tearing;
	private boolean torn;

	Card(byte[] uid) {
		this.uid = uid;
		beingMade = this;
		GPSystem.setPlatform(this);
		install(ISD_AID, SecurityDomain.class);
		install(APPLET_AID, CardApplet.class);
		install(NDEF_AID, NdefApplet.class);
		powerOn();
	}

	static Card beingMade() {
		return beingMade;
	}

	private void install(byte[] aid, Class<? extends Applet> applet) {
		AID name = new AID(aid, (short)0, (byte)aid.length);
		byte[] parameters = Bytes.join(new byte[] { (byte)aid.length }, aid, new byte[2]);

		loadApplet(name, applet);
		installApplet(name, parameters, (short)0, (byte)parameters.length);
	}

	/** Without power nothing is deselected: what is transient is gone, and the domain is selected. */
	void powerOn() {
		activateSimulatorRuntimeInstance();
		reset();
		channel.resetSecurity();
		currentAID = lookupAID(ISD_AID, (short)0, (byte)ISD_AID.length);
		((SecurityDomain)applet(ISD_AID)).select();
	}

	/** The answer, or null when the power went; after the command, too, when there was nothing to be torn in it. */
	byte[] transmit(byte[] command, Tear tear) {
		byte[] answer;

		if (tear == Tear.BEFORE)
			return null;
		torn = false;
		tearing = tear;
		/* jCardSim's buffer has no room for an Le behind 255 bytes of data, and no such command looks at it. */
		if (command.length == COMMAND_MAX)
			command = Arrays.copyOf(command, COMMAND_MAX - 1);
		answer = addsUp(command) ? transmitCommand(command) : Bytes.ofShort(SW_LENGTH);
		tearing = null;
		return torn || tear != null ? null : answer;
	}

	/** Short APDUs; a chip's own transport layer refuses the rest. */
	private static boolean addsUp(byte[] command) {
		int lc = command.length > 5 ? command[4] & 0xFF : 0;

		return command.length >= 4 && command.length <= COMMAND_MAX
			&& (command.length <= 5 || (lc > 0 && (command.length == 5 + lc || command.length == 6 + lc)));
	}

	/* ---- What lasts: a write is whole or not at all */

	private void tear() {
		torn = true;
		tearing = null;
		throw new Torn();
	}

	void write(Runnable change) {
		if (tearing == Tear.WITHIN)
			tear();
		change.run();
	}

	@Override
	public void beginTransaction() {
		super.beginTransaction();
		before = tearing == Tear.WITHIN ? fields() : null;
	}

	@Override
	public void commitTransaction() {
		super.commitTransaction();
		if (tearing == Tear.WITHIN)
			before.forEach(this::restore);
		if (tearing == Tear.WITHIN || tearing == Tear.COMMITTED)
			tear();
	}

	/** The application's own fields; its arrays and keys are never written within a transaction. */
	private Map<Field, Object> fields() {
		Map<Field, Object> values = new LinkedHashMap<>();

		for (Field field : CardApplet.class.getDeclaredFields()) {
			if (Modifier.isFinal(field.getModifiers()) || Modifier.isStatic(field.getModifiers()))
				continue;
			field.setAccessible(true);
			try {
				values.put(field, field.get(applet(APPLET_AID)));
			} catch (IllegalAccessException e) {
				throw new IllegalStateException(e);
			}
		}
		return values;
	}

	private void restore(Field field, Object value) {
		try {
			field.set(applet(APPLET_AID), value);
		} catch (IllegalAccessException e) {
			throw new IllegalStateException(e);
		}
	}

	/* ---- What the security domain and the application ask */

	Applet applet(byte[] aid) {
		return getApplet(lookupAID(aid, (short)0, (byte)aid.length));
	}

	byte[] selected() {
		byte[] aid = new byte[AID_MAX];

		return Arrays.copyOf(aid, getAID().getBytes(aid, (short)0));
	}

	byte[] diversification() {
		byte[] out = new byte[DIVERSIFICATION];

		System.arraycopy(uid, 0, out, DIVERSIFICATION - uid.length, uid.length);
		return out;
	}

	Channel channel() {
		return channel;
	}

	KeySet keys() {
		return keys;
	}

	void setKeys(KeySet made) {
		keys = made;
	}

	@Override
	public SecureChannel secureChannel() {
		return channel;
	}

	@Override
	public byte contentState() {
		return contentState;
	}

	@Override
	public boolean setContentState(byte state) {
		write(() -> contentState = state);
		return true;
	}

	/** Ends a command in the middle; the simulator turns it into an answer that is never sent. */
	private static final class Torn extends Error {
		private static final long serialVersionUID = 1;
	}
}
