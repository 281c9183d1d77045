// Copies of the database to a file while Buoy runs, and their verification, per engine.

export type DatabaseCopies = {
  engine: 'sqlite' | 'postgres';
  /** How the name of a copy's file ends. */
  extension: 'db' | 'dump';
  /**
   * Writes the database as it is at one moment to `file`, which must not exist, with mode 600. Others read and write meanwhile.
   * @throws AppError in words; the signal's reason
   */
  write(file: string, signal: AbortSignal): Promise<void>;
  /**
   * Reads the copy in `file` to its end.
   * @throws AppError `internal` that says what is wrong with it; the signal's reason
   */
  check(file: string, signal: AbortSignal): Promise<CopyFacts>;
};

export type CopyFacts = {
  /** The migrations that had run, in order; empty when it is no database of Buoy. */
  migrations: string[];
};

/** Milliseconds; a database of 100 MB takes less than one second, one of 50 GB on a slow disk is done by then. */
export const COPY_DEADLINE_MS = 30 * 60_000;
