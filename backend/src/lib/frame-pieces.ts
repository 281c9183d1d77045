// The pieces in which the frames of a WebSocket come and wait: how many there may be, and what each costs.

/**
 * `ws` puts a frame together in a time that grows with the square of its pieces: 250,000 of one byte, which it allows by itself, take
 * seconds in which nobody else is served. 8 MiB in packets of 1 KiB are as many as this.
 */
export const MAX_FRAME_PIECES = 8_192;

/** Bytes by which a piece is counted besides its content: thousands of pieces with nothing in them take memory too. */
export const PIECE_COST_BYTES = 512;
