import type { Client } from '@buoy/contract/client';
import { describe, expect, it } from 'vitest';
import { askForControlUi, codeIn, takeCode } from './open-control-ui.ts';

describe('the way into the Control UI', () => {
  it('trades the code of the link for the address to go to', async () => {
    const calls: unknown[] = [];
    const call = (async (key: string, input: unknown) => {
      calls.push([key, input]);
      return key.startsWith('GET')
        ? { url: 'https://buoy.example/control-ui#code=abc-1', expiresAt: '', sshCommand: 'ssh -N' }
        : { url: 'https://control.example/enter#code=x', expiresAt: '' };
    }) as unknown as Client;
    expect(await askForControlUi(call, 'srv_1')).toEqual({
      entry: 'https://control.example/enter#code=x',
      sshCommand: 'ssh -N',
    });
    expect(calls[1]).toEqual(['POST /me/control-ui', { body: { code: 'abc-1' } }]);
  });

  it.each([
    ['#code=a-b_1', 'a-b_1'],
    ['', null],
    ['#code=', null],
    ['#other=1', null],
    ['#code=a&b=1', null],
  ])('reads %s as %s', (hash, code) => expect(codeIn(hash)).toBe(code));

  it('takes the code out of the address bar', () => {
    const shown: unknown[] = [];
    const page = {
      location: { hash: '#code=abc', pathname: '/control-ui' },
      history: { replaceState: (...all: unknown[]) => shown.push(all[2]) },
    } as unknown as Window;
    expect(takeCode(page)).toBe('abc');
    expect(shown).toEqual(['/control-ui']);
  });
});
