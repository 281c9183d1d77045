// The version that npm would take, by the rules of npm-pick-manifest.
import { describe, expect, test } from 'vitest';
import { type VersionList, versionPicker } from './pick-version.ts';

const NODE = '24.21.0';
const list = (versions: Record<string, object>, tags: Record<string, string> = {}) => ({
  tags,
  versions: new Map(Object.entries(versions)),
});
const pickVersion = (versions: VersionList, wanted: string, node: string) =>
  versionPicker(versions, node)(wanted);
const plain = list(
  { '1.0.0': {}, '1.4.0': {}, '2.0.0': {}, '3.0.0-beta.1': {} },
  { latest: '1.4.0', next: '3.0.0-beta.1' },
);

describe('the version for a dependency', () => {
  test.each([
    ['an exact version', '1.0.0', '1.0.0'],
    ['an exact version with a v', 'v1.0.0', '1.0.0'],
    ['a range', '^1.0.0', '1.4.0'],
    ['a range beyond the latest', '>=1.0.0', '1.4.0'],
    ['a range without the latest', '^2.0.0', '2.0.0'],
    ['any', '*', '1.4.0'],
    ['nothing', '', '1.4.0'],
    ['a tag', 'next', '3.0.0-beta.1'],
    ['one of two ranges', '^0.9.0 || ^2.0.0', '2.0.0'],
  ])('of %s', (_what, wanted, version) => {
    expect(pickVersion(plain, wanted, NODE)).toBe(version);
  });

  test.each(['9.9.9', '^9.0.0', 'nightly', '>=3.0.0'])('is missing for %s', (wanted) => {
    expect(pickVersion(plain, wanted, NODE)).toBeNull();
  });

  test('is an older one where the newest does not run on the Node of the server', () => {
    const versions = { '1.0.0': {}, '1.1.0': { engines: { node: '>=26' } } };
    expect(pickVersion(list(versions, { latest: '1.1.0' }), '^1.0.0', NODE)).toBe('1.0.0');
    expect(pickVersion(list(versions, { latest: '1.1.0' }), '^1.0.0', '26.1.0')).toBe('1.1.0');
  });

  test('is not a deprecated one where another fits', () => {
    const versions = { '1.0.0': {}, '1.1.0': { deprecated: 'broken' } };
    expect(pickVersion(list(versions, { latest: '1.1.0' }), '^1.0.0', NODE)).toBe('1.0.0');
    expect(pickVersion(list({ '1.1.0': { deprecated: 'broken' } }), '^1.0.0', NODE)).toBe('1.1.0');
  });
});
