// The hosts that test files share, by name.

/** TEST_HOST_PREFIX names hosts that stay when a run ends, for who runs one suite again and again. */
const prefix = process.env.TEST_HOST_PREFIX ?? 'test-';

/** Test files run side by side, each worker on hosts of its own: a fault in one file must not be felt in another. */
const worker = process.env.VITEST_POOL_ID ?? '1';

/** Characters that the names of hosts leave for one, beside a prefix and the number of a worker. */
const MAX_NAME = 17;

/** The name of a host of the tests: the same for all files that one worker runs. */
export function testHost(name: string): string {
  // Else it fails only where the file runs in another worker than the first.
  if (name.length > MAX_NAME) throw new RangeError(`"${name}" has more than ${MAX_NAME} characters.`);
  return `${prefix}${name}${worker === '1' ? '' : `-${worker}`}`;
}
