// Config paths and values as people type them.
import { describe, expect, test } from 'vitest';
import { keysOf, parsedValue, patchAt, valueAt } from './config-path.ts';

describe('config path', () => {
  test.each([
    ['', []],
    ['gateway', ['gateway']],
    ['gateway.port', ['gateway', 'port']],
    ['models.providers["my.own"].apiKey', ['models', 'providers', 'my.own', 'apiKey']],
    ['["a\\"b"].c', ['a"b', 'c']],
    ['channels.telegram.accounts.*', ['channels', 'telegram', 'accounts', '*']],
  ])('%j is parsed', (path, keys) => expect(keysOf(path)).toEqual(keys));

  test.each(['.gateway', 'gateway.', 'a..b', 'bindings[0]', 'a["b', 'a b".c'])('%j is not a path', (path) =>
    expect(() => keysOf(path)).toThrow(/is not a path in the config/),
  );

  test('valueAt reads only own properties', () => {
    const config = { gateway: { port: 1, bind: null } };
    expect(valueAt(config, ['gateway', 'port'])).toBe(1);
    expect(valueAt(config, ['gateway', 'bind'])).toBeNull();
    expect(valueAt(config, ['gateway', 'toString'])).toBeUndefined();
    expect(valueAt(config, ['gateway', 'port', 'deeper'])).toBeUndefined();
    expect(valueAt(config, [])).toBe(config);
  });

  test('patchAt builds the merge patch for a path', () => {
    expect(patchAt(['gateway', 'port'], 2)).toEqual({ gateway: { port: 2 } });
    expect(JSON.stringify(patchAt(['__proto__', 'x'], null))).toBe('{"__proto__":{"x":null}}');
  });
});

describe('config value', () => {
  test.each([
    ['18790', 18790],
    ['true', true],
    ['null', null],
    ['"18790"', '18790'],
    ['["a"]', ['a']],
    ['loopback', 'loopback'],
    ['openai/gpt-5', 'openai/gpt-5'],
  ])('%j is parsed', (typed, value) => expect(parsedValue(typed)).toEqual(value));

  test.each(['{port: 1}', '["a"', '"open'])('%j is refused as invalid JSON', (typed) =>
    expect(() => parsedValue(typed)).toThrow(/is not valid JSON/),
  );
});
