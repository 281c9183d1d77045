// Masks secrets in a config before anything is shown or stored: OpenClaw masks those that it knows, this masks the rest.
import { hiddenInConfig, isHidden } from '@buoy/contract/config-patch';
import { holdsSecret } from '../../lib/redact.ts';
import { isSecretAfter, isSecretField, lettersOf, openclawFields } from '../../lib/secret-fields.ts';

const [, HIDDEN] = hiddenInConfig;

/** `${NAME}`: where the secret is, not the secret. */
const reference = /^\$\{[A-Z_][A-Z0-9_]*\}$/;
/** Beside `source` and `id`, a reference to a secret that is kept elsewhere says nothing. */
const referenceFields = ['source', 'id', 'provider'];

/**
 * A copy of `value` with each secret replaced; what OpenClaw has hidden stays hidden in its way.
 * @param isSecret whether a name above it makes each text in it a secret, as `hidesTexts` says
 */
export function redactConfig(value: unknown, isSecret = false): unknown {
  if (typeof value === 'string') {
    if (isHidden(value) || value === '' || reference.test(value)) return value;
    return isSecret || holdsSecret(value) ? HIDDEN : value;
  }
  if (Array.isArray(value))
    return value.map((item, index) =>
      redactConfig(item, isSecret || (typeof item === 'string' && isSecretAfter(value[index - 1], item))),
    );
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if (isReference(value)) return value;
  return Object.fromEntries(
    entries.map(([field, item]) => {
      return [field, redactConfig(item, isSecret || hidesIn(value, field))];
    }),
  );
}

/** Whether all texts of a field with this name are secrets, whatever is beside it. */
export function hidesTexts(field: string): boolean {
  const letters = lettersOf(field);
  if (openclawFields.some((pattern) => pattern.test(letters))) return true;
  return isSecretField(field) || (/[sS]/.test(field.slice(-1)) && isSecretField(field.slice(0, -1)));
}

/** Whether `value` is, or a list or object in it holds, a text that stands for a hidden one. */
export function holdsHidden(value: unknown): boolean {
  if (typeof value === 'string') return isHidden(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsHidden);
}

/** Whether all texts of this field of `place` are secrets. */
function hidesIn(place: object, field: string): boolean {
  // A header that a person names, as in OpenClaw's `request.auth`.
  return hidesTexts(field) || (field === 'value' && 'headerName' in place);
}

function isReference(value: object): boolean {
  return (
    'source' in value &&
    'id' in value &&
    Object.entries(value).every(
      ([field, item]) => referenceFields.includes(field) && typeof item === 'string',
    )
  );
}
