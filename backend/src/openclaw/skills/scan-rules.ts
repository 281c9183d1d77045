// Rules for the lines of a skill. An agent follows the text of a skill with all its rights on the server.
import type { SkillFinding } from '@buoy/contract';
import { type Finder, gap, oneOf, sequence } from './line-patterns.ts';

export type LineRule = Pick<SkillFinding, 'rule' | 'severity' | 'message'> & {
  /** Tried on a piece of one line. */
  find: Finder;
};

/** Programs that execute their standard input. */
const RUNNER = String.raw`(?:sudo\s+(?:-\w+\s+){0,3})?(?:(?:/usr)?/bin/)?(?:env\s+)?(?:(?:/usr)?/bin/)?(?:(?:ba|z|da|k|fi|c|tc)?sh|python[\d.]{0,4}|node|perl|ruby|php)\b`;
const LOADER = String.raw`\b(?:curl|wget|fetch|aria2c)\b`;
const SECRET_FILE = String.raw`(?:\.ssh/(?!known_hosts|config)|id_(?:rsa|ed25519|ecdsa)\b|\.aws/credentials|\.netrc\b|\.git-credentials|\.docker/config\.json|\.kube/config|\.gnupg\b|\.config/gcloud|/etc/shadow|\.pgpass|wallet\.dat|Login Data|\.openclaw/(?:state|agents/[^\s/]{1,64}/agent|credentials|identity))`;

const WORKSPACE_FILE = String.raw`\b(?:SOUL|AGENTS|IDENTITY|MEMORY|HEARTBEAT)\.md\b`;

function rule(
  name: string,
  severity: LineRule['severity'],
  message: string,
  ...alternatives: Array<string | Finder>
): LineRule {
  return { rule: name, severity, message, find: oneOf(alternatives) };
}

const raw = String.raw;

