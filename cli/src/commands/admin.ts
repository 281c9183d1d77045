// Commands for super-admins about Buoy itself.
import { type Command, type Context, command, type Flags, isSet } from '../command.ts';
import { followStarted } from '../follow-task.ts';
import { size } from '../output/ago.ts';
import { outputOption, waitOption } from './tasks.ts';

async function health(context: Context): Promise<number | undefined> {
  const { output } = context;
  const answer = await context.api()('GET /admin/health/detailed');
  output.result(answer, () => {
    output.pairs([
      ['Status', output.colour(answer.status === 'ok' ? 'green' : 'red', answer.status)],
      ['Version', answer.version],
      ['Database', `${answer.database.engine}, ${answer.database.ok ? 'ok' : 'not ok'}`],
      ['Memory', size(answer.memory.rssBytes)],
      ['Servers', answer.monitor.servers],
      ['Tasks', `${answer.tasks.running ?? '?'} running, ${answer.tasks.queued ?? '?'} queued`],
      ['Last backup', answer.backup.lastAt],
    ]);
    for (const reason of answer.reasons) output.line(`- ${reason}`);
  });
  return answer.status === 'ok' ? undefined : 1;
}

/** Encrypts again, with the active vault key, every secret that an older key encrypted. */
async function rotateVault(context: Context & Flags<'no-wait' | 'output'>): Promise<number | undefined> {
  const { task } = await context.api()('POST /admin/vault/rotate');
  return followStarted(context, task, {
    wait: !isSet(context, 'no-wait'),
    showOutput: isSet(context, 'output'),
  });
}

export const adminCommands: readonly Command[] = [
  command({ name: 'admin health', summary: 'Show the health of Buoy itself', run: health }),
  command({
    name: 'admin rotate-vault',
    summary: 'Encrypt all stored secrets again with the active vault key',
    options: { 'no-wait': waitOption, output: outputOption },
    run: rotateVault,
  }),
];
