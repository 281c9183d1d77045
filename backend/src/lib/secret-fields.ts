// Which fields hold a secret, by their names in any spelling: privateKey, private_key, PRIVATE-KEY.
// Stored answers of OpenClaw keep the masks of their time: a new rule needs a migration that deletes them, as 0025 does.

/** UTF-16 units at the end of a name that are looked at: people may send names of a megabyte. */
const MAX_READ = 64;
/** Ends of names, in small letters and without `-` and `_`. */
const ends =
  /(?:password|passwd|passphrase|passcode|secret|token|credential|authorization|cookie|bearer|(?:api|private|secret|access|signing|auth|encrypt|encryption)key)$/;
/** Names whose last word is one of these; `monkey`, `compass` and `spin` are other words. */
const lastWord = /(?:[^a-z]keys?|(?:^|[^a-z])(?:pass|pwd|pin))$/i;
const lastCapitalizedWord = /.(?:Keys?|Pass|Pwd|Pin)$/s;
/**
 * Keys that say who or where, or name a file or a setting: those of Buoy's API, and all others that end so in `openclaw config schema` of 2026.9.6 and
 * 2026.7.35 (defaultSessionKey, mainKey, clientKey, systemPromptFileConfigKey).
 */
const publicKeys = /(?:public|session|skill|main|host|client|config|idempotency)keys?$/;

/** Fields of OpenClaw's config whose every text is a secret besides, by their letters. */
export const openclawFields: readonly RegExp[] = [
  // The key of TLS, the code of Tlon, a private key of SSH, …
  /^(key|code|identitydata|serviceaccount|.*webhookurl)s?$/,
  // Variables and HTTP headers have names that people choose.
  /^(env|vars|environment|headers|customheaders)$/,
];

/** The rules of `isSecretField`, for a program on a server: secret by its letters; or by its name, unless public by its letters. */
export const secretFieldRules = {
  letters: [ends],
  names: [lastWord, lastCapitalizedWord],
  publicNames: [publicKeys],
};

/** Whether the whole value of a field with this name is a secret. A field `key` alone is none: often it names something. */
export function isSecretField(name: string): boolean {
  const end = name.slice(-MAX_READ);
  const letters = lettersOf(end);
  if (ends.test(letters)) return true;
  return (lastWord.test(end) || lastCapitalizedWord.test(end)) && !publicKeys.test(letters);
}

/** `--api-key`, `-token`: an option of a command. */
const option = /^--?(?=[A-Za-z])([\w-]{1,64})$/;
/** Of a user and a group, which the same option names in docker and podman. */
const ids = /^\d+:\d+$/;
/** Options of curl and others before `user:password`. */
const loginOption = /^(?:-u|--user|--proxy-user)$/;

/**
 * Whether an item of a list, such as the arguments of a command, is a secret because of the item before it: `--api-key` and what follows it.
 * @param before undefined for the first item
 */
export function isSecretAfter(before: unknown, item: string): boolean {
  if (typeof before !== 'string') return false;
  if (loginOption.test(before)) return item.includes(':') && !ids.test(item);
  const name = option.exec(before)?.[1];
  return name !== undefined && isSecretField(name) && !option.test(item);
}

/** The end of a name in small letters, without what separates its words. */
export function lettersOf(name: string): string {
  return name.slice(-MAX_READ).toLowerCase().replace(/[_-]/g, '');
}
