// Takes secrets out of what is written down for people: audit entries and anything else that is kept.

const MASK = '[redacted]';

/** Fields whose whole value is a secret, in any spelling: privateKey, private_key, PRIVATE-KEY. */
const secretField =
  /^(.*password|passphrase|.*privatekey|.*secret|.*token|.*apikey|.*credential|initdata|launchkey|code|usercode|devicecode|ticket|authorization|cookie)$/;

/**
 * Shapes of secrets inside a text, such as a command line. The first group stays, what follows it goes. Each begins with letters of its
 * own and looks back from there at what must stand before: a text of a megabyte holds up everybody for as long as this takes.
 */
const secretShapes: readonly RegExp[] = [
  privateKeyShape(),
  // user:password@ in a URL
  /((?<=[a-z0-9+.-]):\/\/[^\s/:@]{0,100}:)[^\s/@]{1,300}(?=@)/gi,
  // Authorization: Bearer …, Basic …
  /\b((?:bearer|basic)\s+)[\w.~+/=-]{8,}/gi,
  // --password=…, --api-key …, also quoted
  /((?:password|passwd|passphrase|secret|token|api-?key|credential)s?(?<=-[\w-]{0,50})(?:\s{0,4}=\s{0,4}|\s{1,4}))(?:"[^"]*"|'[^']*'|[^\s;|&]+)/gi,
  // PASSWORD=…, "apiKey": "…", token: …
  /((?:password|passwd|passphrase|secret|token|api_?key|private_?key|credential)s?["']?\s{0,4}[=:]\s{0,4})(?:"[^"]*"|'[^']*'|[^\s,;|&}]+)/gi,
  // gateway.auth.token 0123…, as in `config set`
  /((?:password|passphrase|secret|token|api-?key)(?<=\w\.[\w-]{0,50})\s{1,4})(?:"[^"]*"|'[^']*'|[^\s;|&]+)/gi,
  // sshpass -p …, mysql -p…: the value right after -p of the tools that take a password there
  /(\bsshpass\s+-p\s*|\bmysql\w{0,10}\s[^;|&]{0,100}?-p)(?:"[^"]*"|'[^']*'|[^\s;|&]+)/gi,
  // user:password of curl
  /(\s-u\s{1,4}[^\s:]{1,100}:|\s--user\s{1,4}[^\s:]{1,100}:)[^\s;|&]+/g,
  // JSON Web Tokens
  /()(?<![\w-])eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*/g,
  // keys of model providers, GitHub, GitLab, Slack, AWS, Google, Telegram bots, and Buoy's own tokens
  /()\b(?:sk|pk|rk)-[\w-]{16,}/g,
  /()\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|xox[a-z]-[\w-]{10,}|AKIA[A-Z0-9]{16}|AIza[\w-]{30,})/g,
  /(\b(?:bot)?)\d{6,12}:[\w-]{30,}/g,
  /()\bbuoy_[\w-]{20,}/g,
];

/**
 * A private key, whole or cut off. Only what can be one belongs to it, lines of base64 and headers, so that nobody hides the rest of a
 * command behind a first line. Everything behind that line may be missing, so that a search never goes back.
 */
function privateKeyShape(): RegExp {
  const between = String.raw`(?:\s|\\{1,4}[nr])*`;
  const header = String.raw`[A-Za-z][A-Za-z-]{0,30}: [\w+/=,.-]{1,80}`;
  const line = '[A-Za-z0-9+/=]{16,}';
  const lastLine = '[A-Za-z0-9+/=]{1,15}';
  const end = '-----END [A-Z ]*PRIVATE KEY-----';
  return new RegExp(
    `()-----BEGIN [A-Z ]*PRIVATE KEY-----(?:${between}(?:${header}|${line}))*(?:${between}${lastLine})?(?:${between}${end})?`,
    'g',
  );
}

/** `text` with whatever looks like a secret masked. Best effort: a secret without any shape cannot be told from a word. */
export function redactText(text: string): string {
  return secretShapes.reduce((redacted, shape) => redacted.replace(shape, `$1${MASK}`), text);
}

/** UTF-16 units read beyond a cut, so that the head of a secret across it is still recognised. */
const BEYOND_CUT = 1_024;

export type RedactOptions = {
  /** UTF-16 units after which a text is cut. */
  maxText?: number;
  /** UTF-16 units of all texts together after which the others are left out. */
  total?: number;
  /** Done to each text that has been redacted. */
  change?(text: string): string;
};

/** A JSON value with secret fields masked, texts redacted, and long texts cut. */
export function redactJson(value: unknown, options: RedactOptions = {}): unknown {
  const { maxText = 4_096, total = Number.POSITIVE_INFINITY, change = (text) => text } = options;
  let left = total;
  return mapTexts(value, (text) => {
    if (left <= 0) return '…';
    const read = text.slice(0, maxText + BEYOND_CUT);
    left -= read.length;
    const redacted = redactText(read);
    return change(redacted.length > maxText ? `${redacted.slice(0, maxText).toWellFormed()}…` : redacted);
  });
}

/** A JSON value with secret fields masked and its texts as they are. */
export function maskSecretFields(value: unknown): unknown {
  return mapTexts(value, (text) => text);
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, item]) => [
      field,
      item != null && secretField.test(field.toLowerCase().replace(/[_-]/g, ''))
        ? MASK
        : mapTexts(item, change),
    ]),
  );
}
