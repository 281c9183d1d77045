import { pathText } from '@buoy/contract/config-patch';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { firstMistake, lineAt } from './json-positions.ts';

const text = `{
  "gateway": { "port": 1 },
  "agents": {
    "list": [
      { "id": "main" },
      {
        "id": "sales"
      }
    ]
  },
  "models": {
    "my.own": true
  }
}`;

it.each([
  ['gateway.port', 2],
  ['agents.list.0.id', 5],
  ['agents.list[1].id', 7],
  ['models["my.own"]', 12],
  ['agents.list.1.nothing', 6],
  ['nothing.at.all', 1],
  ['', 1],
  // No text in quotes that JSON knows: the place above is told.
  [String.raw`models["\x"]`, 11],
  ['models["a\nb"].c', 11],
])('%s stands in line %i', (path, line) => {
  expect(lineAt(text, path)).toBe(line);
});

it.each([
  ['{\n  "a": 1,\n  oops\n}', { line: 3, column: 3 }],
  ['{"a": 1', { line: 1, column: 8 }],
])('the first mistake in %j is found', (broken, place) => {
  expect(firstMistake(broken)).toEqual(place);
});

it('there is a mistake just where the browser finds one, too', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 3 }), fc.nat(), (json, at) => {
      expect(firstMistake(json)).toBeNull();
      const cut = json.slice(0, at % json.length);
      let isJson = true;
      try {
        JSON.parse(cut);
      } catch {
        isJson = false;
      }
      expect(firstMistake(cut) === null).toBe(isJson);
    }),
  );
});

it('any name is found again by the path that the server writes', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (outer, inner) => {
      fc.pre(!/^\d+$/.test(inner));
      expect(lineAt(JSON.stringify({ [outer]: { [inner]: 1 } }, null, 1), pathText([outer, inner]))).toBe(3);
    }),
  );
});
