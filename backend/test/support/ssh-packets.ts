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
    channelData(id: number, data: Buffer): void;
    channelWindowAdjust(id: number, bytes: number): void;
    channelExtData(id: number, data: Buffer, type: number): void;
    _handlers: { USERAUTH_REQUEST: () => void };
    _cipher: { encrypt(packet: Buffer): void; _onWrite(bytes: Buffer): void };
    _packetRW: {
      write: { alloc(length: number): Buffer; allocStart: number; finalize(packet: Buffer): Buffer };
    };
  };
};

/** The bytes of the next `count` packets with this payload on the wire. */
export async function packets(client: HostileClient, payload: Buffer, count: number): Promise<Buffer> {
  const { _cipher: cipher, _packetRW: packetRW } = client._protocol;
  const written: Buffer[] = [];
  const send = cipher._onWrite;
  for (let made = 0; made < count; made += 1) {
    if (made % 500 === 499) await nextTurn();
    cipher._onWrite = (bytes) => void written.push(Buffer.from(bytes));
    try {
      const packet = packetRW.write.alloc(payload.length);
      payload.copy(packet, packetRW.write.allocStart);
      cipher.encrypt(packetRW.write.finalize(packet));
    } finally {
      cipher._onWrite = send;
    }
  }
  return Buffer.concat(written);
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
