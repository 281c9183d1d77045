// Values from the contract's own schemas: valid ones, nearly valid ones, and hostile ones.
import fc from 'fast-check';
import { z } from 'zod';
import { hostileJson, hostileTexts } from './hostile-values.ts';

type JsonSchema = {
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  type?: string;
  format?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
};

/** Field name → values that mean something to the Buoy under test: ids of existing records, valid codes. */
export type KnownValues = Readonly<Record<string, readonly string[]>>;

const hostile = fc.constantFrom(...hostileJson);
const MAX_NUMBER = 1_000_000;
const MAX_LIST = 5;
const MAX_TEXT = 64;
/** Optional fields beside the required ones: all of them at once are seldom valid together. */
const FEW_FIELDS = 2;

/** Mostly valid for the schema, sometimes anything at all. Transforms and refinements are the server's to check. */
export function valuesFrom(schema: z.ZodType, known: KnownValues): fc.Arbitrary<unknown> {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return fc.oneof({ weight: 9, arbitrary: generator(root, known)(root) }, { weight: 1, arbitrary: hostile });
}

function generator(root: JsonSchema, known: KnownValues) {
  const resolved = (schema: JsonSchema): JsonSchema => {
    const name = /^#\/\$defs\/(.+)$/.exec(schema.$ref ?? '')?.[1];
    return name === undefined ? schema : (root.$defs?.[name] ?? {});
  };

  const from = (reference: JsonSchema): fc.Arbitrary<unknown> => {
    const schema = resolved(reference);
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
    const alternatives = schema.anyOf ?? schema.oneOf;
    if (alternatives !== undefined) return fc.oneof(...alternatives.map(from));
    if (schema.allOf?.[0] !== undefined) return from(schema.allOf[0]);
    switch (schema.type) {
      case 'object':
        return objectFrom(schema);
      case 'array':
        return fc.array(sometimesHostile(from(schema.items ?? {})), {
          minLength: schema.minItems ?? 0,
          maxLength: Math.min(schema.maxItems ?? MAX_LIST, MAX_LIST),
        });
      case 'integer':
        return fc.integer(boundsOf(schema));
      case 'number':
        return fc.double({ ...boundsOf(schema), noNaN: true });
      case 'boolean':
        return fc.boolean();
      case 'null':
        return fc.constant(null);
      case 'string':
        return textFrom(schema);
      default:
        return hostile;
    }
  };

  const objectFrom = ({ properties = {}, required = [] }: JsonSchema): fc.Arbitrary<unknown> => {
    const fields = Object.fromEntries(
      Object.entries(properties).map(([name, schema]) => {
        const values = known[name] ?? [];
        const valid = from(schema);
        const meaningful =
          values.length === 0
            ? valid
            : fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...values) }, { weight: 1, arbitrary: valid });
        return [name, sometimesHostile(meaningful)];
      }),
    );
    const optional = Object.keys(fields).filter((name) => !required.includes(name));
    const plain = fc
      .tuple(
        fc.record(fields, { requiredKeys: required }),
        fc.subarray(optional, { maxLength: Math.min(optional.length, FEW_FIELDS) }),
      )
      .map(([object, kept]) =>
        Object.fromEntries(
          Object.entries(object).filter(([name]) => required.includes(name) || kept.includes(name)),
        ),
      );
    const full = fc.record(fields);
    const incomplete = fc.record(fields, { requiredKeys: [] });
    const strange = fc
      .tuple(plain, fc.constantFrom(...hostileTexts), hostile)
      .map(([object, name, value]) => ({ ...object, [name]: value }));
    return fc.oneof(
      { weight: 12, arbitrary: plain },
      { weight: 1, arbitrary: full },
      { weight: 1, arbitrary: incomplete },
      { weight: 1, arbitrary: strange },
    );
  };

  return from;
}

function sometimesHostile(arbitrary: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 15, arbitrary }, { weight: 1, arbitrary: hostile });
}

function boundsOf({ minimum, maximum }: JsonSchema): { min: number; max: number } {
  return {
    min: Math.max(minimum ?? 0, -MAX_NUMBER),
    max: Math.min(maximum ?? MAX_NUMBER, MAX_NUMBER),
  };
}

function textFrom({
  format,
  pattern,
  minLength = 0,
  maxLength = MAX_TEXT,
}: JsonSchema): fc.Arbitrary<unknown> {
  if (format === 'date-time')
    return fc
      .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString());
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  return fc.string({ minLength, maxLength: Math.min(maxLength, MAX_TEXT), unit: 'grapheme' });
}
