// Packets of a hostile SSH server, encrypted beforehand, so that a test measures their reader alone.
import type { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import ssh2 from 'ssh2';

/** The server's side of a connection, with the private parts of ssh2. */
export type HostileClient = {
  on(event: string, listener: (...args: unknown[]) => void): HostileClient;
  rekey(): void;
  _sock: Duplex;
  _protocol: {
    channelOpenConfirm(id: number, own: number, window: number, packetSize: number): void;
    channelEOF(id: number): void;
    channelClose(id: number): void;
    channelData(id: number, data: Buffer): void;
    channelWindowAdjust(id: number, bytes: number): void;
    channelExtData(id: number, data: Buffer, type: number): void;
    parse(bytes: Buffer, from: number, to: number): void;
    _handlers: { USERAUTH_REQUEST: () => void };
    _cipher: { encrypt(packet: Buffer): void; _onWrite(bytes: Buffer): void };
    _packetRW: {
      write: { alloc(length: number): Buffer; allocStart: number; finalize(packet: Buffer): Buffer };
    };
  };
};

/** Sends a packet with this payload, as it is: ssh2 itself sends none that breaks the protocol. */
export function sendPacket({ _protocol: protocol }: HostileClient, payload: Buffer): void {
  const { write } = protocol._packetRW;
  const packet = write.alloc(payload.length);
  payload.copy(packet, write.allocStart);
  protocol._cipher.encrypt(write.finalize(packet));
}

/** The bytes of the next `count` packets with this payload on the wire. */
export async function packets(client: HostileClient, payload: Buffer, count: number): Promise<Buffer> {
  const { _cipher: cipher } = client._protocol;
  const written: Buffer[] = [];
  const send = cipher._onWrite;
  for (let made = 0; made < count; made += 1) {
    if (made % 500 === 499) await nextTurn();
    cipher._onWrite = (bytes) => void written.push(Buffer.from(bytes));
    try {
      sendPacket(client, payload);
    } finally {
      cipher._onWrite = send;
    }
  }
  return Buffer.concat(written);
}

/** Data of a channel with `junkBytes` behind it in its packet, which no reader of SSH looks at. */
export function paddedData(
  id: number,
  data: Buffer,
  junkBytes: number,
  as: 'output' | 'errors' = 'output',
): Buffer {
  const head = Buffer.alloc(as === 'output' ? 5 : 9);
  head[0] = as === 'output' ? 94 : 95;
  head.writeUInt32BE(id, 1);
  if (as === 'errors') head.writeUInt32BE(1, 5);
  return Buffer.concat([head, field(data), Buffer.alloc(junkBytes)]);
}

/** A string of the protocol: its length, then its bytes. */
export function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** The public half of a private key, in the protocol's encoding. */
export function blobOf(privateKey: string): Buffer {
  const key = ssh2.utils.parseKey(privateKey);
  if (key instanceof Error) throw key;
  return key.getPublicSSH();
}
