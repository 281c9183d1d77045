// JSON Schemas of the OpenAPI document from the contract's zod schemas; those with an id become components.
import { z } from 'zod';

export type JsonSchema = Record<string, unknown>;
type Direction = 'input' | 'output';

export type SchemaCollector = {
  /** What a caller may send as the body. */
  body(schema: z.ZodType): JsonSchema;
  /** What a caller may send in path or query, or in a frame of a WebSocket. */
  input(schema: z.ZodType): JsonSchema;
  /** What a caller gets. More fields may come in later versions, so objects are not closed. */
  response(schema: z.ZodType): JsonSchema;
};

/** Where a component is kept until all are known and have their final names. */
const placeholder = /^#\/\$(input|output)\/(.+)$/;

/** A type that holds itself is more than generators of TypeScript can write, so what is in it stays open. */
const anyJson: JsonSchema = {
  description: 'Any JSON value.',
  anyOf: [
    { type: 'object', additionalProperties: {} },
    { type: 'array', items: {} },
    ...['string', 'number', 'boolean', 'null'].map((type) => ({ type })),
  ],
};

/**
 * Collects schemas; `finish` gives `document` its components and the final references.
 * @param examples by the id of the schema
 */
export function collectSchemas(examples: Record<string, unknown>): SchemaCollector & {
  finish<T extends { components: object }>(document: T): T;
} {
  const found: Record<Direction, Map<string, JsonSchema>> = { input: new Map(), output: new Map() };

  const convert = (
    schema: z.ZodType,
    io: Direction,
    change: (jsonSchema: JsonSchema) => void = () => undefined,
  ): JsonSchema => {
    // As a field of an object, a schema with an id is converted like every other one: by reference.
    const holder = z.toJSONSchema(z.object({ schema }), {
      io,
      override(found) {
        tidy(found);
        change(found.jsonSchema);
      },
    });
    const converted = holder.properties?.schema as JsonSchema;
    const definitions = (holder.$defs ?? {}) as Record<string, JsonSchema>;
    const relink = (part: JsonSchema): JsonSchema =>
      mapObjects(part, (object) => {
        const name = typeof object.$ref === 'string' ? /^#\/\$defs\/(.+)$/.exec(object.$ref)?.[1] : undefined;
        return name === undefined ? object : { ...object, $ref: `#/$${io}/${name}` };
      });
    for (const [name, { id: _, ...definition }] of Object.entries(definitions))
      if (!found[io].has(name)) found[io].set(name, name === 'JsonValue' ? anyJson : relink(definition));
    return relink(converted);
  };

  return {
    body: (schema) => convert(schema, 'input', defaultInWords),
    input: (schema) => convert(schema, 'input'),
    response: (schema) => convert(schema, 'output'),
    finish(document) {
      const apart = differing(found.input, found.output);
      const finalName = (io: string, name: string): string =>
        io === 'input' && apart.has(name) ? `${name}Input` : name;
      const named = (['output', 'input'] as const).flatMap((io) =>
        [...found[io]].map(([name, schema]) => [finalName(io, name), schema] as const),
      );
      named.sort(([one], [other]) => (one < other ? -1 : 1));
      const schemas = Object.fromEntries(
        named.map(([name, schema]) => [
          name,
          name in examples ? { ...schema, examples: [examples[name]] } : schema,
        ]),
      );
      const whole: typeof document = { ...document, components: { ...document.components, schemas } };
      return mapObjects(whole, (object) => {
        const [, io, name] = (typeof object.$ref === 'string' && placeholder.exec(object.$ref)) || [];
        return io === undefined || name === undefined
          ? object
          : { ...object, $ref: `#/components/schemas/${finalName(io, name)}` };
      });
    },
  };
}

/** Names of schemas that are sent and received in different shapes, or hold such a schema. */
function differing(input: Map<string, JsonSchema>, output: Map<string, JsonSchema>): Set<string> {
  const both = [...input.keys()].filter((name) => output.has(name));
  const shape = (schema: JsonSchema | undefined) =>
    JSON.stringify(schema).replaceAll('#/$input/', '#/$output/');
  const apart = new Set(both.filter((name) => shape(input.get(name)) !== shape(output.get(name))));
  for (let size = -1; size !== apart.size; ) {
    size = apart.size;
    for (const name of both)
      if ([...apart].some((other) => shape(input.get(name)).includes(`"#/$output/${other}"`)))
        apart.add(name);
  }
  return apart;
}

/** Leaves out what says nothing to a caller. */
function tidy({
  jsonSchema,
  zodSchema,
}: {
  jsonSchema: JsonSchema;
  zodSchema: { _zod: { def: { type: string } } };
}): void {
  // The pattern of a time is 230 characters and says the same as its format.
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
  if (JSON.stringify(jsonSchema.propertyNames) === '{"type":"string"}') delete jsonSchema.propertyNames;
  if (
    zodSchema._zod.def.type === 'object' &&
    jsonSchema.additionalProperties === false &&
    !isStrict(zodSchema)
  )
    delete jsonSchema.additionalProperties;
}

/** Generators take a field with a default for one that is always there, which a field that may be left out of a body is not. */
function defaultInWords(jsonSchema: JsonSchema): void {
  if (!('default' in jsonSchema)) return;
  jsonSchema.description = `Default: ${JSON.stringify(jsonSchema.default)}.`;
  delete jsonSchema.default;
}

/** `z.object` drops fields that it does not know, `z.strictObject` refuses them: only that one is closed. */
function isStrict(schema: { _zod: { def: { type: string; catchall?: unknown } } }): boolean {
  return schema._zod.def.catchall !== undefined;
}

/** A copy of `value` with each object in it replaced by what `change` makes of it. */
function mapObjects<T>(value: T, change: (object: JsonSchema) => JsonSchema): T {
  if (Array.isArray(value)) return value.map((item) => mapObjects(item, change)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, mapObjects(item, change)]),
  );
  return change(copy) as T;
}
