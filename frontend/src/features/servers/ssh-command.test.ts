import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSshCommand, type SshAddress, type SshProblem } from './ssh-command.ts';

function addressIn(text: string): SshAddress {
  const parsed = parseSshCommand(text);
  if (!parsed.ok) throw new Error(parsed.problem.kind);
  return parsed.address;
}

function problemIn(text: string): SshProblem {
  const parsed = parseSshCommand(text);
  if (parsed.ok) throw new Error(`was read as ${JSON.stringify(parsed.address)}`);
  return parsed.problem;
}

const target = (host: string, port: number | null = null, username: string | null = null): SshAddress => ({
  host,
  port,
  username,
  notes: [],
});

describe('parsing an address', () => {
  it.each([
    ['web-1.example.com', target('web-1.example.com')],
    ['deploy@web-1.example.com', target('web-1.example.com', null, 'deploy')],
    ['deploy@203.0.113.7:2222', target('203.0.113.7', 2222, 'deploy')],
    ['  deploy@203.0.113.7  ', target('203.0.113.7', null, 'deploy')],
    ['root@2001:db8::17', target('2001:db8::17', null, 'root')],
    ['root@[2001:db8::17]:2222', target('2001:db8::17', 2222, 'root')],
    ['[fe80::1%eth0]', target('fe80::1%eth0')],
    ['ssh://deploy@web-1.example.com:2200/', target('web-1.example.com', 2200, 'deploy')],
    ['name@corp.example@host', target('host', null, 'name@corp.example')],
  ])('%s', (text, address) => {
    expect(addressIn(text)).toEqual(address);
  });
});

describe('parsing an ssh command', () => {
  it.each([
    ['ssh -p 2222 deploy@host', target('host', 2222, 'deploy')],
    ['ssh deploy@host -p 2222', target('host', 2222, 'deploy')],
    ['ssh -p2222 -l deploy host', target('host', 2222, 'deploy')],
    ['ssh -4Avp 2222 deploy@host', target('host', 2222, 'deploy')],
    ['$ ssh deploy@host', target('host', null, 'deploy')],
    ['/usr/bin/ssh deploy@host', target('host', null, 'deploy')],
    ['ssh -o Port=2222 -o "User deploy" host', target('host', 2222, 'deploy')],
    ["ssh -o 'StrictHostKeyChecking=no' deploy@host", target('host', null, 'deploy')],
    ['ssh -p 22 -p 2222 host', target('host', 22)],
    ['ssh \\\n  -p 2222 \\\n  host', target('host', 2222)],
  ])('%s', (text, address) => {
    expect(addressIn(text)).toEqual(address);
  });

  it('reports that a key file must be pasted, and ignores its path', () => {
    const { notes, ...rest } = addressIn('ssh -i ~/.ssh/id_ed25519 deploy@host');
    expect(rest).toEqual({ host: 'host', port: null, username: 'deploy' });
    expect(notes).toEqual([{ kind: 'keyFile', value: '~/.ssh/id_ed25519' }]);
  });

  it.each(['ssh -J ops@bastion.example.com host', 'ssh -o ProxyJump=ops@bastion.example.com host'])(
    'names the jump host in "%s"',
    (text) => {
      expect(addressIn(text).notes).toEqual([{ kind: 'jump', value: 'ops@bastion.example.com' }]);
    },
  );

  it('ignores the remote command with its options, and reports it', () => {
    const { notes, ...rest } = addressIn('ssh host tail -p 1 -f log');
    expect(rest).toEqual({ host: 'host', port: null, username: null });
    expect(notes).toEqual([{ kind: 'command', value: 'tail' }]);
  });
});

describe('ssh command errors', () => {
  it.each([
    ['', 'empty', ''],
    ['ssh', 'empty', ''],
    ['ssh -p 2222', 'noHost', ''],
    ['ssh host -p', 'value', '-p'],
    ['host:0', 'port', '0'],
    ['host:65536', 'port', '65536'],
    ['ssh -p http host', 'port', 'http'],
    ['ssh "deploy@host', 'quote', ''],
    ['ssh --help', 'option', '--help'],
    ['https://example.com', 'host', 'https://example.com'],
    ['x'.repeat(5000), 'long', ''],
  ] as const)('%s: %s', (text, kind, value) => {
    expect(problemIn(text)).toEqual({ kind, value });
  });
});

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
const host = fc.oneof(
  fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.')),
  fc.ipV4(),
  fc.ipV6(),
);
const username = fc.stringMatching(/^[a-z_][a-z0-9_.-]{0,20}$/).filter((name) => name !== 'ssh');
const port = fc.integer({ min: 1, max: 65_535 });

it('parses the same target from every spelling of an ssh command', () => {
  fc.assert(
    fc.property(host, username, port, (name, user, number) => {
      const bracketed = name.includes(':') ? `[${name}]` : name;
      const ways = [
        `${user}@${bracketed}:${number}`,
        `ssh://${user}@${bracketed}:${number}`,
        `ssh -p ${number} ${user}@${name}`,
        `ssh ${user}@${name} -p${number}`,
        `ssh -vl ${user} -o Port=${number} '${name}'`,
        `ssh -i "my key" -tt -p ${number} ${user}@${name} uptime`,
      ];
      for (const way of ways)
        expect(addressIn(way)).toMatchObject({ host: name, port: number, username: user });
    }),
  );
});

it('never throws, and returns only valid form values', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200, unit: 'binary' }), fc.boolean(), (text, isCommand) => {
      const parsed = parseSshCommand(isCommand ? `ssh ${text}` : text);
      if (!parsed.ok) return;
      expect(parsed.address.host).not.toMatch(/^-|^$|\s/);
      if (parsed.address.port !== null) expect(parsed.address.port).toBeGreaterThan(0);
    }),
    { numRuns: 200 },
  );
});
