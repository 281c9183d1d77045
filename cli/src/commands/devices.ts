// Devices where the person is signed in: phones, browsers, terminals.
import type { Session } from '@buoy/contract';
import { choose } from '../choose.ts';
import { type Args, arg, type Command, type Context, command, type Flags } from '../command.ts';
import { confirm, yesOption } from '../confirm.ts';
import { ago } from '../output/ago.ts';

const kinds: Record<Session['kind'], string> = {
  telegram: 'Telegram',
  link: 'browser',
  passkey: 'browser, passkey',
  oidc: 'browser, single sign-on',
  device: 'terminal',
};

async function list(context: Context): Promise<void> {
  const { output, terminal } = context;
  const answer = await context.api()('GET /me/sessions');
  output.result(answer, () =>
    output.table(
      ['DEVICE', 'KIND', 'THIS ONE', 'USED', 'SINCE', 'IP', 'PROGRAM'],
      answer.sessions.map((one) => [
        one.id,
        kinds[one.kind],
        one.current ? '*' : '',
        ago(one.lastUsedAt, terminal.now()),
        ago(one.createdAt, terminal.now()),
        one.ip,
        one.userAgent,
      ]),
      'You are signed in nowhere else.',
    ),
  );
}

async function revoke(context: Context & Args<'device'> & Flags<'yes'>): Promise<void> {
  const { output } = context;
  const api = context.api();
  const { sessions } = await api('GET /me/sessions');
  const { id, kind, current, ip } = choose(sessions, arg(context, 'device'), {
    singular: 'device',
    plural: 'devices',
    where: ' where you are signed in',
    id: (one) => one.id,
    names: (one) => [one.id],
    list: 'buoy devices list',
  });
  const what = `${current ? 'this very ' : 'the '}${kinds[kind]} (${[id, ip].filter(Boolean).join(', ')})`;
  await confirm(context, `Sign out ${what}? Its access ends at once.`);
  await api('DELETE /me/sessions/:id', { params: { id } });
  output.result({ revoked: id }, () => output.line(`Signed out ${what}.`));
}

/** Shows where the request comes from first: approving an attacker's code would sign the attacker in as you. */
async function approve(context: Context & Args<'code'> & Flags<'yes'>): Promise<void> {
  const { output, terminal } = context;
  const api = context.api();
  const userCode = arg(context, 'code');
  const { device } = await api('GET /auth/device', { query: { userCode } });
  const from = [device.userAgent ?? 'an unknown program', device.ip === null ? null : `at ${device.ip}`]
    .filter(Boolean)
    .join(' ');
  await confirm(
    context,
    `Let ${from}, which asked ${ago(device.createdAt, terminal.now())}, sign in as you? It can then do everything you can.`,
  );
  await api('POST /auth/device/approve', { body: { userCode } });
  output.result({ approved: device.userCode }, () => output.line(`${from} is signed in as you.`));
}

export const deviceCommands: readonly Command[] = [
  command({ name: 'devices list', summary: 'List where you are signed in', run: list }),
  command({
    name: 'devices approve',
    summary: 'Let the terminal that shows this code sign in as you',
    args: ['code'],
    options: { yes: yesOption },
    run: approve,
  }),
  command({
    name: 'devices revoke',
    summary: 'Sign a device out at once',
    args: ['device'],
    options: { yes: yesOption },
    run: revoke,
  }),
];
