// Uploads a skill: shows the findings of the scan, and asks before it installs a skill with severe findings.
import type { SkillFinding } from '@buoy/contract';
import {
  type Args,
  arg,
  type Command,
  CommandError,
  type Context,
  command,
  type Flags,
  isSet,
  type Texts,
  textOption,
  UsageError,
} from '../../command.ts';
import { confirm, yesOption } from '../../confirm.ts';
import type { Colour } from '../../output/output.ts';
import { readBytes } from '../../read-input.ts';
import { serverIn } from '../../resolve-server.ts';
import { agentOption } from './skills.ts';

function typeOf(file: string): 'application/zip' | 'text/markdown' {
  if (/\.(zip|skill)$/i.test(file)) return 'application/zip';
  if (/\.md$/i.test(file)) return 'text/markdown';
  throw new UsageError(`${file} is neither a zip nor a SKILL.md.`);
}

const colours: Record<SkillFinding['severity'], Colour> = { high: 'red', medium: 'yellow', low: 'dim' };

async function upload(
  context: Context & Args<'server' | 'file'> & Texts<'agent'> & Flags<'replace' | 'yes'>,
): Promise<void> {
  const { output, terminal } = context;
  const file = arg(context, 'file');
  const body = { type: typeOf(file), bytes: await readBytes(file) };
  const { api, id, name: serverName } = await serverIn(context);
  const send = (isConfirmed: boolean) =>
    api('POST /servers/:id/openclaw/skills/upload', {
      params: { id },
      query: {
        agentId: textOption(context, 'agent'),
        confirm: isConfirmed ? 'true' : 'false',
        replace: isSet(context, 'replace') ? 'true' : 'false',
      },
      upload: body,
    });
  const show = (findings: readonly SkillFinding[]): void => {
    for (const { severity, message, file: place, line } of findings)
      output.note(
        `${output.colour(colours[severity], severity)}: ${message} (${place}${line === null ? '' : `:${line}`})`,
      );
  };
  let answer = await send(isSet(context, 'yes'));
  if (!output.json || !answer.installed) show(answer.findings);
  if (!answer.installed) {
    if (!terminal.canAsk)
      throw new CommandError(
        'The scan found code that could take over or wipe the server, or send secrets away; nothing was installed.',
        'Read the findings; --yes installs it anyway.',
      );
    await confirm(context, `Install it on ${serverName} anyway?`);
    answer = await send(true);
  }
  output.result(answer, () => output.line(`Installed ${answer.skill?.name} on ${serverName}.`));
}

export const uploadSkillCommands: readonly Command[] = [
  command({
    name: 'openclaw skills upload',
    summary: 'Install a skill from a zip or one SKILL.md, after a scan',
    args: ['server', 'file'],
    options: {
      agent: agentOption,
      replace: { type: 'boolean', summary: 'Replace an uploaded skill of the same name' },
      yes: { ...yesOption, summary: 'Install it regardless of what the scan finds' },
    },
    run: upload,
  }),
];
