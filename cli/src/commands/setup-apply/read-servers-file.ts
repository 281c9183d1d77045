// Reads the file of `setup apply`, which may come from somebody else: within limits, and with the line of whatever is wrong in it.
import path from 'node:path';
import type { z } from 'zod';
import { type Context, UsageError } from '../../command.ts';
import { cleanLine } from '../../output/terminal-text.ts';
import { cut } from '../../output/text-width.ts';
import { readTextFile, tooLarge } from '../../read-input.ts';
import type { DescribedServer, FileIssue } from './servers-file.ts';
import type { YamlDocument } from './yaml-document.ts';

const HELP = 'See buoy setup apply --help';
const MAX_FILE_BYTES = 1024 * 1024;
/** Issues shown at once. */
const MAX_SHOWN = 10;
/** Columns of a key that is not known: it may be any text. */
const MAX_KEY_WIDTH = 60;

export type ServersFile = {
  servers: DescribedServer[];
  /** Where relative paths of secrets begin. */
  folder: string;
};

/** @param file `-` for standard input. @throws CommandError when it cannot be read; UsageError for what is wrong in it */
export async function readServersFile(context: Context, file: string): Promise<ServersFile> {
  const isStdin = file === '-';
  const shown = isStdin ? 'standard input' : file;
  const text = isStdin
    ? await stdinText(context)
    : await readTextFile(file, { maxBytes: MAX_FILE_BYTES, what: `The file ${file}` });
  // Both with their libraries, which are loaded only now.
  const { yamlDocument } = await import('./yaml-document.ts');
  const { describedServers, serversFile } = await import('./servers-file.ts');
  const read = yamlDocument(text.replace(/^\ufeff/, ''));
  if ('refused' in read) throw new UsageError(`${shown}:${read.refused.line}: ${read.refused.what}`, HELP);
  const { document } = read;
  const parsed = serversFile.safeParse(document.value);
  if (!parsed.success) throw refusal(shown, document, parsed.error.issues.flatMap(issuesOf));
  const { servers, issues } = describedServers(parsed.data);
  if (issues.length > 0) throw refusal(shown, document, issues);
  return { servers, folder: isStdin ? process.cwd() : path.dirname(path.resolve(file)) };
}

async function stdinText({ terminal }: Context): Promise<string> {
  const text = await terminal.readStdin();
  if (Buffer.byteLength(text) > MAX_FILE_BYTES) throw tooLarge('Standard input', MAX_FILE_BYTES);
  return text;
}

type Issue = FileIssue & { key?: string };

/** One issue for each key that is not known, so that each has its line. */
function issuesOf(issue: z.core.$ZodIssue): Issue[] {
  const at = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  if (issue.code !== 'unrecognized_keys') return [{ path: at, message: issue.message }];
  return issue.keys.map((key) => ({ path: at, key, message: 'is not known here' }));
}

function refusal(file: string, document: YamlDocument, issues: readonly Issue[]): UsageError {
  const lines = issues.slice(0, MAX_SHOWN).map(({ path: at, key, message }) => {
    const line = key === undefined ? document.lineAt(at) : document.lineOfKey(at, key);
    const name = nameOf(key === undefined ? at : [...at, cut(cleanLine(key), MAX_KEY_WIDTH)]);
    return `${file}:${line}: ${name === '' ? 'the file' : name}: ${message}`;
  });
  const more = issues.length > MAX_SHOWN ? [`and ${issues.length - MAX_SHOWN} more`] : [];
  return new UsageError(
    `${issues.length === 1 ? 'This is' : 'These are'} wrong in the file:\n${[...lines, ...more].join('\n')}`,
    HELP,
  );
}

/** `servers[0].auth.password`. */
function nameOf(at: readonly (string | number)[]): string {
  return at
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`))
    .join('');
}
