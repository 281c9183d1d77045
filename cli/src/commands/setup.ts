// The setup of OpenClaw on a server.
import type { CheckStatus, ComponentVersion, Prerequisite } from '@buoy/contract';
import { type Args, type Command, type Context, command, numberOption, type Texts } from '../command.ts';
import { indented } from '../output/indented.ts';
import type { Colour } from '../output/output.ts';
import { fixedColumn, wrappedColumn } from '../output/table.ts';
import { serverIn } from '../resolve-server.ts';
import { snapshotCommands } from './openclaw/snapshots.ts';
import { componentNames, showWindow, updateCommand } from './openclaw/update.ts';
import { setupApplyCommands } from './setup-apply.ts';
import { MAX_PORT, portOptions, setupTaskCommands } from './setup-tasks.ts';

const colours: Record<CheckStatus, Colour> = { pass: 'green', warn: 'yellow', fail: 'red' };

/** Exits with 1 if setup cannot mend all that fails, so that a script can stop. */
async function check(context: Context & Args<'server'> & Texts<'port'>): Promise<number | undefined> {
  const { output } = context;
  const port = numberOption(context, 'port', 1, MAX_PORT);
  const { api, id } = await serverIn(context);
  const answer = await api('GET /servers/:id/setup/check-prereqs', {
    params: { id },
    query: port === undefined ? {} : { port },
  });
  const { ready, checks } = answer;
  output.result(answer, () => {
    output.table(
      [fixedColumn('CHECK'), fixedColumn('STATUS'), wrappedColumn('FOUND')],
      checks.map(({ title, status, detail }) => [title, status, detail]),
    );
    for (const one of checks) showFix(context, one);
    output.line('');
    output.line(
      ready
        ? 'The server is ready for setup.'
        : 'The server is not ready for setup: fix what setup cannot fix itself, then check again.',
    );
  });
  return ready ? undefined : 1;
}

function showFix({ output }: Context, { title, status, fix }: Prerequisite): void {
  if (fix === null) return;
  output.line('');
  output.line(`${output.colour(colours[status], `${title}:`)} ${fix.text}`);
  if (fix.command !== null) output.line(indented(fix.command));
}

async function updates(context: Context & Args<'server'>): Promise<void> {
  const { output } = context;
  const { api, id } = await serverIn(context);
  const answer = await api('GET /servers/:id/setup/check-updates', { params: { id } });
  const { components, policy } = answer;
  output.result(answer, () => {
    output.table(
      [fixedColumn('COMPONENT'), fixedColumn('INSTALLED'), fixedColumn('NEWEST'), wrappedColumn('')],
      components.map((one) => {
        const state = stateOf(one);
        return [
          componentNames[one.component],
          one.current,
          one.latest,
          one.behind === true && state !== null ? output.colour('yellow', state) : state,
        ];
      }),
    );
    if (policy.pins.length > 1 && components.every(({ pinned }) => pinned === null)) {
      const pins = policy.pins.map(({ tag, version }) => `"${tag}" to ${version}`);
      output.note(`Tags of this server pin different versions, so no update starts: ${pins.join(', ')}.`);
    }
    showWindow(output, policy);
  });
}

function stateOf({ behind, pinned }: ComponentVersion): string | null {
  if (pinned !== null) return behind === true ? `pinned to ${pinned}, which is newer` : `pinned to ${pinned}`;
  if (behind === null) return null;
  return behind ? 'a newer version is there' : 'up to date';
}

export const setupCommands: readonly Command[] = [
  command({
    name: 'setup check',
    summary: 'Show what a server has and lacks for OpenClaw; exits with 1 if it is not ready for setup',
    args: ['server'],
    options: portOptions,
    run: check,
  }),
  command({
    name: 'openclaw updates',
    summary:
      'Show which version of OpenClaw, Node, npm and Ollama a server has, and whether it is the newest',
    args: ['server'],
    run: updates,
  }),
  updateCommand,
  ...snapshotCommands,
  ...setupTaskCommands,
  ...setupApplyCommands,
];
