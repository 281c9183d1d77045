// A WebSocket as features see it: frames of the contract and bytes, in both directions, without HTTP around them.

/** What a client sends, in order. */
export type FrameListener<In> = {
  onFrame(frame: In): void;
  onBytes(bytes: Buffer): void;
};

export type FrameSocket<In, Out> = {
  /**
   * Aborts when nobody may or can listen any more; its reason is an AppError: `cancelled` when the client has gone, else in words
   * for the client, who is told by whoever opened the socket.
   */
  readonly signal: AbortSignal;
  /** Begins to read what the client sends; until then it waits on the network. To be called once. */
  listen(listener: FrameListener<In>): void;
  /** Stops reading the client, for a receiver that is full. */
  pause(): void;
  resume(): void;
  /** Sends a frame, checked against the contract. Nothing happens once the client has gone. */
  send(frame: Out): void;
  /** `onSent` is called when the network has taken them. */
  sendBytes(bytes: Buffer, onSent: () => void): void;
  /** Bytes that wait for the network. */
  waitingBytes(): number;
};
