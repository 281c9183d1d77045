// The config as the host reports it: the file without secrets, the position of an error, the result of a dry run.
import { expect, test } from 'vitest';
import { parseConfigFile, readDryRun } from './host-config.ts';

test('host config › reads JSON5 with comments and hides its secrets', () => {
  const { config, problem } = parseConfigFile("// mine\n{ gateway: { port: 1, auth: { token: 'plain' } }, }");
  expect(problem).toBeNull();
  expect(config).toEqual({ gateway: { port: 1, auth: { token: '__BUOY_REDACTED__' } } });
});

test('host config › reports a broken file with line and column, but without its text', () => {
  const text = '{\n  "gateway": {\n    "token": "hunter2" oops\n  }\n}\n';
  const { config, problem } = parseConfigFile(text);
  expect(config).toBeNull();
  expect(problem).toEqual({
    message: "The file is not valid JSON5: invalid character 'o'.",
    line: 3,
    column: 24,
    issues: [],
  });
});

test.each(['[]', '"x"', ''])('host config › %j is not a config', (text) => {
  expect(parseConfigFile(text)).toMatchObject({ config: null, problem: { issues: [] } });
});

test('host config › a dry run has one issue for each line that OpenClaw prints', () => {
  const answer = {
    ok: false,
    errors: [
      {
        kind: 'schema',
        message:
          '- gateway.port: Invalid input: expected number, received string\n- <root>: Unrecognized key: "nope"',
      },
      { kind: 'resolvability', message: 'Variable X is not set' },
    ],
  };
  expect(readDryRun(JSON.stringify(answer))).toEqual({
    valid: false,
    issues: [
      { path: 'gateway.port', message: 'Invalid input: expected number, received string' },
      { path: '', message: 'Unrecognized key: "nope"' },
      { path: '', message: 'Variable X is not set' },
    ],
  });
  expect(readDryRun('{"ok":true,"operations":2}')).toEqual({ valid: true, issues: [] });
});

test('host config › returns 502 when the dry run prints something unknown', () => {
  expect(() => readDryRun('Segmentation fault')).toThrow(
    'OpenClaw did not say whether this config is valid.',
  );
});
