// One path of OpenClaw's config schema in the form of the contract: `config.schema.lookup` of 2026.7.35 and 2026.9.6.
import type { ConfigNode, ReloadKind } from '@buoy/contract';
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { explained } from '../gateway/refusals.ts';
import { firstOf, wordText } from '../reads/bounded.ts';
import type { GatewayCall } from '../reads/reader.ts';

const reloadKind = z.enum(['hot', 'restart', 'none']).nullish().catch(null);
const hint = z
  .looseObject({
    label: z.string().optional().catch(undefined),
    help: z.string().optional().catch(undefined),
    sensitive: z.boolean().optional().catch(undefined),
    advanced: z.boolean().optional().catch(undefined),
  })
  .nullish()
  .catch(null);
/** Fields of one place, or values to choose from; the fullest has some hundred. */
const MAX_CHILDREN = 1_000;

const type = z
  .union([z.string(), firstOf(wordText, 10)])
  .optional()
  .catch(undefined);
const branch = z.looseObject({
  type,
  const: z.unknown().optional(),
  enum: firstOf(z.unknown(), MAX_CHILDREN).optional().catch(undefined),
});
const branches = firstOf(branch, 100).optional().catch(undefined);

const lookup = z.looseObject({
  path: z.string(),
  schema: branch
    .extend({
      title: z.string().optional().catch(undefined),
      description: z.string().optional().catch(undefined),
      default: z.unknown().optional(),
      minimum: z.number().optional().catch(undefined),
      maximum: z.number().optional().catch(undefined),
      anyOf: branches,
      oneOf: branches,
    })
    .catch({}),
  reloadKind,
  hint,
  children: firstOf(
    z.looseObject({
      key: z.string(),
      path: z.string(),
      type,
      required: z.boolean().catch(false),
      hasChildren: z.boolean().catch(false),
      reloadKind,
      hint,
    }),
    MAX_CHILDREN,
  ).catch([]),
});

/** @param path dotted; empty for the whole config. @throws AppError `not_found` for a place that the schema does not have */
export async function findNode(call: GatewayCall, path: string): Promise<ConfigNode> {
  const answer = await explained(call('config.schema.lookup', { path: path === '' ? '.' : path }, lookup), [
    {
      when: ({ message }) => /path not found|must match pattern|fewer than|more than/.test(message),
      is: () =>
        new AppError('not_found', 'The config of OpenClaw has no such path.', {
          hint: 'Separate the parts with dots, as in gateway.port; * matches any name.',
        }),
    },
  ]);
  const { schema } = answer;
  const alternatives = [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  const listed = alternatives.flatMap((one) => one.enum ?? ('const' in one ? [one.const] : []));
  return {
    path: answer.path === '.' ? '' : answer.path,
    types: [...new Set(alternatives.flatMap((one) => typesOf(one.type)))],
    title: schema.title ?? answer.hint?.label ?? null,
    help: schema.description ?? answer.hint?.help ?? null,
    enum: listed.length > 0 ? listed : null,
    default: schema.default ?? null,
    minimum: schema.minimum ?? null,
    maximum: schema.maximum ?? null,
    sensitive: answer.hint?.sensitive ?? false,
    advanced: answer.hint?.advanced ?? false,
    reloadKind: answer.reloadKind ?? null,
    needsRestart: answer.reloadKind == null ? null : answer.reloadKind === 'restart',
    children: answer.children.map((child) => ({
      key: child.key,
      path: child.path,
      types: typesOf(child.type),
      required: child.required,
      hasChildren: child.hasChildren,
      title: child.hint?.label ?? null,
      help: child.hint?.help ?? null,
      sensitive: child.hint?.sensitive ?? false,
      advanced: child.hint?.advanced ?? false,
      reloadKind: child.reloadKind ?? null,
    })),
  };
}

const reload = z.looseObject({ reloadKind });

/**
 * How the gateway applies a change at `keys`, from the deepest path that its schema has; null when it does not say.
 * @throws AppError as the call does, refusals aside
 */
export async function reloadKindAt(call: GatewayCall, keys: readonly string[]): Promise<ReloadKind | null> {
  for (let depth = keys.length; depth > 0; depth -= 1) {
    const path = keys
      .slice(0, depth)
      .map((key) => (/^[A-Za-z0-9_-]+$/.test(key) ? key : '*'))
      .join('.');
    const answer = await explained(
      call('config.schema.lookup', { path }, reload).then((node) => ({ kind: node.reloadKind ?? null })),
      [{ when: () => true, is: () => new AppError('not_found', 'The config has no such path.') }],
    ).catch((error: unknown) => {
      if (error instanceof AppError && error.code === 'not_found') return null;
      throw error;
    });
    if (answer !== null) return answer.kind;
  }
  return null;
}

function typesOf(value: string | string[] | undefined): string[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}
