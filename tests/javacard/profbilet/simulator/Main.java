/* SPDX-License-Identifier: GPL-3.0-or-later */
package profbilet.simulator;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;

/**
 * Puts a simulated card on a virtual reader (vpcd): Main PORT [UID] [--fresh] [--tear N:before|within|committed|after]...
 *
 * --fresh: each connection finds a new blank; else the card comes back with what lasts.  --tear: the N-th
 * command to the card, from 1 on, loses its power, and the card is gone for a moment; several are counted on.
 * What is between a chip and PC/SC is here too: the ATR, and the UID, which a reader answers.
 */
public final class Main {
	private static final byte[] ATR = Bytes.ofHex("3B858001807384210052");
	private static final int GONE_MS = 400, RETRY_MS = 20, GET_ATR = 4;

	private final int port;
	private final byte[] uid;
	private final boolean fresh;
	private final Card.Tear[] tears;
	private Card card;
	private int commands;

	private Main(int port, byte[] uid, boolean fresh, Card.Tear[] tears) {
		this.port = port;
		this.uid = uid;
		this.fresh = fresh;
		this.tears = tears;
		card = new Card(uid);
	}

	public static void main(String[] words) throws InterruptedException {
		byte[] uid = Bytes.ofHex("04010203040506");
		boolean fresh = false;
		Card.Tear[] tears = new Card.Tear[1024];

		for (int i = 1; i < words.length; i++) {
			if (words[i].equals("--fresh")) {
				fresh = true;
			} else if (words[i].equals("--tear")) {
				String[] tear = words[++i].split(":");

				tears[Integer.parseInt(tear[0])] = Card.Tear.valueOf(tear[1].toUpperCase());
			} else {
				uid = Bytes.ofHex(words[i]);
			}
		}
		new Main(Integer.parseInt(words[0]), uid, fresh, tears).run();
	}

	private void run() throws InterruptedException {
		for (;;) {
			try (Socket reader = new Socket(InetAddress.getLoopbackAddress(), port)) {
				reader.setTcpNoDelay(true);
				if (fresh)
					card = new Card(uid);
				serve(new DataInputStream(reader.getInputStream()), reader.getOutputStream());
			} catch (IOException gone) {
				Thread.sleep(RETRY_MS);
				continue;
			}
			Thread.sleep(fresh ? 0 : GONE_MS);
		}
	}

	/** Until the card loses its power in a command. */
	private void serve(DataInputStream in, OutputStream out) throws IOException {
		for (;;) {
			byte[] message = new byte[in.readUnsignedShort()], answer;

			in.readFully(message);
			if (message.length == 1) {
				if (message[0] == GET_ATR)
					send(out, ATR);
				else
					card.powerOn();
				continue;
			}
			answer = message[0] == (byte)0xFF ? uidAnswer(message) : card.transmit(message, tears[++commands % tears.length]);
			if (answer == null) {
				card.powerOn();
				return;
			}
			send(out, answer);
		}
	}

	private byte[] uidAnswer(byte[] command) {
		boolean asked = command.length == 5 && command[1] == (byte)0xCA && command[2] == 0 && command[3] == 0;

		return asked ? Bytes.join(uid, Bytes.ofShort(Numbers.SW_OK)) : Bytes.ofShort(0x6A81);
	}

	private static void send(OutputStream out, byte[] message) throws IOException {
		out.write(Bytes.join(Bytes.ofShort(message.length), message));
	}
}
