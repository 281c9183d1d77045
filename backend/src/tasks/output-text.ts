// Cuts text by bytes without breaking a character, and makes any text fit for both databases.

const REPLACEMENT = Buffer.from('\ufffd');
/** 1 for each byte that is replaced. */
const isReplaced = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 && !'\x07\t\n\r\x1b'.includes(String.fromCharCode(byte)) ? 1 : 0,
);

/**
 * UTF-8 that PostgreSQL can hold and JSON does not blow up: lone surrogates become U+FFFD, and so do controls, which nobody sees, but for line ends and
 * tabs and for Escape and Bell, which the sequences of a terminal have. Byte by byte: a megabyte of matches in a text takes 100 ms.
 */
export function storableBytes(text: string): Buffer {
  const bytes = Buffer.from(text.toWellFormed());
  let replaced = 0;
  for (let at = 0; at < bytes.length; at += 1) replaced += isReplaced[bytes[at]!]!;
  if (replaced === 0) return bytes;
  const storable = Buffer.alloc(bytes.length + replaced * (REPLACEMENT.length - 1));
  let end = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    if (isReplaced[byte] === 0) storable[end++] = byte;
    else for (let part = 0; part < REPLACEMENT.length; part += 1) storable[end++] = REPLACEMENT[part]!;
  }
  return storable;
}

/** The longest start of `bytes` within `max` bytes that does not end inside a character. `bytes` is valid UTF-8. */
export function wholeCharacters(bytes: Buffer, max: number): Buffer {
  if (bytes.length <= max) return bytes;
  let end = Math.max(0, max);
  while (end > 0 && isContinuation(bytes[end])) end -= 1;
  return bytes.subarray(0, end);
}

/** The longest end of `bytes` within `max` bytes that does not start inside a character. `bytes` is valid UTF-8. */
export function lastCharacters(bytes: Buffer, max: number): Buffer {
  let start = Math.max(0, bytes.length - max);
  while (start < bytes.length && isContinuation(bytes[start])) start += 1;
  return bytes.subarray(start);
}

/** Cuts valid UTF-8 into pieces of at most `max` bytes (4 or more), each of whole characters. */
export function piecesOf(bytes: Buffer, max: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let rest = bytes; rest.length > 0; ) {
    const piece = wholeCharacters(rest, max);
    pieces.push(piece);
    rest = rest.subarray(piece.length);
  }
  return pieces;
}

/**
 * The start of raw `bytes` that is complete: a character cut at the end is left for the next time.
 * Bytes that are no UTF-8 at all stay in; decoding makes them U+FFFD.
 */
export function completeUtf8(bytes: Buffer): Buffer {
  // A character has at most 4 bytes, so its lead byte is among the last 4.
  for (let back = 1; back <= Math.min(4, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back]!;
    if (isContinuation(byte)) continue;
    return back < lengthFromLead(byte) ? bytes.subarray(0, bytes.length - back) : bytes;
  }
  return bytes;
}

/** UTF-16 units of a line that is not waited for to its end: nobody would see what goes on. */
const MAX_OPEN_LINE = 16_384;

/**
 * The start of `text` that is whole lines: masks find a secret only in a text that has all of it. Also what has no end of a line for long, and what is not
 * as it was in bytes, because its length is not known.
 */
export function wholeLines(text: string): string {
  const end = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1;
  const rest = text.slice(end);
  return rest.length > MAX_OPEN_LINE || rest.includes('\ufffd') ? text : text.slice(0, end);
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0b1100_0000) === 0b1000_0000;
}

function lengthFromLead(byte: number): number {
  if (byte >= 0xc2 && byte <= 0xdf) return 2;
  if (byte >= 0xe0 && byte <= 0xef) return 3;
  if (byte >= 0xf0 && byte <= 0xf4) return 4;
  return 1;
}
