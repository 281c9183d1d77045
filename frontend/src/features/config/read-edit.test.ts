import { isObject } from '@buoy/contract/config-patch';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { editableText } from './json-patch.ts';
import { readEdit } from './read-edit.ts';

const HIDDEN = '__BUOY_REDACTED__';
const base = { gateway: { port: 1, auth: { token: HIDDEN } }, meta: { at: 1 } };

it.each([
  ['{ "gateway": ', { kind: 'not-json' }],
  ['[]', { kind: 'not-object' }],
  ['null', { kind: 'not-object' }],
  [editableText(base), { kind: 'nothing' }],
  [`{"gateway":{"port":1,"auth":{"password":"${HIDDEN}"}}}`, { kind: 'hidden-moved' }],
  ['{"gateway":{"port":1,"auth":{"token":"new"}}}', { patch: { gateway: { auth: { token: 'new' } } } }],
])('%s', (text, outcome) => {
  expect(readEdit(base, text)).toMatchObject(outcome);
});

it('reads the unedited config text as no change, for any config', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      fc.pre(isObject(value));
      expect(
        readEdit(value as Record<string, unknown>, editableText(value as Record<string, unknown>)),
      ).toEqual({
        kind: 'nothing',
      });
    }),
  );
});
