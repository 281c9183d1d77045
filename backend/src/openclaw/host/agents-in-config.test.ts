// How many agents a config file has.
import { expect, test } from 'vitest';
import { countAgents } from './agents-in-config.ts';
import { parseConfigFile } from './config-file.ts';

test.for([
  ['{ agents: { entries: { main: {}, sales: {} } } }', 2],
  ['{ agents: { list: [{ id: "a" }, { id: "b" }, { id: "c" }], } }', 3],
  ['{ agents: { defaults: {} } }', 1],
  ['{ agents: { entries: {} } }', 1],
  ['{}', 1],
  ['{ $include: "./base.json5" }', null],
  ['{ agents: { $include: "./agents.json5" } }', null],
  ['{ agents: { entries: { $include: ["./a.json5"] } } }', null],
  ['{ agents: 5 }', null],
  ['{ agents: ', null],
  [null, null],
] as const)('%s has %s', ([text, count]) => {
  expect(countAgents(parseConfigFile(text))).toBe(count);
});
