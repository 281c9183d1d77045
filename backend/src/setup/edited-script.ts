// The script of a setup step as a person has edited it: it runs in place of the step's own. People write keys into such a text, so that it is kept as
// a secret of the task, and only its hash is told.
import { z } from 'zod';
import { sha256 } from '../lib/ids.ts';
import type { StepContext } from '../tasks/task-kind.ts';
import { requiredSecret, type TaskSecrets } from '../tasks/task-secrets.ts';

/** The text, among the secrets of a task. */
const EDITED_SCRIPT = 'editedScript';

/** Field of the input of a task that has such a text: its SHA-256. The text ends with its task, which must not run the step's own instead when it is started again. */
export const editedScriptInput = {
  editedScript: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
};
const withEditedScript = z.object(editedScriptInput);

/** What a text becomes in the input and in the secrets of its task; nothing where there is none. */
export function separateScript(script: string | undefined): {
  input: z.output<typeof withEditedScript>;
  secrets: TaskSecrets;
} {
  return script === undefined
    ? { input: {}, secrets: {} }
    : { input: { editedScript: sha256(script) }, secrets: { [EDITED_SCRIPT]: script } };
}

/** The SHA-256 of the text that the task has been given; null for none. */
export function editedScriptIn(input: unknown): string | null {
  return withEditedScript.parse(input).editedScript ?? null;
}

/** @throws AppError `conflict` where the text is no longer kept */
export async function editedScriptOf(
  context: Pick<StepContext<unknown, unknown>, 'secrets'>,
): Promise<string> {
  return requiredSecret(await context.secrets(), EDITED_SCRIPT, 'the edited script');
}
