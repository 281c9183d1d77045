// How many agents a config file has, and which.
import { expect, test } from 'vitest';
import { countAgents, hasAgent } from './agents-in-config.ts';
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

test.for([
  ['{ agents: { entries: { main: {}, Sales: {} } } }', 'sales', true],
  ['{ agents: { entries: { main: {} } } }', 'sales', false],
  ['{ agents: { list: [{ id: "a" }, { id: "b" }] } }', 'B', true],
  ['{ agents: { list: [{ id: "a" }] } }', 'main', false],
  ['{}', 'main', true],
  ['{}', 'sales', false],
  ['{ agents: { list: [{ id: "a" }, { $include: "./b.json5" }] } }', 'b', null],
  ['{ agents: { $include: "./agents.json5" } }', 'sales', null],
  ['{ agents: 5 }', 'sales', null],
] as const)('%s has the agent %s: %s', ([text, agentId, is]) => {
  expect(hasAgent(parseConfigFile(text)?.value, agentId)).toBe(is);
});
