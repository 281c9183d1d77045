import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pathOfStartParam, startParamOf } from './start-param.ts';

const alphanumeric = fc.stringMatching(/^[A-Za-z0-9]{20}$/);

describe('Telegram start parameter', () => {
  it.each([
    ['/inbox', 'inbox'],
    ['/servers/srv_a1', 's_srv_a1'],
    ['/servers/srv_a1/agents/main', 's_srv_a1_agents_main'],
    ['/tasks/tsk_b2', 't_tsk_b2'],
    [
      '/servers/srv_a1/agents/main/files/AGENTS.md',
      'p_L3NlcnZlcnMvc3J2X2ExL2FnZW50cy9tYWluL2ZpbGVzL0FHRU5UUy5tZA',
    ],
    ['/', 'p_Lw'],
  ])('to %s says %s', (path, param) => {
    expect(startParamOf(path)).toBe(param);
    expect(pathOfStartParam(param)).toBe(path);
  });

  it('opens the invite page for an invite', () => {
    expect(pathOfStartParam('i_abc-DEF_123')).toBe('/invite#code=abc-DEF_123');
  });

  it.each(['', 'nonsense', 's_', 's_../x', 't_srv_a1', 'x_y', 'p_***', 'p_', 'a'.repeat(513)])(
    'with "%s" leads nowhere',
    (param) => {
      expect(pathOfStartParam(param)).toBeNull();
    },
  );

  it.each(['//evil.example', '/\\evil.example', 'https://evil.example', '/x?y', '/x#y', 'x', '/a\nb'])(
    'never leads to %j',
    (path) => {
      expect(pathOfStartParam(`p_${Buffer.from(path).toString('base64url')}`)).toBeNull();
    },
  );

  it('round-trips every path in the characters that Telegram allows', () => {
    const parts = fc.array(
      fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }).map(encodeURIComponent),
      {
        maxLength: 5,
      },
    );
    fc.assert(
      fc.property(alphanumeric, parts, (id, rest) => {
        const path = ['', 'servers', `srv_${id}`, ...rest].join('/');
        const param = startParamOf(path);
        if (param === null) {
          expect(path.length).toBeGreaterThan(350);
          return;
        }
        expect(param).toMatch(/^[A-Za-z0-9_-]{1,512}$/);
        expect(pathOfStartParam(param)).toBe(path);
      }),
    );
  });

  it('is rejected or a path of this app for any input', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]?_?[A-Za-z0-9_-]*$/), (param) => {
        const path = pathOfStartParam(param);
        if (path !== null) expect(new URL(path, 'https://buoy.example').origin).toBe('https://buoy.example');
      }),
    );
  });
});