export const lineRules: readonly LineRule[] = [
  rule(
    'pipe-to-shell',
    'high',
    'Runs a program straight from the network.',
    sequence(LOADER, gap(400), raw`\|\s*${RUNNER}`),
    raw`(?:${RUNNER}\s+(?:-\w+\s+)?|\b(?:eval|source)\s|(?:^|\s)\.\s)["'\x60]?(?:<\(|\$\(|\x60)\s*${LOADER}`,
    sequence(
      raw`\b(?:iex|invoke-expression)\b`,
      gap(200),
      raw`\b(?:iwr|irm|invoke-webrequest|invoke-restmethod|downloadstring)\b`,
    ),
    sequence(
      raw`\b(?:iwr|irm|invoke-webrequest|invoke-restmethod|downloadstring)\b`,
      gap(200),
      raw`\|\s*(?:iex|invoke-expression)\b`,
    ),
  ),
  rule(
    'decode-to-shell',
    'high',
    'Runs a program that is hidden in encoded text.',
    sequence(raw`\b(?:base64|base32)\s+(?:--?d(?:ecode)?|-D)\b`, gap(200), raw`\|\s*${RUNNER}`),
    sequence(raw`\bxxd\s+-r\b`, gap(200), raw`\|\s*${RUNNER}`),
    sequence(raw`\bopenssl\s+(?:enc|base64)\b`, gap(200), raw`\|\s*${RUNNER}`),
    sequence(raw`${RUNNER}\s`, gap(40), raw`\$\(`, gap(200), raw`\bbase64\s+(?:--?d|-D)`),
    sequence(raw`\b(?:eval|exec)\s{0,2}\(`, gap(100), raw`(?:b64decode|atob|fromCharCode|unhexlify)`),
    sequence(raw`\b(?:eval|exec)\s{0,2}\(`, gap(100), raw`from\s?\(`, gap(200), raw`['"]base64`),
  ),
  rule(
    'reverse-shell',
    'high',
    'Opens a shell to another machine.',
    raw`/dev/(?:tcp|udp)/`,
    sequence(raw`\b(?:nc|ncat|netcat)\b`, gap(100), raw`\s-\w{0,4}[ec]\s`),
    sequence(raw`\bsocat\b`, gap(200), raw`\bexec:`),
    sequence(raw`\bmkfifo\b`, gap(200), raw`\b(?:nc|ncat|netcat)\b`),
  ),
  rule(
    'destroys-data',
    'high',
    'Deletes or overwrites data outside its own folder.',
    raw`\brm\s+(?:-{1,2}[\w-]+\s+){0,6}-\w{0,6}[rR]\w{0,6}\s+(?:-{1,2}[\w-]*\s+){0,6}["']?(?:/(?:\s|\*|$|["'])|/(?:etc|home|root|usr|var|bin|boot|opt|srv|lib)\b|~|\$\{?HOME|\*|\.\.?(?:\s|/?\*|$))`,
    sequence(raw`\brm\s`, gap(80), raw`--no-preserve-root`),
    raw`\bmkfs(?:\.\w+)?\s`,
    sequence(raw`\bdd\b`, gap(200), raw`\bof=/dev/(?!null)`),
    raw`>\s{0,3}/dev/(?:sd|nvme|vd|hd|mmcblk)`,
    raw`:\(\)\s{0,2}\{\s{0,2}:\s{0,2}\|\s{0,2}:`,
    sequence(raw`\bfind\s+(?:/|~|\$HOME)\S{0,80}\s`, gap(200), raw`-delete\b`),
  ),
  rule(
    'deletes-folders',
    'medium',
    'Deletes whole folders.',
    raw`\brm\s+(?:-{1,2}[\w-]+\s+){0,6}-\w{0,6}[rR]\w{0,6}\s`,
    raw`\bshutil\.rmtree\b`,
    sequence(raw`\brmSync\b`, gap(100), raw`recursive`),
    raw`\bshred\s`,
  ),
  rule(
    'reads-credentials',
    'high',
    'Accesses files that store keys or passwords.',
    SECRET_FILE,
    raw`\bauthorized_keys\b`,
    raw`\bsecurity\s+find-(?:generic|internet)-password\b`,
  ),
  rule(
    'sends-secrets',
    'high',
    'Sends the environment or the content of files to another machine.',
    sequence(raw`\b(?:printenv|env)\s{0,3}\|`, gap(200), raw`\b(?:curl|wget|nc|ncat|http)\b`),
    sequence(LOADER, gap(300), raw`\$\((?:\s{0,3})(?:cat|env|printenv|base64|tar|head)\b`),
    sequence(
      LOADER,
      gap(300),
      raw`(?:-d|--data\S{0,20}|-F|--form|-T|--upload-file|--post-file)[\s=]{1,3}\S{0,40}@?(?:~|\$HOME|/etc/|/root/|/home/)`,
    ),
    sequence(LOADER, gap(300), raw`\$\{?\w{0,40}(?:secret|password|passwd|private_key)\w{0,40}`),
    sequence(
      raw`\b(?:requests\.(?:post|put)|fetch\s{0,2}\(|urlopen|axios\.post)`,
      gap(300),
      raw`(?:os\.environ|process\.env\s{0,2}[,)}])`,
    ),
  ),
  rule(
    'collector-host',
    'high',
    'Contacts a service that collects data from any sender.',
    raw`\b(?:webhook\.site|requestbin\.\w+|pipedream\.net|burpcollaborator\.net|oast\.\w+|interact\.sh|ngrok(?:-free)?\.(?:io|app|dev)|transfer\.sh|termbin\.com|0x0\.st|requestcatcher\.com|beeceptor\.com|canarytokens\.\w+)\b`,
  ),
  rule(
    'chat-webhook',
    'medium',
    'Sends messages to a chat service by itself.',
    raw`\bdiscord(?:app)?\.com/api/webhooks\b`,
    raw`\bhooks\.slack\.com/`,
    raw`\bapi\.telegram\.org/bot`,
    raw`\bpastebin\.com\b`,
  ),
  rule(
    'turns-off-protection',
    'high',
    'Disables a protection or hides its traces.',
    raw`\b(?:ufw\s+disable|iptables\s+-F|nft\s+flush\s+ruleset|setenforce\s+0)\b`,
    raw`\bdangerously[\w-]{3,40}`,
    raw`\b(?:unset\s+HISTFILE|history\s+-c|HISTSIZE=0)\b`,
    raw`\bchmod\s+(?:-\w+\s+)?(?:[ugoa]*\+\w*s|[2-7]\d{3})\s`,
    raw`\bchmod\s+-R\s+0?777\s+(?:/|~)`,
    raw`\b(?:NOPASSWD|/etc/sudoers)\b`,
  ),
  rule(
    'mines-coins',
    'high',
    'Mines cryptocurrency on the server.',
    raw`\b(?:xmrig|minerd|cpuminer|nicehash)\b`,
    raw`\bstratum\+(?:tcp|ssl)://`,
  ),
  rule(
    'overrides-instructions',
    'high',
    'Tells the agent to forget its own instructions.',
    raw`\b(?:ignore|disregard|forget|override)\s+(?:\w+\s+){0,3}(?:previous|prior|above|earlier|preceding|existing|system|your)\s+(?:\w+\s+){0,2}(?:instructions?|rules?|prompts?|guidelines|messages|context|polic(?:y|ies))`,
    sequence(
      raw`\byou\s+are\s+(?:now|no\s+longer)\s`,
      gap(60),
      raw`\b(?:DAN|jailbroken|unrestricted|unfiltered|bound\s+by|developer\s+mode)\b`,
    ),
    raw`<\|?(?:im_start|im_end|system|endoftext)\|?>`,
    raw`\[/?(?:INST|SYSTEM)\]`,
  ),
  rule(
    'hides-from-people',
    'high',
    'Tells the agent to keep something from people, or to act without asking.',
    raw`\b(?:do\s+not|don['’]?t|never|without)\s+(?:\w+\s+){0,2}(?:tell|inform|notify|mention|reveal|show|alert|asking|telling|informing|notifying|alerting)\s+(?:\w+\s+){0,4}(?:user|human|operator|owner|administrator|admin|anyone|person)\b`,
    raw`\b(?:bypass|skip|circumvent|disable)\s+(?:\w+\s+){0,3}(?:approvals?|confirmations?|sandbox|safety|guardrails?|security)\b`,
    raw`\b(?:secretly|silently|covertly)\s+(?:\w+\s+){0,2}(?:send|upload|post|copy|run|execute|install|forward|exfiltrate)\b`,
  ),
  rule(
    'asks-for-secrets',
    'high',
    'Tells the agent to give away secrets.',
    raw`\b(?<!\b(?:never|not|don['’]t)\s)(?:reveal|print|output|send|post|upload|share|include|exfiltrate|leak|forward)\s+(?:\w+\s+){0,4}(?:system\s+prompt|api[\s_-]?keys?|credentials|secrets|passwords?|private\s+keys?|access\s+tokens?|auth\s+tokens?)\b`,
  ),
  rule(
    'uses-sudo',
    'medium',
    'Asks for root privileges.',
    raw`(?:^|[\s\x60(;&|])(?:sudo|doas|pkexec)\s`,
    raw`\bsu\s+(?:-|root\b)`,
  ),
  rule(
    'stays-behind',
    'medium',
    'Installs something that keeps running or restarts by itself.',
    raw`\bcrontab\s+(?:-|\S)`,
    raw`/etc/cron\w*`,
    raw`\bsystemctl\s+(?:--user\s+)?(?:enable|daemon-reload)\b`,
    sequence(raw`>`, gap(64, /^\s{0,3}\S*$/), raw`\.(?:bashrc|bash_profile|profile|zshrc|zprofile)\b`),
    raw`\blaunchctl\s+(?:load|bootstrap)\b`,
    raw`\bnohup\s`,
  ),
  rule(
    'runs-text',
    'medium',
    'Runs text as a program.',
    raw`\beval\s{0,2}[("'\x60$]`,
    raw`\bnew\s+Function\s{0,2}\(`,
    raw`(?:^|[\s=;(])exec\s{0,2}\(\s{0,2}(?:compile|open|input|base64|requests|urllib)`,
    raw`\bos\.system\s{0,2}\(`,
    raw`\bshell\s{0,2}=\s{0,2}True\b`,
  ),
  rule(
    'changes-openclaw',
    'medium',
    "Changes OpenClaw's own settings or the agent's files.",
    raw`\.openclaw/openclaw\.json\b`,
    raw`\bopenclaw\s+(?:config\s+(?:set|patch|unset)|plugins?\s+(?:install|enable)|skills?\s+install|approvals|gateway\s+(?:install|uninstall|stop))\b`,
    sequence(raw`>`, gap(83, /^\s{0,3}\S*$/), WORKSPACE_FILE),
    sequence(
      raw`\b(?:write|append|edit|modify|overwrite|replace)\b`,
      gap(123, /^.{0,43}\S{0,80}$/u),
      WORKSPACE_FILE,
    ),
  ),
  rule(
    'weak-connection',
    'medium',
    'Does not verify the identity of the other machine.',
    sequence(raw`\bcurl\b`, gap(200), raw`\s(?:-\w{0,6}k\w{0,6}|--insecure)(?:\s|$)`),
    sequence(raw`\bwget\b`, gap(200), raw`--no-check-certificate`),
    raw`\bStrictHostKeyChecking[=\s]no\b`,
    raw`\bverify\s{0,2}=\s{0,2}False\b`,
    raw`\bNODE_TLS_REJECT_UNAUTHORIZED\b`,
    raw`\bhttps?://(?!127\.|10\.|192\.168\.|0\.0\.0\.0)\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b`,
  ),
  rule(
    'hidden-program',
    'medium',
    'Contains a long encoded text that a person cannot read.',
    // From the first of such characters on, not from each of them.
    raw`(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{400}`,
    raw`(?:\\x[0-9a-f]{2}){20}`,
    raw`(?:\\u[0-9a-f]{4}){20}`,
  ),
  rule(
    'hidden-text',
    'high',
    'Contains characters that agents read but people cannot see.',
    // Zero-width, direction marks, and the tag block that spells invisible ASCII; the joiner and one selector of an emoji are allowed.
    raw`[\u{200B}\u{200E}\u{200F}\u{202A}-\u{202E}\u{2060}-\u{2064}\u{2066}-\u{2069}\u{E0001}\u{E0020}-\u{E007F}]`,
    // Each of the 256 selectors can stand for a byte. One behind a Han character chooses its form.
    raw`(?<!\p{Script=Han})[\u{E0100}-\u{E01EF}]`,
    raw`[\u{FE00}-\u{FE0F}]{2}`,
  ),
  rule('private-key', 'medium', 'Contains a private key.', raw`-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----`),
  rule(
    'downloads-program',
    'medium',
    'Fetches a program and makes it runnable.',
    sequence(LOADER, gap(400), raw`\bchmod\s+\S{0,10}(?:\+x|7[0-7]{2})`),
  ),
  rule(
    'installs-packages',
    'low',
    'Installs packages from a registry.',
    raw`\b(?:npm|pnpm|yarn|bun)\s+(?:i|install|add)\s`,
    raw`\b(?:npx|bunx|uvx|pipx)\s`,
    raw`\bpip[\d.]{0,4}\s+install\b`,
    raw`\b(?:apt|apt-get|dnf|yum|apk|brew|cargo|go|gem)\s+(?:install|add)\b`,
  ),
  rule(
    'uses-network',
    'low',
    'Connects to other machines.',
    sequence(raw`${LOADER}\s`, gap(200), raw`https?://`),
    raw`\b(?:nc|ncat|netcat|scp|rsync|sftp)\s+-?\w`,
  ),
];
