// An admin of a jump server leads it to their own machine, through which the first login to servers behind it then goes.
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type ScriptedServer, startScriptedServer } from '../../src/ssh/testing/scripted-server.ts';
import { type AccessFixture, type Person, prepareAccessFixture } from '../support/access-fixture.ts';

const PASSWORD = 'Entered-before-the-move';
const JUMP_PASSWORD = "of the jump server's account";
const shownElsewhere = `SHA256:${'A'.repeat(43)}`;

let fixture: AccessFixture;
const closing: Array<() => Promise<void>> = [];
beforeAll(async () => {
  fixture = await prepareAccessFixture();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(() => fixture.running.close());

/** Accepts every login, records the passwords it receives, and answers itself wherever it is asked to connect to. */
async function startMachine(): Promise<{ port: number; passwords: string[] }> {
  const passwords: string[] = [];
  const machine: ScriptedServer = await startScriptedServer({
    onAuth(context) {
      if (context.method === 'none') return context.reject(['password']);
      if (context.method === 'password') passwords.push(context.password);
      return context.accept();
    },
    onClient: (client) =>
      client.on('tcpip', (accept) => {
        const channel = accept();
        const socket = connect(machine.port, '127.0.0.1');
        channel.on('error', () => socket.destroy());
        socket.on('error', () => channel.destroy());
        channel.pipe(socket).pipe(channel);
      }),
  });
  closing.push(machine.close);
  return { port: machine.port, passwords };
}

let added = 0;
/** A server behind `jumpServerId` that Buoy has never reached. */
async function addBehind(person: Person, jumpServerId: string, more: object = {}): Promise<string> {
  added += 1;
  const answer = await fixture.as(person, 'POST', '/servers', {
    ...{ name: `inner ${added}`, host: '10.0.0.5', port: 22, username: 'root', jumpServerId },
    ...{ authType: 'password', password: PASSWORD, ...more },
  });
  expect(answer.statusCode).toBe(201);
  return answer.json().server.id;
}
const moveTo = async (person: Person, jump: string, { port }: { port: number }) => {
  const answer = await fixture.as(person, 'PUT', `/servers/${jump}`, { port, password: JUMP_PASSWORD });
  expect(answer.statusCode).toBe(200);
};
const testOf = async (person: Person, id: string) =>
  (await fixture.as(person, 'POST', `/servers/${id}/test`)).json();

describe('stored password of a server that was never reached, behind a jump server', () => {
  test("is not sent through an admin's machine to which they move the jump server, and Buoy says why", async () => {
    const jump = await fixture.newServer();
    const behind = await addBehind('owner', jump);
    const own = await startMachine();
    await moveTo('admin', jump, own);
    const { failure } = await testOf('owner', behind);
    expect(own.passwords).not.toContain(PASSWORD);
    expect(failure).toMatchObject({
      kind: 'auth',
      message: expect.stringContaining('must enter it again'),
      hint: expect.stringContaining('jump server may have been moved'),
    });
    const { server } = (await fixture.as('owner', 'GET', `/servers/${behind}`)).json();
    expect(server).toMatchObject({
      hostKey: null,
      status: { state: 'unreachable', reasons: [expect.stringContaining('must enter it again')] },
    });
  });

  test('is not sent either when the admin only logs in to the jump server as somebody else', async () => {
    const own = await startMachine();
    const jump = await fixture.newServer({ port: own.port, hostKey: shownElsewhere });
    const behind = await addBehind('owner', jump);
    const change = { username: 'mallory', password: JUMP_PASSWORD };
    expect((await fixture.as('admin', 'PUT', `/servers/${jump}`, change)).statusCode).toBe(200);
    expect((await testOf('owner', behind)).failure.message).toContain('must enter it again');
  });

  test('is not sent when the owner of the jump server accepts another host key for it', async () => {
    const own = await startMachine();
    const jump = await fixture.newServer({ port: own.port, hostKey: shownElsewhere });
    const behind = await addBehind('admin', jump);
    await testOf('owner', jump);
    const place = { host: '127.0.0.1', port: own.port };
    const { fingerprint } = (await fixture.as('owner', 'POST', '/servers/host-key', place)).json().hostKey;
    const accepted = await fixture.as('owner', 'POST', `/servers/${jump}/host-key/accept`, { fingerprint });
    expect(accepted.statusCode).toBe(200);
    expect((await testOf('admin', behind)).failure.message).toContain('must enter it again');
    expect(own.passwords).not.toContain(PASSWORD);
  });

  test('is not sent when an API token that may accept no host keys moves it for the person who entered it', async () => {
    const jump = await fixture.newServer();
    const behind = await addBehind('owner', jump);
    const own = await startMachine();
    const created = await fixture.as('owner', 'POST', '/me/tokens', { name: 'ci', scopes: ['operate'] });
    const token: string = created.json().token.secret;
    const body = { port: own.port, password: JUMP_PASSWORD };
    expect((await fixture.running.call('PUT', `/servers/${jump}`, { token, body })).statusCode).toBe(200);
    expect((await testOf('owner', behind)).failure.message).toContain('must enter it again');
    expect(own.passwords).not.toContain(PASSWORD);
  });

  test('is sent when the person who entered it moves the jump server', async () => {
    const jump = await fixture.newServer();
    const behind = await addBehind('owner', jump);
    const machine = await startMachine();
    await moveTo('owner', jump, machine);
    await testOf('owner', behind);
    expect(machine.passwords).toContain(PASSWORD);
  });

  test('is sent after the move when it is entered again', async () => {
    const jump = await fixture.newServer();
    const behind = await addBehind('owner', jump);
    const machine = await startMachine();
    await moveTo('admin', jump, machine);
    const again = { password: 'Entered-after-the-move' };
    expect((await fixture.as('owner', 'PUT', `/servers/${behind}`, again)).statusCode).toBe(200);
    await testOf('owner', behind);
    expect(machine.passwords).toContain('Entered-after-the-move');
    expect(machine.passwords).not.toContain(PASSWORD);
  });

  test('needs not be entered again where its host key was given with it, and reaches no other one', async () => {
    const jump = await fixture.newServer();
    const behind = await addBehind('owner', jump, { hostKey: shownElsewhere });
    const own = await startMachine();
    await moveTo('admin', jump, own);
    expect((await testOf('owner', behind)).failure.kind).toBe('host_key_changed');
    expect(own.passwords).not.toContain(PASSWORD);
  });
});
