// The front matter of a SKILL.md: YAML between two "---" lines. OpenClaw silently skips a skill without name and description.
import { parse, YAMLError } from 'yaml';
import { z } from 'zod';
import { refusedUpload } from './skill-file.ts';

/** Bytes; OpenClaw does not load a longer one by default (skills.limits.maxSkillFileBytes, 2026.9.6). */
const MAX_SKILL_BYTES = 256_000;
const FILE = 'SKILL.md';

const head = z.looseObject({
  /** As OpenClaw takes it for a folder (2026.9.6: letters, digits, dashes inside), in lower case as the format asks. */
  name: z
    .string({ error: 'The front matter of SKILL.md has no name.' })
    .max(64, { error: 'The name of the skill is longer than 64 characters.' })
    .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, {
      error:
        'The name of the skill must consist of lowercase letters and digits, with single hyphens inside.',
    }),
  description: z
    .string({ error: 'The front matter of SKILL.md has no description.' })
    .trim()
    .min(1, { error: 'The front matter of SKILL.md has no description.' })
    .max(1024, { error: 'The description of the skill is longer than 1024 characters.' }),
  metadata: z.unknown().optional(),
});
export type SkillHead = z.output<typeof head>;

/** @throws AppError `invalid_request` in words */
export function readHead(bytes: Buffer): SkillHead {
  if (bytes.length > MAX_SKILL_BYTES)
    throw refusedUpload(`SKILL.md is larger than ${MAX_SKILL_BYTES / 1000} KB.`, FILE);
  const text = decode(bytes);
  const fields = /^---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/.exec(text)?.[1];
  if (fields === undefined)
    throw refusedUpload('SKILL.md does not start with front matter between two lines of "---".', FILE);
  const parsed = head.safeParse(yamlIn(fields));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const isField = (issue?.path.length ?? 0) > 0;
  throw refusedUpload(
    isField ? issue!.message : 'The front matter of SKILL.md is not a list of fields.',
    FILE,
  );
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refusedUpload('SKILL.md is not UTF-8.', FILE);
  }
}

function yamlIn(text: string): unknown {
  try {
    return yaml(text);
  } catch (error) {
    try {
      return yaml(quoted(text));
    } catch {
      const line = error instanceof YAMLError ? error.linePos?.[0].line : undefined;
      const where = line === undefined ? '' : ` (line ${line + 1})`;
      throw refusedUpload(`The front matter of SKILL.md is not valid YAML${where}.`, FILE);
    }
  }
}

/** Few aliases, no tags of other types: a head is plain text. Throws YAMLError or ReferenceError. */
function yaml(text: string): unknown {
  return parse(text, { schema: 'core', maxAliasCount: 10, logLevel: 'error' });
}

/** `description: Brews tea: green` is no YAML, but people write it and OpenClaw takes it (2026.7.35 and 2026.9.6). */
function quoted(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => {
      const [, field, rest = ''] = /^([A-Za-z][\w-]*):[ \t]+(?=[^\s"'[\]{}|>&*!%@`#])(.*)$/.exec(line) ?? [];
      return field === undefined ? line : `${field}: ${JSON.stringify(rest.trimEnd())}`;
    })
    .join('\n');
}
