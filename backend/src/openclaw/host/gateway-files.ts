// Reads files of a gateway from its host, with no more rights than the account of the gateway: that account can put a link in the place of each.
import { AppError } from '../../lib/app-error.ts';
import type { CallOptions } from '../../ssh/ssh.ts';
import type { RunAsGateway } from './as-gateway.ts';
import { readFileScript } from './scripts.ts';

/** Bytes of the line that read-file.sh prints before the content. */
const MAX_HEAD_BYTES = 1_024;

export type FileOnHost = {
  content: string;
  /** Bytes. */
  size: number;
  /** Milliseconds since the epoch. */
  changedAtMs: number;
};

export type FileAddress = {
  /** Absolute path. */
  folder: string;
  name: string;
  maxBytes: number;
  /** A file that a link leads to elsewhere is not read. */
  inside?: boolean;
};

export type GatewayFiles = {
  /**
   * One file; null when it is not there. Throws AppError: `output_too_large` beyond `maxBytes`, `refused` when the account may not read it or it is
   * no regular file in its place.
   */
  read(serverId: string, place: FileAddress, options: CallOptions): Promise<FileOnHost | null>;
};

export function createGatewayFiles(runAsGateway: RunAsGateway): GatewayFiles {
  return {
    async read(serverId, { folder, name, maxBytes, inside = false }, options) {
      const { stdout, exitCode } = await runAsGateway(
        serverId,
        readFileScript,
        [folder, name, String(maxBytes), inside ? 'inside' : ''],
        { ...options, reads: true, maxOutputBytes: maxBytes + MAX_HEAD_BYTES },
      );
      const end = stdout.indexOf('\n');
      const head = stdout.slice(0, end);
      if (head === 'missing') return null;
      if (head === 'unsafe') throw unsafeFile(name, inside);
      const [, size, seconds] = /^(\d+) (\d+)$/.exec(head) ?? [];
      if (exitCode !== 0 || size === undefined || seconds === undefined)
        throw new AppError('refused', `The account on the server may not read ${name}.`, {
          hint: 'Check owner and mode of the file and its folder.',
        });
      if (Number(size) > maxBytes)
        throw new AppError('output_too_large', 'The file is larger than allowed.', {
          hint: 'Read part of it with a command instead.',
          details: { maxBytes },
        });
      return {
        content: stdout.slice(end + 1),
        size: Number(size),
        changedAtMs: Number(seconds) * 1_000,
      };
    },
  };
}

/** @param inside the file was refused for where a link leads, too, and not only for what it is */
export function unsafeFile(name: string, inside: boolean): AppError {
  return new AppError(
    'refused',
    inside
      ? `${name} is a link that leads out of the agent's folder, so it is not opened.`
      : `${name} is not a regular file, so it is not opened.`,
    { hint: 'Replace it with a regular file on the server.' },
  );
}
