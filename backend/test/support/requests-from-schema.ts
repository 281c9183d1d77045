// Requests from the contract's own schemas: valid ones, nearly valid ones, and hostile ones.
import fc from 'fast-check';
import { z } from 'zod';

type JsonSchema = {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
};

/** What people, scanners and broken clients send. */
const hostileTexts = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  '-oProxyCommand=touch /tmp/x',
  "'; drop table servers; --",
  '$(reboot)',
  '`id`',
  '../../etc/passwd',
  '🦞'.repeat(50),
  'Ünïcödé «»',
  '\u202eevil',
  'x'.repeat(5_000),
  '%00',
  '{"$ne":null}',
  '__proto__',
];
const hostileValues: unknown[] = [null, true, -1, 0, 1e308, 2 ** 53, [], {}, [[[]]], ...hostileTexts];

const hostile = fc.constantFrom(...hostileValues);

/** Mostly what the schema asks for, sometimes anything at all. Transforms and refinements are the server's to check. */
export function requestFrom(schema: z.ZodType): fc.Arbitrary<unknown> {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return fc.oneof({ weight: 5, arbitrary: fromJson(json) }, { weight: 1, arbitrary: hostile });
}

function fromJson(schema: JsonSchema): fc.Arbitrary<unknown> {
  const sometimesHostile = (arbitrary: fc.Arbitrary<unknown>) =>
    fc.oneof({ weight: 6, arbitrary }, { weight: 1, arbitrary: hostile });
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return sometimesHostile(fc.constantFrom(...schema.enum));
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined) return fc.oneof(...alternatives.map(fromJson));
  if (schema.allOf?.[0] !== undefined) return fromJson(schema.allOf[0]);
  switch (schema.type) {
    case 'object':
      return objectFrom(schema);
    case 'array':
      return sometimesHostile(fc.array(fromJson(schema.items ?? {}), { maxLength: 4 }));
    case 'integer':
    case 'number':
      return sometimesHostile(
        fc.integer({ min: Math.max(schema.minimum ?? 0, -1e6), max: Math.min(schema.maximum ?? 1e6, 1e6) }),
      );
    case 'boolean':
      return sometimesHostile(fc.boolean());
    case 'null':
      return fc.constant(null);
    case 'string':
      return sometimesHostile(textFrom(schema));
    default:
      return hostile;
  }
}

function textFrom({ pattern, minLength = 0, maxLength = 64 }: JsonSchema): fc.Arbitrary<unknown> {
  if (pattern !== undefined) return fc.oneof(fc.stringMatching(new RegExp(pattern)), fc.string());
  return fc.oneof(
    fc.string({ minLength, maxLength: Math.min(maxLength, 64), unit: 'grapheme' }),
    fc.constantFrom(...hostileTexts),
  );
}

function objectFrom({ properties = {}, required = [] }: JsonSchema): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name, fromJson(value)]),
  );
  const known = fc.record(fields, { requiredKeys: required.filter((name) => name in fields) });
  const strange = fc.tuple(known, fc.constantFrom(...hostileTexts), hostile).map(([object, key, value]) => ({
    ...object,
    [key]: value,
  }));
  return fc.oneof({ weight: 5, arbitrary: known }, { weight: 1, arbitrary: strange });
}
