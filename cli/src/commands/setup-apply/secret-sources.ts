// Reads the secrets that the file of `setup apply` names: from a variable of the environment, or a file of their own.
import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { CommandError } from '../../command.ts';
import { readTextFile } from '../../read-input.ts';
import type { SecretSource } from './servers-file.ts';

/** Bytes: as much as a private key may have. */
const MAX_SECRET_BYTES = 64 * 1024;

export type SecretReader = {
  /** Read once. @param isKey a private key, whose last line end is a part of it. @throws CommandError */
  read(source: SecretSource, options?: { isKey?: boolean }): Promise<string>;
};

export type SecretSources = SecretReader & {
  /** `$NAME` or `file PATH`, with the file that a link leads to: whoever wrote the servers file chose it, and maybe made the link. */
  shown(source: SecretSource): string;
};

/** @param folder where relative paths begin */
export function createSecretSources(
  environment: Readonly<Record<string, string | undefined>>,
  folder: string,
): SecretSources {
  const texts = new Map<string, Promise<string>>();
  const paths = new Map<string, string>();
  /** The same file is shown and read, whatever links become meanwhile. */
  const pathOf = (file: string): string => {
    const known = paths.get(file) ?? realPath(pathIn(folder, file));
    paths.set(file, known);
    return known;
  };
  const textOf = (source: SecretSource): Promise<string> => {
    const key = sourceText(source);
    const known = texts.get(key);
    if (known !== undefined) return known;
    const text = readSource(source);
    texts.set(key, text);
    return text;
  };
  const readSource = async (source: SecretSource): Promise<string> => {
    if ('file' in source)
      return readTextFile(pathOf(source.file), {
        maxBytes: MAX_SECRET_BYTES,
        what: `The secret ${sourceText(source)}`,
        isRegular: true,
      });
    const value = environment[source.env];
    if (value === undefined || value === '')
      throw new CommandError(`The environment variable ${source.env} is not set.`);
    return value;
  };
  return {
    async read(source, { isKey = false } = {}) {
      const text = await textOf(source);
      const secret = 'file' in source && !isKey ? text.replace(/\r?\n$/, '') : text;
      if (secret === '') throw new CommandError(`The secret ${sourceText(source)} is empty.`);
      return secret;
    },
    shown(source) {
      if ('env' in source) return sourceText(source);
      const { file } = source;
      const real = pathOf(file);
      // The folder itself may be reached by links: only those after it are worth a word.
      const written = pathIn(path.isAbsolute(file) ? '/' : realPath(folder), file, realPath(homedir()));
      return real === written ? sourceText(source) : `${sourceText(source)} (which is ${real})`;
    },
  };
}

function sourceText(source: SecretSource): string {
  return 'env' in source ? `$${source.env}` : `file ${source.file}`;
}

function pathIn(folder: string, file: string, home = homedir()): string {
  return file.startsWith('~/') ? path.join(home, file.slice(2)) : path.resolve(folder, file);
}

/** Without links; one that cannot be resolved stays, for the error of reading it. */
function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
