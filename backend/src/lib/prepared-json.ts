// Answers that are the same for many callers: their JSON is made once, and not at each call.

const bytes = Symbol('bytes of the JSON');

type Prepared = { readonly [bytes]?: Buffer };

/** The same object, with its JSON beside it. It must not change from then on. */
export function prepareJson<T extends object>(value: T): T {
  return Object.defineProperty(value, bytes, { value: Buffer.from(JSON.stringify(value)) });
}

/** The JSON of what was prepared; undefined for anything else. */
export function preparedJson(value: unknown): Buffer | undefined {
  return typeof value === 'object' && value !== null ? (value as Prepared)[bytes] : undefined;
}
