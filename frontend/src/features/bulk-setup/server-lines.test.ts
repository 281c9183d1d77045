import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_SERVERS, readServerLines } from './server-lines.ts';

const server = (name: string, host: string, port = 22, username: string | null = null) => ({
  name,
  host,
  port,
  username,
});
/** The servers of a list that has no problem, without their lines. */
function serversIn(text: string) {
  const { servers, problems } = readServerLines(text);
  expect(problems).toEqual([]);
  return servers.map(({ line: _, ...read }) => read);
}
const problemsIn = (text: string) => readServerLines(text).problems;

describe('a line with a server', () => {
  it.each([
    ['web-1 203.0.113.7', server('web-1', '203.0.113.7')],
    ['web-1 203.0.113.7:2222 deploy', server('web-1', '203.0.113.7', 2222, 'deploy')],
    ['  web-1   203.0.113.7   deploy  ', server('web-1', '203.0.113.7', 22, 'deploy')],
    ['web-1,203.0.113.7:2222,deploy', server('web-1', '203.0.113.7', 2222, 'deploy')],
    ['Shop in Berlin, web.example.com, deploy,', server('Shop in Berlin', 'web.example.com', 22, 'deploy')],
    ['Shop in Berlin\tweb.example.com\tdeploy', server('Shop in Berlin', 'web.example.com', 22, 'deploy')],
    ['web-1\t\t203.0.113.7', server('web-1', '203.0.113.7')],
    ['web-1 deploy@203.0.113.7:2222', server('web-1', '203.0.113.7', 2222, 'deploy')],
    ['web-1 deploy@203.0.113.7 deploy', server('web-1', '203.0.113.7', 22, 'deploy')],
    ['web-1 [2001:db8::17]:2222', server('web-1', '2001:db8::17', 2222)],
    ['web-1 2001:db8::17', server('web-1', '2001:db8::17')],
    ['deploy@web-1.example.com', server('web-1', 'web-1.example.com', 22, 'deploy')],
    ['203.0.113.7', server('203.0.113.7', '203.0.113.7')],
    [',web-1.example.com', server('web-1', 'web-1.example.com')],
    ['.example.com', server('.example.com', '.example.com')],
    ['ssh -p 2222 deploy@web-1.example.com', server('web-1', 'web-1.example.com', 2222, 'deploy')],
    ['web-1, ssh -p 2222 deploy@203.0.113.7', server('web-1', '203.0.113.7', 2222, 'deploy')],
  ])('%j', (line, expected) => {
    expect(serversIn(line)).toEqual([expected]);
  });
});

describe('a line that cannot be read', () => {
  it.each([
    ['web-1 203.0.113.7 deploy extra', 'extra', 'extra'],
    ['web-1 deploy@203.0.113.7 root', 'extra', 'root'],
    ['web-1, 203.0.113.7 deploy', 'extra', 'deploy'],
    ['ssh -J bastion deploy@203.0.113.7', 'extra', 'bastion'],
    ['web-1,,deploy', 'noHost', ''],
    ['web-1 203.0.113.7:0', 'port', '0'],
    ['web-1 203.0.113.7:ssh', 'port', 'ssh'],
    ['web-1 exa/mple', 'host', 'exa/mple'],
    ['web-1 203.0.113.7 -oProxyCommand=x', 'username', '-oProxyCommand=x'],
    ['web\u202e1 203.0.113.7', 'name', 'web\u202e1'],
    ['web\u00a01,203.0.113.7', 'name', 'web\u00a01'],
    ['web\u28001,203.0.113.7', 'name', 'web\u28001'],
    [`${'n'.repeat(101)} 203.0.113.7`, 'name', 'n'.repeat(101)],
  ])('%j is reported as %s', (line, kind, value) => {
    expect(problemsIn(line)).toEqual([{ line: 1, kind, value }]);
  });
});

describe('a list of servers', () => {
  it('skips empty lines and comments, and counts them', () => {
    const { servers, problems } = readServerLines(
      '# pots\r\n\r\nweb-1 203.0.113.7\n   \n  # more\nweb-2 x:y',
    );
    expect(servers).toEqual([{ line: 3, ...server('web-1', '203.0.113.7') }]);
    expect(problems).toEqual([{ line: 6, kind: 'port', value: 'y' }]);
  });

  it('reports a name and an address that an earlier line has', () => {
    expect(problemsIn('a 203.0.113.7\na 203.0.113.8\nb 203.0.113.7')).toEqual([
      { line: 2, kind: 'sameName', value: 'a' },
      { line: 3, kind: 'sameAddress', value: '203.0.113.7' },
    ]);
  });

  it('accepts one address with two logins, and with two ports', () => {
    expect(serversIn('a host root\nb host deploy\nc host:2222 root')).toHaveLength(3);
  });

  it('reports the lines beyond a hundred', () => {
    const lines = Array.from({ length: MAX_SERVERS + 2 }, (_, index) => `s${index} host-${index}`);
    const { servers, problems } = readServerLines(lines.join('\n'));
    expect(servers).toHaveLength(100);
    expect(problems.map(({ line, kind }) => [line, kind])).toEqual([
      [101, 'tooMany'],
      [102, 'tooMany'],
    ]);
  });

  it('reads what was written, in each way of writing it', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9._-]{0,20}[a-z0-9]$/).filter((text) => text !== 'ssh');
    const one = fc.record({
      name: word,
      host: fc.oneof(word, fc.ipV4(), fc.ipV6()),
      port: fc.integer({ min: 1, max: 65_535 }),
      username: fc.option(word, { nil: null }),
    });
    const list = fc.uniqueArray(one, { selector: ({ name }) => name, minLength: 1, maxLength: 20 });
    const separator = fc.constantFrom(' ', '  ', '\t', ', ', ',');
    fc.assert(
      fc.property(list, separator, fc.constantFrom('\n', '\r\n'), (all, between, end) => {
        const servers = all.map((part, index) => ({ ...part, port: ((part.port + index) % 65_535) + 1 }));
        const text = servers
          .map(({ name, host, port, username }) =>
            [name, `${host.includes(':') ? `[${host}]` : host}:${port}`, username ?? '']
              .join(between)
              .trimEnd(),
          )
          .join(end);
        const { servers: read, problems } = readServerLines(text);
        const isDouble = (line: number) =>
          problems.some((problem) => problem.line === line && problem.kind === 'sameAddress');
        expect(read).toEqual(
          servers
            .map((written, index) => ({ line: index + 1, ...written }))
            .filter(({ line }) => !isDouble(line)),
        );
        expect(problems.every(({ kind }) => kind === 'sameAddress')).toBe(true);
      }),
    );
  });

  it('never throws, and puts every line in one of its two lists', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({
        unit: fc.constantFrom(' ', '\t', ',', '"', "'", '\\', '\n', '\r', '@', ':', '[', '-', 'a'),
      }),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const { servers, problems } = readServerLines(text);
        const wanted = text
          .split(/\r\n|\n|\r/)
          .flatMap((content, index) => (/^\s*(#|$)/.test(content) ? [] : [index + 1]));
        expect([...servers, ...problems].map(({ line }) => line).sort((a, b) => a - b)).toEqual(wanted);
        for (const { name, host } of servers) expect(name !== '' && host !== '').toBe(true);
      }),
    );
  });
});
