// Keeps the first bytes of a stream and counts the rest, so that a command's output never fills the memory.

export type OutputBuffer = {
  add(chunk: Buffer): void;
  /** The bytes kept, at most the cap. */
  kept(): Buffer;
  /** All bytes that came, kept or not. */
  total(): number;
};

/** Bytes reserved at first; doubled as needed. One growing block, since a list of one-byte packets costs 100 times as much. */
const FIRST_BLOCK_BYTES = 4096;

export function createOutputBuffer(maxBytes: number): OutputBuffer {
  let block = Buffer.allocUnsafe(Math.min(FIRST_BLOCK_BYTES, maxBytes));
  let size = 0;
  let total = 0;
  return {
    add(chunk) {
      total += chunk.length;
      const part = chunk.subarray(0, Math.max(0, maxBytes - size));
      if (size + part.length > block.length) {
        const larger = Buffer.allocUnsafe(Math.min(maxBytes, Math.max(block.length * 2, size + part.length)));
        block.copy(larger, 0, 0, size);
        block = larger;
      }
      part.copy(block, size);
      size += part.length;
    },
    kept: () => block.subarray(0, size),
    total: () => total,
  };
}

/**
 * UTF-8 text of `bytes`; invalid bytes become U+FFFD.
 * @param cut the bytes were cut at a limit: a character halved by the cut is left out
 */
export function decodeText(bytes: Buffer, cut: boolean): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: cut });
}
