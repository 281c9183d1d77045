// In how many pieces the network may bring one frame of a WebSocket.

/**
 * `ws` puts a frame together in a time that grows with the square of its pieces: 250,000 of one byte, which it allows by itself, take
 * seconds in which nobody else is served. 8 MiB in packets of 1 KiB are as many as this.
 */
export const MAX_FRAME_PIECES = 8_192;
