// Where a reader of a log left off, as the id of an event.

export type LogPosition = {
  /** Name of the file, without its folder: it changes each day. */
  file: string;
  /** Bytes from its start. */
  cursor: number;
  /** Lines from there on that were read. */
  lines: number;
};

export function logPositionId({ file, cursor, lines }: LogPosition): string {
  return `${file}:${cursor}:${lines}`;
}

/** null for what Buoy did not give out. */
export function readLogPosition(id: string | null): LogPosition | null {
  const [, file, cursor, lines] = /^([\w.-]{1,100}):(\d{1,15}):(\d{1,6})$/.exec(id ?? '') ?? [];
  return file === undefined ? null : { file, cursor: Number(cursor), lines: Number(lines) };
}
