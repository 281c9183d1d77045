import type { Client } from '@buoy/contract/client';
import { describe, expect, it } from 'vitest';
import { askForControlUi, codeIn, confirmControlUi, enterControlUi, takeCode } from './open-control-ui.ts';

describe('opening the Control UI', () => {
  it('exchanges the code of a link for the Control UI address', async () => {
    const calls: unknown[] = [];
    const call = (async (key: string, input: unknown) => {
      calls.push([key, input]);
      return key.startsWith('GET')
        ? { url: 'https://buoy.example/control-ui#code=abc-1', expiresAt: '', sshCommand: 'ssh -N' }
        : { url: 'https://control.example/enter#code=x', expiresAt: '' };
    }) as unknown as Client;
    expect(await askForControlUi(call, 'srv_1')).toEqual({
      link: 'https://buoy.example/control-ui#code=abc-1',
      sshCommand: 'ssh -N',
    });
    expect(await confirmControlUi(call, 'abc-1')).toBe('https://control.example/enter#code=x');
    expect(calls[1]).toEqual(['POST /me/control-ui', { body: { code: 'abc-1' } }]);
  });

  it.each([
    ['#code=a-b_1', 'a-b_1'],
    ['', null],
    ['#code=', null],
    ['#other=1', null],
    ['#code=a&b=1', null],
  ])('reads %s as %s', (hash, code) => expect(codeIn(hash)).toBe(code));

  it('removes the code from the address bar', () => {
    const shown: unknown[] = [];
    const page = {
      location: { hash: '#code=abc', pathname: '/control-ui' },
      history: { replaceState: (...all: unknown[]) => shown.push(all[2]) },
    } as unknown as Window;
    expect(takeCode(page)).toBe('abc');
    expect(shown).toEqual(['/control-ui']);
  });

  it('submits the code in a form body, so that the browser sends the Origin header', () => {
    const made: Array<Record<string, unknown>> = [];
    const page = {
      createElement: (tag: string) => {
        const element: Record<string, unknown> = {
          tag,
          append: (child: unknown) => Object.assign(element, { child }),
          submit: () => Object.assign(element, { isSent: true }),
        };
        made.push(element);
        return element;
      },
      head: { append: () => {} },
      body: { append: () => {} },
    } as unknown as Document;
    enterControlUi(page, 'https://control.example/enter#code=x-1');
    expect(made).toMatchObject([
      { tag: 'meta', name: 'referrer', content: 'origin' },
      { tag: 'form', method: 'post', action: 'https://control.example/enter', isSent: true },
      { tag: 'input', name: 'code', value: 'x-1' },
    ]);
  });
});
