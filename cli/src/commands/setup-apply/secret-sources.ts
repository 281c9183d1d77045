// Reads the secrets that the file of `setup apply` names: from a variable of the environment, or a file of their own.
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

/** @param folder where relative paths begin */
export function createSecretReader(
  environment: Readonly<Record<string, string | undefined>>,
  folder: string,
): SecretReader {
  const texts = new Map<string, Promise<string>>();
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
      return readTextFile(pathIn(folder, source.file), {
        maxBytes: MAX_SECRET_BYTES,
        what: `The secret ${sourceText(source)}`,
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
  };
}

/** `$NAME` or `file PATH`: shown before it is sent, since whoever wrote the servers file chose both. */
export function sourceText(source: SecretSource): string {
  return 'env' in source ? `$${source.env}` : `file ${source.file}`;
}

function pathIn(folder: string, file: string): string {
  return file.startsWith('~/') ? path.join(homedir(), file.slice(2)) : path.resolve(folder, file);
}
