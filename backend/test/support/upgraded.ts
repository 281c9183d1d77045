// The server's part of the opening of a WebSocket, for tests that write its bytes themselves.
import { createHash } from 'node:crypto';

/** The answer of a gateway that accepts the upgrade of the request in `head`. */
export function upgraded(head: string): string {
  const key = /^sec-websocket-key: (.*)$/im.exec(head)?.[1]?.trim() ?? '';
  const accepted = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return `HTTP/1.1 101 Yes\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accepted}\r\n\r\n`;
}
