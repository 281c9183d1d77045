// The field for an ssh command; it reports the parts that were ignored.
import { useTexts } from '../../i18n/use-texts.ts';
import { Field } from '../../ui/field.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import { formTexts } from './form-texts.ts';
import { parseSshCommand } from './ssh-command.ts';
import { sshWords } from './ssh-words.ts';
import { useSshProblemWords } from './use-ssh-problem-words.ts';

export function SshCommandField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const t = useTexts(formTexts);
  const problemWords = useSshProblemWords();
  const parsed = value.trim() === '' ? null : parseSshCommand(value);
  const notes = parsed?.ok === true ? parsed.address.notes : [];
  return (
    <Field
      label={t.command}
      hint={
        notes.length > 0 ? (
          <ul className="list-disc space-y-0.5 pl-5 text-ink">
            {notes.map(({ kind, value: about }) => (
              <li key={`${kind} ${about}`}>{sshWords(t, `note_${kind}`, about)}</li>
            ))}
          </ul>
        ) : (
          t.commandHint
        )
      }
      error={parsed?.ok === false ? problemWords(parsed.problem) : undefined}
    >
      {(control) => (
        <TextInput
          {...control}
          placeholder="ssh -p 2222 deploy@203.0.113.7"
          value={value}
          onChange={onChange}
        />
      )}
    </Field>
  );
}
