// Edits a file of an agent in the local editor.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Args, arg, type Command, CommandError, type Context, command } from '../../command.ts';
import { readInput } from '../../read-input.ts';
import { writeAgentFile } from './agent-files.ts';
import { agentIn } from './choose-agent.ts';

/** Typed text is never lost: if it cannot be written, the draft stays and the message says where. */
async function edit(context: Context & Args<'server' | 'agent' | 'name'>): Promise<void> {
  const { output } = context;
  const { api, params, serverName } = await agentIn(context);
  const target = { ...params, name: arg(context, 'name') };
  const answer = await api('GET /servers/:id/openclaw/agents/:agentId/files/:name', { params: target });
  const { file } = answer;
  const folder = mkdtempSync(path.join(tmpdir(), 'buoy-edit-'));
  // Named after the typed name: a name from the server could point to any local file.
  const draft = path.join(folder, path.basename(target.name));
  writeFileSync(draft, file.content, { mode: 0o600 });
  try {
    await openEditor(context, draft);
    const content = await readInput(context, draft);
    if (content === file.content) output.result(answer, () => output.line('Nothing changed.'));
    else await writeAgentFile(context, target, { content, hash: file.hash, serverName });
  } catch (error) {
    const kept = typedIn(folder, draft, file.content);
    if (kept === null) rmSync(folder, { recursive: true, force: true });
    else output.note(`buoy: your text is kept in ${kept}`);
    throw error;
  }
  rmSync(folder, { recursive: true, force: true });
}

/** Where typed text is: in the draft, or in what a killed editor has left beside it. Null when there is none. */
function typedIn(folder: string, draft: string, before: string): string | null {
  const files = readdirSync(folder);
  const isThere = files.includes(path.basename(draft));
  if (isThere && !readFileSync(draft).equals(Buffer.from(before))) return draft;
  return files.length > (isThere ? 1 : 0) ? folder : null;
}

/** $VISUAL, $EDITOR, else vi; words after the program are its arguments, as in `code --wait`. */
async function openEditor({ terminal }: Context, file: string): Promise<void> {
  const { VISUAL, EDITOR } = terminal.environment;
  const [program = 'vi', ...words] = (VISUAL || EDITOR || 'vi').trim().split(/\s+/);
  let code: number;
  try {
    code = await terminal.runProgram(program, [...words, file]);
  } catch {
    throw new CommandError(
      `The editor ${program} could not be started.`,
      'Use another one: EDITOR=nano buoy openclaw agents files edit …',
    );
  }
  if (code !== 0) throw new CommandError(`The editor exited with ${code}; nothing was written.`);
}

export const editAgentFileCommands: readonly Command[] = [
  command({
    name: 'openclaw agents files edit',
    summary: 'Edit a file in $VISUAL or $EDITOR and write it back, unless someone else changed it',
    args: ['server', 'agent', 'name'],
    run: edit,
  }),
];
