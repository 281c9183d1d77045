// Where a reader of a log left off, as the id of an event.

export type LogPosition = {
  /** Name of the file, without its folder: it changes each day. */
  file: string;
  /** Bytes from its start. */
  cursor: number;
  /** Lines from there on that were read. */
  lines: number;
};

/** Names that OpenClaw gives its log; a gateway may send any. */
const FILE = /^[\w.-]{1,100}$/;

/** null where the name of the file cannot be part of an id: a listener that reconnects then starts over. */
export function logPositionId({ file, cursor, lines }: LogPosition): string | null {
  return FILE.test(file) ? `${file}:${cursor}:${lines}` : null;
}

/** null for an id that Buoy did not issue. */
export function readLogPosition(id: string | null): LogPosition | null {
  const [, file, cursor, lines] = /^([\w.-]{1,100}):(\d{1,15}):(\d{1,6})$/.exec(id ?? '') ?? [];
  return file === undefined ? null : { file, cursor: Number(cursor), lines: Number(lines) };
}
