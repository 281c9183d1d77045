// The choice of what a person may do, with what that means.
import type { GrantableRole } from '@buoy/contract';
import { useTexts } from '../../i18n/use-texts.ts';
import { controlClass, Field } from '../../ui/field.tsx';
import { accessTexts } from './texts.ts';

const roles = ['viewer', 'admin'] as const satisfies readonly GrantableRole[];

export function RoleField({
  value,
  onChange,
}: {
  value: GrantableRole;
  onChange: (role: GrantableRole) => void;
}) {
  const t = useTexts(accessTexts);
  return (
    <Field label={t.role} hint={t[`may_${value}`]}>
      {(control) => (
        <select
          {...control}
          className={controlClass}
          value={value}
          onChange={(event) => onChange(roles.find((role) => role === event.target.value) ?? value)}
        >
          {roles.map((role) => (
            <option key={role} value={role}>
              {t[`role_${role}`]}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
